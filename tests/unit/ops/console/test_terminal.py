"""What a terminal shows while something is going on, and which answers count; each program runs on a real one."""

from __future__ import annotations

import pytest

from tests.unit.ops.terminal import terminal

#: Asks when something was typed already.
ASKS = """
import select, sys
from ops.console.output import Output
output = Output()
print("ready", flush=True)
select.select([sys.stdin], [], [])
print("answer:", repr(output.{question}))
"""

WORKS = """
import sys
from ops.console.output import Output
output = Output()
with output.doing("reading the state"):
    output.say("a finding")
    answer = output.ask("Which one? ")
    with output.doing("asking [AWS]") as tell:
        tell("asking [AWS], 7 objects")
        output.say("an answer")
output.say(f"done, {answer}")
"""


class TestQuestions:
    @pytest.mark.parametrize(
        ("question", "typed", "answer"),
        [
            ('confirm("Apply it?")', "\n", "False"),
            ('confirm("Apply it?")', "y\n", "True"),
            ('ask("Apply it? Name: ")', "dev\n", "'dev'"),
        ],
    )
    def test_what_was_typed_before_answers_none(self, question: str, typed: str, answer: str) -> None:
        """A `y` typed while a plan was being made is forgotten: what is typed at the question counts, alone."""
        with terminal(ASKS.format(question=question)) as person:
            person.wait_for("ready")
            person.type("y\ny")
            person.wait_for("Apply it?")
            person.type(typed)
            assert f"answer: {answer}\n" in person.end()


class TestActivity:
    def test_is_live_and_leaves_nothing_behind(self) -> None:
        """What goes on is shown with its time; it makes room for what is printed and asked, and is gone at the end."""
        with terminal(WORKS) as person:
            person.wait_for("Which one? ")
            before = person.shown
            person.type("this\n")
            shown = person.end()
        assert "reading the state" in before
        assert "0:00:00" in before
        assert before.rpartition("\x1b[?25")[2].startswith("h")  # whoever is asked has a cursor
        assert "asking [AWS], 7 objects" in shown
        assert shown.rpartition("\x1b[2K")[2].endswith("done, this\n")
        assert "reading" not in shown.rpartition("\x1b[2K")[2]

    def test_a_terminal_without_a_cursor_gets_lines(self) -> None:
        """Where nothing can move, each step is a line."""
        program = "from ops.console.output import Output\nwith Output().doing('reading the state'): pass"
        with terminal(program, TERM="dumb") as person:
            assert person.end() == "... reading the state\n"
