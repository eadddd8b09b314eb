"""What a state says, from its text alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state

LOCATION = StateFile(Path("state/dev/infrastructure.tfstate"))


def state(text: str) -> StackState:
    """The state that a text holds."""
    return parse_state("infrastructure", LOCATION, text)


def resource(kind: str, name: str, *instances: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    """A resource as a state records it."""
    return {"mode": mode, "type": kind, "name": name, "instances": list(instances)}


def content(*resources: dict[str, Any], outputs: dict[str, Any] | None = None, version: int = 4) -> str:
    """Text of a state."""
    values = {name: {"value": value} for name, value in (outputs or {}).items()}
    head = {"version": version, "terraform_version": "1.11.4", "serial": 7, "lineage": "abc"}
    return json.dumps({**head, "resources": list(resources), "outputs": values})


class TestStates:
    def test_none(self) -> None:
        """Where nothing was ever recorded the state is there, empty, and says so."""
        found = state("")
        assert (found.exists, found.empty, found.knows_cluster, found.serial) == (False, True, False, 0)

    def test_deployed_in_part(self) -> None:
        """Objects without outputs are deployed in part; tainted ones are named."""
        found = state(content(resource("aws_vpc", "cluster", {}), resource("aws_eip", "nat", {"status": "tainted"})))
        assert found.tainted == ["aws_eip.nat"]
        with pytest.raises(OperationError, match="deployed in part only") as refused:
            found.output("cluster_name")
        assert "python -m ops deploy" in refused.value.fix

    def test_deployed(self) -> None:
        """Objects are counted by kind and found by address; what Terraform only reads, and what it is about to delete,
        doesn't count.
        """
        found = state(
            content(
                resource(
                    "aws_subnet", "private", {"index_key": "a", "attributes": {"id": "subnet-1"}}, {"index_key": 1}
                ),
                resource(
                    "aws_eip", "nat", {"attributes": {"id": "new"}}, {"deposed": "1", "attributes": {"id": "old"}}
                ),
                resource("aws_region", "here", {}, mode="data"),
                outputs={"cluster_name": "airflow-dev"},
            )
        )
        assert found.by_type == {"aws_subnet": 2, "aws_eip": 1}
        assert found.attributes('aws_subnet.private["a"]') == {"id": "subnet-1"}
        assert found.attributes("aws_eip.nat") == {"id": "new"}
        assert found.attributes("aws_eip.other") == {}
        assert found.output("cluster_name") == "airflow-dev"

    def test_a_cluster_is_known_once_it_can_be_entered(self) -> None:
        """An apply that failed before the cluster was made has recorded its name, which was known before."""
        enters = {"cluster_name": "a", "cluster_endpoint": "https://a", "cluster_certificate_authority": "eA=="}
        vpc = resource("aws_vpc", "cluster", {})
        assert not state(content(vpc, outputs={"cluster_name": "a", "log_bucket": "b"})).knows_cluster
        assert state(content(vpc, outputs=enters)).knows_cluster

    def test_of_a_newer_terraform(self) -> None:
        """Of an unknown format only the head is read, and whoever needs more is told the version to install."""
        found = state(content({"nobody": "knows"}, version=5))
        assert (found.newer_format, found.serial, found.empty) == (True, 7, True)
        with pytest.raises(OperationError, match=r"has format 5, written by Terraform 1\.11\.4"):
            found.output("cluster_name")

    @pytest.mark.parametrize(
        "text",
        [
            *("{", "[]", '{"serial": 1}', '{"version": 1e999}', '{"version": 4, "resources": null}', "[" * 100_000),
            '{"version": 4, "resources": [{"mode": "managed"}]}',
            '{"version": 4, "outputs": {"airflow_url": 1}}',
            json.dumps(content(resource("aws_vpc", "it", {"attributes": 1}))),
        ],
    )
    def test_damaged(self, text: str) -> None:
        """What is no state is refused by its place, with the way to an earlier version."""
        with pytest.raises(OperationError, match=r"infrastructure\.tfstate is no Terraform state") as refused:
            state(text)
        assert "keeps versions" in refused.value.fix
