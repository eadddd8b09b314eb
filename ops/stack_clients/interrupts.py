"""Interrupts that wait: counted from before a program is started until it has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Counts INT, TERM and HUP instead of ending."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Count one; called as the handler of a signal."""
        self.count += 1


@contextmanager
def deferred_interrupts() -> Iterator[Interrupts]:
    """Count interrupts for the length of a block.

    A program is started inside of it: an interrupt between its start and the wait for it would leave it to itself.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():  # Python lets only that one handle signals
        yield interrupts
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # which is what nohup is for
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, interrupts) for number in numbers]
    try:
        yield interrupts
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
