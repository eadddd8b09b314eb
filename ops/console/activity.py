"""What is going on while there is nothing else to print: live in a terminal, a line per step elsewhere.

All of it goes to stderr, so that stdout holds what was asked for, and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops.console.wording import duration

#: Without a terminal: a line about how far a step is so often, in seconds.
REPORT_EVERY = 30.0
#: Without a terminal: how such a line, and the one at the beginning of a step, begins.
MARK = "... "

Tell = Callable[[str], None]


class Activity:
    """The steps that are under way, one inside the other."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._live = _live() if sys.stderr.isatty() else None
        self._steps = 0

    @contextmanager
    def step(self, text: str) -> Iterator[Tell]:
        """Show a step for as long as the block takes; call what is yielded to say how far it is."""
        with self._printed(text) if self._live is None else self._shown(self._live, text) as tell:
            yield tell

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Nothing moves on the terminal while something else is printed, or somebody is asked."""
        shown = self._live if self._steps else None
        if shown:
            shown.stop()
        try:
            yield
        finally:
            if shown:
                shown.start()

    @contextmanager
    def _shown(self, live: Progress, text: str) -> Iterator[Tell]:
        task = live.add_task(text, total=None)
        self._steps += 1
        if self._steps == 1:
            live.start()
        try:
            yield lambda detail: live.update(task, description=detail)
        finally:
            self._steps -= 1
            live.remove_task(task)
            if not self._steps:
                live.stop()

    @contextmanager
    def _printed(self, text: str) -> Iterator[Tell]:
        began = told = self._clock()
        print(f"{MARK}{text}", file=sys.stderr, flush=True)

        def tell(detail: str) -> None:
            nonlocal told
            now = self._clock()
            if now - told >= REPORT_EVERY:
                told = now
                print(f"{MARK}{detail}, {duration(now - began)}", file=sys.stderr, flush=True)

        yield tell


def _live() -> Progress | None:
    """None: the terminal can't move its cursor."""
    # A console of its own: what other consoles print is never folded, which would leave lines behind that move.
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if console.is_dumb_terminal:
        return None
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
