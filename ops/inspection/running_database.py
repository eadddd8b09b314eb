"""The database as it runs, which is not always as it was last told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from constructs.settings.sections.database import MAX_CONNECTIONS, plain_number
from constructs.settings.values.instance_memory import default_max_connections, memory_gib

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError

#: What RDS says of a parameter that it keeps for the next start, and of a group with such a one.
_WAITS = "pending-reboot"


@dataclass(frozen=True, kw_only=True)
class RunningDatabase:
    """What RDS says of an instance."""

    identifier: str
    status: str
    instance_class: str
    maintenance_window: str
    waits: bool
    """Whether parameters were changed that PostgreSQL reads only when it starts, and it has not started since."""

    static_parameters: Mapping[str, str] = field(default_factory=dict)
    """Those that its group sets; which of them are new, RDS doesn't tell."""

    pending: Mapping[str, object] = field(default_factory=dict)
    """What it was told and keeps for its maintenance window."""

    now: datetime
    """By AWS's clock."""

    @property
    def max_connections(self) -> int | None:
        """How many connections it takes now; the least that it can be while a change of that may wait for a restart.

        None where the class is one that the project doesn't know.
        """
        try:
            default = default_max_connections(memory_gib(self.instance_class))
        except ValueError:
            return None
        chosen = plain_number(self.static_parameters.get(MAX_CONNECTIONS, ""))
        if chosen is None:
            return default
        return min(chosen, default) if self.waits else chosen

    @property
    def waiting(self) -> str:
        """For people: what waits; empty where nothing does."""
        if not self.waits:
            return ""
        known = ", ".join(f"{name} {value}" for name, value in sorted(self.static_parameters.items()))
        return f"static parameters wait for a restart ({known or 'some are back at their defaults'})"


def running_database(aws: Aws, identifier: str) -> RunningDatabase | None:
    """Ask RDS; None where there is no such instance.

    Raises:
        OperationError: RDS doesn't say.
    """
    answer = described(aws, identifier)
    if answer is None:
        return None
    [instance] = answer["DBInstances"]
    groups = instance.get("DBParameterGroups", [])
    try:
        with readable(f"look at the database {identifier}"):
            static = {
                name: value for group in groups for name, value in _static(aws, group["DBParameterGroupName"]).items()
            }
    except NotFoundError:
        return None
    return RunningDatabase(
        identifier=identifier,
        status=instance["DBInstanceStatus"],
        instance_class=instance["DBInstanceClass"],
        maintenance_window=instance["PreferredMaintenanceWindow"],
        waits=any(group.get("ParameterApplyStatus") == _WAITS for group in groups),
        static_parameters=static,
        pending=instance.get("PendingModifiedValues", {}),
        now=_clock(answer),
    )


def described(aws: Aws, identifier: str) -> Mapping[str, Any] | None:
    """Return RDS's answer on one instance; None where there is no such.

    Raises:
        OperationError: RDS doesn't say.
    """
    try:
        with readable(f"look at the database {identifier}"):
            answer: Mapping[str, Any] = aws.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
            return answer
    except NotFoundError:
        return None


def _static(aws: Aws, group: str) -> dict[str, str]:
    return {
        parameter["ParameterName"]: parameter["ParameterValue"]
        for parameter in aws.pages(
            "rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group, Source="user"
        )
        if _is_static(parameter) and "ParameterValue" in parameter
    }


def _is_static(parameter: Mapping[str, Any]) -> bool:
    return bool(parameter["ApplyType"] == "static" if "ApplyType" in parameter else parameter["ApplyMethod"] == _WAITS)


def _clock(answer: Mapping[str, Any]) -> datetime:
    """AWS's time, as every answer carries it."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(said).astimezone(UTC) if said else datetime.now(UTC)
