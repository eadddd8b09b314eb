"""PostgreSQL's parameters, as RDS takes them, in section `database`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.shapes import Shape, fitting, mistake

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
_MOST = 2_147_483_647
#: Whole numbers in PostgreSQL's own unit, which RDS wants without one: least, most, unit (pg_settings of 16 to 18; for
#: maintenance_work_mem the least of 16, which newer ones have lowered).
_BOUNDS = {
    "autovacuum_max_workers": (1, 262_143, ""),
    "deadlock_timeout": (1, _MOST, "ms"),
    "effective_cache_size": (1, _MOST, "8kB"),
    "idle_in_transaction_session_timeout": (0, _MOST, "ms"),
    "lock_timeout": (0, _MOST, "ms"),
    "log_min_duration_statement": (-1, _MOST, "ms"),
    "maintenance_work_mem": (1024, _MOST, "kB"),
    "max_connections": (6, 262_143, ""),
    "max_locks_per_transaction": (10, _MOST, ""),
    "max_parallel_workers": (0, 1024, ""),
    "max_parallel_workers_per_gather": (0, 1024, ""),
    "max_worker_processes": (0, 262_143, ""),
    "shared_buffers": (16, 1_073_741_823, "8kB"),
    "statement_timeout": (0, _MOST, "ms"),
    "temp_buffers": (100, 1_073_741_823, "8kB"),
    "work_mem": (64, _MOST, "kB"),
}
#: Unit of PostgreSQL's -> how much each of its units is, in the smallest.
_TIMES = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_SIZES = {"B": 1, "kB": 1024, "8kB": 8192, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
#: What RDS reckons by the instance, {DBInstanceClassMemory/32768} or LEAST(...), GREATEST(...), SUM(...), log(...).
_FORMULA = r"(?:\{|LEAST\(|GREATEST\(|SUM\(|log\()[A-Za-z0-9{}()*/+,. -]+"


def refuse_value(name: str, value: str) -> None:
    """Raise a mistake for a value that RDS doesn't take, as far as that is the same for every instance."""
    if name in _BOUNDS and not _is_formula(value):
        least, most, unit = _BOUNDS[name]
        number = int(value) if fitting(r"-?[0-9]{1,10}", value, 11) else None
        if number is None or not least <= number <= most:
            meant = _converted(value, unit)
            raise mistake(
                allowed=f"for {name} a whole number without unit, {least} to {most}{unit and f' (of {unit})'}, in "
                "quotes; or a formula of RDS's, such as {DBInstanceClassMemory/32768}",
                fix=f'write "{meant}"'
                if meant is not None and least <= meant <= most
                else f"write a number{unit and f' of {unit}'}, in quotes and without its unit",
            )
    if "'" in value or (value[:1] == value[-1:] == '"' and value.count('"') == 2):  # noqa: PLR2004  # around all of it
        raise mistake(
            allowed=f"the value of {name} itself: RDS puts it in quotes where PostgreSQL needs them",
            fix="remove the quotes inside; YAML's own around the value stay",
        )


def _converted(value: str, unit: str) -> int | None:
    """A number with a unit as PostgreSQL writes it, such as `60s`, in the parameter's own; None if it is none."""
    written = fitting(r"([0-9]{1,10}) ?([A-Za-z]{1,3})", value, 14)
    units = next((units for units in (_TIMES, _SIZES) if unit in units), {})
    if not written or written[2] not in units:
        return None
    smallest = int(written[1]) * units[written[2]]
    return None if smallest % units[unit] else smallest // units[unit]


def _is_formula(value: str) -> bool:
    """Whether a value has a formula's signs, and its brackets in pairs."""
    if not fitting(_FORMULA, value, 1024):
        return False
    closing = {"{": "}", "(": ")"}
    expected: list[str] = []
    for sign in value:
        if sign in closing:
            expected.append(closing[sign])
        elif sign in closing.values() and (not expected or expected.pop() != sign):
            return False
    return not expected


def refuse_our_own(name: str) -> str:
    """Raise a mistake for a parameter that the project sets."""
    if name == "rds.force_ssl":
        raise mistake(allowed="any other parameter: the project sets rds.force_ssl to 1 itself", fix="remove it")
    return name
