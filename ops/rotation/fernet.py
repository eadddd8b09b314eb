"""The three steps of Fernet's keys, and which one is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.state.reading import StackState

LOCATION = ("secrets", "fernet_keys")
_JOB = "kubernetes_job_v1.fernet"
_VARIABLE = "FERNET_KEY_NUMBERS"


def next_keys(keys: Sequence[int], platform: StackState | None) -> list[int]:
    """Return the key numbers after the next step: `[2, 1]` after `[1]`, `[2]` after `[2, 1]`.

    The old key goes only when the job that encrypts everything with the new one has run to its end, as the state of
    `platform` records; without that key what it alone can decrypt would be lost.

    Raises:
        OperationError: it hasn't, or the state wasn't read.
    """
    if len(keys) == 1:
        return [keys[0] + 1, keys[0]]
    if platform is None or not reencrypted(keys, platform):
        raise OperationError(
            f"Key {keys[1]} is still needed: the job that encrypts all connections and variables with key {keys[0]} "
            "has not run to its end. Nothing was changed.",
            fix="python -m ops deploy; when it has ended well: python -m ops rotate fernet",
            page=Page.FERNET,
            exit_code=ExitCode.MISTAKE,
        )
    return [keys[0]]


def reencrypted(keys: Sequence[int], platform: StackState) -> bool:
    """Whether the state records the job for exactly these keys, and its end was a good one."""
    wanted = ",".join(map(str, keys))
    return _JOB not in platform.tainted and any(
        entry.get("name") == _VARIABLE and entry.get("value") == wanted
        for entry in _variables(platform.attributes(_JOB))
    )


def _variables(attributes: Any) -> Iterator[dict[str, Any]]:
    """Every entry of every `env` of the job; each block of a resource is a list in the state."""
    if isinstance(attributes, list):
        for item in attributes:
            yield from _variables(item)
    elif isinstance(attributes, dict):
        for key, inner in attributes.items():
            if key == "env" and isinstance(inner, list):
                yield from (entry for entry in inner if isinstance(entry, dict))
            elif isinstance(inner, (dict, list)):
                yield from _variables(inner)
