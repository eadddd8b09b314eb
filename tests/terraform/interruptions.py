"""Terraform stopped in the middle of an apply: the running command, and what it leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.labels import Labels
from constructs.naming.names import Names

from ops.unrecorded.finding import Unrecorded
from ops.unrecorded.recorded import Recorded
from ops.unrecorded.survey import find_unrecorded
from tests.emulator import Emulator
from tests.terraform.account import client
from tests.terraform.running import Running
from tests.terraform.workspace import Workspace

#: So many operations run at once that every call of a wave hangs at the same time.
PARALLELISM = 60

QUIET_SECONDS = 1.5
_READING = ("Describe", "List", "Get", "Head")

STATE_BUCKET = "example-terraform-state"
_STATE_KEY = "airflow/dev/infrastructure.tfstate"
#: `state` of an environment file. Every lock is older than this timeout, and none may go by its age.
STATE_IN_S3: dict[str, Any] = {
    "backend": "s3",
    "lock_timeout_minutes": 0,
    "bucket": STATE_BUCKET,
    "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab",
}


class Apply(Running):
    """A running Terraform command."""

    @property
    def started(self) -> set[str]:
        """Addresses of AWS resources whose creation has begun."""
        return set(re.findall(r"^(aws_\S+): Creating\.\.\.", self.output, re.MULTILINE))

    def interrupt(self, signal_number: int) -> None:
        """Send a signal to Terraform alone, as who supervises it does, and return when it has been received."""
        os.kill(self.process.pid, signal_number)
        self.wait_for_output("Interrupt received")

    def kill(self) -> None:
        """Kill Terraform and the provider at once, as happens to both when their machine or container goes away."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()


@contextmanager
def applying(workspace: Workspace, *arguments: str) -> Iterator[Apply]:
    """A running `terraform apply` of the workspace; it is ended with the block."""
    options = ("-auto-approve", "-input=false", "-no-color", f"-parallelism={PARALLELISM}")
    command = (workspace.toolchain.terraform, f"-chdir={workspace.stack}", "apply", *options, *arguments)
    with workspace.start(*command) as process:
        yield Apply(process)


def wait_until_quiet(aws: Emulator) -> None:
    """Return when Terraform has changed nothing for a moment; it may go on asking how far something is."""
    changes, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        time.sleep(0.3)
        count = sum(call.terraform and not call.action.startswith(_READING) for call in aws.calls())
        if count != changes:
            changes, since = count, time.monotonic()


def recorded(workspace: Workspace) -> Recorded:
    """What the state knows."""
    return Recorded.read(workspace.terraform("state", "pull").stdout)


def tainted(workspace: Workspace) -> set[str]:
    """Addresses that the next apply would replace, as their creation was not seen to end."""
    state = workspace.terraform("state", "pull").stdout
    resources = json.loads(state)["resources"] if state.strip() else []
    return {
        f"{resource['type']}.{resource['name']}"
        for resource in resources
        if any(instance.get("status") == "tainted" for instance in resource["instances"])
    }


def unrecorded(workspace: Workspace, aws: Emulator) -> list[Unrecorded]:
    """What exists in the account and the state does not know."""
    names = Names(environment="dev", region=aws.region, account_id=aws.account_id)
    return find_unrecorded(
        SynthesizedStack.read(workspace.stack),
        recorded(workspace),
        lambda service: client(aws, service),
        Labels(names=names, stack="infrastructure"),
    )


def import_with_next_apply(workspace: Workspace, found: Iterable[Unrecorded]) -> None:
    """Lay import blocks beside the stack: the next apply begins with what was found. Secret versions are left out."""
    blocks = [{"to": item.address, "id": item.import_id} for item in found if not item.never_import]
    (workspace.stack / "imports.tf.json").write_text(json.dumps({"import": blocks}), encoding="utf-8")


def create_state_bucket(aws: Emulator) -> None:
    """Make the bucket that `STATE_IN_S3` names."""
    location = {"LocationConstraint": aws.region}
    client(aws, "s3").create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration=location)


def lock(aws: Emulator) -> dict[str, str] | None:
    """The lock object beside the state in S3: `ID`, `Who`, `Operation`; None where there is none."""
    s3 = client(aws, "s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])]
    if f"{_STATE_KEY}.tflock" not in keys:
        return None
    content: dict[str, str] = json.loads(s3.get_object(Bucket=STATE_BUCKET, Key=f"{_STATE_KEY}.tflock")["Body"].read())
    return content
