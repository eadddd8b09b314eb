"""A child process whose interrupts are passed on once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from ops.console.output import Output
from ops.running.progress import Progress
from ops.running.supervision import Finished, supervise

#: Says when it is ready and of each interrupt, and ends when it is told to, or at the second interrupt.
CHILD = """
import signal, sys
count = 0
def note(*_):
    global count
    count += 1
    print("interrupted", flush=True)
    if count > 1:
        sys.exit(1)
signal.signal(signal.SIGINT, note)
print("ready", flush=True)
sys.stdin.readline()
print("done", flush=True)
"""


#: Ends at the first interrupt, and by nothing else.
ENDS_AT_ONCE = """
import signal, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
print("ready", flush=True)
signal.pause()
"""


def start(program: str = CHILD) -> subprocess.Popen[str]:
    """The child, in a group of its own as Terraform is."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def end(process: subprocess.Popen[str]) -> None:
    """Tell the child to end."""
    if process.stdin and not process.stdin.closed:
        process.stdin.write("end\n")
        process.stdin.flush()


class Person(Output):
    """Somebody at a terminal, who gives the same answer to every question; or nobody."""

    def __init__(self, *, answer: bool | None, then: Callable[[], None]) -> None:
        super().__init__()
        self.answer, self.then = answer, then
        self.questions = 0

    @property
    def interactive(self) -> bool:
        """Whether there is somebody."""
        return self.answer is not None

    def confirm(self, question: str) -> bool:
        """Answer."""
        self.questions += 1
        assert "End Terraform at once?" in question
        return bool(self.answer)

    def warn(self, text: str) -> None:
        """Go on once it is said that it is waited for."""
        if text.startswith("Still waiting"):
            self.then()


def interrupted_twice(*, answer: bool | None) -> tuple[Finished, list[str], int]:
    """How the child ends, its lines, and the number of questions, where somebody gives that answer."""
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        if lines in (["ready"], ["ready", "interrupted"]):  # two interrupts, the second when the first has arrived
            os.kill(os.getpid(), signal.SIGINT)

    with start() as process:
        person = Person(answer=answer, then=lambda: end(process))
        finished = supervise(lambda: process, person, on_line)
    return finished, lines, person.questions


class TestSupervision:
    @pytest.mark.parametrize("answer", [None, False], ids=["nobody to ask", "the answer is no"])
    def test_one_interrupt_is_passed_on_and_waited_for(self, *, answer: bool | None) -> None:
        """Of two interrupts the child gets the first alone, and its end is waited for; whoever is there is asked."""
        before = signal.getsignal(signal.SIGINT)
        finished, lines, questions = interrupted_twice(answer=answer)
        assert finished == Finished(0, interrupted=True)
        assert lines == ["ready", "interrupted", "done"]
        assert questions == (0 if answer is None else 1)
        assert signal.getsignal(signal.SIGINT) is before

    def test_the_second_one_ends_it_when_somebody_says_so(self) -> None:
        """Asked at the second interrupt and answered yes, it is passed on, too."""
        finished, lines, questions = interrupted_twice(answer=True)
        assert finished.exit_code == 1
        assert lines == ["ready", "interrupted", "interrupted"]
        assert questions == 1

    def test_a_terminal_that_closes_is_an_interrupt(self) -> None:
        """HUP is passed on as Ctrl-C is, and the child's own end is waited for."""
        before = signal.getsignal(signal.SIGHUP)
        lines: list[str] = []

        def on_line(line: str) -> None:
            lines.append(line)
            if line == "ready":
                os.kill(os.getpid(), signal.SIGHUP)
            elif line == "interrupted":
                end(process)

        with start() as process:
            finished = supervise(lambda: process, Person(answer=None, then=lambda: None), on_line)
        assert finished == Finished(0, interrupted=True)
        assert lines == ["ready", "interrupted", "done"]
        assert signal.getsignal(signal.SIGHUP) is before

    def test_an_interrupt_while_it_starts_is_passed_on(self) -> None:
        """It waits until the child is there: nothing runs on unattended."""
        lines: list[str] = []

        def on_line(line: str) -> None:
            lines.append(line)
            if line == "interrupted":
                end(process)

        with start() as process:

            def started() -> subprocess.Popen[str]:
                assert process.stdout
                assert process.stdout.readline() == "ready\n"
                os.kill(os.getpid(), signal.SIGINT)
                return process

            finished = supervise(started, Person(answer=None, then=lambda: None), on_line)
        assert finished == Finished(0, interrupted=True)
        assert lines == ["interrupted", "done"]

    def test_an_output_that_nobody_reads_any_more(self) -> None:
        """Where the remark on an interrupt can't be printed the child has had it, once, and its end is waited for."""

        class Broken(Output):
            def warn(self, text: str) -> None:
                end(process)
                raise BrokenPipeError(text)

        with start() as process:
            with pytest.raises(BrokenPipeError, match="Terraform was told once"):
                supervise(lambda: process, Broken(), lambda _: os.kill(os.getpid(), signal.SIGINT))
            assert process.returncode == 0

    def test_what_fails_while_a_line_is_told_interrupts(self) -> None:
        """A failure of ours is raised when the child has been interrupted and has ended."""

        def fail(line: str) -> None:
            raise OSError(line)

        with start(ENDS_AT_ONCE) as process:
            with pytest.raises(OSError, match="ready"):
                supervise(lambda: process, Output(), fail)
            assert process.returncode == 7


class TestProgress:
    def test_from_events(self) -> None:
        """What is done, in work and failed is told apart; what is no event is kept."""
        now = [0.0]
        progress = Progress(3, clock=lambda: now[0])

        def event(kind: str, address: str) -> str:
            return f'{{"type": "{kind}", "hook": {{"action": "create", "resource": {{"addr": "{address}"}}}}}}'

        progress.read(event("apply_start", "aws_vpc.cluster"))
        progress.read(event("apply_start", "aws_eks_cluster.cluster"))
        now[0] = 65.0
        progress.read(event("apply_complete", "aws_vpc.cluster"))
        progress.read('{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "no", "detail": "why"}}')
        progress.read("panic: not JSON")
        assert [(step.address, step.seconds) for step in progress.slowest] == [("aws_vpc.cluster", 65.0)]
        assert progress.in_work == {"aws_eks_cluster.cluster": 65.0}
        assert [str(failure) for failure in progress.failures] == ["no\n  why"]
        assert progress.other == ["panic: not JSON"]
