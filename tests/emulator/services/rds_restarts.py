"""RDS: static parameters, which wait for a restart of the instance."""

from collections.abc import Iterable
from typing import Any

from moto.rds.models import DBInstance, DBParameterGroup, RDSBackend

from tests.emulator.differences import Replacement, difference

WAITS = "pending-reboot"


@difference(DBParameterGroup, "__setattr__", "moto calls every group of an instance in-sync, whenever it is asked")
def keep_waiting(original: Replacement, group: Any, name: str, value: Any) -> None:
    """Lets the status be what the group's changes have made it."""
    waits = name == "ParameterApplyStatus" and getattr(group, "waits", False)
    original(group, name, WAITS if waits else value)


@difference(DBParameterGroup, "update_parameters", "AWS keeps a static parameter for the next restart of an instance")
def note_static(original: Replacement, group: Any, parameters: list[dict[str, Any]]) -> Any:
    """Notes whether an instance that uses the group has to be restarted for a change."""
    changed = [
        each
        for each in parameters
        if each.get("ApplyMethod") == WAITS
        and group.parameters.get(each["ParameterName"], {}).get("ParameterValue") != each.get("ParameterValue")
    ]
    if changed and _in_use(group):
        group.waits = True
    return original(group, parameters)


def note_reset(group: Any, names: Iterable[str]) -> None:
    """Notes whether an instance that uses the group has to be restarted for parameters that are taken back."""
    if _in_use(group) and any(group.parameters.get(name, {}).get("ApplyMethod") == WAITS for name in names):
        group.waits = True


def _in_use(group: Any) -> bool:
    return any(instance.db_parameter_group_name == group.name for instance in group.backend.databases.values())


@difference(RDSBackend, "reboot_db_instance", "AWS applies static parameters at a restart")
def restart(original: Replacement, backend: Any, db_instance_identifier: str) -> Any:
    """Has the instance read its parameters."""
    instance = original(backend, db_instance_identifier)
    read_parameters(instance)
    return instance


@difference(DBInstance, "update", "AWS restarts an instance that gets another class")
def restart_for_class(original: Replacement, instance: Any, **changes: Any) -> None:
    """Has the instance read its parameters where its class changes at once."""
    before = instance.db_instance_class
    original(instance, **changes)
    if instance.db_instance_class != before:
        read_parameters(instance)


def read_parameters(instance: Any) -> None:
    """Nothing waits any more."""
    for group in instance.db_parameter_groups():
        group.waits = False
