"""Nodes that nobody ends, and a Karpenter that would lose its role."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.recovery import pools
from ops.recovery.finding import Repair
from ops.recovery.pools import BY_MAKE, RELEASE, require_pools_gone, stray_nodes
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


def operated(*, node_pools: dict[str, Any]) -> Any:
    """An environment with these pools."""
    cluster = SimpleNamespace(node_pools=node_pools)
    return SimpleNamespace(environment=SimpleNamespace(cluster=cluster), file=Path("/elsewhere/dev.yaml"))


NO_AWS: Any = None


class TestPoolsGone:
    DEPLOYED = '{"service_account": "karpenter", "namespace": "karpenter"}'

    @pytest.mark.parametrize(
        ("by", "first", "then"),
        [
            ({}, "python -m ops deploy --stack platform, ", "; then python -m ops deploy"),
            ({"deploy": BY_MAKE}, "make deploy STACKS=platform, ", "; then make deploy"),
        ],
        ids=["ops", "make"],
    )
    def test_karpenter_goes_before_its_role(
        self, by: dict[str, Any], first: str, then: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Pools that were taken out of the file: which file, which key, and both steps by the command that was used."""
        monkeypatch.setattr(pools, "read_state", lambda *_: State(karpenter=True))
        with pytest.raises(OperationError) as refused:
            require_pools_gone(operated(node_pools={}), NO_AWS, self.DEPLOYED, **by)
        assert refused.value.message.startswith("/elsewhere/dev.yaml: cluster.node_pools is not there any more")
        assert "could not end its nodes" in refused.value.message
        assert str(refused.value.fix).startswith(f"in two steps: {first}")
        assert str(refused.value.fix).endswith(then)

    @pytest.mark.parametrize("recorded", ["", '{"name": "airflow"}'], ids=["nothing", "no Karpenter"])
    def test_who_never_had_pools_is_not_asked(self, monkeypatch: pytest.MonkeyPatch, recorded: str) -> None:
        """No second state is read."""
        monkeypatch.delattr(pools, "read_state")
        require_pools_gone(operated(node_pools={}), NO_AWS, recorded)
        require_pools_gone(operated(node_pools={"tasks": None}), NO_AWS, self.DEPLOYED)

    def test_once_karpenter_is_gone_its_role_may_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second of the two deploys."""
        monkeypatch.setattr(pools, "read_state", lambda *_: State(karpenter=False))
        require_pools_gone(operated(node_pools={}), NO_AWS, self.DEPLOYED)
