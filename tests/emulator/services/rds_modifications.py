"""RDS: changes that wait for the maintenance window."""

from typing import Any

from moto.rds.models import DBInstance, rds_backends

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.rds_answers import DEFAULT_POSTGRES

#: Parameter of ModifyDBInstance -> its name among PendingModifiedValues. What is not here takes effect at once,
#: a new password and port among it: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
_DEFERRED = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_period": "BackupRetentionPeriod",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "db_instance_class": "DBInstanceClass",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}


@difference(DBInstance, "update", "AWS defers what interrupts service unless ApplyImmediately is given")
def defer(original: Replacement, instance: Any, **changes: Any) -> None:
    """Splits a change in what takes effect at once and what waits for the maintenance window."""
    apply_immediately = changes.pop("apply_immediately", None)
    if version := changes.get("engine_version"):
        changes["engine_version"] = DEFAULT_POSTGRES.get(version, version)
    earlier: dict[str, Any] = getattr(instance, "waiting_changes", {})
    waiting = {} if apply_immediately else {k: v for k, v in changes.items() if _waits(instance, k, v)}
    now = {name: value for name, value in changes.items() if name not in waiting}
    if apply_immediately:
        now = earlier | now  # what waited is applied, too
    else:
        waiting = earlier | waiting
    original(instance, **now)
    instance.waiting_changes = waiting
    instance.pending_modified_values = {_DEFERRED[name]: value for name, value in waiting.items()}


def _waits(instance: Any, name: str, value: Any) -> bool:
    """Whether a change waits for the maintenance window; backups do when they are switched on or off."""
    if name not in _DEFERRED or value is None or getattr(instance, name, None) == value:
        return False
    return name != "backup_retention_period" or 0 in (value, instance.backup_retention_period)


def run_maintenance_windows() -> list[str]:
    """Applies all waiting changes of all instances; returns `instance: attribute` lines."""
    applied = []
    for regions in rds_backends.values():
        for backend in regions.values():
            databases: list[Any] = list(backend.databases.values())
            for instance in databases:
                waiting = getattr(instance, "waiting_changes", {})
                applied += [f"{instance.db_instance_identifier}: {_DEFERRED[name]}" for name in sorted(waiting)]
                if waiting:
                    instance.update(apply_immediately=True)
    return applied
