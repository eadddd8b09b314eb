"""Where the state of a stack lies, without asking Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.environment.operated import OperatedEnvironment


@dataclass(frozen=True)
class StateFile:
    """A local state."""

    path: Path

    @property
    def lock_path(self) -> Path:
        """What Terraform writes beside the state while it works on it."""
        return self.path.with_name(f".{self.path.name}.lock.info")

    def __str__(self) -> str:
        """The path."""
        return str(self.path)


@dataclass(frozen=True)
class StateObject:
    """A state in a bucket."""

    bucket: str
    key: str
    region: str
    kms_key_id: str | None = None
    """None: what is written there gets the bucket's own key."""

    @property
    def lock_key(self) -> str:
        """The object that is there while somebody works on the state."""
        return f"{self.key}.tflock"

    def __str__(self) -> str:
        """The object's URL, as the AWS CLI takes it."""
        return f"s3://{self.bucket}/{self.key}"


StateLocation = StateFile | StateObject


def state_location(operated: OperatedEnvironment, stack: str) -> StateLocation:
    """Return where Terraform keeps the state of `stack`, whether there is one or not.

    As the environment file says, unless a file that overrides the backend (`override.tf.json`, `*_override.tf.json`)
    lies in the stack's folder: Terraform obeys it, and so do we.
    """
    folder = operated.stack_folder(stack)
    for backend in map(_backend, sorted([*folder.glob("override.tf.json"), *folder.glob("*_override.tf.json")])):
        if "local" in backend:
            return StateFile((folder / backend["local"].get("path", "terraform.tfstate")).resolve())
        if "s3" in backend:
            s3 = backend["s3"]
            return StateObject(
                s3["bucket"], s3["key"], s3.get("region", operated.environment.state_region), s3.get("kms_key_id")
            )
    state = operated.environment.state
    if state.backend == "local":
        return StateFile(operated.root / "state" / operated.name / f"{stack}.tfstate")
    key = f"{state.key_prefix}/{operated.name}/{stack}.tfstate"
    return StateObject(str(state.bucket), key, operated.environment.state_region, state.kms_key_id)


def _backend(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    terraform = content.get("terraform", {}) if isinstance(content, dict) else {}
    blocks = [block for block in (terraform if isinstance(terraform, list) else [terraform]) if isinstance(block, dict)]
    return next((block["backend"] for block in blocks if isinstance(block.get("backend"), dict)), {})
