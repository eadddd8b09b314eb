"""What preflight says of versions: it asks AWS itself which of them there are."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

from ops.clients.aws import Aws
from ops.preflight import cluster, offered
from ops.preflight.check import Check, Result
from programs.own_tools import ROOT


@pytest.fixture(scope="module")
def dev() -> Environment:
    """The shipped environment dev: Kubernetes 1.35."""
    return load_environment(ROOT / "environments" / "dev.yaml")


class Offers:
    """An account whose region has these versions."""

    KUBERNETES = (
        {"clusterVersion": "1.36", "versionStatus": "STANDARD_SUPPORT"},
        {"clusterVersion": "1.35", "versionStatus": "STANDARD_SUPPORT", "endOfStandardSupportDate": date(2027, 3, 27)},
        {"clusterVersion": "1.33", "versionStatus": "EXTENDED_SUPPORT", "endOfExtendedSupportDate": date(2027, 7, 29)},
        {"clusterVersion": "1.30", "versionStatus": "UNSUPPORTED"},
    )
    POSTGRESQL = (
        {"EngineVersion": "16.14", "Status": "available", "ValidUpgradeTarget": [{"EngineVersion": "17.10"}]},
        {"EngineVersion": "17.9", "Status": "available", "ValidUpgradeTarget": [{"EngineVersion": "17.10"}]},
        {"EngineVersion": "17.10", "Status": "available", "ValidUpgradeTarget": []},
        {"EngineVersion": "17.4", "Status": "deprecated", "ValidUpgradeTarget": [{"EngineVersion": "17.10"}]},
    )

    def __init__(self, database: str | None = None) -> None:
        self.database = database

    def pages(self, _service: str, operation: str, _key: str, **asked: str) -> list[Any]:
        """What is offered."""
        if operation == "describe_cluster_versions":
            return list(self.KUBERNETES)
        return [item for item in self.POSTGRESQL if asked.get("EngineVersion") in (None, item["EngineVersion"])]

    def client(self, _service: str) -> Any:
        """RDS itself."""
        return self

    def describe_db_instances(self, **_: str) -> Any:
        """The database, where there is one."""
        if self.database is None:
            raise ClientError({"Error": {"Code": "DBInstanceNotFound", "Message": "no"}}, "DescribeDBInstances")
        return {"DBInstances": [{"EngineVersion": self.database}]}


def asking(dev: Environment, *, kubernetes: str = "1.35", postgresql: str = "17", **cluster: str) -> Environment:
    """The environment with other versions."""
    wanted = dev.cluster.model_copy(update={"kubernetes_version": kubernetes, **cluster})
    database = dev.database.model_copy(update={"engine_version": postgresql})
    return dev.model_copy(update={"cluster": wanted, "database": database})


def kubernetes(environment: Environment, runs: str | None) -> Check:
    """What is said of the version where one runs, or none."""
    return cluster.check_version(environment, {"version": runs} if runs else None, cast("Aws", Offers()))


class TestKubernetesVersion:
    @pytest.mark.parametrize(
        ("runs", "result", "said"),
        [
            ("1.35", Result.OK, "1.35; standard support to 2027-03-27"),
            ("1.34", Result.OK, "1.34, upgraded to 1.35; standard support to 2027-03-27"),
            ("1.33", Result.PROBLEM, 'set cluster.kubernetes_version: "1.34", deploy, and go on from there'),
            ("1.37", Result.PROBLEM, 'set cluster.kubernetes_version: "1.37"'),
        ],
    )
    def test_one_minor_at_a_time(self, dev: Environment, runs: str, result: Result, said: str) -> None:
        """The same version or the next one; anything else says which one to ask for."""
        checked = kubernetes(dev, runs)
        assert checked.result is result
        assert said in (checked.detail, checked.fix)

    def test_no_cluster(self, dev: Environment) -> None:
        """Before the first deploy there is nothing to compare with, and EKS is asked whether it has the version."""
        assert kubernetes(dev, None).result is Result.NOT_YET

    @pytest.mark.parametrize("version", ["1.30", "1.37"])
    def test_what_eks_does_not_have(self, dev: Environment, version: str) -> None:
        """A new cluster of what is gone, or not there yet, is refused with what there is."""
        checked = kubernetes(asking(dev, kubernetes=version), None)
        assert (checked.result, checked.detail) == (Result.PROBLEM, f"EKS has no Kubernetes {version} in eu-west-1")
        assert checked.fix == "write one that it has into cluster.kubernetes_version: 1.36, 1.35, 1.33"

    def test_what_runs_and_is_gone(self, dev: Environment) -> None:
        """It may stay in the file: EKS upgrades it by itself."""
        checked = kubernetes(asking(dev, kubernetes="1.30"), "1.30")
        assert checked.result is Result.OK
        assert checked.detail == "1.30; EKS makes no new cluster of it, and upgrades this one by itself"

    def test_extended_support_has_to_be_paid_for(self, dev: Environment) -> None:
        """EKS refuses a new cluster of such a version with the policy `standard`; with the other the price is said."""
        refused = kubernetes(asking(dev, kubernetes="1.33"), None)
        assert refused.result is Result.PROBLEM
        assert "cluster.upgrade_support: extended" in refused.fix
        taken = kubernetes(asking(dev, kubernetes="1.33", upgrade_support="extended"), None)
        assert taken.result is Result.NOT_YET
        assert "extended support to 2027-07-29, at six times the price of the cluster" in taken.detail


class TestPostgresqlVersion:
    @pytest.mark.parametrize(
        ("runs", "wanted", "result", "said"),
        [
            (None, "17", Result.NOT_YET, "17.10 is made by the first deploy"),
            (None, "17.4", Result.PROBLEM, "RDS has no PostgreSQL 17.4 in eu-west-1"),
            (None, "19", Result.PROBLEM, "write one that it has into database.engine_version: 17.10, 17.9, 16.14"),
            ("17.9", "17", Result.OK, "17.9"),
            ("17.4", "17.4", Result.OK, "17.4; RDS makes no new instance of it, and upgrades this one by itself"),
            ("17.4", "17.10", Result.OK, "17.4, upgraded to 17.10"),
            ("16.14", "17", Result.OK, "16.14, upgraded to 17"),
            ("17.10", "16", Result.PROBLEM, 'set database.engine_version: "17.10"'),
            ("16.14", "18", Result.PROBLEM, 'set database.engine_version: "16.14", or one that RDS upgrades to: 17.10'),
        ],
    )
    def test_is_what_rds_makes_or_upgrades_to(
        self, dev: Environment, runs: str | None, wanted: str, result: Result, said: str
    ) -> None:
        """RDS itself is asked, for the instance that runs or the one to be made."""
        account = cast("Aws", Offers(runs))
        checked = offered.check_postgresql(asking(dev, postgresql=wanted), account, "airflow-dev")
        assert checked.result is result
        assert said in (checked.detail, checked.fix)
