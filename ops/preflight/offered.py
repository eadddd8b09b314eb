"""What AWS itself offers in the region: Kubernetes by EKS, PostgreSQL by RDS. It wins over the table of versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from constructs.settings.environment import Environment
from constructs.versions.table import order, within

from ops.clients.aws import Aws, readable
from ops.console.errors import NoPermissionError
from ops.inspection.running_database import described
from ops.preflight.check import Check, not_yet, ok, problem

DATABASE = "PostgreSQL version"

EXTENDED = "extended support"
#: Versions that are named where one is not to be had.
NAMED = 5


def kubernetes_versions(aws: Aws) -> Mapping[str, str] | None:
    """Return what is said of each version that EKS makes clusters of; None where the caller may not ask.

    Raises:
        OperationError: AWS can't be asked.
    """
    try:
        with readable("ask EKS which versions of Kubernetes it has"):
            known = list(aws.pages("eks", "describe_cluster_versions", "clusterVersions"))
    except NoPermissionError:
        return None
    return {str(item["clusterVersion"]): _support(item) for item in known if _status(item) != "UNSUPPORTED"}


def _status(item: Mapping[str, Any]) -> str:
    return str(item.get("versionStatus") or item.get("status")).upper().removesuffix("_SUPPORT")


def _support(item: Mapping[str, Any]) -> str:
    standard, extended = item.get("endOfStandardSupportDate"), item.get("endOfExtendedSupportDate")
    if _status(item) == "EXTENDED":
        until = f" to {extended:%Y-%m-%d}" if extended else ""
        return f"{EXTENDED}{until}, at six times the price of the cluster"
    return f"standard support to {standard:%Y-%m-%d}" if standard else ""


def judge_kubernetes(
    check: Check, environment: Environment, offered: Mapping[str, str] | None, *, there_is_one: bool
) -> Check:
    """Return a check that found nothing wrong, with what EKS says of the version; a problem where it can't be had.

    `there_is_one`: a cluster of that version runs, which EKS leaves or upgrades by itself; else one is asked for.
    """
    wanted, key = environment.cluster.kubernetes_version, "cluster.kubernetes_version"
    if offered is None:
        return check
    said = offered.get(wanted, "EKS makes no new cluster of it, and upgrades this one by itself")
    if wanted not in offered and not there_is_one:
        fix = f"write one that it has into {key}: {_some(offered)}"
        return problem(check.subject, f"EKS has no Kubernetes {wanted} in {environment.region}", fix)
    if said.startswith(EXTENDED) and environment.cluster.upgrade_support == "standard" and not there_is_one:
        fix = (
            f"write a newer one into {key}: {_some(offered)}; or set cluster.upgrade_support: extended, and pay for it"
        )
        return problem(
            check.subject, f"{wanted} is in {said}; with cluster.upgrade_support: standard EKS refuses it", fix
        )
    return replace(check, detail=f"{check.detail}; {said}" if said else check.detail)


def _some(versions: Mapping[str, Any]) -> str:
    return ", ".join(sorted(versions, key=order, reverse=True)[:NAMED])


def check_postgresql(environment: Environment, aws: Aws, identifier: str) -> Check:
    """Whether RDS makes an instance of the version, or upgrades the one that runs to it.

    Raises:
        OperationError: AWS can't be asked.
    """
    wanted, region = environment.database.engine_version, environment.region
    answer = described(aws, identifier)
    running = str(answer["DBInstances"][0]["EngineVersion"]) if answer else None
    with readable("ask RDS which versions of PostgreSQL it has"):
        known = list(aws.pages("rds", "describe_db_engine_versions", "DBEngineVersions", Engine="postgres"))
    offered = {str(item["EngineVersion"]): item for item in known if item.get("Status", "available") == "available"}
    fitting = sorted((version for version in offered if within(version, wanted)), key=order)
    if running is None:
        if fitting:
            return not_yet(DATABASE, f"{fitting[-1]} is made by the first deploy")
        fix = f"write one that it has into database.engine_version: {_some(offered)}"
        return problem(DATABASE, f"RDS has no PostgreSQL {wanted} in {region}", fix)
    if within(running, wanted):
        gone = "; RDS makes no new instance of it, and upgrades this one by itself" if running not in offered else ""
        return ok(DATABASE, f"{running}{gone}")
    return _upgrade(aws, running, wanted)


def _upgrade(aws: Aws, running: str, wanted: str) -> Check:
    with readable(f"ask RDS what it upgrades PostgreSQL {running} to"):
        described = list(
            aws.pages(
                "rds",
                "describe_db_engine_versions",
                "DBEngineVersions",
                Engine="postgres",
                EngineVersion=running,
                IncludeAll=True,
            )
        )
    targets = {str(target["EngineVersion"]): target for item in described for target in item["ValidUpgradeTarget"]}
    if any(within(target, wanted) for target in targets):
        return ok(DATABASE, f"{running}, upgraded to {wanted}")
    to = f", or one that RDS upgrades to: {_some(targets)}" if targets else ""
    return problem(
        DATABASE,
        f"{running} runs and the file says {wanted}: RDS makes that of it by no upgrade",
        f'set database.engine_version: "{running}"{to}',
    )
