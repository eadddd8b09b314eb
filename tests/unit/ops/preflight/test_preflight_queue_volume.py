"""Whether redis is sent away from its volume."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber
from constructs.capacity.fit import Fit
from constructs.settings.environment import Environment

from ops.clients.aws import Aws
from ops.preflight.check import Check, Result
from ops.preflight.queue_volume import check_queue_volume
from programs.own_tools import ROOT

REGION = "eu-west-1"
CLUSTER = "airflow-dev"


def dev(executor: str = "CeleryExecutor", **redis: str) -> Environment:
    """The shipped environment, in zones a and b, with a second group in zone a alone."""
    values = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
    values["cluster"]["node_groups"]["base"] = {"availability_zones": ["eu-west-1a"]}
    values["airflow"] |= {"executor": executor, "components": {"redis": redis}}
    return Environment.model_validate(values)


def checked(environment: Environment, *zones: str, values: dict[str, Any] | None = None) -> list[Check]:
    """What is said with a volume in each of the zones."""
    ec2 = boto3.client("ec2", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    tags = {
        "kubernetes.io/cluster/airflow-dev": "owned",
        "kubernetes.io/created-for/pvc/name": "redis-db-airflow-redis-0",
        "kubernetes.io/created-for/pvc/namespace": "airflow",
    }
    asked = {"Filters": [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]}
    with Stubber(ec2) as answers:
        answers.add_response("describe_volumes", {"Volumes": [{"AvailabilityZone": zone} for zone in zones]}, asked)
        aws = Aws(REGION, "111122223333", {("ec2", REGION): ec2})
        return list(check_queue_volume(Fit.of(environment, values or {}), aws, CLUSTER))


def test_away_from_it_by_the_environments_file() -> None:
    """The zone, the groups that redis may run on, and both ways out."""
    [check] = checked(dev(node_group="base"), "eu-west-1b")
    assert check.result is Result.PROBLEM
    assert check.detail == (
        "eu-west-1b, and redis may run on base only, whose nodes are in eu-west-1a: its pod would wait for ever"
    )
    assert "airflow.components.redis.node_group" in check.fix
    assert check.advice.endswith("(docs/nodes.md#a-larger-redis-volume)")


def test_away_from_it_by_the_shared_file() -> None:
    """A selector there is read too."""
    values = {"redis": {"nodeSelector": {"eks.amazonaws.com/nodegroup": "base"}}}
    [check] = checked(dev(), "eu-west-1b", values=values)
    assert check.result is Result.PROBLEM


@pytest.mark.parametrize(
    ("redis", "zones"),
    [({"node_group": "base"}, ["eu-west-1a"]), ({}, ["eu-west-1b"]), ({"node_group": "base"}, [])],
    ids=["in its zone", "on any group", "before the first deploy"],
)
def test_where_it_can_be_reached(redis: dict[str, str], zones: list[str]) -> None:
    """No line."""
    assert checked(dev(**redis), *zones) == []


def test_without_a_queue_nothing_is_asked() -> None:
    """KubernetesExecutor: there is no volume."""
    aws = Aws(REGION, "111122223333", {})
    assert list(check_queue_volume(Fit.of(dev("KubernetesExecutor"), {}), aws, CLUSTER)) == []
