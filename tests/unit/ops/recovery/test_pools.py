"""Nodes that nobody ends, and a Karpenter that would lose its role."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.recovery import pools
from ops.recovery.finding import Repair
from ops.recovery.pools import RELEASE, require_pools_gone, stray_nodes
from tests.unit.ops.conftest import TrialAccount
from tests.unit.ops.destruction.test_nodes import start


class State:
    """What the state of `platform` has of Karpenter."""

    def __init__(self, *, karpenter: bool) -> None:
        self._karpenter = karpenter

    def attributes(self, address: str) -> dict[str, str]:
        """Of its release."""
        return {"name": "karpenter"} if self._karpenter and address == RELEASE else {}


def test_nodes_without_karpenter_are_told(account: TrialAccount) -> None:
    """With the command that ends them; a deploy doesn't stop at them. With Karpenter they are its own."""
    node = start(account, account.names.prefix, **{"karpenter.sh/nodepool": "tasks"})
    without: Any = State(karpenter=False)
    [found] = stray_nodes("infrastructure", account.names.prefix, account.client, without)
    assert (found.identifier, found.repair, found.stops_deploy) == (node, Repair.DECIDE, False)
    assert f"aws ec2 terminate-instances --instance-ids {node}" in found.advice
    with_it: Any = State(karpenter=True)
    assert list(stray_nodes("infrastructure", account.names.prefix, account.client, with_it)) == []


def session(*, node_pools: dict[str, Any]) -> Any:
    """A session of an environment with these pools."""
    cluster = SimpleNamespace(node_pools=node_pools)
    operated = SimpleNamespace(environment=SimpleNamespace(cluster=cluster))
    return SimpleNamespace(operated=operated, aws=None)


class TestPoolsGone:
    DEPLOYED = '{"service_account": "karpenter", "namespace": "karpenter"}'

    def test_karpenter_goes_before_its_role(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Pools that were taken out of the file: platform first, and how."""
        monkeypatch.setattr(pools, "read_state", lambda *_: State(karpenter=True))
        with pytest.raises(OperationError) as refused:
            require_pools_gone(session(node_pools={}), self.DEPLOYED)
        assert "could not end its nodes" in refused.value.message
        assert str(refused.value.fix).startswith("python -m ops deploy --stack platform")

    @pytest.mark.parametrize("recorded", ["", '{"name": "airflow"}'], ids=["nothing", "no Karpenter"])
    def test_who_never_had_pools_is_not_asked(self, monkeypatch: pytest.MonkeyPatch, recorded: str) -> None:
        """No second state is read."""
        monkeypatch.delattr(pools, "read_state")
        require_pools_gone(session(node_pools={}), recorded)
        require_pools_gone(session(node_pools={"tasks": None}), self.DEPLOYED)

    def test_once_karpenter_is_gone_its_role_may_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second of the two deploys."""
        monkeypatch.setattr(pools, "read_state", lambda *_: State(karpenter=False))
        require_pools_gone(session(node_pools={}), self.DEPLOYED)
