"""Nodes that Karpenter has started: found, waited for, ended where nobody else does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.destruction.leftovers import Cluster, delete
from ops.destruction.nodes import clear_nodes, wait_for_karpenter
from ops.unrecorded.leftover import Leftover
from tests.unit.ops.conftest import TrialAccount

NODE = Leftover("node", "i-1", "tag karpenter.sh/nodepool=tasks", "aws ec2 terminate-instances --instance-ids i-1")
ENDING = Leftover(NODE.kind, NODE.identifier, NODE.evidence, NODE.command, free=False)


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as EC2 takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def start(account: TrialAccount, cluster: str, **more: str) -> str:
    """An instance with a cluster's tags."""
    tags = pairs({f"kubernetes.io/cluster/{cluster}": "owned", **more})
    started = account.client("ec2").run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return str(started["Instances"][0]["InstanceId"])


class TestFound:
    def test_this_clusters_and_of_pools_only(self, account: TrialAccount) -> None:
        """Nodes of managed groups are EKS's; those of a cluster that is called alike are another's."""
        pool = {"karpenter.sh/nodepool": "tasks"}
        own = start(account, account.names.prefix, **pool)
        start(account, account.names.prefix)
        start(account, f"{account.names.prefix}-2", **pool)
        cluster = Cluster(account.names, account.client)
        [found] = cluster.nodes()
        assert (found.kind, found.identifier, found.free) == ("node", own, True)
        assert found.command == f"aws ec2 terminate-instances --instance-ids {own}"
        assert found in cluster.leftovers()
        assert found in cluster.in_network()
        delete(found, account.client)
        assert cluster.nodes() == []

    def test_launch_templates_are_left_over(self, account: TrialAccount) -> None:
        """They keep nothing, and go at the end."""
        tags = {f"kubernetes.io/cluster/{account.names.prefix}": "owned", "karpenter.sh/nodepool": "tasks"}
        account.client("ec2").create_launch_template(
            LaunchTemplateName=f"karpenter.k8s.aws/{account.names.prefix}",
            LaunchTemplateData={"InstanceType": "m7g.large"},
            TagSpecifications=[{"ResourceType": "launch-template", "Tags": pairs(tags)}],
        )
        cluster = Cluster(account.names, account.client)
        [found] = cluster.leftovers()
        assert found.kind == "launch template"
        delete(found, account.client)
        assert cluster.leftovers() == []


class TestCleared:
    def test_none_is_fine(self) -> None:
        """Nothing is said, nothing is waited for."""
        said: list[str] = []
        clear_nodes(list, None, said.append, 60.0)
        assert said == []

    def test_running_ones_are_refused_with_the_way_out(self) -> None:
        """They keep the network and cost money; each with the command that ends it."""
        with pytest.raises(OperationError) as refused:
            clear_nodes(lambda: [NODE], None, lambda _: None, 60.0)
        assert "Karpenter has left 1 nodes" in refused.value.message
        assert NODE.command in refused.value.message
        assert "--sweep" in str(refused.value.fix)
        assert refused.value.exit_code is ExitCode.DECISION

    def test_are_ended_where_that_is_asked_for(self) -> None:
        """And waited for, until EC2 lists none."""
        looks = [[NODE], []]
        ended: list[str] = []

        def end(node: Leftover) -> bool:
            ended.append(node.identifier)
            return True

        clear_nodes(lambda: looks.pop(0), end, lambda _: None, 60.0)
        assert (ended, looks) == (["i-1"], [])

    def test_what_does_not_end_is_told(self) -> None:
        """Not forever: here the patience is at its end at once."""
        with pytest.raises(OperationError):
            clear_nodes(lambda: [ENDING], lambda _: False, lambda _: None, 0.0)


class Answering:
    """A Kubernetes API with some objects of Karpenter's."""

    def __init__(self, *names: str, leaving: bool, there: bool = True) -> None:
        self._names, self._leaving, self._there = names, leaving, there

    def get(self, path: str) -> Any:
        """What is listed at a path."""
        if not self._there:
            raise NotFoundError("no such kind")
        gone = {"deletionTimestamp": "2026-11-30T12:00:00Z"} if self._leaving else {}
        names = self._names if path.endswith("nodeclaims") else ()
        return {"items": [{"metadata": {"name": name, **gone}} for name in names]}


class TestKarpenter:
    @pytest.mark.parametrize(
        "kubernetes",
        [
            Answering("tasks-1", leaving=False),
            Answering(leaving=True),
            Answering("tasks-1", leaving=True, there=False),
        ],
        ids=["nothing is deleted yet", "all is gone", "no such kinds"],
    )
    def test_is_not_waited_for_where_nothing_is_leaving(self, kubernetes: Any) -> None:
        """The release of the pools is still Terraform's to delete."""
        said: list[str] = []
        wait_for_karpenter(kubernetes, said.append, 60.0)
        assert said == []

    def test_holds_the_destroy_while_a_node_is_leaving(self) -> None:
        """Helm forgets a release that it waited for in vain: Terraform would go on, and take Karpenter away."""
        kubernetes: Any = Answering("tasks-1", leaving=True)
        with pytest.raises(OperationError) as refused:
            wait_for_karpenter(kubernetes, lambda _: None, 0.0)
        assert "nodeclaims tasks-1" in refused.value.message
        assert "--abandon-platform" in str(refused.value.fix)
