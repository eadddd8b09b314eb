"""No text, however long and whoever wrote it, takes a regular expression of this project more than linear time."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from constructs.airflow.user_values.configuration_templates import LONGEST, named_values, without_templates
from constructs.settings.loading.schema import environment_schema

from tests.unit.regular_expressions import Automaton

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "findall", "finditer", "split")
#: As `re.fullmatch`, once the length is known.
FITTING = "fitting"
#: From which a text is tried at its beginning only.
ANCHORED = {"match", "fullmatch"}
#: Where a pattern of the JSON Schema is put together, or handed on.
OF_THE_SCHEMA = {
    "constructs/settings/sections/state.py",
    *(
        f"constructs/settings/values/{module}.py"
        for module in ("arns", "quantities", "regions", "shapes", "windows", "zones")
    ),
}
#: What looks for a pattern that isn't linear in a short text only, or in what this project itself has written.
BOUNDED = {
    "constructs/airflow/user_values/configuration_templates.py": "LONGEST characters",
    "constructs/airflow/release_check.py": "notes of the chart, of which the hash is known",
    "tooling/demo.py": "lines of Terraform",
    "tooling/demo_platform.py": "the stack's own JSON",
    "tooling/environment_reference.py": "descriptions of this project's settings",
    "tooling/site_hooks.py": "this project's documents",
}


def sources() -> Iterator[Path]:
    """All modules of the project but its tests and DAGs."""
    yield ROOT / "main.py"
    for folder in ("bootstrap", "constructs", "ops", "programs", "tooling"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def _is_of_re(node: ast.AST, functions: tuple[str, ...] = FUNCTIONS) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == FITTING:
        return functions is FUNCTIONS
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in functions
    )


@cache
def written() -> tuple[dict[tuple[str, bool], str], set[str]]:
    """Pattern and whether a text is searched for it -> file; and the files with a pattern that is not to be had."""
    found: dict[tuple[str, bool], str] = {}
    unknown = set()
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls: list[Any] = [node for node in ast.walk(tree) if _is_of_re(node)]
        if not calls:
            continue
        name = str(path.relative_to(ROOT))
        module = importlib.import_module(name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
        for call in calls:
            expression = compile(ast.Expression(call.args[0]), name, "eval")
            try:
                pattern = eval(expression, dict(vars(module)))  # noqa: S307  # our own source
            except NameError:
                unknown.add(name)
                continue
            pattern = getattr(pattern, "pattern", pattern)
            if isinstance(pattern, str):
                found[pattern, _is_searched(call, tree)] = name
    return found, unknown


def _is_searched(call: Any, tree: ast.Module) -> bool:
    """Whether a text is tried at every place: for what is compiled, as its name is used in the module."""
    if isinstance(call.func, ast.Name):
        return False
    if call.func.attr != "compile":
        return call.func.attr not in ANCHORED
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is call
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }
    return not used <= {*ANCHORED, "pattern"}


def patterns_of_schema(schema: Any) -> Iterator[str]:
    """Each pattern that a value of the environment file is matched with."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns_of_schema(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns_of_schema(inner)


@pytest.mark.parametrize("pattern", sorted(set(patterns_of_schema(environment_schema()))))
def test_patterns_of_settings_are_linear(pattern: str) -> None:
    """What an environment file may hold is told in one pass over it."""
    assert list(Automaton(pattern, searching=False).faults()) == []


@pytest.mark.parametrize(("pattern", "searching"), sorted(written()[0]))
def test_all_other_patterns_are_linear(pattern: str, *, searching: bool) -> None:
    """So is what Terraform, AWS, Git or a file says; the few that aren't see nothing long."""
    file = written()[0][pattern, searching]
    assert file in BOUNDED or list(Automaton(pattern, searching=searching).faults()) == [], file


def test_no_pattern_is_missed() -> None:
    """A pattern that is put together at run time is one of the settings', which the JSON Schema holds."""
    assert written()[1] == OF_THE_SCHEMA


def test_a_long_value_of_the_chart_is_not_searched_for_templates() -> None:
    """What could take long is looked for in values of a usual length alone."""
    text = "{{" * LONGEST
    assert without_templates(text) == text
    assert named_values(text) is None


def test_values_are_measured_before_they_are_matched() -> None:
    """The settings' modules match values of the file with `fitting`, which looks at the length first."""
    direct = set()
    for path in (ROOT / "constructs" / "settings").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        checks = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and "check" in node.name]
        if any(_is_of_re(node, ("match", "fullmatch", "search")) for check in checks for node in ast.walk(check)):
            direct.add(path.stem)
    assert direct == set()


@pytest.mark.parametrize(
    ("pattern", "searching"),
    [
        *(("(a+)+b", False), ("(a|ab|b)*c", False), ("a*a*b", False), ("[^/@]*:[^/@]*@", False)),
        *((r"\d+\.", True), (r"(\w+\s?)*$", False), ("(x(?!.*y))*", False), ("(a{0,61}b?)*c", False)),
    ],
)
def test_a_slow_pattern_is_told(pattern: str, *, searching: bool) -> None:
    """The check can fail: exponential, quadratic, and searched for from every place."""
    assert list(Automaton(pattern, searching=searching).faults())


@pytest.mark.parametrize(
    ("pattern", "searching"), [("[a-z]+(-[a-z]+)*", False), ("a[^b]*b", False), (r"v\d+\.\d+", True), ("[^a]+", True)]
)
def test_a_linear_pattern_passes(pattern: str, *, searching: bool) -> None:
    """And it can pass: separators between loops, a start that the loop can't take."""
    assert list(Automaton(pattern, searching=searching).faults()) == []
