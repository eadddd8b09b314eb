"""The rule, the same for everything: what is tested or known and supported passes, the rest is remarked on.

Dates decide what is said, never what is synthesized: only what doesn't fit (`fit`) is refused by a program that knows
no account.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from constructs.versions.table import Fault, Line, Part, order, part, table, within
from constructs.versions.verdict import NEAR, Kind, Remark, Verdict

#: What AWS makes of a part.
_MADE = {"EKS": "cluster", "RDS": "instance"}
#: What extended support costs, and what happens to who doesn't pay it.
_EXTENDED = {
    "EKS": "EKS charges six times the price of the cluster (cluster.upgrade_support: extended), or upgrades it by "
    "itself (standard)",
    "RDS": "RDS charges its extended support for every vCPU and hour",
}


def judge(key: str, version: str, today: date) -> Verdict:
    """Return the verdict on a version, such as 1.35 or 17.6, of a part of the table."""
    which = part(key)
    line = which.line_of(version)
    faults = tuple(fault for fault in which.faults if _has(fault, version, which))
    remarks = (*_gone(which, version, line, today), *_support(which, version, line, today))
    return Verdict(
        part=which,
        version=version,
        tested=any(within(version, each) for each in which.tested),
        line=line,
        faults=faults,
        remarks=(*remarks, *_faulty(which, version, faults), *_newer(which, version)),
    )


def _has(fault: Fault, version: str, which: Part) -> bool:
    """Whether a version has a fault. A line without a minor version has none: AWS takes its newest."""
    if any(line.newest and version == line.line for line in which.lines):
        return False
    if fault.since and order(version) < order(fault.since):
        return False
    ahead = [fixed for fixed in fault.fixed if order(version) < order(fixed)]
    line = which.line_of(version)
    return bool(ahead) and not any(fixed not in ahead and which.line_of(fixed) == line for fixed in fault.fixed)


def _gone(which: Part, version: str, line: Line | None, today: date) -> Iterator[Remark]:
    if not which.hosted:
        return
    made = _MADE[which.hosted]
    said = f"{which.hosted} makes no new {made} of {which.name} {version}"
    upgraded = f"one that runs is upgraded by {which.hosted} itself"
    oldest = which.lines[-1].line
    if line is None and order(version) < order(oldest):
        yield Remark(kind=Kind.GONE, says=f"{said}; {upgraded}", fix=advice(which, version))
    elif line and line.extended_until and line.extended_until < today:
        ended = f"{said} since {line.extended_until}, the end of its extended support; {upgraded}"
        yield Remark(kind=Kind.GONE, says=ended, fix=advice(which, version), day=line.extended_until)
    elif line and line.oldest and version != line.line and order(version) < order(line.oldest):
        known = f"(the oldest that it has is {line.oldest}, as of {_known_of(which)})"
        yield Remark(kind=Kind.GONE, says=f"{said} {known}; {upgraded}", fix=advice(which, version))


def _support(which: Part, version: str, line: Line | None, today: date) -> Iterator[Remark]:
    if line is None and which.hosted:
        return  # gone, or newer
    if line is None:
        if order(version) < order(which.lines[-1].line):
            yield Remark(
                kind=Kind.OLD, says=f"{which.name} {version} gets no fixes any more", fix=advice(which, version)
            )
        return
    end, extended = line.standard_until, line.extended_until
    if end is None or (extended and extended < today):
        return
    name, paid = f"{which.name} {line.line}", f"; {_EXTENDED[which.hosted]}" if which.hosted else ""
    if extended:
        paid += f", until {extended}"
    if end < today:
        lost = "standard support" if which.hosted else "fixes"
        says = f"{name} gets no {lost} any more since {end}{paid}"
        yield Remark(kind=Kind.OLD, says=says, fix=advice(which, version), day=end)
    elif end <= today + NEAR:
        ending = "standard support" if which.hosted else "support"
        says = f"the {ending} of {name} ends on {end}{paid and f'; from then on{paid[1:]}'}"
        yield Remark(kind=Kind.ENDING, says=says, fix=advice(which, version), day=end)


def _faulty(which: Part, version: str, faults: tuple[Fault, ...]) -> Iterator[Remark]:
    severe = [fault for fault in faults if fault.is_severe]
    if severe:
        named = ", ".join(f"{fault.id} ({fault.says})" for fault in severe)
        yield Remark(kind=Kind.FAULTY, says=f"{which.name} {version} has {named}", fix=advice(which, version))


def _newer(which: Part, version: str) -> Iterator[Remark]:
    line = which.line_of(version)
    newest = (line.newest or line.line) if line else which.lines[0].line
    if order(version) > order(newest):
        tried = f", which was tried with {which.tested[0]}" if which.tested else ""
        says = f"{which.name} {version} is newer than what is known here, and was not tried: {which.how}{tried}"
        yield Remark(kind=Kind.NEWER, says=says, fix=which.caution)


def advice(which: Part, version: str) -> str:
    """Return what to write instead of a version: the newest that was tried, or the first without a severe fault."""
    to = advised(which, version)
    if to is None:
        return ""
    if not which.setting:
        return _of_an_image(which, version, to) if which.package else f"take {to} or newer"
    steps = [line.line for line in reversed(which.lines) if order(version) < order(line.line) < order(to)]
    if which.one_line_at_a_time and steps:
        return f'write {which.setting}: "{to}"; a cluster that runs goes one version at a time, first to "{steps[0]}"'
    return f'write {which.setting}: "{to}"'


def _of_an_image(which: Part, version: str, to: str) -> str:
    """A package that comes with Airflow's image: the official image that has a better one, or one's own."""
    own = f"build an image of your own with {which.package} {to} or newer"
    for image in part("airflow").images:
        brought = image.brings.get(which.key, version)
        if order(brought) > order(version) and not _severe(which, brought):
            return f'write airflow.version: "{image.version}", whose image has {brought}, or {own}'
    return own


def advised(which: Part, version: str) -> str | None:
    """Return the version to go to from an older one; None where the table knows none."""
    line = which.line_of(version)
    fixes = [fixed for fault in which.faults if fault.is_severe for fixed in fault.fixed]
    candidates = [*which.tested, *((line.newest,) if line and line.newest else ()), *fixes, which.newest]
    clean = [each for each in candidates if order(each) > order(version) and not _severe(which, each)]
    same = [each for each in clean if line and within(each, line.line)]
    # A minor version of a database is taken without leaving its line.
    return next(iter(same if which.hosted and same else clean), None)


def _severe(which: Part, version: str) -> bool:
    return any(fault.is_severe and _has(fault, version, which) for fault in which.faults)


def _known_of(which: Part) -> date:
    return table().sources[which.source].as_of
