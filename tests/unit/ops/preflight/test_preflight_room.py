"""Whether the pods find room on the nodes that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber
from constructs.capacity.fit import Fit
from constructs.settings.environment import Environment

from ops.clients.aws import Aws
from ops.preflight.check import Result
from ops.preflight.room import SUBJECT, check_room, judge
from programs.own_tools import ROOT

REGION = "eu-west-1"
CLUSTER = "airflow-dev"


def dev(**components: Any) -> Environment:
    """The shipped environment with other components."""
    values = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
    values["airflow"]["components"] = components
    return Environment.model_validate(values)


@pytest.fixture
def eks() -> Iterator[tuple[Any, Stubber]]:
    """EKS, and what it is going to answer."""
    client = boto3.client("eks", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as answers:
        yield client, answers
        answers.assert_no_pending_responses()


class TestJudge:
    def test_all_fit(self) -> None:
        """Ok, with the nodes that are counted."""
        check = judge(Fit(dev(), {}), {})
        assert (check.subject, check.result) == (SUBJECT, Result.OK)
        assert check.detail == "all find a node: 2 x m7g.large (default)"

    def test_without_a_reserve(self) -> None:
        """It will go well, and the next update may not."""
        check = judge(Fit(dev(workers={"replicas": 2}), {}), {})
        assert check.result is Result.OK
        assert check.detail.startswith(
            "without a reserve: all pods fit on 2 x m7g.large (default), but not one more of"
        )

    def test_no_room(self) -> None:
        """A deploy would wait for the pods until it gives up: what to write is behind the arrow."""
        check = judge(Fit(dev(workers={"replicas": 3}), {}), {})
        assert check.result is Result.PROBLEM
        assert "find no room on the nodes" in check.detail
        assert check.fix.startswith("cluster.node_groups.default.min_size: write min_size: 3")

    @pytest.mark.parametrize(
        ("running", "result", "detail"),
        [
            ({"default": 3}, Result.OK, "without a reserve: all pods fit on 3 x m7g.large"),
            ({"default": 1}, Result.PROBLEM, "no room on the nodes that the environment starts with, 2 x m7g.large"),
            ({"default": 9}, Result.OK, "without a reserve: all pods fit on 3 x m7g.large"),
        ],
        ids=["more than at the start", "fewer than min_size", "more than max_size"],
    )
    def test_nodes_that_there_are_count(self, running: Mapping[str, int], result: Result, detail: str) -> None:
        """Within the bounds of the file, which the deploy holds them to."""
        check = judge(Fit(dev(workers={"replicas": 4}), {}), running)
        assert check.result is result
        assert detail in check.detail

    def test_types_that_are_not_known(self) -> None:
        """Nothing is promised of them."""
        environment = dev()
        groups = environment.cluster.node_groups
        other = groups["default"].model_copy(update={"instance_types": ("m99g.large",)})
        cluster = environment.cluster.model_copy(update={"node_groups": {"default": other}})
        check = judge(Fit(environment.model_copy(update={"cluster": cluster}), {}), {})
        assert check.result is Result.UNKNOWN
        assert "m99g.large" in check.detail


class TestCheckRoom:
    def test_before_the_first_deploy(self, eks: tuple[Any, Stubber]) -> None:
        """There is no group to ask about: the file's number counts."""
        client, answers = eks
        answers.add_client_error("describe_nodegroup", "ResourceNotFoundException", http_status_code=404)
        check = check_room(Fit.of(dev(), {}), Aws(REGION, "111122223333", {("eks", REGION): client}), CLUSTER)
        assert check.result is Result.OK

    def test_asks_eks_how_many_nodes_there_are(self, eks: tuple[Any, Stubber]) -> None:
        """A size that somebody has set beside Terraform counts; so does what helm/values.yaml says."""
        client, answers = eks
        asked = {"clusterName": CLUSTER, "nodegroupName": "default"}
        for size in (3, 2):
            group = {"scalingConfig": {"minSize": 2, "maxSize": 3, "desiredSize": size}}
            answers.add_response("describe_nodegroup", {"nodegroup": group}, asked)
        aws = Aws(REGION, "111122223333", {("eks", REGION): client})
        assert "on 3 x m7g.large" in check_room(Fit.of(dev(workers={"replicas": 4}), {}), aws, CLUSTER).detail
        nowhere = {"scheduler": {"nodeSelector": {"workload": "gone"}}}
        assert check_room(Fit.of(dev(), nowhere), aws, CLUSTER).detail.startswith("scheduler get no node")
