"""The one place that prints: for people with rich, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ops.console.activity import Activity, Tell
from ops.console.errors import OperationError

#: Where nobody looks at a terminal, lines are as long as they are.
UNLIMITED = 10_000


def _console(*, stderr: bool = False) -> Console:
    # What is printed comes from AWS and Terraform, where [brackets] are no markup, and `:secret:` in an ARN no emoji.
    plain = partial(Console, stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
    if (sys.stderr if stderr else sys.stdout).isatty():
        return plain()
    # Not even where FORCE_COLOR asks for colours, as workflows do: what is piped gets the words alone.
    return plain(force_terminal=False, color_system=None, width=UNLIMITED)


class Output:
    """What a command says. With `as_json`, stdout gets one JSON document (`result`) and prose goes to stderr."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._stdout = _console()
        self._stderr = _console(stderr=True)
        self._activity = Activity()

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return not self.as_json and sys.stdin.isatty() and self._stdout.is_terminal

    @contextmanager
    def doing(self, text: str) -> Iterator[Tell]:
        """Say on stderr what is going on for as long as the block takes; call what is yielded to say how far it is.

        Live in a terminal, with the time; elsewhere a line at the beginning, and one every half a minute.
        """
        with self._activity.step(text) as tell:
            yield tell

    def say(self, text: str = "", *, style: str | None = None) -> None:
        """A line of prose; square brackets are just brackets."""
        self._print(self._stderr if self.as_json else self._stdout, text, style)

    def show(self, what: RenderableType) -> None:
        """A table, each row one line at any width; nothing with `as_json`.

        A terminal breaks such a line at its edge, and what is copied from it is whole: an ARN broken by a table isn't.
        """
        if self.as_json:
            return
        wide = self._stdout.options.update(width=UNLIMITED)
        for segments in self._stdout.render_lines(what, wide, pad=False):
            line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
            line.rstrip()
            self._print(self._stdout, line)

    def value(self, text: str) -> None:
        """A bare value on stdout, for `$(python -m ops url)`; nothing with `as_json`."""
        if not self.as_json:
            with self._activity.aside():
                print(text)

    def result(self, document: Any) -> None:
        """The JSON document of the command; nothing without `as_json`."""
        if self.as_json:
            with self._activity.aside():
                print(json.dumps(document, indent=2, default=str))

    def error(self, error: OperationError) -> None:
        """What went wrong, the fix, and where the documents say more."""
        document = {"message": error.message, "fix": error.fix, "page": error.page, "exit_code": int(error.exit_code)}
        self.result({"error": document})
        self._print(self._stderr, error.message, "red")
        for word, said in error.hints.items():
            self._print(self._stderr, Text.assemble((f"{word}:", "bold"), f" {said}"))

    def warn(self, text: str) -> None:
        """A remark that must not be missed, on stderr."""
        self._print(self._stderr, text, "yellow")

    def confirm(self, question: str) -> bool:
        """Ask; the answer is no unless somebody types y or yes."""
        return self.ask(f"{question} [y/N] ").strip().casefold() in ("y", "yes")

    def ask(self, question: str) -> str:
        """Ask for a line; empty where nobody can be asked. What was typed before the question is no answer to it."""
        if not self.interactive:
            return ""
        with self._activity.aside():
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
            try:
                return self._stdout.input(question, markup=False, emoji=False)
            except EOFError:
                return ""

    def _print(self, console: Console, what: RenderableType, style: str | None = None) -> None:
        with self._activity.aside():
            console.print(what, style=style)


def table(*columns: str, title: str | None = None) -> Table:
    """A table without lines around it, whose cells are neither folded nor cut."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, no_wrap=True, overflow="ignore")
    return made
