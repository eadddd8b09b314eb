"""Each proof holds of what is right and fails on what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from constructs.checks.order import comes_up_and_goes_down_in_order
from constructs.checks.proofs import (
    OF_STACK,
    PROOFS,
    ProofError,
    infrastructure_is_aws_only,
    no_token_is_left,
    nodes_reach_the_database,
    nothing_else_reaches_the_database,
    prove,
    the_demanded_provider_knows_every_argument,
)
from constructs.checks.synthesized import SynthesizedStack

from tests.unit.checks.conftest import NODES_GROUP, StackOf

Resources = dict[str, Any]
Breakage = Callable[[Resources], object]


class TestAllProofs:
    def test_hold_of_a_network_that_is_right(self, resources: Resources, stack_of: StackOf) -> None:
        """Nothing is wrong with two peered VPCs and one rule."""
        assert [failure for proof in PROOFS for failure in proof(stack_of(resources))] == []

    def test_hold_of_an_empty_stack(self) -> None:
        """A stack without network and database has nothing to prove."""
        assert [failure for proof in PROOFS for failure in proof(SynthesizedStack("other", "{}"))] == []

    def test_each_has_its_tests_here(self) -> None:
        """A new proof comes with a test that it fails when broken."""
        assert set(PROOFS) == {
            no_token_is_left,
            the_demanded_provider_knows_every_argument,  # tests/unit/providers/test_newer_arguments.py
            nodes_reach_the_database,
            nothing_else_reaches_the_database,
        }
        assert set(OF_STACK["infrastructure"]) == {
            infrastructure_is_aws_only,
            comes_up_and_goes_down_in_order,  # test_order.py
        }


class TestNoTokenIsLeft:
    @pytest.mark.parametrize("left", ["${TfToken[TOKEN.42]}", "${TFTOKEN[TOKEN.42]}", "tftoken"])
    def test_finds_tokens_in_any_spelling(self, left: str) -> None:
        """A token that was upper-cased or cut is found, too."""
        assert list(no_token_is_left(SynthesizedStack("infrastructure", json.dumps({"x": left}))))


class TestInfrastructureIsAwsOnly:
    @pytest.mark.parametrize("block", ["resource", "data", "ephemeral"])
    def test_finds_other_providers(self, block: str) -> None:
        """A Kubernetes object of whatever kind is named with its address."""
        document: dict[str, Any] = {block: {"kubernetes_namespace": {"airflow": {}}, "aws_vpc": {"cluster": {}}}}
        stack = SynthesizedStack("infrastructure", json.dumps(document))
        (failure,) = infrastructure_is_aws_only(stack)
        assert "kubernetes_namespace.airflow is no AWS resource" in failure

    def test_terraforms_own_are_no_providers(self) -> None:
        """`terraform_data` comes with Terraform itself."""
        document: dict[str, Any] = {"resource": {"terraform_data": {"database_as_deployed": {}}}}
        assert list(infrastructure_is_aws_only(SynthesizedStack("infrastructure", json.dumps(document)))) == []


class TestNodesReachTheDatabase:
    @pytest.mark.parametrize(
        ("route", "lost"),
        [
            ("private_a_database", "no route from subnet private_a to subnet database_a"),
            ("database_cluster", "no route from subnet database_a to subnet private_a"),
        ],
    )
    def test_each_direction_needs_its_route(
        self, resources: Resources, stack_of: StackOf, route: str, lost: str
    ) -> None:
        """Without the way there or back the failure names both subnets."""
        del resources["aws_route"][route]
        assert list(nodes_reach_the_database(stack_of(resources))) == [lost]

    def test_a_new_zone_needs_its_routes(self, resources: Resources, stack_of: StackOf) -> None:
        """A subnet that was added without a route is found."""
        resources["aws_subnet"]["private_b"] = {"vpc_id": "${aws_vpc.cluster.id}", "cidr_block": "10.0.64.0/18"}
        resources["aws_eks_node_group"]["default"]["subnet_ids"].append("${aws_subnet.private_b.id}")
        failures = list(nodes_reach_the_database(stack_of(resources)))
        assert failures == ["no route from subnet private_b to subnet database_a"]


def _rule(resources: Resources) -> dict[str, Any]:
    rule: dict[str, Any] = resources["aws_security_group"]["database"]["ingress"][0]
    return rule


def _second_rule(**changes: object) -> Breakage:
    return lambda resources: resources["aws_security_group"]["database"]["ingress"].append(_rule(resources) | changes)


def _apart(kind: str, **rule: object) -> Breakage:
    group = {"security_group_id": "${aws_security_group.database.id}"}
    return lambda resources: resources.update({kind: {"x": group | rule}})


#: What lets somebody in -> how.
OPENINGS: dict[str, Breakage] = {
    "a range": _second_rule(security_groups=None, cidr_blocks=["10.0.0.0/16"]),
    "a range beside the group": lambda resources: _rule(resources).update(cidr_blocks=["0.0.0.0/0"]),
    "a range of IPv6": _second_rule(security_groups=None, ipv6_cidr_blocks=["::/0"]),
    "another group": _second_rule(security_groups=["${aws_security_group.other.id}"]),
    "itself": _second_rule(security_groups=None, self=True),
    "another port": _second_rule(from_port=22, to_port=22),
    "more ports": lambda resources: _rule(resources).update(to_port=65535),
    "another protocol": lambda resources: _rule(resources).update(protocol="udp"),
    "every protocol": lambda resources: _rule(resources).update(protocol="-1"),
    "a rule apart from the group": _apart(
        "aws_vpc_security_group_ingress_rule", ip_protocol="tcp", from_port=5432, to_port=5432, cidr_ipv4="0.0.0.0/0"
    ),
    "a rule of the older kind": _apart(
        "aws_security_group_rule",
        type="ingress",
        protocol="tcp",
        from_port=5432,
        to_port=5432,
        cidr_blocks=["0.0.0.0/0"],
    ),
    "a public address": lambda resources: resources["aws_db_instance"]["metadata"].update(publicly_accessible=True),
    "a public address by default": lambda resources: resources["aws_db_instance"]["metadata"].pop(
        "publicly_accessible"
    ),
    "a way to the Internet": lambda resources: resources["aws_route"].update(
        out={
            "route_table_id": "${aws_route_table.database.id}",
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": "${aws_internet_gateway.x.id}",
        }
    ),
    "a second group of the database": lambda resources: (
        resources["aws_db_instance"]["metadata"]["vpc_security_group_ids"].append("${aws_security_group.other.id}"),
        resources["aws_security_group"].update(other={"ingress": [{"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}]}),
    ),
}


class TestNothingElseReachesTheDatabase:
    @pytest.mark.parametrize("opening", sorted(OPENINGS))
    def test_finds_every_opening(self, resources: Resources, stack_of: StackOf, opening: str) -> None:
        """Whatever lets anything but the nodes in, or the database out, is a failure."""
        OPENINGS[opening](resources)
        assert list(nothing_else_reaches_the_database(stack_of(resources)))

    def test_says_what_is_open(self, resources: Resources, stack_of: StackOf) -> None:
        """The failures show ports and source."""
        _rule(resources).update(cidr_blocks=["0.0.0.0/0"], to_port=5433)
        assert list(nothing_else_reaches_the_database(stack_of(resources))) == [
            f"the database accepts tcp 5432-5433 from {NODES_GROUP}, 0.0.0.0/0",
        ]

    def test_the_nodes_group_is_the_clusters(self) -> None:
        """The one group that is let in is the one that EKS makes for the cluster."""
        assert NODES_GROUP.endswith("cluster_security_group_id}")


class TestProve:
    def _write(self, outdir: Path, name: str, document: dict[str, Any]) -> None:
        folder = outdir / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text(json.dumps(document))

    def test_is_silent_when_all_holds(self, tmp_path: Path, resources: Resources) -> None:
        """A synthesized stack that is right passes."""
        self._write(tmp_path, "infrastructure", {"resource": resources})
        assert prove(tmp_path) == ["infrastructure"]

    def test_reports_every_failure_of_every_stack(self, tmp_path: Path, resources: Resources) -> None:
        """One error with all failures, each with its stack, that says whose defect it is and not to apply."""
        resources["aws_route"].clear()
        self._write(tmp_path, "infrastructure", {"resource": resources})
        self._write(tmp_path, "other", {"x": "TfToken[TOKEN.1]"})
        with pytest.raises(ProofError) as error:
            prove(tmp_path)
        assert str(error.value).splitlines() == [
            "A defect of this project (please report it); nothing should be applied:",
            "infrastructure: no route from subnet private_a to subnet database_a",
            "infrastructure: no route from subnet database_a to subnet private_a",
            "other: an unresolved CDKTF token",
        ]
