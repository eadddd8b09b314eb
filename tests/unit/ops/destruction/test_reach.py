"""Before a destroy: whether the cluster answers us."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.console.errors import ClusterUnreachableError, NoPermissionError, OperationError
from ops.destruction import reach
from ops.state.location import StateFile
from ops.state.reading import StackState, StateInstance

CLUSTER = StateInstance("aws_eks_cluster.cluster", "aws_eks_cluster", tainted=False, deposed=False, attributes={})


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session of an environment whose infrastructure is deployed."""
    outputs = {"cluster_name": "x", "cluster_endpoint": "https://x", "cluster_certificate_authority": "eA=="}
    state = StackState(stack="infrastructure", location=StateFile(Path("state")), instances=(CLUSTER,), outputs=outputs)
    monkeypatch.setattr(reach, "read_state", lambda *_: state)
    environment = SimpleNamespace(region="eu-west-1", airflow=SimpleNamespace(namespace="airflow"))
    return SimpleNamespace(operated=SimpleNamespace(environment=environment, environ={}), aws=None)


def answer(monkeypatch: pytest.MonkeyPatch, error: OperationError | None) -> list[str]:
    """Have a cluster that answers, or doesn't; return the namespaces that it is asked for."""
    asked: list[str] = []

    def helm_revisions(namespace: str) -> list[object]:
        asked.append(namespace)
        if error:
            raise error
        return []

    monkeypatch.setattr(reach, "connect", lambda *_: SimpleNamespace(helm_revisions=helm_revisions))
    return asked


class TestRequireCluster:
    def test_one_that_answers(self, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever may read the releases in Airflow's namespace is let through."""
        asked = answer(monkeypatch, None)
        reach.require_cluster(session)
        assert asked == ["airflow"]

    def test_one_that_is_gone(self, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nobody answers, the way without a cluster is told."""
        answer(monkeypatch, ClusterUnreachableError("Not reached", fix="look at the network"))
        with pytest.raises(ClusterUnreachableError, match=r"Not reached\. Nothing was destroyed\.") as caught:
            reach.require_cluster(session)
        assert caught.value.fix.startswith("look at the network; ")
        assert "--abandon-platform" in caught.value.fix

    def test_one_that_refuses(self, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A cluster that is there, and lets somebody else in, is nothing to abandon."""
        answer(monkeypatch, NoPermissionError("403", fix="be somebody else"))
        with pytest.raises(NoPermissionError) as caught:
            reach.require_cluster(session)
        assert caught.value.fix == "be somebody else"

    def test_none_that_is_known(self, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a cluster in the state nobody is asked: what Terraform says of it comes next."""
        nothing = StackState(stack="infrastructure", location=StateFile(Path("state")))
        monkeypatch.setattr(reach, "read_state", lambda *_: nothing)
        asked = answer(monkeypatch, ClusterUnreachableError("Not reached"))
        reach.require_cluster(session)
        assert asked == []
