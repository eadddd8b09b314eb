"""Where the state of the stack is: in a file before the first apply, in the bucket after it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs.naming.names import BOOTSTRAP
from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError, OperationError
from ops.console.exit_codes import ExitCode
from ops.state.location import StateObject
from ops.state.reading import DAMAGED


@dataclass(frozen=True)
class Known:
    """What a state knows.

    Its lineage and serial don't tell whether another one is a copy: Terraform counts anew in an empty bucket.
    """

    resources: list[Any]

    @classmethod
    def of(cls, text: str | bytes, where: object) -> Known:
        """Read it from a state.

        Raises:
            OperationError: it is none.
        """
        try:
            return cls(list(json.loads(text).get("resources", [])))
        except DAMAGED as unreadable:
            raise OperationError(f"{where} is no state of Terraform's.", fix="restore it from a copy") from unreadable


def state_object(environment: Environment) -> StateObject:
    """Return where the state is in the end."""
    state = environment.state
    key = f"{state.key_prefix}/{environment.name}/{BOOTSTRAP}.tfstate"
    return StateObject(str(state.bucket), key, environment.state_region)


def in_bucket(location: StateObject, aws: Aws) -> Known | None:
    """Return the state in the bucket; None where there is none, or no bucket.

    Raises:
        OperationError: the bucket is somebody else's, or AWS isn't reached.
    """
    try:
        with readable(f"read {location}"):
            answer = aws.client("s3", location.region).get_object(Bucket=location.bucket, Key=location.key)
            return Known.of(answer["Body"].read(), location)
    except NotFoundError:
        return None


def in_file(path: Path) -> Known | None:
    """Return the state in the file; None where there is none.

    Raises:
        OperationError: the file is no state.
    """
    return Known.of(path.read_bytes(), path) if path.is_file() and path.stat().st_size else None


def remove_file(location: StateObject, stored: Known, path: Path, left: Known) -> None:
    """Remove the file, whose content is in the bucket.

    Raises:
        OperationError: it isn't.
    """
    if stored != left:
        raise OperationError(
            f"There are two states, and they differ: {path} and {location}. Nothing was done.",
            fix="find out which one knows what exists (terraform show FILE), move the other away, and run this again",
            exit_code=ExitCode.DECISION,
        )
    for file in (path, path.with_name(f"{path.name}.backup")):
        file.unlink(missing_ok=True)


def require_bucket(location: StateObject, aws: Aws) -> None:
    """Make sure that a bucket which isn't ours to make exists.

    Raises:
        OperationError: it doesn't, or AWS isn't reached.
    """
    try:
        with readable(f"look for the bucket {location.bucket}"):
            aws.client("s3", location.region).head_bucket(Bucket=location.bucket)
    except NotFoundError as missing:
        raise OperationError(
            f"There is no bucket {location.bucket} in {location.region}, and delivery.create_state_bucket is false.",
            fix="correct state.bucket and state.region, or leave create_state_bucket out: then it is made",
            exit_code=ExitCode.MISTAKE,
        ) from missing
