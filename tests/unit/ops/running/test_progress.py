"""How far Terraform is, by the events that it prints."""

from __future__ import annotations

import json

from ops.running.progress import Progress


def event(kind: str, address: str, action: str) -> str:
    """A line of `terraform apply -json`."""
    return json.dumps({"type": kind, "hook": {"resource": {"addr": address}, "action": action}})


def read(*events: tuple[str, str, str]) -> Progress:
    """The progress after some events."""
    progress = Progress(2, clock=lambda: 0.0)
    for each in events:
        progress.read(event(*each))
    return progress


JOB = "kubernetes_job_v1.database"
REPLACED = [("apply_start", JOB, "delete"), ("apply_complete", JOB, "delete"), ("apply_start", JOB, "create")]


class TestFinished:
    def test_a_replacement_counts_once(self) -> None:
        """What is deleted and made anew is one resource that is done, of the two steps that it took."""
        progress = read(*REPLACED, ("apply_complete", JOB, "create"))
        assert (progress.finished, len(progress.done)) == (1, 2)

    def test_half_of_a_replacement_is_none(self) -> None:
        """A resource whose successor is being made is in work, and not done."""
        progress = read(*REPLACED)
        assert (progress.finished, list(progress.in_work)) == (0, [JOB])

    def test_a_failed_one_is_not_done(self) -> None:
        """A successor that could not be made is neither in work nor done."""
        progress = read(*REPLACED, ("apply_errored", JOB, "create"))
        assert (progress.finished, progress.in_work) == (0, {})

    def test_what_is_only_read_is_no_change(self) -> None:
        """A data source that had to wait for the apply is in no plan's number of changes: it is neither in work nor
        done.
        """
        caller = "data.aws_caller_identity.current"
        waiting = read(("apply_start", caller, "read"))
        ended = read(("apply_start", caller, "read"), ("apply_complete", caller, "read"))
        assert (waiting.in_work, ended.finished, ended.done) == ({}, 0, [])
