"""What a state says, read where it lies: it needs no Terraform, no provider and no lock."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError, OperationError
from ops.console.pages import Page
from ops.environment.operated import OperatedEnvironment
from ops.state.location import StateFile, StateLocation, state_location
from ops.state.lock import Lock, is_free, read_lock

#: The format that Terraform 1.x writes. Terraform refuses a newer one, and what it means is not known here either.
KNOWN_FORMAT = 4

#: What reading a text raises that isn't a state, and what to do then.
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
EARLIER_VERSION = "bring back an earlier version (the bucket keeps versions; a local state has a .backup beside it)"

#: Terraform writes a local state in place: how often, and every how many seconds, one is read that is half-written.
_TRIES, _PAUSE = 20, 0.05

#: Outputs of `infrastructure` with which its cluster is entered.
CLUSTER_OUTPUTS = ("cluster_name", "cluster_endpoint", "cluster_certificate_authority")


@dataclass(frozen=True)
class StateInstance:
    """One object that a state records."""

    address: str
    """`aws_vpc.cluster`, with the key of `count` or `for_each` where there is one."""

    type: str
    tainted: bool
    deposed: bool
    attributes: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class StackState:
    """The state of one stack, however far it has got."""

    stack: str
    location: StateLocation
    text: str = field(default="", repr=False)
    """As it is stored; empty where there is no state."""

    modified: datetime | None = None
    format: int = KNOWN_FORMAT
    terraform_version: str = ""
    serial: int = 0
    instances: tuple[StateInstance, ...] = ()
    """Managed objects only."""

    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sensitive: frozenset[str] = frozenset()
    """Names of the outputs whose values are not for people."""

    lock: Lock | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded."""
        return bool(self.text)

    @property
    def empty(self) -> bool:
        """Whether no object is recorded: never applied, or destroyed."""
        return not self.instances

    @property
    def newer_format(self) -> bool:
        """Whether a Terraform wrote it whose format is not known here: then nothing is read but its head."""
        return self.format > KNOWN_FORMAT

    @property
    def knows_cluster(self) -> bool:
        """Whether all is recorded with which the cluster is entered.

        That there are outputs says less: an apply that fails records those whose values it knows.
        """
        return all(self.outputs.get(name) for name in CLUSTER_OUTPUTS)

    @property
    def by_type(self) -> Mapping[str, int]:
        """Type -> how many objects."""
        return Counter(instance.type for instance in self.instances if not instance.deposed)

    @property
    def tainted(self) -> list[str]:
        """Addresses that the next apply replaces, as their creation did not end well."""
        return sorted(instance.address for instance in self.instances if instance.tainted)

    def require_known_format(self) -> None:
        """Stop at a format that is not known here.

        Raises:
            OperationError: a newer Terraform wrote it.
        """
        if self.newer_format:
            raise OperationError(
                f"{self.location} has format {self.format}, written by Terraform "
                f"{self.terraform_version or 'unknown'}; known here is format {KNOWN_FORMAT}.",
                fix="install that version of Terraform, and a version of this project that knows it",
            )

    def attributes(self, address: str) -> Mapping[str, Any]:
        """Attributes of an object; empty where it isn't recorded."""
        found = (known.attributes for known in self.instances if known.address == address and not known.deposed)
        return next(found, {})

    def output(self, name: str) -> Any:
        """Value of an output.

        Raises:
            OperationError: it isn't recorded; says what to do.
        """
        if name in self.outputs:
            return self.outputs[name]
        self.require_known_format()
        how_far = "was never deployed" if self.empty else "is deployed in part only"
        raise OperationError(
            f"The stack {self.stack} {how_far}: {self.location} has no output {name}.",
            fix="python -m ops deploy; python -m ops status shows how far it has got",
        )


def read_state(operated: OperatedEnvironment, stack: str, aws: Aws) -> StackState:
    """Read the state of a stack and its lock. A state that isn't there is an empty one.

    Raises:
        OperationError: the file can't be read or isn't a state; the bucket doesn't exist or isn't reached; the
            credentials are none, or of another account, and the state is in a bucket.
    """
    location = state_location(operated, stack)
    text, modified = read_text(location, aws)
    return parse_state(stack, location, text, modified=modified, lock=read_lock(location, aws))


def read_states(operated: OperatedEnvironment, aws: Aws) -> tuple[StackState, StackState]:
    """`infrastructure` and `platform`, as `read_state`."""
    return read_state(operated, "infrastructure", aws), read_state(operated, "platform", aws)


def read_text(location: StateLocation, aws: Aws) -> tuple[str, datetime | None]:
    """A state as it is stored, whatever it holds, and since when; empty where there is none.

    Raises:
        OperationError: as `read_state`.
    """
    return _file(location) if isinstance(location, StateFile) else _object(location, aws)


def _file(location: StateFile) -> tuple[str, datetime | None]:
    try:
        text = _whole(location)
        return text, datetime.fromtimestamp(location.path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return "", None
    except (OSError, UnicodeDecodeError) as unreadable:
        raise OperationError(f"The state {location} can't be read: {unreadable}") from unreadable


def _whole(location: StateFile) -> str:
    """The text of a local state; of one that is being written, once that is done, unless it takes too long.

    Whether it is locked is not asked for a state at rest: Terraform that starts just then would be refused.
    """
    for _ in range(_TRIES):
        at_rest = not location.lock_path.exists()
        text = location.path.read_text(encoding="utf-8")
        if at_rest or _is_whole(text):
            return text
        if is_free(location):  # the lock of a killed run, or it has ended this moment
            break
        time.sleep(_PAUSE)
    return location.path.read_text(encoding="utf-8")


def _is_whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _object(location: Any, aws: Aws) -> tuple[str, datetime | None]:
    aws.require_account()  # an account that is not the bucket's is refused as if a permission were missing
    try:
        with readable(f"read the state {location}"):
            answer = aws.client("s3", location.region).get_object(Bucket=location.bucket, Key=location.key)
            return answer["Body"].read().decode("utf-8"), answer["LastModified"]
    except NotFoundError as missing:
        if "NoSuchBucket" in missing.message:
            raise OperationError(
                f"The state bucket {location.bucket} does not exist in {location.region}.",
                fix="make it, or correct state.bucket and state.region",
                page=Page.STATE,
            ) from missing
        return "", None
    except UnicodeDecodeError as unreadable:
        raise OperationError(
            f"The state {location} is no text.", fix=EARLIER_VERSION, page=Page.LOST_STATE
        ) from unreadable


def parse_state(
    stack: str, location: StateLocation, text: str, *, modified: datetime | None = None, lock: Lock | None = None
) -> StackState:
    """Return what the text of a state says.

    Raises:
        OperationError: it is no state.
    """
    if not text.strip():
        return StackState(stack=stack, location=location, modified=modified, lock=lock)
    try:
        content = json.loads(text)
        head: dict[str, Any] = {
            "format": int(content["version"]),
            "terraform_version": str(content.get("terraform_version", "")),
            "serial": int(content.get("serial", 0)),
        }
        known = head["format"] <= KNOWN_FORMAT
        outputs = content.get("outputs", {}) if known else {}
        body: dict[str, Any] = {
            "instances": tuple(_instances(content)) if known else (),
            "outputs": {name: output["value"] for name, output in outputs.items()},
            "sensitive": frozenset(name for name, output in outputs.items() if output.get("sensitive")),
        }
    except DAMAGED as damaged:
        raise OperationError(
            f"{location} is no Terraform state: {damaged!r}.", fix=EARLIER_VERSION, page=Page.LOST_STATE
        ) from damaged
    return StackState(stack=stack, location=location, text=text, modified=modified, lock=lock, **head, **body)


def _instances(content: Mapping[str, Any]) -> list[StateInstance]:
    return [
        StateInstance(
            f"{resource['type']}.{resource['name']}" + _key(instance.get("index_key")),
            resource["type"],
            tainted=instance.get("status") == "tainted",
            deposed="deposed" in instance,
            attributes=dict(instance.get("attributes") or {}),
        )
        for resource in content.get("resources", [])
        if resource["mode"] == "managed"
        for instance in resource["instances"]
    ]


def _key(index: object) -> str:
    return "" if index is None else f"[{json.dumps(index)}]"
