"""The repair of what was found in one stack, step by step; each step may be interrupted and repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.aws import readable
from ops.errors import NotFoundError, OperationError
from ops.kubernetes import Kubernetes
from ops.recovery.declared_objects import DeclaredObject, declared_objects
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import import_all
from ops.recovery.locks import remove_lock
from ops.recovery.settling import settle
from ops.recovery.survey import LOOKING, Look, Survey
from ops.running import Applying
from ops.session import Session
from ops.state_location import state_location

_BY_TERRAFORM = frozenset({Repair.IMPORT, Repair.IMPORT_BROKEN, Repair.RENEW, Repair.UNTAINT})


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
        repaired, findings = Repaired(look.stack), list(look.findings)
        if locks := [finding for finding in findings if finding.repair is Repair.UNLOCK]:
            repaired.done += [self.unlock(lock) for lock in locks]
            findings = self._again(look.stack)
        if restored := [finding for finding in findings if finding.repair is Repair.RESTORE]:
            self._restore(restored, repaired)
            findings = self._again(look.stack)
        with readable(f"ask how far the objects of {look.stack} are"):
            findings = settle(findings, self.session.aws.client, self.session.output)
        repaired.left = [finding for finding in findings if finding.repair is Repair.DECIDE]
        self._delete(look.stack, findings, look.kubernetes, repaired)
        self._import(look.stack, findings, repaired)
        if not repaired.interrupted:
            self._taints(look.stack, findings, repaired)
        return repaired

    def unlock(self, lock: Finding) -> str:
        """Remove the lock that was found; return what was done.

        Raises:
            OperationError: it is another one by now, or Terraform can't.
        """
        location = state_location(self.session.operated, lock.stack)
        remove_lock(location, lock.identifier, self._ready(lock.stack).terraform, self.session.aws)
        return "lock removed"

    def _again(self, stack: str) -> list[Finding]:
        with self.session.output.doing(LOOKING.format(stack=stack)):
            return self.survey.look(stack, begun=True).findings

    def _ready(self, stack: str) -> Applying:
        applying = Applying(self.session.terraform(stack), stack, self.session.output)
        applying.init()
        return applying

    def _restore(self, findings: Sequence[Finding], repaired: Repaired) -> None:
        manager = self.session.aws.client("secretsmanager")
        for finding in findings:
            with readable(f"bring back {finding.identifier}"):
                manager.restore_secret(SecretId=finding.identifier)
            repaired.done.append(f"{finding.what}: brought back from deletion")

    def _delete(
        self, stack: str, findings: Sequence[Finding], kubernetes: Kubernetes | None, repaired: Repaired
    ) -> None:
        paths = {declared.address: declared.path for declared in self._declared(stack)}
        for finding in findings:
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

    def _import(self, stack: str, findings: Sequence[Finding], repaired: Repaired) -> None:
        if not any(finding.repair in _BY_TERRAFORM for finding in findings):
            return
        terraform = self._ready(stack).terraform
        imported = import_all(terraform, stack, findings, self.session.output)
        repaired.done += [f"{address}: imported" for address in imported.addresses]
        repaired.done += [f"{address}: made anew" for address in imported.renewed]
        repaired.done += [f"{address}: left to the next deploy, which writes it" for address in imported.later]
        repaired.refused |= imported.refused
        repaired.interrupted = imported.interrupted
        for finding in findings:
            if finding.repair is Repair.IMPORT_BROKEN and finding.what in imported.addresses:
                terraform.run("taint", finding.what)
                repaired.done.append(f"{finding.what}: marked for replacement, as AWS failed to make it")

    def _taints(self, stack: str, findings: Sequence[Finding], repaired: Repaired) -> None:
        terraform = self.session.terraform(stack)
        for finding in findings:
            if finding.repair is Repair.UNTAINT:
                terraform.run("untaint", finding.what)
                repaired.done.append(f"{finding.what}: untainted")
