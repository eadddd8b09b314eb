"""The arguments that stand beside an address: what is added can be told apart."""

from __future__ import annotations

from typing import Any

import pytest

from ops.dangers.judging import RULES
from ops.plans.deciding import DECIDING, deciding
from ops.plans.reading import read_plan
from tests.unit.ops.recorded_plans import plan_of, recorded, resource, synthesized


def beside(address: str, after: dict[str, Any]) -> str:
    """What stands beside an added resource."""
    [change] = read_plan("infrastructure", plan_of(resource(address, "create", before=None, after=after))).changes
    return change.arguments


def test_two_node_groups_of_other_types_look_different() -> None:
    """Three of one type and a hundred of another are not the same line."""
    few = {"instance_types": ["m7g.2xlarge"], "capacity_type": "ON_DEMAND", "scaling_config": [{"desired_size": 3}]}
    many = {"instance_types": ["p5.48xlarge"], "capacity_type": "SPOT", "scaling_config": [{"desired_size": 100}]}
    assert beside("aws_eks_node_group.x", few) == "instance_types=m7g.2xlarge, capacity_type=ON_DEMAND, desired_size=3"
    assert beside("aws_eks_node_group.x", many) == "instance_types=p5.48xlarge, capacity_type=SPOT, desired_size=100"


@pytest.mark.parametrize(
    ("kind", "after", "told"),
    [
        (
            "aws_iam_role_policy_attachment",
            {"role": "airflow-dev-airflow", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "role=airflow-dev-airflow, policy_arn=arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        (
            "aws_security_group",
            {
                "name": "x",
                "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
            },
            "name=x, ingress=tcp 22 0.0.0.0/0",
        ),
        (
            "aws_security_group",
            {"name": "x", "ingress": "${data.x.y.rules}"},
            "name=x, ingress=${data.x.y.rules}",
        ),
        (
            "kubernetes_ingress_v1",
            {"metadata": [{"name": "x", "annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"}}]},
            "name=x, scheme=internet-facing",
        ),
        (
            "helm_release",
            {"chart": "airflow", "version": "1.22.0", "values": ["executor: CeleryExecutor\nairflowVersion: 3.3.2\n"]},
            "chart=airflow, version=1.22.0, values=executor CeleryExecutor, airflowVersion 3.3.2",
        ),
        ("unheard_of", {"name": "x", "size": 1}, "name=x"),
    ],
    ids=["attachment", "security-group", "unknown-rules", "ingress", "release", "unknown"],
)
def test_what_decides_is_told(kind: str, after: dict[str, Any], told: str) -> None:
    """Principal, policy, range, scheme: in the words of the plan, without what nobody asks for."""
    assert beside(f"{kind}.x", after) == told


def test_what_is_destroyed_says_what_it_was() -> None:
    """By the same arguments, as they are now."""
    gone = resource("aws_vpc.x", "delete", before={"cidr_block": "10.0.0.0/16"}, after=None)
    [change] = read_plan("infrastructure", plan_of(gone)).changes
    assert change.arguments == "cidr_block=10.0.0.0/16"


def test_references_stand_for_what_is_known_after_apply() -> None:
    """Of the stack's JSON, where the plan knows nothing yet."""
    plan = read_plan("infrastructure", recorded("first-deploy"), synthesized=synthesized("first-deploy"))
    arguments = {change.address: change.arguments for change in plan.changes}
    assert arguments["aws_nat_gateway.nat_a"] == "subnet_id=${aws_subnet.public_a.id}"
    assert arguments["aws_iam_role_policy.cluster"].startswith("role=${aws_iam_role.cluster.id}, policy=kms:Encrypt, ")


def test_every_type_that_is_judged_has_some() -> None:
    """A new type is not added without a word; those of bootstrap, and what is only judged, go by their names."""
    by_name = {"aws_iam_policy", "aws_iam_openid_connect_provider", "aws_secretsmanager_secret_policy"}
    assert RULES.keys() - by_name - DECIDING.keys() == set()


def test_a_long_argument_is_cut() -> None:
    """A list of a hundred ranges is not read beside an address; the dangers have what is new in it."""
    assert len(deciding("aws_db_subnet_group", {"subnet_ids": ["subnet-0123456789"] * 100})) < 140
