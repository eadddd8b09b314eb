"""When EKS takes an upgrade back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

from ops.clients.aws import Aws
from ops.preflight import cluster, rollback
from ops.preflight.check import Check, Result
from programs.own_tools import ROOT

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def update(kind: str = "VersionUpdate", to: str = "1.36", days_ago: float = 2, status: str = "Successful") -> Any:
    """An update of the cluster as EKS describes it."""
    parameters = [{"type": "Version", "value": to}, {"type": "PlatformVersion", "value": "eks.1"}]
    return {"type": kind, "status": status, "createdAt": NOW - timedelta(days=days_ago), "params": parameters}


class Eks:
    """A cluster that runs 1.36, where the file of dev asks for 1.35."""

    def __init__(self, *updates: Any, nodes: str = "1.35", support: str = "STANDARD_SUPPORT") -> None:
        self.updates, self.nodes, self.support = updates, nodes, support

    def describe_update(self, name: str, updateId: int) -> Any:  # noqa: N803  # boto3's name
        """One of the updates."""
        assert name == "airflow-dev"
        return {"update": self.updates[updateId]}

    def describe_nodegroup(self, clusterName: str, nodegroupName: str) -> Any:  # noqa: N803  # boto3's names
        """The nodes."""
        assert (clusterName, nodegroupName) == ("airflow-dev", "default")
        return {"nodegroup": {"version": self.nodes}}

    def describe_cluster_versions(self, clusterVersions: list[str]) -> Any:  # noqa: N803  # boto3's name
        """How a version is supported."""
        return {"clusterVersions": [{"clusterVersion": clusterVersions[0], "versionStatus": self.support}]}


@pytest.fixture(scope="module")
def dev() -> Environment:
    """The shipped environment dev: Kubernetes 1.35."""
    return load_environment(ROOT / "environments" / "dev.yaml")


def checked(monkeypatch: pytest.MonkeyPatch, dev: Environment, eks: Eks) -> Check:
    """What preflight says of going back from 1.36."""

    def pages(_: Aws, _service: str, operation: str, _key: str, **_arguments: str) -> Iterator[Any]:
        yield from {"list_updates": range(len(eks.updates)), "list_nodegroups": ["default"]}[operation]

    monkeypatch.setattr(Aws, "client", lambda _, __: eks)
    monkeypatch.setattr(Aws, "pages", pages)
    monkeypatch.setattr(rollback, "datetime", Clock)
    return cluster.check_version(dev, {"name": "airflow-dev", "version": "1.36"}, Aws("eu-west-1", "111122223333"))


class Clock(datetime):
    """The time is NOW."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        """The time."""
        return NOW.astimezone(tz)


def test_an_upgrade_of_two_days_ago(monkeypatch: pytest.MonkeyPatch, dev: Environment) -> None:
    """Within seven days, with older nodes, the version before is as good as the next one; it is said until when."""
    check = checked(
        monkeypatch, dev, Eks(update(to="1.35", days_ago=300), update(), update("ConfigUpdate", days_ago=1))
    )
    assert check.result is Result.OK
    assert check.detail == "1.36, taken back to 1.35, as EKS allows until 2026-12-05 12:00 UTC"


@pytest.mark.parametrize(
    ("eks", "detail", "fix"),
    [
        (Eks(), "EKS goes back from an upgrade alone, and there was none to 1.36", '"1.36"'),
        (Eks(update(status="Failed")), "there was none to 1.36", '"1.36"'),
        (Eks(update(days_ago=7.1)), "within seven days, which ended at 2026-11-30 09:36 UTC", '"1.36"'),
        (Eks(update(), update("VersionRollback", days_ago=1)), "there was none to 1.36", '"1.36"'),
        (
            Eks(update(), nodes="1.36"),
            "nodes go back first, default",
            "--cluster-name airflow-dev --kubernetes-version 1.35 --nodegroup-name default",
        ),
        (Eks(update(), support="EXTENDED_SUPPORT"), "1.35 is in extended support", "upgrade_support: extended"),
    ],
    ids=["never upgraded", "failed", "too late", "taken back already", "nodes", "extended support"],
)
def test_what_eks_would_refuse(
    monkeypatch: pytest.MonkeyPatch, dev: Environment, eks: Eks, detail: str, fix: str
) -> None:
    """Each condition of EKS's that does not hold is a problem with what to do, before anything is planned."""
    check = checked(monkeypatch, dev, eks)
    assert check.result is Result.PROBLEM
    assert check.detail.startswith("1.36 runs and the file says 1.35: ")
    assert detail in check.detail
    assert fix in check.fix
