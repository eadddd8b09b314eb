"""An apply that is interrupted while the provider waits for what takes AWS minutes: a cluster, a database."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.emulator import Emulator
from tests.terraform.account import client
from tests.terraform.interruptions import applying, tainted, unrecorded, wait_until_quiet
from tests.terraform.interruptions_waves import environment
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace

pytestmark = pytest.mark.slow

CLUSTER = "aws_eks_cluster.cluster"
DATABASE = "aws_db_instance.metadata"


def interrupt_after(aws: Emulator, workspace: Workspace, target: str, action: str) -> None:
    """Apply, and interrupt once a creating call was answered and the provider waits for what it made."""
    with applying(workspace, f"-target={target}") as apply:
        until = time.monotonic() + 300
        while action not in {call.action for call in aws.calls()}:
            assert time.monotonic() < until, apply.output
            time.sleep(0.3)
        wait_until_quiet(aws)
        apply.interrupt(signal.SIGINT)
        assert apply.wait() == 1


def planned(workspace: Workspace, target: str) -> list[str]:
    """What a plan would do with a resource: `["delete", "create"]` is its replacement."""
    file = workspace.folder / "plan"
    workspace.terraform("plan", "-input=false", f"-target={target}", f"-out={file}")
    changes = json.loads(workspace.terraform("show", "-json", str(file)).stdout)["resource_changes"]
    [actions] = [change["change"]["actions"] for change in changes if change["address"] == target]
    return list(actions)


class TestInterruptedWait:
    def test_a_cluster_is_marked_for_replacement_and_kept_by_untaint(
        self, toolchain: Toolchain, tmp_path: Path
    ) -> None:
        """The state has the cluster, tainted: the next apply would make it anew; after `untaint` it goes on with it."""
        with environment(toolchain, tmp_path, state_in_s3=True) as (workspace, aws):
            with aws.hold("eks", "DescribeCluster"):
                interrupt_after(aws, workspace, CLUSTER, "CreateCluster")
            assert tainted(workspace) == {CLUSTER}
            assert unrecorded(workspace, aws) == []
            assert planned(workspace, CLUSTER) == ["delete", "create"]
            eks = client(aws, "eks")
            created = eks.describe_cluster(name="airflow-dev")["cluster"]["createdAt"]
            workspace.terraform("untaint", CLUSTER)
            workspace.terraform("apply", "-auto-approve", "-input=false", f"-target={CLUSTER}")
            assert workspace.plan(f"-target={CLUSTER}").returncode == 0
            assert eks.describe_cluster(name="airflow-dev")["cluster"]["createdAt"] == created

    def test_a_protected_database_blocks_its_replacement_until_untaint(
        self, toolchain: Toolchain, tmp_path: Path
    ) -> None:
        """With deletion protection the next apply fails and loses nothing; after `untaint` it goes on in place."""
        protected = {"deletion_protection": True}
        with environment(toolchain, tmp_path, state_in_s3=False, database=protected) as (workspace, aws):
            interrupt_after(aws, workspace, DATABASE, "CreateDBInstance")
            assert tainted(workspace) == {DATABASE}
            assert unrecorded(workspace, aws) == []
            refused = workspace.terraform("apply", "-auto-approve", "-input=false", f"-target={DATABASE}", check=False)
            assert refused.returncode == 1
            assert "protected" in refused.stdout.lower()
            workspace.terraform("untaint", DATABASE)
            workspace.terraform("apply", "-auto-approve", "-input=false", f"-target={DATABASE}")
            assert workspace.plan(f"-target={DATABASE}").returncode == 0
            calls = [call.action for call in aws.calls() if call.status < 400]
            assert calls.count("CreateDBInstance") == 1
