"""Where a stack's state is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cdktf import (
    DataTerraformRemoteStateLocal,
    DataTerraformRemoteStateS3,
    LocalBackend,
    S3Backend,
    TerraformStack,
)
from constructs.settings.environment import Environment


def configure_backend(stack: TerraformStack, environment: Environment, root: Path, outdir: Path) -> None:
    """Give `stack` an explicit backend; CDKTF's default one writes an absolute path into the JSON.

    Local state lies under the checkout, `state/<environment>/<stack>.tfstate`, outside the output folder, which people
    delete. Its path is relative to the folder that Terraform runs in.
    """
    name = stack.node.id
    if environment.state.backend == "local":
        LocalBackend(stack, path=_local_path(name, environment, root, outdir / "stacks" / name))
        return
    key = environment.state.kms_key_id
    # Without a key of their own the objects get the bucket's: it is made with one and refuses any other encryption
    # (constructs/delivery/state_bucket.py). Terraform's `encrypt` alone would ask for S3's keys instead.
    encryption: dict[str, Any] = {"encrypt": True, "kms_key_id": key} if key else {}
    S3Backend(stack, **_s3_object(name, environment), **encryption)
    # The lock is an object beside the state. CDKTF 0.21 knows only the older one, a DynamoDB table.
    stack.add_override("terraform.backend.s3.use_lockfile", True)  # noqa: FBT003  # CDKTF's signature


def read_state(stack: TerraformStack, of: str, environment: Environment, root: Path, outdir: Path) -> None:
    """Let `stack` read the outputs of the stack `of`, as `data.terraform_remote_state.<of>`."""
    if environment.state.backend == "local":
        path = _local_path(of, environment, root, outdir / "stacks" / stack.node.id)
        DataTerraformRemoteStateLocal(stack, f"{of}-state", path=path).override_logical_id(of)
    else:
        DataTerraformRemoteStateS3(stack, f"{of}-state", **_s3_object(of, environment)).override_logical_id(of)


def _local_path(stack: str, environment: Environment, root: Path, working_folder: Path) -> str:
    return os.path.relpath(root / "state" / environment.name / f"{stack}.tfstate", working_folder)


def _s3_object(stack: str, environment: Environment) -> dict[str, Any]:
    state = environment.state
    return {
        "bucket": str(state.bucket),  # there is one: the settings demand it with this backend
        "key": f"{state.key_prefix}/{environment.name}/{stack}.tfstate",
        "region": environment.state_region,
        "allowed_account_ids": [environment.account_id],
    }
