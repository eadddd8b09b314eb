"""A child process whose interrupts are in our hands.

Terraform, interrupted once, writes its state, frees the lock and ends; interrupted twice it ends at once. A terminal
sends Ctrl-C to every process of the foreground, so Terraform runs in a group of its own (`Terraform.start`) and gets
from us what we decide.
"""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ops.console.output import Output
from ops.stack_clients.interrupts import deferred_interrupts

#: How often the loop looks whether it was interrupted, in seconds.
GLANCE = 0.2

_PASSED_ON = (
    "Interrupted. Terraform was told once: it ends what it can, writes its state and frees the lock. Please wait."
)
_AGAIN = "Still waiting for Terraform. Whoever kills it now leaves objects that no state knows."
_QUESTION = "End Terraform at once? What it is making now will be in no state, and the lock may stay."


@dataclass(frozen=True)
class Finished:
    """How a process ended."""

    exit_code: int
    interrupted: bool


def supervise(
    start: Callable[[], subprocess.Popen[str]],
    output: Output,
    on_line: Callable[[str], None],
    on_glance: Callable[[], None] = lambda: None,
) -> Finished:
    """Return when the process that `start` starts has ended, after passing each line of its output to `on_line`.

    The first interrupt (Ctrl-C, a terminal that closes, or TERM as a runner of workflows sends it) is passed on; each
    further one asks, where somebody can be asked, whether to end it at once. `on_glance` is called a few times a
    second. Whatever is raised in here, as where nobody reads our output any more, counts as an interrupt, and is raised
    on once the process has ended.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    with deferred_interrupts() as interrupts:
        process = start()
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        told = False
        try:
            seen = 0
            while True:
                if interrupts.count > seen:
                    first, seen = not told, interrupts.count
                    if first:
                        told = True
                        process.send_signal(signal.SIGINT)
                    _answer(process, output, first=first)
                try:
                    line = lines.get(timeout=GLANCE)
                except queue.Empty:
                    on_glance()
                    continue
                if line is None:
                    break
                on_line(line.rstrip("\n"))
        except BaseException:
            if not told:
                process.send_signal(signal.SIGINT)
            reader.join()
            process.wait()
            raise
        return Finished(process.wait(), interrupted=interrupts.count > 0)


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    if process.stdout:
        with process.stdout as output:
            for line in output:
                lines.put(line)
    lines.put(None)


def _answer(process: subprocess.Popen[str], output: Output, *, first: bool) -> None:
    if first:
        output.warn(_PASSED_ON)
    elif output.interactive and output.confirm(_QUESTION):
        process.send_signal(signal.SIGINT)
    else:
        output.warn(_AGAIN)
