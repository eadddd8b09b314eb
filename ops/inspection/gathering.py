"""Everything that `status` shows, gathered; what can't be read is said instead of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from constructs.checks.synthesized import SynthesizedStack
from constructs.versions.clock import today

from ops.clients.aws import readable
from ops.console.errors import NoPermissionError, OperationError, UnreachableError
from ops.environment.operated import STACKS, OperatedEnvironment
from ops.environment.scratch_folder import scratch_folder
from ops.environment.synthesis import synthesize
from ops.frame.session import Session
from ops.inspection.pending import busy_objects, pending_database_changes, silent_receivers
from ops.inspection.versions import Version, versions
from ops.plan_report.report import EnvironmentPlan
from ops.plans.making import plan_environment
from ops.recovery.finding import Finding
from ops.recovery.survey import NOT_YET, Survey
from ops.stack_clients.kubernetes import HelmRevision, connect
from ops.state.location import StateFile, state_location
from ops.state.reading import StackState, read_state
from ops.workflows.plan_dangers import told

Found = TypeVar("Found")

#: The part without which nothing can be called missing or left over.
DECLARED = "what the file asks for"


def not_from_here(part: str, error: OperationError) -> bool:
    """Whether it is only that the cluster isn't entered from here: a private one is reached by few, lets in fewer."""
    inside = part.startswith(("leftovers of ", "Airflow"))
    return inside and isinstance(error, (NoPermissionError, UnreachableError))


@dataclass
class Status:
    """What was found, part by part."""

    states: dict[str, StackState] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """What AWS still has to do."""

    findings: list[Finding] = field(default_factory=list)
    """What no finished run leaves."""

    release: HelmRevision | None = None
    """Newest revision of Airflow's release."""

    health: Mapping[str, str] | None = None
    """Component -> what Airflow says of it; empty where it doesn't answer, None where it wasn't asked."""

    drift: EnvironmentPlan | None = None
    not_deployed: dict[str, list[str]] = field(default_factory=dict)
    """Stack -> addresses that it declares and its state, which is not empty, has not."""

    not_read: dict[str, OperationError] = field(default_factory=dict)
    """Part -> why it is missing."""


@dataclass(frozen=True, kw_only=True)
class SurveyElsewhere(Survey):
    """A survey by stacks that are synthesized in another folder than the one that Terraform works in."""

    declared: OperatedEnvironment

    def stack(self, name: str) -> SynthesizedStack:
        """The stack as it was synthesized there."""
        return SynthesizedStack.read(self.declared.stack_folder(name))


class Gathering:
    """Reads one part after the other; an error of one leaves the others alone."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._status = Status()

    def run(self, *, drift: bool) -> Status:
        """Return everything that could be read."""
        status, session = self._status, self._session
        account = self._part("AWS", session.aws.require_account)
        for stack in STACKS:
            if not account and not isinstance(state_location(session.operated, stack), StateFile):
                continue  # why it isn't read is said once
            self._part(f"state of {stack}", lambda stack=stack: self._state(stack))  # type: ignore[misc]
        if len(status.states) == len(STACKS):
            infrastructure, platform = (status.states[stack] for stack in STACKS)
            day = today(session.operated.environ)
            status.versions = versions(session.operated.environment, infrastructure, platform, day)
        if account:
            self._account()
        if drift:
            states = status.states
            self._part("drift", lambda: self._drift(states))
        return status

    def _account(self) -> None:
        session, status = self._session, self._status
        names = session.operated.labels(STACKS[0]).names
        prefix, emails = names.prefix, session.operated.environment.database.alarm_emails
        status.pending += self._part("database", lambda: pending_database_changes(session.aws, prefix)) or []
        topic = names.arn("sns", names.alarm_topic)
        status.pending += self._part("alarms", lambda: silent_receivers(session.aws, topic, emails)) or []
        status.pending += self._part("cluster", lambda: busy_objects(session.aws, prefix)) or []
        with ExitStack() as opened:
            declared = self._part(DECLARED, lambda: self._synthesized(opened.enter_context(scratch_folder())))
            if declared:
                for stack in STACKS:
                    self._part(f"objects of {stack}", lambda stack=stack: self._compare(stack, declared))  # type: ignore[misc]
                    self._part(f"leftovers of {stack}", lambda stack=stack: self._look(stack, declared))  # type: ignore[misc]
        self._part("Airflow", self._airflow)

    def _state(self, stack: str) -> None:
        state = read_state(self._session.operated, stack, self._session.aws)
        self._status.states[stack] = state
        state.require_known_format()

    def _synthesized(self, folder: Path) -> OperatedEnvironment:
        declared = replace(self._session.operated, outdir=folder)
        # Anew: what an older file declared would be called left over, with advice that deletes. And elsewhere: a
        # deploy may be at work with what lies in the output folder.
        try:
            synthesize(declared)
        except OperationError as error:
            said = f"the stacks can't be synthesized, so that nothing is compared with them: {error.message}"
            raise OperationError(
                said, fix=error.fix or "make synth has to work", page=error.page, exit_code=error.exit_code
            ) from error
        return declared

    def _compare(self, stack: str, declared: OperatedEnvironment) -> None:
        state = self._status.states.get(stack)
        if state is None or state.empty:
            return
        recorded = {instance.address.partition("[")[0] for instance in state.instances}
        addresses = SynthesizedStack.read(declared.stack_folder(stack)).declared
        self._status.not_deployed[stack] = sorted(set(addresses) - recorded)

    def _look(self, stack: str, declared: OperatedEnvironment) -> None:
        if any(state.newer_format for state in self._status.states.values()):
            return  # said already
        look = SurveyElsewhere(self._session, reads_only=True, declared=declared).look(stack)
        self._status.findings += look.findings
        nothing_there = look.not_looked == NOT_YET and self._nothing_in(stack)
        if look.not_looked and not nothing_there:
            raise UnreachableError(f"not looked: {look.not_looked}")

    def _nothing_in(self, stack: str) -> bool:
        return stack in self._status.states and self._status.states[stack].empty

    def _airflow(self) -> None:
        infrastructure, platform = (self._status.states.get(stack) for stack in STACKS)
        if infrastructure is None or platform is None or not infrastructure.knows_cluster or not platform.exists:
            return
        environment = self._session.operated.environment
        namespace = environment.airflow.namespace
        kubernetes = connect(infrastructure, environment.region, self._session.operated.environ)
        revisions = kubernetes.helm_revisions(namespace)
        self._status.release = revisions[-1] if revisions else None
        if revisions:
            self._status.health = kubernetes.airflow_health(namespace) or {}

    def _drift(self, states: dict[str, StackState]) -> None:
        said: list[str] = []

        def known(stack: str) -> StackState:
            if stack not in states:
                raise OperationError(f"the state of {stack} was not read")
            return states[stack]

        deployed = [stack for stack in STACKS if stack not in states or not states[stack].empty]
        self._status.drift = plan_environment(
            self._session.operated, known, said.append, deployed, self._session.output.doing
        )

    def _part(self, name: str, read: Callable[[], Found]) -> Found | None:
        try:
            with self._session.output.doing(f"reading: {name}"), readable(f"look for {name}"):
                return read()
        except OperationError as error:
            self._status.not_read[name] = error
            return None


def document(status: Status, session: Session) -> dict[str, Any]:
    """The same as JSON; no secret is in it, as no output holds one."""
    environment = session.operated.environment
    return {
        "environment": environment.name,
        "account": environment.account_id,
        "region": environment.region,
        "stacks": {
            stack: {**_state_document(state), "not_deployed": status.not_deployed.get(stack, [])}
            for stack, state in status.states.items()
        },
        "versions": [version.document() for version in status.versions],
        "pending": status.pending,
        "findings": [finding.document() for finding in status.findings],
        "release": status.release and {"revision": status.release.number, "status": status.release.status},
        "health": status.health,
        "drift": status.drift and _drift_document(status.drift),
        "not_read": {part: error.message for part, error in status.not_read.items()},
    }


def _state_document(state: StackState) -> dict[str, Any]:
    lock = state.lock
    return {
        "location": str(state.location),
        "serial": state.serial,
        "terraform_version": state.terraform_version or None,
        "format": state.format,
        "modified": state.modified and state.modified.isoformat(),
        "resources": dict(state.by_type),
        "tainted": state.tainted,
        "outputs": dict(state.outputs),
        "lock": lock and {"id": lock.id, "who": lock.who, "left_behind": lock.left_behind, "says": str(lock)},
    }


def _drift_document(plan: EnvironmentPlan) -> dict[str, Any]:
    return {
        stack.stack: {
            "status": stack.status.value,
            "sentence": stack.sentence,
            "dangers": [
                {"kind": one.danger.kind, "address": one.address, "outside": one.outside, "says": str(one.danger)}
                for one in told(stack)
            ],
            "changes": [f"{change.action.value} {change.address}" for change in stack.changes],
            "differences": {change.address: list(change.details) for change in stack.changes},
            "outside": [change.address for change in stack.outside],
        }
        for stack in plan.stacks
    }
