"""`python -m ops deploy`: both stacks, in order, with Terraform itself."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands import example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.environment.operated import STACKS
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.frame.session import WHO_CALLS, AsJson, EnvFile, EnvName, Session, operate
from ops.frame.stack_choice import StackName, chosen
from ops.preflight.check import Result
from ops.preflight.checking import CHECKING, run_preflight
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import forget_imports
from ops.recovery.pools import require_pools_gone
from ops.recovery.repairing import Repairing
from ops.recovery.survey import LOOKING, Look, Survey, in_words
from ops.running.applying import Applying, Change, counted
from ops.running.deploy_end import tell_end, tell_refused
from ops.running.outcome import Ended, Outcome
from ops.workflows.plan_dangers import Told, summed

Yes = Annotated[bool, typer.Option("--yes", "--auto-approve", help="Apply without showing the plan and asking.")]
SkipPreflight = Annotated[bool, typer.Option("--skip-preflight", help="Deploy although a preflight finds problems.")]
SkipRecovery = Annotated[
    bool, typer.Option("--skip-recovery-check", help="Do not look for what a killed run has left.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deploy", epilog=example("deploy --env prod"))(deploy)


def deploy(  # noqa: PLR0913  # options of the command line
    env: EnvName = None,
    env_file: EnvFile = None,
    stack: StackName = None,
    *,
    yes: Yes = False,
    skip_preflight: SkipPreflight = False,
    skip_recovery_check: SkipRecovery = False,
    as_json: AsJson = False,
) -> None:
    """Check, synthesize, look for what a killed run has left, and apply both stacks in order.

    Ctrl-C is passed on to Terraform once and waited for; a second one asks. The states are those of `cdktf deploy`.
    """
    operate(
        lambda session: Deploying(session, yes=yes, preflight=not skip_preflight, recovery=not skip_recovery_check).run(
            chosen(stack)
        ),
        env=env,
        env_file=env_file,
        as_json=as_json,
    )


class Deploying:
    """One run of the command."""

    def __init__(self, session: Session, *, yes: bool, preflight: bool, recovery: bool) -> None:
        self._session, self._yes, self._preflight, self._recovery = session, yes, preflight, recovery
        self._output = session.output

    def run(self, stacks: tuple[str, ...]) -> ExitCode:
        """Deploy the stacks; stop at the first that doesn't end well, and say where and what is next.

        Raises:
            OperationError: nothing was applied.
        """
        with self._output.doing(WHO_CALLS):
            self._session.aws.require_account()
        if self._preflight:
            self._look_ahead(stacks)
        with self._output.doing(SYNTHESIZING):
            remarks = synthesize(self._session.operated)
        if remarks:
            self._output.warn(remarks)
        outcomes: list[Outcome] = []
        for stack in stacks:
            try:
                outcome = self._stack(stack)
            except KeyboardInterrupt:
                outcome = Outcome(stack=stack, ended=Ended.INTERRUPTED, reason="before anything was applied")
            except OperationError as refused:
                if not outcomes:
                    raise
                return tell_refused(self._output, outcomes, stack, refused)
            outcomes.append(outcome)
            if not outcome.went_on:
                break
        return tell_end(self._output, outcomes, stacks)

    def _look_ahead(self, stacks: tuple[str, ...]) -> None:
        """Stop before anything is done where a deploy would fail in the middle of it."""
        with self._output.doing(CHECKING) as tell:
            checks = run_preflight(self._session, quick=True, stacks=stacks, tell=tell)
        if problems := [check for check in checks if check.result is Result.PROBLEM]:
            lines = "\n".join(f"  {check.subject}: {check.detail}\n    -> {check.advice}" for check in problems)
            raise OperationError(
                f"The preflight found {len(problems)} problems. Nothing was deployed.\n{lines}",
                fix="do what the arrows say; python -m ops preflight shows all checks; --skip-preflight deploys anyway",
                page=Page.PREFLIGHT,
                exit_code=ExitCode.DECISION,
            )

    def _stack(self, stack: str) -> Outcome:
        forget_imports(self._session.operated.stack_folder(stack))
        if self._recovery:
            self._check(stack)
        applying = Applying(self._session.terraform(stack), stack, self._output)
        applying.init()
        return applying.run(approve=lambda changes, text: self._approve(stack, changes, text, applying.dangers))

    def _check(self, stack: str) -> None:
        """Stop where a killed run has left what would fail, or be made twice."""
        survey = Survey(self._session)
        with self._output.doing(LOOKING.format(stack=stack)):
            look = survey.look(stack)
            if stack == STACKS[0]:
                require_pools_gone(self._session.operated, self._session.aws, look.recorded)
        scheduled = [finding for finding in look.findings if finding.repair is Repair.RESTORE]
        if scheduled and len(scheduled) == len(look.stopping):
            self._take_back(survey, look, len(scheduled))
        elif look.stopping:
            raise self._refusal(stack, look.stopping)
        elif look.refused:
            raise OperationError(
                f"{stack}: {look.not_looked}. Nothing was applied to it.",
                fix=look.refused.fix,
                page=look.refused.page,
                exit_code=look.refused.exit_code,
            )
        elif look.not_looked:
            self._output.say(f"{stack}: not checked for what a killed run may have left: {look.not_looked}.")

    def _take_back(self, survey: Survey, look: Look, count: int) -> None:
        """The names of secrets of an environment that was destroyed not long ago: nothing is lost by having them back.

        Raises:
            KeyboardInterrupt: Terraform was interrupted while it recorded them.
            OperationError: nobody agreed, or not everything could be done.
        """
        found = f"{look.stack}: {count} secrets of this name are scheduled for deletion"
        if not self._yes and not self._output.confirm(f"{found}. Take them back?"):
            raise OperationError(
                f"{found}. Nothing was applied to it.",
                fix="python -m ops recover, or have them taken back by the deploy: add --yes",
                page=Page.SCHEDULED_SECRET,
                exit_code=ExitCode.DECISION,
            )
        self._output.say(f"{found}: taken back.")
        repaired = Repairing(self._session, survey).repair(look)
        if repaired.interrupted:
            raise KeyboardInterrupt
        if repaired.refused:
            refused = "\n".join(f"  {what}: {why}" for what, why in repaired.refused.items())
            raise OperationError(
                f"{look.stack}: not all of them could be taken back. Nothing was applied to it.\n{refused}",
                fix="python -m ops recover, then python -m ops deploy",
                page=Page.SCHEDULED_SECRET,
            )
        if stopping := [finding for finding in repaired.left if finding.stops_deploy]:
            raise self._refusal(look.stack, stopping)

    def _refusal(self, stack: str, stopping: list[Finding]) -> OperationError:
        found = "\n".join(in_words(finding) for finding in stopping)
        return OperationError(
            f"{stack}: an earlier run was killed or interrupted. Nothing was applied to it. Found:\n{found}",
            # Without a name, recover asks no cluster about a platform whose state was never written.
            fix=f"python -m ops recover{' --stack platform' if stack == STACKS[1] else ''}, then python -m ops deploy",
            page=Page.INTERRUPTED,
            exit_code=ExitCode.DECISION,
        )

    def _approve(self, stack: str, changes: list[Change], text: str, dangers: list[Told]) -> bool:
        if self._yes:
            self._output.say(f"{stack}: {counted(changes)}")
            self._warn_of(stack, dangers)
            return True
        self._output.say(text)
        self._warn_of(stack, dangers)
        if self._output.interactive:
            return self._output.confirm(f"{stack}: {counted(changes)}. Apply it?")
        self._output.warn(f"{stack}: {counted(changes)}. Nobody can be asked here: add --yes to apply it.")
        return False

    def _warn_of(self, stack: str, dangers: list[Told]) -> None:
        """What to look at, last before the question: a plan is longer than anybody's screen."""
        if dangers:
            self._output.say(f"\n{stack}: {summed(dangers).lower()}", style="bold")
            for danger in dangers:
                self._output.say(f"  {danger}")
