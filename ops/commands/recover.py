"""`python -m ops recover`: what a killed or interrupted run has left, and its repair."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate
from ops.frame.stack_choice import StackName, chosen
from ops.recovery.finding import LEFT, Finding, Repair
from ops.recovery.repairing import Repaired, Repairing
from ops.recovery.survey import LOOKING, Look, Survey, in_words

Yes = Annotated[bool, typer.Option("--yes", "--auto-approve", help="Repair without asking: for workflows.")]
Unlock = Annotated[
    str | None,
    typer.Option(
        "--unlock",
        metavar="ID",
        help="Remove the lock with this ID, unless its holder is known to be at work.",
        show_default=False,
    ),
]
StateOnly = Annotated[
    bool, typer.Option("--state-only", help="Only write a state that Terraform could not write; repair nothing else.")
]
RenewFernet = Annotated[
    bool,
    typer.Option(
        "--renew-fernet",
        help="Accept a new Fernet key although Airflow runs: what it has encrypted can't be decrypted any more.",
    ),
]

AllowUnreachable = Annotated[
    bool,
    typer.Option(
        "--allow-unreachable",
        help="End with 0, not 4, where only the cluster is not reached: for workflows, whose next step looks again.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("recover", epilog=example("recover --env prod"))(recover)


def recover(  # noqa: PLR0913  # options of the command line
    env: EnvName = None,
    env_file: EnvFile = None,
    stack: StackName = None,
    unlock: Unlock = None,
    *,
    yes: Yes = False,
    state_only: StateOnly = False,
    renew_fernet: RenewFernet = False,
    allow_unreachable: AllowUnreachable = False,
    as_json: AsJson = False,
) -> None:
    """Find what a killed or interrupted run has left, and repair it after a question.

    A state that Terraform could not write is written first. Objects that no state knows are imported; versions of
    secrets, Kubernetes secrets and jobs are made anew; tainted resources that are complete are untainted; the lock of a
    run that has ended is removed. Age alone removes no lock.
    """

    def work(session: Session) -> ExitCode:
        # Who names the stack wants it looked at, whatever its state says.
        survey = Survey(session, unlock, renew_fernet, state_only=state_only, asks_undeployed=stack is not None)
        code = Recovering(session, survey, yes=yes).run(chosen(stack))
        return ExitCode.DONE if allow_unreachable and code is ExitCode.UNREACHED else code

    operate(work, env=env, env_file=env_file, as_json=as_json)


class Recovering:
    """One run of the command."""

    def __init__(self, session: Session, survey: Survey, *, yes: bool) -> None:
        self._session, self._survey, self._yes = session, survey, yes
        self._output = session.output

    def run(self, stacks: tuple[str, ...]) -> ExitCode:
        """Look, ask and repair, one stack after the other.

        Raises:
            OperationError: state, account or cluster can't be read, or a repair failed.
        """
        with self._output.doing(WHO_CALLS):
            self._session.aws.require_account()
        with self._output.doing(SYNTHESIZING):
            remarks = synthesize(self._session.operated)
        if remarks:
            self._output.warn(remarks)
        codes, documents = [], []
        for stack in stacks:
            look = self._look(stack)
            look = self._written(self._unlocked(look))
            repaired = self._repair(look)
            codes.append(self._code(look, repaired))
            documents.append(_document(look, repaired))
            if repaired and repaired.interrupted:
                break
        self._output.result({"stacks": documents})
        code = next((code for code in _NEXT if code in codes), ExitCode.DONE)
        self._output.say(_NEXT[code])
        if code is ExitCode.DECISION:
            self._output.say(f"Page: {Page.RECOVER}")
        return code

    def _look(self, stack: str, *, begun: bool = False) -> Look:
        with self._output.doing(LOOKING.format(stack=stack)):
            look = self._survey.look(stack, begun=begun)
        self._tell(look)
        return look

    def _tell(self, look: Look) -> None:
        if look.not_looked and not look.findings:
            self._output.say(f"{look.stack}: not looked at: {look.not_looked}.")
            if look.refused and look.refused.help:
                self._output.say(look.refused.help)
        elif not look.findings:
            self._output.say(f"{look.stack}: nothing to repair.")
        else:
            self._output.say(f"{look.stack}: {len(look.findings)} found", style="bold")
            for finding in look.findings:
                self._output.say(in_words(finding))

    def _unlocked(self, look: Look) -> Look:
        """What is found once a lock that was left behind is removed; as it is where there is none, or nobody agrees."""
        locks = [finding for finding in look.findings if finding.repair in (Repair.UNLOCK, Repair.UNLOCK_IF_AGREED)]
        if not look.not_looked or not locks or not all(map(self._may_remove, locks)):
            return look
        repairing = Repairing(self._session, self._survey)
        for lock in locks:
            self._output.say(f"  {repairing.unlock(lock)}")
        return self._look(look.stack, begun=True)

    def _written(self, look: Look) -> Look:
        """What is found once a state that Terraform could not write is written: what it knows is not lost."""
        waiting = [finding for finding in look.findings if finding.repair is Repair.WRITE]
        if not waiting or not self._agreed(f"Write {len(waiting)} as it says?"):
            return look
        for state in waiting:
            self._output.say(f"  {Repairing(self._session, self._survey).write(state)}")
        return self._look(look.stack, begun=True)

    def _may_remove(self, lock: Finding) -> bool:
        """Whether to remove a lock: where only its age speaks for that, --yes is no answer."""
        if lock.repair is Repair.UNLOCK:
            return self._agreed("Remove the lock?")
        if self._yes or not self._output.interactive:
            return False
        return self._output.ask("Type the lock's ID if nobody is at work; it is removed then: ") == lock.identifier

    def _repair(self, look: Look) -> Repaired | None:
        count = sum(finding.repairable for finding in look.findings)
        first = any(finding.repair in (Repair.UNLOCK, Repair.WRITE) for finding in look.findings)
        if not count or (look.not_looked and first):
            return None
        if not self._agreed(f"Repair {count} of them as it says?"):
            return None
        repaired = Repairing(self._session, self._survey).repair(look)
        for line in repaired.done:
            self._output.say(f"  {line}")
        for what, why in repaired.refused.items():
            self._output.warn(f"  {what}: {why}")
        return repaired

    def _agreed(self, question: str) -> bool:
        if self._yes or self._output.confirm(question):
            return True
        if not self._output.interactive:
            self._output.warn(f"{question} Nobody can be asked here: add --yes to have it done.")
        return False

    @staticmethod
    def _code(look: Look, repaired: Repaired | None) -> ExitCode:
        if look.refused:  # what is in a cluster that was not looked at, nobody knows
            return look.refused.exit_code
        if repaired is None:
            waits = [finding for finding in look.findings if finding.repair not in LEFT]
            return ExitCode.DECISION if waits else ExitCode.DONE
        if repaired.interrupted:
            return ExitCode.INTERRUPTED
        if repaired.refused:
            return ExitCode.FAILED
        return ExitCode.DECISION if repaired.left else ExitCode.DONE


#: What to say at the end; of several stacks' codes the first of these counts.
_NEXT = {
    ExitCode.INTERRUPTED: "Interrupted. Next: python -m ops recover",
    ExitCode.FAILED: "Next: see what was refused above, then python -m ops recover",
    ExitCode.MISTAKE: "Next: see what was refused above, then python -m ops recover",
    ExitCode.DECISION: "Next: decide about what is left above, then python -m ops recover",
    ExitCode.UNREACHED: "All else is done. Next: python -m ops recover --stack platform, where the cluster is reached",
    ExitCode.DONE: "Next: python -m ops deploy",
}


def _document(look: Look, repaired: Repaired | None) -> dict[str, object]:
    return {
        "stack": look.stack,
        "not_looked": look.not_looked,
        "findings": [finding.document() for finding in look.findings],
        "repaired": repaired.done if repaired else [],
        "refused": repaired.refused if repaired else {},
        "left": [finding.document() for finding in repaired.left] if repaired else [],
    }
