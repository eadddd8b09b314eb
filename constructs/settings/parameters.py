"""PostgreSQL's parameters, as RDS takes them, in section `database`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.problems import printable
from constructs.settings.shapes import Shape, fitting, mistake

ParameterValue = Annotated[
    str,
    Shape(
        r"[^\u0000-\u001f\u007f]+",
        allowed="text on one line, at most 1024 characters; numbers, true and false in quotes",
        fix="put the value in quotes",
        longest=1024,
    ),
]
ParameterName = Annotated[
    str,
    Shape(
        r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?",
        allowed="the name of a PostgreSQL parameter, such as work_mem",
        fix="write the name in lower case, as SHOW ALL lists it",
        longest=120,
    ),
]
#: Whole numbers in PostgreSQL's own unit, which RDS wants without one: least and most (pg_settings of 16 to 18).
_BOUNDS = {
    "autovacuum_max_workers": (1, 262_143),
    "deadlock_timeout": (1, 2_147_483_647),
    "effective_cache_size": (1, 2_147_483_647),
    "idle_in_transaction_session_timeout": (0, 2_147_483_647),
    "lock_timeout": (0, 2_147_483_647),
    "log_min_duration_statement": (-1, 2_147_483_647),
    "maintenance_work_mem": (64, 2_147_483_647),
    "max_connections": (6, 262_143),
    "max_locks_per_transaction": (10, 2_147_483_647),
    "max_parallel_workers": (0, 1024),
    "max_parallel_workers_per_gather": (0, 1024),
    "max_worker_processes": (0, 262_143),
    "shared_buffers": (16, 1_073_741_823),
    "statement_timeout": (0, 2_147_483_647),
    "temp_buffers": (100, 1_073_741_823),
    "work_mem": (64, 2_147_483_647),
}
#: What RDS reckons by the instance: {DBInstanceClassMemory/32768}, LEAST(...), GREATEST(...), SUM(...).
_FORMULA = r"(?:\{|LEAST\(|GREATEST\(|SUM\(|log\().*"


def refuse_value(name: str, value: str) -> None:
    """Raise a mistake for a value that RDS doesn't take, as far as that is the same for every instance."""
    bounds = _BOUNDS.get(name)
    if bounds and not fitting(_FORMULA, value, 1024):
        least, most = bounds
        number = int(value) if fitting(r"-?[0-9]{1,10}", value, 11) else None
        if number is None or not least <= number <= most:
            raise mistake(
                allowed=f"for {name} a whole number without unit, {least} to {most}, in quotes; or a formula of RDS's, "
                "such as {DBInstanceClassMemory/32768}",
                fix=f'write a number such as "{max(least, 64)}"; PostgreSQL\'s unit of it is in pg_settings',
                note=f"{name} is {printable(value, quoted=True)}",
            )
    if "'" in value or (value[:1] == value[-1:] == '"' and value.count('"') == 2):  # noqa: PLR2004  # around all of it
        raise mistake(
            allowed=f"the value of {name} itself: RDS puts it in quotes where PostgreSQL needs them",
            fix="remove the quotes inside; YAML's own around the value stay",
            note=f"{name} is {printable(value, quoted=True)}",
        )


def refuse_our_own(name: str) -> str:
    """Raise a mistake for a parameter that the project sets."""
    if name == "rds.force_ssl":
        raise mistake(allowed="any other parameter: the project sets rds.force_ssl to 1 itself", fix="remove it")
    return name
