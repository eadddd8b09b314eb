"""What the documents name exists: commands, options, targets, settings, links, files; and what they show was seen."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from ops.__main__ import application
from tests.documented import documented, names

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

#: Folders that paths of the repository begin with. Others are made by programs (`cdktf.out/`) or are no paths.
FOLDERS = (
    "bootstrap",
    "constructs",
    "dags",
    "docs",
    "environments",
    "helm",
    "image",
    "ops",
    "programs",
    "tests",
    "tooling",
    ".github",
)
#: Paths that stand for what readers make themselves.
EXAMPLES = {"environments/staging.yaml"}
#: Begin like a setting and are none: Airflow's own file.
NO_SETTINGS = {"airflow.cfg"}

FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
#: What stands between two commands, outside quotes; and a command whose output is part of another.
SEPARATOR = re.compile(r"""(?:&&|\|\||[;|])(?=(?:[^'"]|'[^']*'|"[^"]*")*$)""")
SUBSTITUTED = re.compile(r"\$\(([^()]+)\)")
SETTING = re.compile(r"(?P<path>(?P<section>[a-z_]+)(?:\.(?:[a-z_*]+|<[a-z_]+>|\{[a-z_,]+\}))+)(?:: .+| \+ 1)?")


def prose(text: str) -> str:
    """A document without its fenced blocks."""
    return FENCED.sub("", text)


def inline(text: str) -> set[str]:
    """What stands in backticks inside sentences."""
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(text)))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [match["text"] for match in FENCED.finditer(text) if match["language"] == language]


def command_lines(text: str) -> Iterator[str]:
    """Every command that a reader may type: of shell blocks, each part of a line for itself, and in backticks."""
    for block in blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            whole = re.sub(r"(^|\s)#.*", "", line)
            yield from SUBSTITUTED.findall(whole)
            yield from SEPARATOR.split(SUBSTITUTED.sub("SUBSTITUTED", whole))
    yield from inline(text)


def words(line: str) -> list[str]:
    """A command in words, without the variables set before it."""
    parts = shlex.split(line)
    while parts and re.fullmatch(r"[A-Z_]+=.*", parts[0]):
        parts.pop(0)
    return parts


@cache
def command_line() -> Any:
    """The commands of `python -m ops`, as typer has them."""
    return typer.main.get_command(application())


def ops_mistake(arguments: list[str]) -> str | None:
    """What `python -m ops` would refuse about these arguments; None if nothing."""
    if not arguments or arguments == ["--help"]:
        return None
    name, *rest = arguments
    if name not in command_line().commands:
        return f"there is no command {name}"
    return command_mistake(name, command_line().commands[name], rest)


def command_mistake(name: str, command: Any, rest: list[str]) -> str | None:
    """The same of one command, which may be a group of others: `dags check`."""
    if hasattr(command, "commands"):
        if rest in ([], ["--help"]):
            return None
        second, *rest = rest
        known = command.commands.get(second)
        return command_mistake(second, known, rest) if known else f"{name} has no command {second}"
    parameters = command.params
    options = {text: parameter for parameter in parameters for text in (*parameter.opts, *parameter.secondary_opts)}
    positional = 0
    while rest:
        word = rest.pop(0)
        option, assigned, _ = word.partition("=")
        if not word.startswith("-"):
            positional += 1
        elif option == "--help":
            return None
        elif option not in options:
            return f"{name} has no option {option}"
        elif not options[option].is_flag and not assigned and not (rest and rest.pop(0)):
            return f"{name} {option} wants a value"
    wanted = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    fewest = sum(parameter.required for parameter in wanted)
    return None if fewest <= positional <= len(wanted) else f"{name} takes {len(wanted)} arguments, not {positional}"


def make_mistake(arguments: list[str]) -> str | None:
    """What make would not know about these arguments; None if nothing."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for argument in arguments:
        variable, assigned, value = argument.partition("=")
        if not assigned:
            if not re.search(rf"^{re.escape(argument)}:", makefile, re.MULTILINE):
                return f"the Makefile has no target {argument}"
        elif not re.search(rf"\b{variable}\b", makefile):
            return f"the Makefile has no variable {variable}"
        elif variable == "COMMAND" and (mistake := ops_mistake(shlex.split(value))):
            return mistake
    return None


def line_mistake(line: str) -> str | None:
    """What is wrong with a line, if it is a command of ours; None otherwise."""
    if not re.search(r"\bmake |python -m ops", line):
        return None
    parts = words(line)
    if parts[:3] == ["python", "-m", "ops"]:
        return ops_mistake(parts[3:])
    return make_mistake(parts[1:]) if parts[:1] == ["make"] else None


@cache
def environment_schema() -> dict[str, Any]:
    """The schema of environment files."""
    schema: dict[str, Any] = json.loads((ROOT / "environments" / "schema.json").read_text(encoding="utf-8"))
    return schema


def alternatives(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema, what it refers to, and each of what it allows."""
    yield part
    if "$ref" in part:
        yield from alternatives(environment_schema()["$defs"][part["$ref"].rpartition("/")[2]])
    for key in ("anyOf", "allOf", "oneOf"):
        for inner in part.get(key, ()):
            yield from alternatives(inner)


def children(part: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The schemas of what a map has under a name; `*` and `<name>` are any."""
    for schema in alternatives(part):
        named, others = schema.get("properties", {}), schema.get("additionalProperties")
        if name == "*" or name.startswith("<"):
            yield from named.values()
        elif name in named:
            yield named[name]
        if name not in named and isinstance(others, dict):
            yield others


def unknown_key(path: Sequence[str]) -> str | None:
    """The first name of a path that environment files don't have; None if all are there."""
    parts = [environment_schema()]
    for name in path:
        parts = [child for part in parts for child in children(part, name)]
        if not parts:
            return name
    return None


def setting_mistake(text: str) -> str | None:
    """The part of a dotted path of a setting that doesn't exist; None where it does, or is no such path."""
    match = SETTING.fullmatch(text)
    if not match or match["section"] not in environment_schema()["properties"] or text in NO_SETTINGS:
        return None
    head, brace, choices = match["path"].partition("{")
    ends = choices.rstrip("}").split(",") if brace else [""]
    mistakes = (unknown_key(f"{head}{end}".split(".")) for end in ends)
    return next((mistake for mistake in mistakes if mistake), None)


def keys(value: object, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path of names in nested maps."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield (*above, str(name))
        yield from keys(inner, (*above, str(name)))


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings, and those that the document marks itself."""
    text = prose(document.read_text(encoding="utf-8"))
    found: list[str] = re.findall(r'<a id="([^"]+)"></a>', text)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.append(f"{anchor}-{found.count(anchor)}" if anchor in found else anchor)
    return set(found)


def link_mistake(document: Path, target: str) -> str | None:
    """What is wrong with a relative link; None if nothing."""
    path, _, anchor = target.partition("#")
    file = (document.parent / path).resolve() if path else document
    if not file.exists():
        return f"{target}: there is no such file"
    if anchor and anchor not in anchors(file):
        return f"{target}: {file.name} has no such heading"
    return None


def is_missing(text: str) -> bool:
    """Whether a text is a path of the repository at which nothing is."""
    ours = re.fullmatch(r"[\w.*-]+(/[\w.*-]+)*/?", text) and "/" in text and text.split("/", maxsplit=1)[0] in FOLDERS
    return bool(ours) and text not in EXAMPLES and not any(ROOT.glob(text.rstrip("/")))


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    """Each document in turn."""
    path = request.param
    assert isinstance(path, Path)
    return path


class TestDocument:
    def test_names_commands_that_exist(self, document: Path) -> None:
        """Each command of ours that a reader may type has its command, options, arguments or target."""
        lines = command_lines(document.read_text(encoding="utf-8"))
        assert [f"{line.strip()}: {mistake}" for line in lines if (mistake := line_mistake(line))] == []

    def test_names_settings_that_exist(self, document: Path) -> None:
        """Each dotted path of a setting is one of environments/schema.json."""
        found = inline(document.read_text(encoding="utf-8"))
        assert sorted(f"{text}: no {mistake}" for text in found if (mistake := setting_mistake(text))) == []

    def test_shows_environment_files_with_settings_that_exist(self, document: Path) -> None:
        """Each key of an example that begins with a section of the environment file is one of the schema."""
        sections = environment_schema()["properties"]
        examples = [yaml.safe_load(block) for block in blocks(document.read_text(encoding="utf-8"), "yaml")]
        paths = [path for example in examples for path in keys(example) if path[0] in sections]
        assert [".".join(path) for path in paths if unknown_key(path)] == []

    def test_links_to_what_exists(self, document: Path) -> None:
        """Each relative link leads to a file, each anchor to a heading."""
        targets = re.findall(r"\]\(([^)\s]+)\)", prose(document.read_text(encoding="utf-8")))
        relative = [target for target in targets if not re.match(r"[a-z]+:", target)]
        assert [mistake for target in relative if (mistake := link_mistake(document, target))] == []

    def test_names_files_that_exist(self, document: Path) -> None:
        """Each path in backticks that begins with a folder of the repository is there; `*` stands for any text."""
        assert sorted(filter(is_missing, inline(document.read_text(encoding="utf-8")))) == []


class TestOutput:
    def test_was_seen_by_a_test(self) -> None:
        """Each output that the documents show is compared by some test with what the command says."""
        assert sorted(names() - set(compared())) == []

    def test_is_shown_once(self) -> None:
        """Each marker stands before a block of its own, which a test can find."""
        assert [name for name in sorted(names()) if not documented(name).strip()] == []

    def test_is_there(self) -> None:
        """No place is left that still waits for its output."""
        waiting = {match for path in DOCUMENTS for match in re.findall(r"<!-- output-of: .+ -->", path.read_text())}
        assert sorted(waiting) == []


class TestProgram:
    @pytest.mark.parametrize(
        "folder", ["bootstrap", "constructs", "environments", "helm", "ops", "programs", "tooling", ".github"]
    )
    def test_names_documents_that_exist(self, folder: str) -> None:
        """Messages and comments that lead people to a document, or a place in one, lead to what is there."""
        files = [file for kind in ("py", "yaml", "yml") for file in (ROOT / folder).rglob(f"*.{kind}")]
        pattern = re.compile(r"\bdocs/[\w/-]+\.md(?:#[\w.-]+)?")
        named = {name for file in files for name in pattern.findall(file.read_text(encoding="utf-8"))}
        assert [mistake for name in sorted(named) if (mistake := link_mistake(ROOT / "README.md", name))] == []


def compared() -> Iterator[str]:
    """Names that tests compare: text given to `shows`, or any text of a test module that gives it a variable."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and node.args]
        first = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "shows"]
        texts = ast.walk(module) if any(not isinstance(node, ast.Constant) for node in first) else first
        yield from (node.value for node in texts if isinstance(node, ast.Constant) and isinstance(node.value, str))


class TestTheseChecks:
    @pytest.mark.parametrize(
        "line",
        [
            "python -m ops deplay",
            "python -m ops deploy --stock platform",
            "python -m ops deploy --stack",
            "python -m ops rotate",
            "python -m ops url dev",
            "AIRFLOW_ENV=prod make deplay",
            "make deploy STACK=platform",
            'make ops COMMAND="status --drifd"',
        ],
    )
    def test_find_a_command_that_is_none(self, line: str) -> None:
        """A wrong command, option, number of arguments, target or variable is found."""
        assert line_mistake(line)

    @pytest.mark.parametrize(
        "line",
        [
            "python -m ops",
            "python -m ops rotate fernet --dry-run --env prod",
            "python -m ops recover --unlock=ID",
            'AIRFLOW_ENV=prod make ops COMMAND="status --drift"',
            "make deploy STACKS=platform",
            "to make a database",
        ],
    )
    def test_let_what_exists_pass(self, line: str) -> None:
        """Commands as people type them, and sentences."""
        assert line_mistake(line) is None

    @pytest.mark.parametrize(
        "text",
        [
            "database.instance_klass",
            "airflow.components.<name>.{cpu,memroy}",
            "cluster.node_groups.<name>.max: 3",
            "cluster.node_groups.default.taints.kye",
        ],
    )
    def test_find_a_setting_that_is_none(self, text: str) -> None:
        """A wrong name at any depth is found, in braces and below names that people choose, too."""
        assert setting_mistake(text)

    def test_find_a_link_and_a_path_that_lead_nowhere(self) -> None:
        """A missing file, a missing heading and a missing path are found."""
        readme = ROOT / "README.md"
        assert link_mistake(readme, "docs/nothing.md")
        assert link_mistake(readme, "#nothing-of-that-name")
        assert is_missing("constructs/nothing.py")
