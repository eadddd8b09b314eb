"""Faults on demand: the n-th call of an action fails, or is held until a test lets it go."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # recognition needs moto, the parent process does not
    from tests.emulator.recognition import Recognition

Moment = Literal["before", "after"]


class ConnectionDroppedError(Exception):
    """The caller gets no answer: the connection is closed."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which calls a fault is about; counted from the moment the fault was set."""

    service: str  #: boto3's client name, or `*`
    action: str  #: AWS's operation name, or `*`
    nth: int = 1  #: the first call concerned, counting from 1
    times: int = 1  #: how many calls in a row are concerned
    containing: str = ""  #: only calls with this text in path, query or body count
    moment: Moment = "before"  #: `before` the call takes effect, or `after` it did and before the answer

    def matches(self, call: Recognition) -> bool:
        """Whether a call counts for this selection."""
        return (
            self.service in ("*", call.service) and self.action in ("*", call.action) and self.containing in call.text
        )


@dataclass(kw_only=True)
class Failure:
    """Answers the selected calls with an error of AWS."""

    selection: Selection
    code: str
    status: int
    message: str
    seen: int = 0


@dataclass(kw_only=True)
class Holding:
    """Keeps the selected call waiting."""

    selection: Selection
    seen: int = 0
    held: Recognition | None = None
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    drop: bool = False  #: set at release: close the connection instead of going on

    def is_repeated_by(self, call: Recognition) -> bool:
        """Whether it is the held call once more, as from a caller who has given up waiting for the answer."""
        if self.held is None or self.released.is_set():
            return False
        held = self.held
        return (held.service, held.action, held.region, held.text) == (
            call.service,
            call.action,
            call.region,
            call.text,
        )

    def keep(self) -> None:
        """Waits until released. Raises ConnectionDroppedError when released without an answer."""
        self.arrived.set()
        self.released.wait()
        if self.drop:
            raise ConnectionDroppedError

    def release(self, *, drop: bool) -> None:
        """Lets the held call go on, or drops its connection; a call that has not come yet passes freely.

        Only the first word counts: a dropped call may not have woken up when all faults are cleared.
        """
        with self.lock:
            if not self.released.is_set():
                self.drop = drop and self.arrived.is_set()
                self.released.set()


class Faults:
    """All faults that are set, in the order they were set."""

    def __init__(self) -> None:
        self._faults: dict[int, Failure | Holding] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Failure | Holding) -> int:
        """Sets a fault and returns its id."""
        with self._lock:
            number = next(self._ids)
            self._faults[number] = fault
            return number

    def holding(self, number: int) -> Holding:
        """Returns a hold by its id. Raises KeyError when there is none."""
        with self._lock:
            fault = self._faults[number]
        if not isinstance(fault, Holding):
            raise KeyError(number)
        return fault

    def clear(self) -> None:
        """Forgets every fault; held calls go on."""
        with self._lock:
            faults = list(self._faults.values())
            self._faults.clear()
        for fault in faults:
            if isinstance(fault, Holding):
                fault.release(drop=False)

    def due(self, call: Recognition) -> list[tuple[Moment, Failure | Holding]]:
        """Counts an arriving call against every fault and returns the faults that concern it, in order, and when.

        A repetition of a held call waits beside it, before it has an effect.
        """
        due: list[tuple[Moment, Failure | Holding]] = []
        with self._lock:
            for fault in self._faults.values():
                selection = fault.selection
                if not selection.matches(call):
                    continue
                fault.seen += 1
                if isinstance(fault, Holding) and fault.is_repeated_by(call):
                    due.append(("before", fault))
                elif 0 <= fault.seen - selection.nth < selection.times:
                    due.append((selection.moment, fault))
                    if isinstance(fault, Holding):
                        fault.held = call
        return due
