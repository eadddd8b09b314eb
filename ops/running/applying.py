"""Plan, question, apply: one stack brought to what was synthesized, or to nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

from ops.console.output import Output
from ops.console.wording import duration
from ops.plans.reading import read_plan
from ops.running.outcome import Ended, Outcome
from ops.running.progress import Failure, Progress
from ops.running.supervision import Finished, supervise
from ops.running.waiting_state import require_none
from ops.stack_clients.lock_refusal import lock_refusal
from ops.stack_clients.terraform import Terraform, failure, was_read, without_reading
from ops.state.base import note_base
from ops.state.kept_state import keep
from ops.workflows.plan_dangers import Told, told

#: Resources in work that a line about the progress names.
NAMED = 3

_UPGRADE = "-upgrade"
#: Terraform's advice about a state that it could not write; ours is another.
_UNWRITTEN = frozenset({"Failed to persist state to backend", "Failed to create local state file"})


@dataclass(frozen=True)
class Change:
    """A change that a plan holds."""

    address: str
    actions: tuple[str, ...]
    importing: bool = False

    @classmethod
    def of(cls, plan: dict[str, Any]) -> list[Change]:
        """All changes of a plan as `terraform show -json` prints it, those without any effect left out."""
        changes = [
            cls(item["address"], tuple(item["change"]["actions"]), "importing" in item["change"])
            for item in plan.get("resource_changes", ())
            if item.get("mode") == "managed"
        ]
        return [change for change in changes if change.actions != ("no-op",) or change.importing]


@dataclass
class Applying:
    """The work on one stack. Each step may be interrupted; the outcome says where it stopped."""

    terraform: Terraform
    stack: str
    output: Output
    dangers: list[Told] = field(default_factory=list)
    """What a reviewer would stop at in the last plan, the worst first."""

    def init(self) -> None:
        """Have providers and backend ready.

        Raises:
            OperationError: Terraform can't.
        """
        with self.output.doing(f"{self.stack}: {self.terraform.program.name} init"):
            done = self.terraform.run("init", check=False)
            if done.returncode and _UPGRADE in done.stdout + done.stderr:
                # Every version is pinned in the JSON: what an upgrade of the project left behind may be forgotten.
                done = self.terraform.run("init", "-upgrade", check=False)
        if done.returncode:
            raise failure(
                ("init",), done.returncode, done.stdout + done.stderr, self.stack, self.terraform.program.name
            )

    def run(
        self,
        *options: str,
        approve: Callable[[list[Change], str], bool],
        acceptable: Callable[[list[Change]], bool] = lambda _: True,
    ) -> Outcome:
        """Plan, ask `approve` with the changes and Terraform's own text, and apply exactly what was planned.

        `acceptable` looks at the changes before anybody is asked; a plan that isn't is declined.

        Nobody else works on the state from the plan to the end of the apply.

        Raises:
            LockedError: somebody does.
            OperationError: the plan failed.
        """
        require_none(self.terraform, self.stack)
        with self.terraform.locked() as locked, locked.unnamed_file() as (terraform, file):
            text, code, interrupted = self._plan(terraform, file, options)
            if interrupted:
                return Outcome(stack=self.stack, ended=Ended.INTERRUPTED, reason="interrupted while planning")
            if code == 0:
                return Outcome(stack=self.stack, ended=Ended.UNCHANGED)
            with self.output.doing(f"{self.stack}: reading the plan"):
                document = terraform.show(file)
            changes = Change.of(document)
            synthesized = SynthesizedStack.read(terraform.folder).document
            self.dangers = told(read_plan(self.stack, document, synthesized=synthesized))
            if not acceptable(changes) or not approve(changes, without_reading(text)):
                return Outcome(stack=self.stack, ended=Ended.DECLINED, total=len(changes))
            return self._apply(terraform, file, len(changes))

    def _plan(self, terraform: Terraform, file: Path, options: tuple[str, ...]) -> tuple[str, int, bool]:
        arguments = ("plan", "-detailed-exitcode", f"-out={file}", *options)
        lines: list[str] = []
        with self.output.doing(f"{self.stack}: planning") as tell:
            finished = supervise(
                lambda: terraform.start(*arguments),
                self.output,
                lines.append,
                lambda: tell(f"{self.stack}: planning, {sum(map(was_read, lines))} objects read"),
            )
        text = "\n".join(lines)
        if finished.exit_code not in (0, 2) and not finished.interrupted:
            raise failure(arguments, finished.exit_code, text, self.stack, terraform.program.name)
        return text, finished.exit_code, finished.interrupted

    def _apply(self, terraform: Terraform, file: Path, total: int) -> Outcome:
        progress, began = Progress(total), time.monotonic()
        with self.output.doing(self._line(progress)) as tell:
            finished = supervise(
                lambda: terraform.start("apply", "-json", str(file)),
                self.output,
                progress.read,
                lambda: tell(self._line(progress)),
            )
        kept = self._kept(terraform, progress)
        for failed in progress.failures:
            if refused := lock_refusal(f"{failed.summary}\n{failed.detail}", self.stack):
                raise refused
        if finished.exit_code and not progress.failures and progress.other:
            progress.failures.append(Failure(address=None, summary="\n".join(progress.other[-20:]), detail=""))
        ended = Ended.CHANGED
        if finished.exit_code:
            ended = Ended.INTERRUPTED if finished.interrupted else Ended.FAILED
        return Outcome(
            stack=self.stack,
            ended=ended,
            total=total,
            done=progress.finished,
            seconds=time.monotonic() - began,
            slowest=tuple(progress.slowest),
            in_work=tuple(progress.in_work),
            failures=tuple(progress.failures),
            kept=kept,
            reason=_reason(finished, kept),
        )

    def _kept(self, terraform: Terraform, progress: Progress) -> Path | None:
        """Where the state is that Terraform could not write; its own advice about that is left out then."""
        if terraform.keep_in is None:
            return None
        kept = keep(terraform.folder, terraform.keep_in, self.stack, progress.printed_state)
        if kept:
            note_base(kept, terraform.stored, terraform.held.id if terraform.held else "")
            progress.failures = [failure for failure in progress.failures if failure.summary not in _UNWRITTEN]
        return kept

    def _line(self, progress: Progress) -> str:
        names = [f"{address} {duration(spent)}" for address, spent in progress.in_work.items()]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        work = f"; in work: {', '.join(names[:NAMED])}{more}" if names else ""
        return f"{self.stack}: {progress.finished} of {progress.total} done{work}"


def _reason(finished: Finished, kept: Path | None) -> str:
    if kept:
        return f"the state could not be written. It is kept in {kept}, which alone knows what was made: don't delete it"
    return f"ended by signal {-finished.exit_code}" if finished.exit_code < 0 else ""


def counted(changes: list[Change]) -> str:
    """`112 to add`, `1 to change, 2 to replace`: a plan in few words."""
    words: dict[tuple[str, ...], str] = {("create",): "add", ("update",): "change", ("delete",): "destroy"}
    kinds = Counter(words.get(change.actions, "replace") for change in changes if change.actions != ("no-op",))
    imports = sum(change.importing for change in changes)
    parts = [f"{kinds[kind]} to {kind}" for kind in ("add", "change", "replace", "destroy") if kinds[kind]]
    return ", ".join([*([f"{imports} to import"] if imports else []), *parts]) or "outputs only"
