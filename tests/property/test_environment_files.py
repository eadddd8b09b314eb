"""Whatever an environment file holds, it becomes sound Terraform JSON or is refused in plain words."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import pytest
from constructs.capacity.remarks import remarks
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.warnings import warnings
from constructs.versions.clock import today
from hypothesis import event, given, settings

from tests.property.environment_files import valid_files
from tests.property.limits import beyond_limits
from tests.property.mistakes import environment_files, yaml_text
from tests.property.place import Values
from tests.property.profiles import MARKS, PROFILE
from tests.property.program import Outcome, Program
from tests.property.templates import literal, unresolved

pytestmark = MARKS


Loaded: TypeAlias = Environment | EnvironmentFileError


def _run(program: Program, content: bytes) -> tuple[Outcome, dict[str, SynthesizedStack], Loaded]:
    """Run the program on a file: how it ended, the stacks if it wrote any, and what the settings say to the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, outdir = folder / "file.yaml", folder / "out"
        file.write_bytes(content)
        outcome = program.run(file, outdir)
        loaded: Loaded
        try:
            loaded = load_environment(file)
        except EnvironmentFileError as mistakes:
            loaded = mistakes
        stacks = {folder.name: SynthesizedStack.read(folder) for folder in outdir.glob("stacks/*")}
        assert stacks or not outdir.exists(), "an output folder without a stack"
    return outcome, stacks, loaded


def _assert_refused(outcome: Outcome, mistakes: EnvironmentFileError) -> None:
    """Exit code 2, the whole report on standard error, each problem with a key or the one of the whole file."""
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (2, "", f"{mistakes}\n"), outcome
    assert mistakes.problems
    for problem in mistakes.problems:
        assert problem.key or len(mistakes.problems) == 1, problem
        assert problem.received, problem
        assert problem.allowed, problem
        assert problem.fix, problem


def _assert_sound(outcome: Outcome, stacks: dict[str, SynthesizedStack], environment: Environment) -> None:
    """Exit code 0, nothing printed but the settings' warnings, and JSON that Terraform reads as the file means it."""
    assert (outcome.exit_code, outcome.stdout) == (0, ""), outcome
    expected = [*warnings(environment, today(os.environ)), *remarks(environment, {})]
    for line in outcome.stderr.splitlines():
        assert any(warning in line for warning in expected), line
    for stack in stacks.values():
        assert json.loads(stack.text)
        assert "tftoken" not in stack.text.casefold()
        assert unresolved(stack) == []
        assert beyond_limits(stack) == []
    _assert_text_is_literal(stacks["infrastructure"], environment)


def _assert_text_is_literal(stack: SynthesizedStack, environment: Environment) -> None:
    """Terraform reads the user's own text as it stands in the file."""
    (group,) = stack.resources("aws_db_parameter_group").values()
    parameters = {parameter["name"]: literal(parameter["value"]) for parameter in group["parameter"]}
    assert environment.database.parameters.items() <= parameters.items()
    (vpc, *_) = stack.resources("aws_vpc").values()
    tags = {literal(key): literal(value) for key, value in vpc["tags"].items()}
    assert environment.tags.items() <= tags.items()
    for name, wanted in environment.cluster.node_groups.items():
        (resource,) = (
            each for each in stack.resources("aws_eks_node_group").values() if each["node_group_name"] == name
        )
        assert (resource.get("labels") or {}) == dict(wanted.labels)
        assert len(resource.get("taint") or []) == len(wanted.taints)


class TestAnyFile:
    def test_is_synthesized_or_refused(self, program: Program) -> None:
        """Every file gives sound JSON and exit code 0, or a report with keys and exit code 2; a fair share of both."""
        outcomes: Counter[str] = Counter()

        @PROFILE
        @given(content=environment_files())
        def each(content: bytes) -> None:
            outcome, stacks, loaded = _run(program, content)
            assert not outcome.traceback, outcome.traceback
            if isinstance(loaded, EnvironmentFileError):
                assert not stacks
                _assert_refused(outcome, loaded)
            else:
                _assert_sound(outcome, stacks, loaded)
            kind = "synthesized" if stacks else "refused"
            event(kind)
            outcomes[kind] += 1

        each()
        print(dict(outcomes))
        assert outcomes["synthesized"] >= 0.2 * outcomes.total(), outcomes
        assert outcomes["refused"] >= 0.2 * outcomes.total(), outcomes


class TestValidFile:
    @pytest.mark.parametrize("everything", [False, True], ids=["some-settings", "all-settings"])
    def test_is_never_refused(self, tmp_path: Path, everything: bool) -> None:  # noqa: FBT001
        """The files that are made as valid ones are: else the other test would meet refusals only."""
        file = tmp_path / "file.yaml"

        @settings(PROFILE, max_examples=max(50, PROFILE.max_examples // 50))
        @given(values=valid_files(everything=everything))
        def each(values: Values) -> None:
            file.write_text(yaml_text(values), encoding="utf-8")
            assert load_environment(file).name == values["name"]

        each()
