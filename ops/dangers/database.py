"""The metadata database: what protects it becomes less, or it restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import (
    Rule,
    changed,
    differ,
    given_up,
    gone,
    is_true,
    lowered,
    put_on,
    raised,
    switched_off,
    switched_on,
    taken_off,
)
from ops.plan_report.danger import NONE, Danger, Kind, danger, shown
from ops.plan_report.report import Action

#: Arguments of which a change restarts PostgreSQL or moves it to another host, by AWS's list of settings for DB
#: instances: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
_RESTARTS = {
    "instance_class": "another host",
    "engine_version": "another version of PostgreSQL, which can't be taken back",
    "identifier": "another identifier",
    "port": "another port",
    "db_subnet_group_name": "another subnet group",
    "dedicated_log_volume": "another volume for the log",
}


def _restart(change: ResourceChange) -> Iterator[Danger]:
    """That the database restarts, and when."""
    if change.action is not Action.CHANGE:
        return
    at_once = is_true(change.becomes("apply_immediately"))
    when = "at once" if at_once else f"in the maintenance window {shown(change.becomes('maintenance_window'))}"
    for argument, what in _RESTARTS.items():
        before, after = change.was(argument), change.becomes(argument)
        if differ(before, after) and not _within(argument, before, after):
            yield danger(Kind.INTERRUPTS, f"the database restarts {when}: {what}", before, after)
    backups = (change.was("backup_retention_period"), change.becomes("backup_retention_period"))
    if 0 in backups and differ(*backups):
        yield danger(Kind.INTERRUPTS, f"the database restarts {when}: backups are switched", *backups)


def _within(argument: str, before: Any, after: Any) -> bool:
    """Whether a version is only named more loosely: 17 stays 17.4."""
    return argument == "engine_version" and str(before).startswith(f"{after}.")


def _parameters(change: ResourceChange) -> Iterator[Danger]:
    """Connections without TLS; parameters that count after a restart only; logs that say less."""
    before, after = _by_name(change.was("parameter")), _by_name(change.becomes("parameter"))
    if not change.after:
        return
    for name in sorted({*before, *after}):
        old, new = before.get(name, {}), after.get(name, {})
        values = old.get("value"), new.get("value")
        if name == "rds.force_ssl" and str(values[1]) != "1":
            yield danger(Kind.OPENS, "connections without TLS are taken", *values)
        elif not change.has_both or not differ(*values):
            continue
        elif "pending-reboot" in (old.get("apply_method"), new.get("apply_method")):
            yield danger(Kind.INTERRUPTS, f"{name} counts after the next restart of the database", *values)
        elif name.startswith(("log_", "pgaudit.")) and str(values[1] or "0") in ("0", "off", "none"):
            yield danger(Kind.WEAKENS, f"{name}: the database logs less", *values)


def _by_name(parameters: Any) -> dict[str, Any]:
    return {str(each.get("name")): each for each in parameters} if isinstance(parameters, list) else {}


def _storage(change: ResourceChange) -> Iterator[Danger]:
    """Storage that grows by itself no more."""
    before, after = change.was("max_allocated_storage") or 0, change.becomes("max_allocated_storage") or 0
    if change.has_both and isinstance(before, int) and isinstance(after, int) and after < before:
        yield danger(Kind.WEAKENS, "the storage grows by itself up to less", before or NONE, after or NONE)


DATABASE: dict[str, tuple[Rule, ...]] = {
    "aws_db_instance": (
        switched_on("publicly_accessible", "the database gets a public address", Kind.OPENS, created=True),
        put_on("vpc_security_group_ids", "more security groups let somebody in", Kind.OPENS),
        switched_off("deletion_protection", "the database can be deleted"),
        switched_on("skip_final_snapshot", "deleted, it leaves no snapshot", Kind.WEAKENS),
        switched_on("delete_automated_backups", "deleted, it takes its backups along", Kind.WEAKENS),
        lowered("backup_retention_period", "backups are kept for fewer days"),
        switched_off("multi_az", "there is no standby in another zone"),
        switched_off("storage_encrypted", "the storage is not encrypted", created=True),
        changed("kms_key_id", "another key encrypts the storage", Kind.WEAKENS),
        switched_off("copy_tags_to_snapshot", "snapshots are without tags"),
        switched_off("auto_minor_version_upgrade", "security fixes of PostgreSQL are not installed"),
        switched_off("performance_insights_enabled", "what the database does is recorded no more"),
        lowered("performance_insights_retention_period", "what the database did is kept for fewer days"),
        raised("monitoring_interval", "the database's host is watched less often", Kind.WEAKENS),
        taken_off("enabled_cloudwatch_logs_exports", "logs are published no more"),
        given_up("monitoring_role_arn", "the database's host is watched no more"),
        switched_on("apply_immediately", "changes that restart the database wait for no window", Kind.INTERRUPTS),
        changed("password_wo_version", "a new password: what has the old one connects no more", Kind.INTERRUPTS),
        changed("parameter_group_name", "other parameters count after its next restart", Kind.INTERRUPTS),
        changed("ca_cert_identifier", "another authority signs its certificate", Kind.INTERRUPTS),
        _storage,
        _restart,
    ),
    "aws_db_parameter_group": (
        _parameters,
        gone("the database's parameters are made anew", Kind.INTERRUPTS, actions=(Action.REPLACE,)),
    ),
    "aws_db_subnet_group": (
        taken_off("subnet_ids", "the database can be in fewer zones"),
        put_on("subnet_ids", "the database can be in other subnets", Kind.OPENS),
        gone("the database lies in it", Kind.INTERRUPTS),
    ),
}
