"""Both stacks, looked at for what a killed run leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from constructs.checks.synthesized import SynthesizedStack

from ops.clients.aws import readable
from ops.console.errors import NotFoundError, OperationError, UnreachableError
from ops.frame.session import Session
from ops.recovery import infrastructure, platform
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import forget_imports
from ops.recovery.locks import lock_finding
from ops.recovery.pools import stray_nodes
from ops.recovery.unwritten_state import unwritten_findings
from ops.stack_clients.kubernetes import Kubernetes, connect
from ops.state.kept_state import keep, waiting_states
from ops.state.location import state_location
from ops.state.lock import read_lock
from ops.state.reading import StackState, read_state
from ops.unrecorded.recorded import Recorded

NOT_YET = "infrastructure is not complete yet"
NEVER_DEPLOYED = "it was never deployed (with --stack platform it is looked at all the same)"

#: What is said to be going on meanwhile.
LOOKING = "{stack}: looking for what a killed run has left"


@dataclass(frozen=True)
class Look:
    """What one stack looks like."""

    stack: str
    findings: list[Finding] = field(default_factory=list)
    not_looked: str = ""
    """Why nothing was looked at; empty where it was."""

    kubernetes: Kubernetes | None = field(default=None, repr=False)
    refused: OperationError | None = None
    """What the cluster that is there, and was not looked at, said: Terraform would hear the same."""

    recorded: str = field(default="", repr=False)
    """Text of the state at which it was looked."""

    @property
    def stopping(self) -> list[Finding]:
        """What a deploy has to stop at."""
        return [finding for finding in self.findings if finding.stops_deploy]


@dataclass(frozen=True)
class Survey:
    """How the stacks are looked at. The stacks have to be synthesized."""

    session: Session
    unlock: str | None = None
    """ID of a lock that is to be removed unless its holder is known to be at work."""

    renew_fernet: bool = False
    asks_undeployed: bool = True
    """Ask the cluster about `platform`, too, where nothing says that a deploy of it has ever begun."""
    state_only: bool = False
    """Look only for a state that Terraform could not write."""

    reads_only: bool = False
    """Leave what a killed `recover` has written beside the stack where it is."""

    def look(self, stack: str, *, begun: bool = False) -> Look:
        """Look at one stack. Where a lock is held nothing else is looked at: whoever holds it may be at work.

        `begun`: a lock of it was there, so that a deploy has begun, whatever the state says.

        Raises:
            OperationError: state or account can't be read.
        """
        session = self.session
        if not self.reads_only:
            forget_imports(session.operated.stack_folder(stack))
        if (waiting := self.unwritten(stack)) or self.state_only:
            return waiting or Look(stack)
        state = read_state(session.operated, stack, session.aws)
        state.require_known_format()
        lock = self._lock(state)
        if lock and lock.stops_deploy:
            return Look(stack, [lock], "the state is locked")
        if stack == infrastructure.STACK:
            look = self._infrastructure(state)
        else:
            look = self._platform(state, begun=begun or lock is not None)
        return replace(look, findings=[*([lock] if lock else []), *look.findings], recorded=state.text)

    def unwritten(self, stack: str) -> Look | None:
        """A state that Terraform could not write, and nothing else: what it knows must not be imported or made anew.

        Raises:
            OperationError: AWS can't be asked.
        """
        operated, aws = self.session.operated, self.session.aws
        working = operated.stack_folder(stack)
        if not self.reads_only:
            keep(working, operated.keep_folder, stack)
        files = waiting_states(working, operated.keep_folder, stack)
        if not files:
            return None
        location = state_location(operated, stack)
        lock = self._lock(StackState(stack=stack, location=location, lock=read_lock(location, aws)))
        if lock and lock.stops_deploy:
            return Look(stack, [lock], "the state is locked")
        found = list(unwritten_findings(stack, files, location, aws))
        return Look(stack, found, "a state waits to be written")

    def _lock(self, state: StackState) -> Finding | None:
        operated = self.session.operated
        return lock_finding(state, operated.environment.state.lock_timeout_minutes, self.unlock, operated.environ)

    def stack(self, name: str) -> SynthesizedStack:
        """A synthesized stack."""
        return SynthesizedStack.read(self.session.operated.stack_folder(name))

    def _infrastructure(self, state: StackState) -> Look:
        session = self.session
        session.aws.require_account()
        operated = session.operated
        # For all that is known Airflow runs: what that state holds is not recorded yet.
        unwritten = bool(waiting_states(operated.stack_folder(platform.STACK), operated.keep_folder, platform.STACK))
        platform_ = read_state(operated, platform.STACK, session.aws)
        inspection = infrastructure.Inspection(
            stack=self.stack(state.stack),
            recorded=Recorded.read(state.text),
            clients=session.aws.client,
            labels=session.operated.labels(state.stack),
            airflow_runs=unwritten or any(instance.type == "helm_release" for instance in platform_.instances),
            renew_fernet=self.renew_fernet,
        )
        with readable(f"look for what {state.stack} has in the account"):
            found = inspection.findings()
            if operated.environment.cluster.node_pools and not unwritten:
                prefix = operated.labels(state.stack).names.prefix
                found += stray_nodes(state.stack, prefix, session.aws.client, platform_)
            return Look(state.stack, found)

    def _platform(self, state: StackState, *, begun: bool) -> Look:
        session = self.session
        below = read_state(session.operated, infrastructure.STACK, session.aws)
        if not below.knows_cluster:
            return Look(state.stack, [], NOT_YET)
        if not (state.exists or begun or self.asks_undeployed):
            return Look(state.stack, [], NEVER_DEPLOYED)
        try:
            kubernetes = connect(below, session.operated.environment.region, session.operated.environ)
            kubernetes.version()
            found = platform.Inspection(
                stack=self.stack(state.stack),
                recorded=frozenset(instance.address for instance in state.instances),
                tainted=frozenset(state.tainted),
                kubernetes=kubernetes,
                labels=session.operated.labels(state.stack).kubernetes,
            ).findings()
        except NotFoundError as missing:  # an API group that the cluster does not have
            return Look(state.stack, [], missing.message)
        except UnreachableError as error:
            return Look(state.stack, [], error.message.rstrip("."), refused=error)
        except OperationError as error:
            return Look(state.stack, [], f"the cluster does not let us in ({error.message})", refused=error)
        return Look(state.stack, found, kubernetes=kubernetes)


def in_words(finding: Finding) -> str:
    """A finding and what becomes of it, in a few lines."""
    lines = [f"{finding.what}  {finding.identifier}".rstrip(), f"    {finding.evidence}"]
    if finding.repair is not Repair.DECIDE:
        lines.append(f"    -> {finding.repair.value}")
    if finding.advice:
        lines.append(f"    {finding.advice}")
    return "\n".join(lines)
