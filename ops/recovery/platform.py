"""What is not as it should be between the state of `platform` and the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

from ops.console.errors import NotFoundError
from ops.recovery.declared_objects import DeclaredObject, declared_objects, declared_releases
from ops.recovery.finding import Finding, Repair
from ops.stack_clients.kubernetes import Kubernetes

STACK = "platform"
_JOB, _SECRET = "kubernetes_job_v1", "kubernetes_secret_v1"  # types of Terraform


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """The stack, the addresses that its state knows, and the cluster. Reads only, and no value of any secret."""

    stack: SynthesizedStack
    recorded: frozenset[str]
    tainted: frozenset[str]
    kubernetes: Kubernetes
    labels: Mapping[str, str]
    """What the stack's own objects are labelled with: others' are left alone."""

    def findings(self) -> list[Finding]:
        """Everything that is not as a finished run leaves it, sorted by address."""
        found = [
            *(finding for release in declared_releases(self.stack) for finding in self._release(release)),
            *(finding for declared in declared_objects(self.stack) for finding in self._object(declared)),
        ]
        return sorted(found, key=lambda finding: (finding.what, finding.identifier))

    def _release(self, release: DeclaredObject) -> Iterator[Finding]:
        """Helm refuses to work on a release whose newest revision it was stopped in."""
        namespace = str(release.namespace)
        revisions = self.kubernetes.helm_revisions(namespace, release.name)
        for revision in revisions:
            if revision.pending:
                yield Finding(
                    stack=STACK,
                    what=f"revision {revision.number} of the release {release.name}",
                    identifier=f"{namespace}/{revision.secret}",
                    evidence=f"{revision.status}: Helm was stopped in the middle of it, and refuses to go on",
                    repair=Repair.DELETE,
                )
        settled = [revision for revision in revisions if not revision.pending]
        if not settled:
            if release.address in self.tainted:
                yield self._finding(release, Repair.REPLACE, "tainted: its installation did not end")
            return
        newest = f"revision {settled[-1].number} is {settled[-1].status}"
        if release.address in self.tainted:
            yield self._finding(release, Repair.UNTAINT, f"tainted; {newest}, the next deploy goes on from it")
        elif release.address not in self.recorded:
            yield self._finding(release, Repair.IMPORT, f"the release is in the cluster, {newest}")

    def _object(self, declared: DeclaredObject) -> Iterator[Finding]:
        known, tainted = declared.address in self.recorded, declared.address in self.tainted
        if known and not tainted:
            return
        try:
            read = self.kubernetes.get if declared.terraform_type == _JOB else self.kubernetes.metadata
            existing = read(declared.path)
        except NotFoundError:
            if tainted:
                yield self._finding(declared, Repair.REPLACE, "tainted, and it does not exist")
            return
        if not tainted and not self._ours(existing):
            yield self._finding(
                declared,
                Repair.DECIDE,
                "an object of this name is there, without the labels of this environment",
                advice="Delete or rename it, or, if it may be replaced, label it: "
                + ",".join(f"{key}={value}" for key, value in self.labels.items()),
            )
        elif declared.terraform_type == _JOB:
            yield self._job(declared, existing, tainted=tainted)
        elif tainted:
            repair = Repair.REPLACE if declared.terraform_type == _SECRET else Repair.UNTAINT
            yield self._finding(declared, repair, "tainted: its creation was not seen to end")
        elif declared.terraform_type == _SECRET:
            yield self._finding(declared, Repair.DELETE, "in the cluster; an import would put its value into the state")
        else:
            yield self._finding(declared, Repair.IMPORT, "it is in the cluster under the declared name")

    def _ours(self, existing: Any) -> bool:
        labels = existing.get("metadata", {}).get("labels") or {}
        return all(labels.get(key) == value for key, value in self.labels.items())

    def _job(self, declared: DeclaredObject, existing: Any, *, tainted: bool) -> Finding:
        """Jobs can't be changed in Kubernetes, and can be run again: what has ended is made anew."""
        status = existing.get("status", {})
        conditions = {item["type"]: item for item in status.get("conditions", ()) if item.get("status") == "True"}
        if failed := conditions.get("Failed"):
            why = ": ".join(filter(None, (failed.get("reason"), failed.get("message"))))
            evidence = f"the job has failed ({why or 'no reason given'})"
            repair = Repair.REPLACE if tainted else Repair.DELETE
            log = f"kubectl logs --namespace {declared.namespace} job/{declared.name}"
            return self._finding(declared, repair, evidence, advice=f"Its log says why: {log}")
        if "Complete" in conditions:
            return self._finding(declared, Repair.UNTAINT if tainted else Repair.DELETE, "the job is complete")
        return self._finding(
            declared,
            Repair.DECIDE,
            "the job is still at work",
            advice="Wait until it has ended, then recover again.",
        )

    def _finding(self, declared: DeclaredObject, repair: Repair, evidence: str, advice: str = "") -> Finding:
        return Finding(
            stack=STACK,
            what=declared.address,
            identifier=declared.import_id,
            evidence=evidence,
            repair=repair,
            advice=advice,
        )
