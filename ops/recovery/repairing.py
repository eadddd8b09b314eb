"""The repair of what was found in one stack, step by step; each step may be interrupted and repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ops.clients.aws import readable
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.frame.session import Session
from ops.recovery.declared_objects import DeclaredObject, declared_objects
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import import_all
from ops.recovery.locks import remove_lock
from ops.recovery.settling import settle
from ops.recovery.survey import LOOKING, Look, Survey
from ops.recovery.unwritten_state import put_spoilt_aside, write
from ops.running.applying import Applying
from ops.stack_clients.terraform import Terraform
from ops.state.base import settle_bases
from ops.state.bucket_lock import locked
from ops.state.kept_state import waiting_states
from ops.state.location import StateFile, state_location
from ops.state.reading import read_state

_BY_TERRAFORM = frozenset({Repair.IMPORT, Repair.IMPORT_BROKEN, Repair.RENEW, Repair.UNTAINT})
_WORK = _BY_TERRAFORM | {Repair.DELETE}


@dataclass
class Repaired:
    """What was done about the findings of one stack."""

    stack: str
    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left: list[Finding] = field(default_factory=list)
    """What is for people to decide."""

    interrupted: bool = False


@dataclass
class Repairing:
    """Repairs one stack."""

    session: Session
    survey: Survey

    def repair(self, look: Look) -> Repaired:
        """Do what the findings' repairs say.

        Raises:
            OperationError: Terraform, AWS or Kubernetes failed.
        """
        repaired = Repaired(look.stack)
        if locks := [finding for finding in look.findings if finding.repair is Repair.UNLOCK]:
            repaired.done += [self.unlock(lock) for lock in locks]
            look = self._again(look.stack)
        if restored := [finding for finding in look.findings if finding.repair is Repair.RESTORE]:
            self._restore(restored, repaired)
            look = self._again(look.stack)
        with readable(f"ask how far the objects of {look.stack} are"):
            findings = settle(look.findings, self.session.aws.client, self.session.output)
        repaired.left = [finding for finding in findings if finding.repair is Repair.DECIDE]
        if any(finding.repair in _WORK for finding in findings):
            self._work(replace(look, findings=findings), repaired)
        return repaired

    def _work(self, look: Look, repaired: Repaired) -> None:
        """Do what changes the state or the cluster.

        No other command of ours can meanwhile; on a local state Terraform that somebody runs by hand is looked for.
        """
        terraform = self._ready(look.stack).terraform
        with terraform.locked() as held:
            state = read_state(self.session.operated, look.stack, self.session.aws)
            if state.text != look.recorded:
                raise OperationError(
                    f"Somebody has worked on {look.stack} since it was looked at. Nothing was repaired.",
                    fix="python -m ops recover, which looks again",
                    page=Page.RECOVER,
                    exit_code=ExitCode.DECISION,
                )
            if isinstance(state.location, StateFile) and state.lock and not state.lock.left_behind:
                raise locked(look.stack, state.lock)
            self._delete(look, repaired)
            self._import(held, look, repaired)
            if not repaired.interrupted:
                self._taints(held, look, repaired)

    def unlock(self, lock: Finding) -> str:
        """Remove the lock that was found; return what was done.

        Raises:
            OperationError: it is another one by now, or Terraform can't.
        """
        operated = self.session.operated
        location = state_location(operated, lock.stack)
        waiting = waiting_states(operated.stack_folder(lock.stack), operated.keep_folder, lock.stack)
        settle_bases(waiting, lock.identifier, location, self.session.aws)
        remove_lock(location, lock.identifier, self._ready(lock.stack).terraform, self.session.aws)
        return "lock removed"

    def _again(self, stack: str) -> Look:
        with self.session.output.doing(LOOKING.format(stack=stack)):
            return self.survey.look(stack, begun=True)

    def write(self, unwritten: Finding) -> str:
        """Write a state that Terraform could not write; return what was done.

        Raises:
            OperationError: it can't be written; it stays where it is kept.
        """
        location = state_location(self.session.operated, unwritten.stack)
        aside = put_spoilt_aside(location)
        with self._ready(unwritten.stack).terraform.locked() as terraform:
            write(Path(unwritten.identifier), location, terraform, self.session.aws)
        return "; ".join([*([aside] if aside else []), f"{unwritten.identifier}: written to {location}"])

    def _ready(self, stack: str) -> Applying:
        applying = Applying(self.session.terraform(stack), stack, self.session.output)
        applying.init()
        return applying

    def _restore(self, findings: Sequence[Finding], repaired: Repaired) -> None:
        """Without a lock: it changes no state, and twice it does the same."""
        manager = self.session.aws.client("secretsmanager")
        for finding in findings:
            with readable(f"bring back {finding.identifier}"):
                manager.restore_secret(SecretId=finding.identifier)
            repaired.done.append(f"{finding.what}: brought back from deletion")

    def _delete(self, look: Look, repaired: Repaired) -> None:
        kubernetes = look.kubernetes
        paths = {declared.address: declared.path for declared in self._declared(look.stack)}
        for finding in look.findings:
            if finding.repair is not Repair.DELETE or kubernetes is None:
                continue
            namespace, _, name = finding.identifier.partition("/")
            path = paths.get(finding.what, f"/api/v1/namespaces/{namespace}/secrets/{name}")
            try:
                # Without this a job's pods would stay.
                kubernetes.delete(path, propagationPolicy="Background")
            except NotFoundError:
                pass  # somebody was faster
            except OperationError as refused:
                repaired.refused[finding.what] = refused.message
                continue
            repaired.done.append(f"{finding.what}: deleted ({finding.identifier})")

    def _declared(self, stack: str) -> list[DeclaredObject]:
        return declared_objects(self.survey.stack(stack)) if stack == "platform" else []

    def _import(self, terraform: Terraform, look: Look, repaired: Repaired) -> None:
        if not any(finding.repair in _BY_TERRAFORM for finding in look.findings):
            return
        imported = import_all(terraform, look.stack, look.findings, self.session.output)
        repaired.done += [f"{address}: imported" for address in imported.addresses]
        repaired.done += [f"{address}: made anew" for address in imported.renewed]
        repaired.done += [f"{address}: left to the next deploy, which writes it" for address in imported.later]
        repaired.refused |= imported.refused
        repaired.interrupted = imported.interrupted
        for finding in look.findings:
            if finding.repair is Repair.IMPORT_BROKEN and finding.what in imported.addresses:
                terraform.run("taint", finding.what)
                repaired.done.append(f"{finding.what}: marked for replacement, as AWS failed to make it")

    def _taints(self, terraform: Terraform, look: Look, repaired: Repaired) -> None:
        for finding in look.findings:
            if finding.repair is Repair.UNTAINT:
                terraform.run("untaint", finding.what)
                repaired.done.append(f"{finding.what}: untainted")
