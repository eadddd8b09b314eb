"""The steps: the stack with its state in a file, the state into the bucket, nothing left to change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from constructs.naming.names import BOOTSTRAP
from constructs.settings.loading.placeholders import placeholders
from constructs.settings.sections.delivery import DeliverySettings
from constructs.stacks.labels import stack_labels

from bootstrap.adoption import adopt
from bootstrap.state import in_bucket, in_file, remove_file, require_bucket, state_object
from ops.clients.aws import Aws
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import OperatedEnvironment
from ops.frame.session import WHO_CALLS
from ops.running.applying import Applying, Change, counted
from ops.running.outcome import Ended, Outcome
from ops.stack_clients.terraform import Terraform
from ops.state.location import StateObject
from ops.state.lock import read_lock

#: Keys of the file whose placeholders would end up in the account.
NEEDED = ("account_id", "delivery", "state")
AGAIN = "make bootstrap goes on from there"


@dataclass(frozen=True, kw_only=True)
class Bootstrapping:
    """One run for one environment; every step may be interrupted, and the next run goes on from there."""

    operated: OperatedEnvironment
    """Its output folder is the stack's own."""

    delivery: DeliverySettings
    output: Output
    file: Path
    """The state, until it is in the bucket."""

    approved: bool = False
    """Apply without asking."""

    unlock: str | None = None
    """ID of a lock that a killed run has left."""

    @cached_property
    def _aws(self) -> Aws:
        return Aws(self.operated.environment.state_region, self.operated.environment.account_id)

    @property
    def _location(self) -> StateObject:
        return state_object(self.operated.environment)

    @property
    def _terraform(self) -> Terraform:
        return Terraform(self.operated.stack_folder(BOOTSTRAP), self.operated.environ)

    def run(self) -> ExitCode:
        """Take all steps; return how it ended.

        Raises:
            OperationError: a step can't be taken; the message says what to do.
        """
        self._check()
        if not self._is_in_bucket():
            self.output.say(f"State: {self.file}, until there is a bucket for it")
            self._prepare(self.file)
            if not (outcome := self._apply()).went_on:
                return self._stopped(outcome)
            self._move()
        else:
            self.output.say(f"State: {self._location}")
            self._prepare(None)
        self._require_no_lock()
        if not (outcome := self._apply()).went_on:
            return self._stopped(outcome)
        self._tell()
        return ExitCode.DONE

    def _check(self) -> None:
        environment = self.operated.environment
        left = [key for key in placeholders(environment) if key.partition(".")[0] in NEEDED]
        if left and not self.operated.environ.get("AWS_ENDPOINT_URL"):
            raise OperationError(
                f"{environment.name} still has placeholders: {', '.join(left)}. Nothing was made.",
                fix="write your own values into the environment file",
                exit_code=ExitCode.MISTAKE,
            )
        with self.output.doing(WHO_CALLS):
            identity = self._aws.require_account()
        self.output.say(f"Account: {identity.account}, as {identity.arn}")
        if not self.delivery.create_state_bucket:
            require_bucket(self._location, self._aws)

    def _is_in_bucket(self) -> bool:
        """Whether the state is where it stays; a file that was left behind when it had been moved is removed."""
        stored, left = in_bucket(self._location, self._aws), in_file(self.file)
        if stored and left:
            remove_file(self._location, stored, self.file, left)
        return stored is not None

    def _prepare(self, file: Path | None) -> None:
        """Synthesize with the state in `file` or, without one, in the bucket; have Terraform ready for it."""
        variables = {name: text for name, text in self.operated.environ.items() if name != "BOOTSTRAP_LOCAL_STATE"}
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            variables["BOOTSTRAP_LOCAL_STATE"] = str(file)
        with self.output.doing("synthesizing the stack"):
            self._synthesize(variables)
        with self.output.doing("terraform init"):
            self._terraform.init("-reconfigure")

    def _synthesize(self, variables: Mapping[str, str]) -> None:
        # A process of its own: jsii keeps a Node.js process for as long as ours would live.
        command = [sys.executable, "-m", "bootstrap.app"]
        done = subprocess.run(
            command, cwd=self.operated.root, env=variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OperationError((done.stderr or done.stdout).strip(), exit_code=ExitCode(min(done.returncode, 2)))

    def _apply(self) -> Outcome:
        labels = stack_labels(self.operated.environment, BOOTSTRAP)
        adopt(self._terraform, self._aws, labels, self.delivery, self.output)
        outcome = Applying(self._terraform, BOOTSTRAP, self.output).run(approve=self._approve)
        if outcome.ended is Ended.UNCHANGED:
            self.output.say("Plan: nothing to change")
        elif outcome.ended is Ended.CHANGED:
            self.output.say(f"Applied: {outcome.done} of {outcome.total} changes done")
        return outcome

    def _approve(self, changes: list[Change], text: str) -> bool:
        if self.approved:
            return True
        self.output.say(text)
        if self.output.interactive:
            return self.output.confirm(f"{counted(changes)}. Apply it?")
        self.output.warn(f"{counted(changes)}. Nobody can be asked here: --yes applies it.")
        return False

    def _move(self) -> None:
        """Put the state into the bucket; the file goes when it is seen there."""
        self._prepare(None)
        self._terraform.run("state", "push", str(self.file))
        stored, left = in_bucket(self._location, self._aws), in_file(self.file)
        if stored is None or left is None:
            raise OperationError(f"{self._location} can't be read back; {self.file} still is the state.", fix=AGAIN)
        remove_file(self._location, stored, self.file, left)
        self.output.say(f"State: moved to {self._location}")

    def _require_no_lock(self) -> None:
        lock = read_lock(self._location, self._aws)
        if lock is None:
            return
        if lock.id != self.unlock:
            raise OperationError(
                f"Somebody else works on it, or a killed run left its lock: {lock}. Nothing was done.",
                fix=f'wait until it is done; if nobody is at work: make bootstrap ARGS="--unlock {lock.id}"',
                exit_code=ExitCode.DECISION,
            )
        self._terraform.run("force-unlock", "-force", lock.id)
        self.output.say(f"Lock: removed, {lock}")

    def _stopped(self, outcome: Outcome) -> ExitCode:
        done = f", {outcome.done} of {outcome.total} changes done" if outcome.total else ""
        self.output.warn(f"Stopped: {outcome.ended.value}{done}.")
        for failed in outcome.failures:
            self.output.warn(f"  {failed}")
        self.output.warn(f"Next: {AGAIN}, when the cause is removed.")
        return outcome.ended.exit_code

    def _tell(self) -> None:
        """What to set at GitHub."""
        outputs = self._terraform.outputs()
        self.output.say(f"Next: make these environments in {self.delivery.repository} (docs/bootstrap.md):")
        for purpose, does in (("plan", "plans"), ("apply", "deploys and destroys")):
            environment, role = outputs[f"{purpose}_environment"], outputs[f"{purpose}_role_arn"]
            self.output.say(f"  {environment}: {does}, as {role}")
