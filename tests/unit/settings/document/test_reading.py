"""Files that are no environment file at all, or are made to harm."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import pytest
from constructs.settings.document.problems import EnvironmentFileError, Problem
from constructs.settings.loading.environment_file import load_environment

Refusal = Callable[[str | bytes], list[Problem]]
Write = Callable[[str | bytes], Path]

BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

#: Content, line reported, and a part each of what was received, what is allowed and the fix.
NO_ENVIRONMENT = {
    "empty": ("", 1, "an empty file", "settings of an environment", "environments/dev.yaml"),
    "only comments": ("# nothing\n\n", 1, "an empty file", "settings of an environment", "environments/dev.yaml"),
    "list": ("- name: dev\n", 1, "a list", "a map", "environments/dev.yaml"),
    "single value": ("dev\n", 1, "a single value", "a map", "environments/dev.yaml"),
    "tab as indentation": ("name: dev\ncluster:\n\tendpoint: {}\n", 3, "a tab", "spaces", "replace every tab"),
    "tab before a value": ("name: dev\nregion:\teu-west-1\n", 2, "a tab", "spaces", "replace every tab"),
    "tab after spaces": ("name: dev\na:\n  b: 1\n \tc: 2\n", 4, "a tab", "spaces", "replace every tab"),
    "no YAML": ("name: dev\nregion: [eu\n", 3, "that starts on line 2", "key: value", "brackets"),
    "colon in text": ("name: dev\nregion: a: b\n", 2, "mapping values", "key: value", "no quotes"),
    "bad indentation": ("name: dev\n  region: a\n", 2, "no YAML", "key: value", "indentation"),
    "no UTF-8": (b"name: dev\nregion: \xe9\n", 2, "the byte 0xe9", "UTF-8", "save the file as UTF-8"),
    "UTF-16": ("name: dev\n".encode("utf-16"), 1, "UTF-16", "UTF-8", "save the file as UTF-8"),
    "NUL": (b"name: dev\nregion: a\0b\n", 2, "U+0000", "printable", "remove the character"),
    "escape character": ("name: dev\nregion: \x1b[31m\n", 2, "U+001B", "printable", "remove the character"),
    "two documents": ("name: dev\n---\nname: prod\n", 2, "a second document", "one document", "remove the line ---"),
    "alias": ("name: dev\ntags: *all\n", 2, "an alias", "written out", "write the value itself"),
    "anchor": ("name: dev\ntags: &all {}\n", 2, "an anchor", "without anchors", "write the value out"),
    "alias bomb": (BOMB, 1, "an anchor", "without anchors", "write the value out"),
    "Python tag": (
        "name: !!python/object/apply:os.system [ls]\n",
        1,
        "a tag",
        "without tags",
        "remove the tag",
    ),
    "own tag": ("name: !Ref dev\n", 1, "a tag", "without tags", "remove the tag"),
    "standard tag": ("name: !!str 12\n", 1, "a tag", "without tags", "remove the tag"),
    "deep flow": ("a: " + "[" * 30_000, 1, "nested more than 20 deep", "schema", "schema.json"),
    "deep block": ("\n".join(" " * n + "a:" for n in range(300)), 21, "nested more than 20", "schema", "schema.json"),
    "large": (b"#" * 10 * 1024 * 1024, None, "10,485,760 bytes", "at most 65,536 bytes", "right file?"),
    "escape beyond Unicode": (
        'name: dev\nregion: "\\U00110000"\n',
        2,
        "\\U00110000 in text",
        "U0010FFFF",
        "the character",
    ),
    "escape beyond C": ('name: dev\nregion: "\\UFFFFFFFF"\n', 2, "\\UFFFFFFFF in text", "U0010FFFF", "single quotes"),
    "directive beyond Python": (f"%YAML 1.{'9' * 5000}\n---\nname: dev\n", None, "no YAML", "key: value", "remove it"),
    "unknown directive": ("%YAML 3.0\n---\nname: dev\n", 1, "no YAML", "key: value", "check this line"),
}


@pytest.mark.parametrize(
    ("content", "line", "received", "allowed", "fix"), NO_ENVIRONMENT.values(), ids=NO_ENVIRONMENT.keys()
)
def test_is_refused_in_one_mistake(
    refusal: Refusal, *, content: str | bytes, line: int | None, received: str, allowed: str, fix: str
) -> None:
    """What has no values to check is one mistake with its line, never a traceback."""
    (problem,) = refusal(content)
    assert problem.line == line
    assert received in problem.received
    assert allowed in problem.allowed
    assert fix in problem.fix


class TestWhatIsNoFile:
    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        """The path that was looked for stands in the report."""
        with pytest.raises(EnvironmentFileError, match=r"dev\.yaml\n  received: no such file"):
            load_environment(tmp_path / "dev.yaml")

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        """A folder in place of a file is said to be one."""
        with pytest.raises(EnvironmentFileError, match="received: a folder"):
            load_environment(tmp_path)

    def test_a_pipe_is_refused(self, tmp_path: Path) -> None:
        """A pipe would wait for a writer for ever; it is not opened."""
        pipe = tmp_path / "pipe.yaml"
        os.mkfifo(pipe)
        with pytest.raises(EnvironmentFileError, match="received: a device or pipe"):
            load_environment(pipe)

    def test_what_the_system_says_is_reported(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """An error of the system while opening the file becomes a mistake with the system's reason."""

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        path = write("name: dev\n")
        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(EnvironmentFileError, match="cannot be read: Permission denied"):
            load_environment(path)

    @pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
    def test_a_path_that_no_system_has_is_refused(self, name: str) -> None:
        """A path with a NUL, or one that is too long, is a mistake as well."""
        with pytest.raises(EnvironmentFileError, match=r"received: (no such file|a file that cannot be read)"):
            load_environment(Path(name))


class TestKeys:
    def test_a_key_twice_is_refused_with_both_lines(self, refusal: Refusal) -> None:
        """YAML libraries take the last of two equal keys in silence; here the second one is a mistake."""
        problems = refusal("name: dev\ntags: {}\nregion: eu-west-1\ntags: {a: b}\n")
        assert ("tags", 4, '"tags" a second time, first on line 2') in [
            (problem.key, problem.line, problem.received) for problem in problems
        ]

    def test_a_key_twice_in_an_inner_map_is_refused(self, refusal: Refusal) -> None:
        """Duplicates are found on every level, other spellings of one key included."""
        problems = refusal("tags:\n  a: x\n  'a': y\n")
        assert ("tags.a", 3) in [(problem.key, problem.line) for problem in problems]

    @pytest.mark.parametrize(
        ("key", "read"),
        [("no", "true or false"), ("12", "a number"), ("1.5", "a number"), ("~", "nothing"), ("<<", "a merge")],
    )
    def test_a_key_that_is_no_text_is_refused(self, refusal: Refusal, key: str, read: str) -> None:
        """A key that YAML does not read as text is a mistake that says what YAML reads."""
        problems = refusal(f"tags:\n  {key}: {{x: y}}\n")
        assert f"{key} as a key (YAML reads it as {read})" in [problem.received for problem in problems]

    def test_a_template_is_no_key(self, refusal: Refusal) -> None:
        """`{{ name }}` is a map as a key to YAML; the report guesses what was meant."""
        assert "means nothing here" in refusal("name: {{ name }}\n")[0].fix


@pytest.mark.parametrize(
    "number",
    ["0b_", "0x_", "9" * 5000, "0x" + "f" * 5000, ":".join(["1"] * 3000)],
    ids=["0b_", "0x_", "5000 digits", "5000 hexadecimal digits", "sexagesimal"],
)
def test_a_number_that_python_cannot_handle_is_one_mistake(refusal: Refusal, number: str) -> None:
    """YAML's grammar knows numbers that its library or Python's printing fails on; they are mistakes as well."""
    (problem,) = [problem for problem in refusal(f"name: {number}\n") if problem.key == "name"]
    assert "YAML reads it as a number" in problem.received
    assert problem.fix == "put it in quotes if it is text"


@pytest.mark.parametrize("date", ["2026-01-31", "2026-99-99", "="])
def test_what_looks_like_a_date_is_text(refusal: Refusal, date: str) -> None:
    """YAML's dates are no values here: they stay the text that was written, a wrong date does no harm."""
    (problem,) = [problem for problem in refusal(f"name: {date}\n") if problem.key == "name"]
    assert problem.received == f'"{date}"'


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\0b"'])
def test_an_escape_for_no_character_is_refused_at_its_key(refusal: Refusal, text: str) -> None:
    """Half of a surrogate pair can't be written into any file, NUL not into Kubernetes': neither arrives anywhere."""
    (problem,) = [
        found for found in refusal(f"database:\n  parameters: {{log_line_prefix: {text}}}\n") if found.line == 2
    ]
    assert problem.key == "database.parameters.log_line_prefix"
    assert problem.received.startswith("the escape for U+")
    assert problem.fix == "remove the escape, or write the character itself"


def test_a_key_of_javascript_is_refused(refusal: Refusal) -> None:
    """`__proto__` would end in jsii's words, wherever it stands."""
    (problem,) = [found for found in refusal("name: dev\ntags: {__proto__: x}\n") if found.line == 2]
    assert (problem.key, problem.received) == ("tags.__proto__", '"__proto__" as a key')


def test_a_byte_order_mark_is_no_mistake(write: Write) -> None:
    """Some editors put one in front; UTF-8 files may have it."""
    content = Path(__file__).parents[4].joinpath("environments", "dev.yaml").read_text(encoding="utf-8")
    assert load_environment(write(content.encode("utf-8-sig"))).name == "dev"


def test_the_largest_file_has_a_readable_report(refusal: Refusal) -> None:
    """A file of nothing but mistakes, as large as is read, is reported at readable length."""
    problems = refusal(_mistakes(6_500))
    assert len(problems) > 6_500
    report = str(EnvironmentFileError(problems))
    assert len(report) < 30_000
    assert report.endswith(" more")


def test_ten_times_the_mistakes_are_ten_times_the_work(refusal: Refusal) -> None:
    """What a mistake costs does not grow with the file: counted in calls, as seconds depend on the machine."""
    small, large = (_calls(partial(refusal, _mistakes(count))) for count in (200, 2_000))
    assert large < 11 * small


def _mistakes(count: int) -> str:
    return "".join(f"k{number}: 1\n" for number in range(count))


def _calls(work: Callable[[], object]) -> int:
    """How many calls the work takes, of Python and of C."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
