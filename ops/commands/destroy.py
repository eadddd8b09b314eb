"""`python -m ops destroy`: the end of an environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from botocore.exceptions import ClientError

from ops.clients.aws import readable
from ops.clients.aws_refusals import explain
from ops.commands import example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.console.wording import duration
from ops.destruction.gate import Gate, told
from ops.destruction.leftovers import BALANCER, Cluster, delete
from ops.destruction.nodes import clear_nodes, wait_for_karpenter
from ops.destruction.reach import require_cluster
from ops.destruction.waiting import wait_until_gone
from ops.environment.operated import STACKS
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate
from ops.frame.stack_choice import StackName, chosen
from ops.recovery.pools import RELEASE
from ops.running.applying import Applying
from ops.running.outcome import Ended, Outcome
from ops.state.reading import StackState, read_state
from ops.unrecorded.leftover import Leftover

#: The cluster's controllers delete a volume within seconds and a balancer within minutes.
WAIT_SECONDS = 15 * 60.0

LOOKING = "look for what the cluster has left"

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what goes and what stays, and do nothing.")]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="The name, instead of being asked for it.", show_default=False),
]
Sweep = Annotated[bool, typer.Option("--sweep", help="Delete what the cluster has left behind, as listed.")]
Abandon = Annotated[
    bool,
    typer.Option("--abandon-platform", help="The cluster is gone or lost: forget what was in it. Asks for the name."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("destroy", epilog=example("destroy --env prod --dry-run"))(destroy)


def destroy(  # noqa: PLR0913  # options of the command line
    env: EnvName = None,
    env_file: EnvFile = None,
    stack: StackName = None,
    confirm: Confirm = None,
    *,
    dry_run: DryRun = False,
    sweep: Sweep = False,
    abandon_platform: Abandon = False,
    as_json: AsJson = False,
) -> None:
    """Say what goes and what stays, ask for the environment's name, and destroy both stacks, platform first.

    Refuses while deletion protection is on. Can be interrupted and run again at any point.
    """
    operate(
        lambda session: Destroying(session, confirm, sweep=sweep, abandon=abandon_platform).run(
            chosen(stack), dry_run=dry_run
        ),
        env=env,
        env_file=env_file,
        as_json=as_json,
    )


class Destroying:
    """One run of the command."""

    def __init__(self, session: Session, confirmed: str | None, *, sweep: bool, abandon: bool) -> None:
        self._session, self._confirmed, self._sweep, self._abandon = session, confirmed, sweep, abandon
        self._output = session.output
        self._cluster = Cluster(session.operated.labels("infrastructure").names, session.aws.client)

    def run(self, stacks: tuple[str, ...], *, dry_run: bool) -> ExitCode:
        """Go through the gate, then destroy.

        Raises:
            OperationError: refused, or something failed; says what is next.
        """
        with self._output.doing(WHO_CALLS):
            self._session.aws.require_account()
        with self._output.doing(SYNTHESIZING):
            synthesize(self._session.operated)
        with self._output.doing("reading both states"):
            states = {stack: self._state(stack) for stack in STACKS}
        gate = Gate(self._session)
        gate.pass_through(states, stacks)
        if dry_run:
            return self._end_dry_run(states, stacks)
        gate.ask(self._confirmed)
        outcomes: list[Outcome] = []
        for stack in reversed(stacks):
            if stack == "infrastructure":
                self._wait()
            outcome = self._destroy(stack, states[stack])
            outcomes.append(outcome)
            if not outcome.went_on:
                return self._stopped(outcomes)
            self._output.say(f"{stack}: {_in_words(outcome)}")
        return self._end(outcomes, stacks)

    def _state(self, stack: str) -> StackState:
        """What is recorded; a state that can't be read is not an empty one."""
        state = read_state(self._session.operated, stack, self._session.aws)
        state.require_known_format()
        return state

    def _end_dry_run(self, states: dict[str, StackState], stacks: tuple[str, ...]) -> ExitCode:
        self._output.say("Dry run: nothing was destroyed.")
        self._output.result({"dry_run": True, **told(states, stacks)})
        return ExitCode.DONE

    def _destroy(self, stack: str, state: StackState) -> Outcome:
        if state.empty:
            return Outcome(stack=stack, ended=Ended.SKIPPED, reason="nothing was recorded")
        applying = Applying(self._session.terraform(stack), stack, self._output)
        if stack == "platform" and not self._abandon:
            kubernetes = require_cluster(self._session)
            if kubernetes and state.attributes(RELEASE):
                wait_for_karpenter(kubernetes, self._output.say, WAIT_SECONDS)
        try:
            applying.init()
            if stack == "platform" and self._abandon:
                with applying.terraform.locked() as terraform:
                    terraform.run("state", "rm", *sorted({known.address for known in state.instances}))
                return Outcome(stack=stack, ended=Ended.SKIPPED, reason="abandoned: its state forgets all of it")
            return applying.run("-destroy", approve=lambda _changes, _text: True)
        except OperationError as error:
            if stack != "platform":
                raise
            raise OperationError(
                error.message,
                fix=error.fix or "remove the cause, and destroy again; if the cluster is gone: add --abandon-platform",
                page=Page.DESTROY_STOPPED,
                exit_code=error.exit_code,
            ) from error

    def _wait(self) -> None:
        """Let controllers delete volumes and balancers while the cluster that they run in is there.

        Raises:
            OperationError: balancers are left.
        """
        cluster_there = self._cluster_recorded()
        with self._output.doing(LOOKING), readable(LOOKING):
            end = self._removed if self._sweep or self._abandon else None
            clear_nodes(self._cluster.nodes, end, self._output.say, WAIT_SECONDS)
        if self._sweep and not cluster_there:
            with self._output.doing(LOOKING), readable(LOOKING):
                found = self._cluster.in_network()
            self._left(found)
        patience = 0.0 if self._abandon or not cluster_there else WAIT_SECONDS
        with self._output.doing(LOOKING), readable(LOOKING):
            left = wait_until_gone(self._cluster.awaited, self._output.say, patience)
        self._clear_network(left)

    def _clear_network(self, left: Sequence[Leftover]) -> None:
        """Balancers that nobody deletes any more keep the network; volumes can go at the end."""
        balancers = [item for item in left if item.kind == BALANCER]
        if kept := [item for item in balancers if not (self._sweep and self._removed(item))]:
            names = "\n".join(f"  {item.identifier} ({item.evidence})\n    {item.command}" for item in kept)
            raise OperationError(
                f"The cluster has left {len(kept)} load balancers, which keep the network from going:\n{names}",
                fix="delete them, then destroy again; or destroy with --sweep, which deletes them",
                page=Page.DESTROY_STOPPED,
                exit_code=ExitCode.DECISION,
            )

    def _cluster_recorded(self) -> bool:
        return bool(self._state("infrastructure").attributes("aws_eks_cluster.cluster"))

    def _stopped(self, outcomes: list[Outcome]) -> ExitCode:
        last = outcomes[-1]
        for failure in last.failures:
            self._output.warn(f"  {failure}")
        self._output.warn(f"Stopped in {last.stack}: {last.done} of {last.total} gone.")
        left = self._left(self._keeping_network(last))
        if last.kept:
            self._output.warn(f"{last.reason}.")
            self._output.warn("Next: remove the cause, then python -m ops recover; then destroy again")
        elif left and not self._sweep:
            self._output.warn("Next: python -m ops destroy --sweep: it deletes these, and goes on where it stopped")
        else:
            self._output.warn("Next: python -m ops destroy again: it goes on where it stopped")
        self._output.warn(f"Page: {Page.UNWRITTEN_STATE if last.kept else Page.DESTROY_STOPPED}")
        self._say_result(outcomes, left)
        return last.ended.exit_code

    def _keeping_network(self, last: Outcome) -> list[Leftover]:
        """What may have made infrastructure fail. As long as there is a cluster, it is in use."""
        if last.stack != "infrastructure" or last.ended is not Ended.FAILED:
            return []
        try:
            with self._output.doing(LOOKING), readable(LOOKING):
                return [] if self._cluster_recorded() else self._cluster.in_network()
        except OperationError as error:  # what failed before is more important
            self._output.warn(error.message)
            return []

    def _end(self, outcomes: list[Outcome], stacks: tuple[str, ...]) -> ExitCode:
        with self._output.doing(LOOKING), readable(LOOKING):
            found = self._cluster.leftovers() if "infrastructure" in stacks else []
        remaining = self._left(found)
        self._say_result(outcomes, remaining)
        if remaining:
            self._output.say("Next: run these commands, or python -m ops destroy --sweep")
            return ExitCode.DECISION
        self._output.say("Done: nothing is left but what is said to stay.")
        return ExitCode.DONE

    def _left(self, found: Sequence[Leftover]) -> list[Leftover]:
        """With --sweep delete what was found; say and return what remains."""
        remaining = [item for item in found if not (self._sweep and self._removed(item))]
        for item in remaining:
            self._output.say(f"Left: {item.kind} {item.identifier} ({item.evidence})\n  {item.command}")
        return remaining

    def _say_result(self, outcomes: list[Outcome], left: list[Leftover]) -> None:
        self._output.result(
            {
                "stacks": [outcome.document() for outcome in outcomes],
                "left": [{"kind": item.kind, "id": item.identifier, "command": item.command} for item in left],
            }
        )

    def _removed(self, item: Leftover) -> bool:
        if not item.free:
            return False
        try:
            delete(item, self._session.aws.client)
        except ClientError as error:
            self._output.warn(explain(error, f"delete {item.identifier}").message)
            return False
        self._output.say(f"Deleted: {item.kind} {item.identifier}")
        return True


def _in_words(outcome: Outcome) -> str:
    if outcome.ended is Ended.CHANGED:
        return f"destroyed, {outcome.done} objects in {duration(outcome.seconds)}"
    return outcome.reason or "nothing was left of it"
