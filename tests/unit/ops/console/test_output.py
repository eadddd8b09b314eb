"""What is printed, and where."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from ops.console.errors import OperationError
from ops.console.output import Output, table


def narrow(written: StringIO, width: int) -> Console:
    """A terminal of so many columns, as `Output` has it."""
    return Console(
        file=written, width=width, force_terminal=True, color_system=None, soft_wrap=True, markup=False, emoji=False
    )


class TestOutput:
    def test_piped_text_has_no_colours_and_no_cut_lines(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where nobody looks at a terminal there are no colours, also with FORCE_COLOR, and lines are never folded."""
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "20")
        output = Output()
        output.say("[bold] is no markup", style="bold")
        shown = table("name", "value")
        shown.add_row("arn:aws:secretsmanager:eu-west-1:1:secret:airflow-dev/jwt[a]", "x" * 200)
        output.show(shown)
        output.error(OperationError("It [failed].", fix="do [this]"))
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert said.out.splitlines()[0] == "[bold] is no markup"
        assert "arn:aws:secretsmanager:eu-west-1:1:secret:airflow-dev/jwt[a]  " + "x" * 200 in said.out
        assert said.err == "It [failed].\nFix: do [this]\n"

    def test_a_table_breaks_no_value_in_a_narrow_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each row is one line, without spaces behind it: the terminal breaks it, and what is copied is whole."""
        written, arn = StringIO(), "arn:aws:secretsmanager:eu-west-1:1:secret:airflow-dev/jwt"
        output = Output()
        monkeypatch.setattr(output, "_stdout", narrow(written, 30))
        shown = table("name", "value")
        shown.add_row("a", arn)
        shown.add_row("b", "short")
        output.show(shown)
        assert written.getvalue().splitlines() == ["name  value", f"a     {arn}", "b     short"]

    def test_json_is_one_document(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json stdout has the document alone: prose goes to stderr, tables and bare values nowhere."""
        output = Output(as_json=True)
        output.say("prose")
        output.value("secret")
        output.show(table("name"))
        output.result({"a": 1})
        said = capsys.readouterr()
        assert json.loads(said.out) == {"a": 1}
        assert said.err == "prose\n"

    def test_an_error_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What went wrong is a document, too."""
        Output(as_json=True).error(OperationError("It failed.", fix="do this"))
        assert json.loads(capsys.readouterr().out) == {
            "error": {"message": "It failed.", "fix": "do this", "page": None, "exit_code": 1}
        }

    def test_nobody_can_be_asked(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a terminal the answer to any question is no, and none is shown."""
        output = Output()
        assert not output.interactive
        assert not output.confirm("Delete everything?")
        assert capsys.readouterr().out == ""
