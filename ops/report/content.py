"""Everything that a report shows, gathered from both stacks' JSON and from the states that could be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path

from constructs.naming.names import Names
from constructs.settings.environment import Environment

from ops.console.errors import OperationError
from ops.console.wording import counted
from ops.environment.operated import STACKS
from ops.inspection.versions import NOT_DEPLOYED, NOT_RECORDED, Version, versions
from ops.pictures.reach import Reach, Way
from ops.pictures.stacks import Stacks
from ops.report import secrets
from ops.report.alarms import Alarm, alarms
from ops.report.console import Console
from ops.report.facts import Change, Facts, changes, not_compared
from ops.report.identities import Role, roles
from ops.report.outputs import Output, outputs
from ops.report.resources import NOT_READ, Resource, by_kind, resources
from ops.state.location import StateFile
from ops.state.reading import StackState


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a command has found for a report."""

    environment: Environment
    names: Names
    stacks: Stacks
    states: Mapping[str, StackState]
    """Those that could be read."""

    not_read: Mapping[str, OperationError]
    """Part -> why it could not be read."""

    pods: Mapping[str, Sequence[str]] | None
    """Secret -> pods of the chart that read it; None where the chart is not at hand."""

    ringing: Mapping[str, str]
    """Alarm -> its state in AWS."""

    pictures: Mapping[str, str]
    """Subject -> SVG."""

    day: date
    before: Facts | None
    """Of the last report."""

    @property
    def whole(self) -> bool:
        """Whether both states could be read."""
        return len(self.states) == len(STACKS)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the page shows."""

    found: Found
    heads: Mapping[str, str]
    """Stack -> how far it is deployed."""

    versions: Sequence[Version]
    remarks: Sequence[str]
    """What somebody should know of the versions."""

    resources: Mapping[str, Mapping[str, Sequence[Resource]]]
    """Stack -> type -> its resources."""

    outputs: Mapping[str, Sequence[Output]]
    """Stack -> what it publishes."""

    alarms: Sequence[Alarm]
    stored_secrets: Sequence[secrets.StoredSecret]
    cluster_secrets: Sequence[secrets.ClusterSecret]
    access: Sequence[secrets.Access]
    roles: Sequence[Role]
    further: Sequence[str]
    """Who gets further than what is given to pods."""

    ways: Sequence[Way]
    facts: Facts

    @cached_property
    def changes(self) -> Sequence[Change]:
        """Since the last report; empty where there is none, too."""
        return changes(self.found.before, self.facts) if self.found.before else []

    @property
    def web(self) -> str:
        """Address of Airflow's web interface, where it is deployed."""
        return next(
            (each.value for each in self.outputs[STACKS[1]] if each.name == "airflow_url" and each.is_address), ""
        )

    @cached_property
    def not_compared(self) -> Sequence[str]:
        """Parts of which no change can be told."""
        return not_compared(self.found.before, self.facts) if self.found.before else []


def content(found: Found) -> Content:
    """Return what a report shows."""
    stacks, states = found.stacks, found.states
    console = Console(found.names.region, found.names.partition)
    both = {stack.name: stack for stack in (stacks.infrastructure, stacks.platform)}
    listed = {name: resources(stack, states.get(name), console) for name, stack in both.items()}
    published = {name: outputs(stack, states.get(name)) for name, stack in both.items()}
    shown, of_environment = _versions(found), roles(stacks.infrastructure)
    return Content(
        found=found,
        heads={name: _head(states.get(name)) for name in STACKS},
        versions=shown,
        remarks=[str(remark) for version in shown if version.verdict for remark in version.verdict.remarks],
        resources={name: by_kind(each) for name, each in listed.items()},
        outputs=published,
        alarms=alarms(stacks.infrastructure, states.get(STACKS[0]), found.ringing),
        stored_secrets=secrets.stored_secrets(stacks, found.names, of_environment),
        cluster_secrets=secrets.cluster_secrets(stacks, found.pods),
        access=secrets.cluster_access(stacks),
        roles=of_environment,
        further=list(secrets.remarks(stacks)),
        ways=list(Reach(stacks).by_pair.values()),
        facts=_facts(found, shown, [*chain(*listed.values())], [*chain(*published.values())]),
    )


def _facts(found: Found, shown: Sequence[Version], listed: Sequence[Resource], published: Sequence[Output]) -> Facts:
    known = {f"{each.stack}: {each.address}": each.id or each.standing or "there" for each in listed}
    return Facts(
        environment=found.environment.name,
        made=found.day.isoformat(),
        versions={version.what: version.wanted if version.runs == NOT_RECORDED else version.runs for version in shown}
        if found.whole
        else None,
        resources=known if found.whole else None,
        outputs={f"{each.stack}: {each.name}": each.value for each in published if each.value} if found.whole else None,
    )


def _versions(found: Found) -> list[Version]:
    """As `status` has them; of a state that was not read nothing is called not deployed."""
    nowhere = {name: StackState(stack=name, location=StateFile(Path())) for name in STACKS}
    infrastructure, platform = (found.states.get(name, nowhere[name]) for name in STACKS)
    all_of_them = versions(found.environment, infrastructure, platform, found.day)
    if found.whole:
        return all_of_them
    return [replace(each, runs=NOT_READ) if each.runs == NOT_DEPLOYED else each for each in all_of_them]


def _head(state: StackState | None) -> str:
    if state is None:
        return "its state could not be read"
    if state.empty:
        return NOT_DEPLOYED
    count = sum(state.by_type.values())
    when = f", last changed {state.modified:%Y-%m-%d %H:%M} UTC" if state.modified else ""
    return f"{counted(count, 'object')} deployed{when}, serial {state.serial}"
