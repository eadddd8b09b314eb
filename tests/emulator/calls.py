"""The record of every API call that reached the emulator."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Call:
    """One answered API call."""

    service: str  #: boto3's client name: `eks`, `ec2`, `cloudwatch`, ...; `unknown` where the request does not tell
    action: str  #: AWS's name of the operation, `CreateCluster`; `Unknown` where no operation matches
    region: str
    time: float  #: seconds since the epoch, when the call arrived
    seconds: float  #: until it was answered, holds included
    status: int  #: HTTP status of the answer; 0 when the connection was dropped on purpose
    attempt: int  #: 1, or more where the SDK repeats a call
    terraform: bool  #: whether the user agent is Terraform's (core or provider)
    access_key: str  #: id of the access key that signed it, so whose call it is; empty for an unsigned one
    method: str
    path: str
    error: str = ""  #: beginning of the answer's body when `status` is 400 or more

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Call":
        """Returns the call that one line of the log describes."""
        return cls(**record)


class CallLog:
    """Keeps calls in memory, in the order of their answers, and appends them to a file of JSON lines."""

    def __init__(self, file: Path | None) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._file = file.open("a", encoding="utf-8", buffering=1) if file else None

    def add(self, call: Call) -> None:
        """Records one call."""
        with self._lock:
            self._calls.append(call)
            if self._file:
                self._file.write(json.dumps(asdict(call)) + "\n")

    def all(self) -> list[dict[str, Any]]:
        """Returns every call so far, ready for JSON."""
        with self._lock:
            return [asdict(call) for call in self._calls]
