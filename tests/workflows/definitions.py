"""The workflows of this repository, read as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a workflow."""

    workflow: str
    name: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        """For the names of tests: `plan.comment`."""
        return f"{self.workflow}.{self.name}"

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Its steps."""
        steps: list[dict[str, Any]] = self.content["steps"]
        return steps

    @property
    def runs(self) -> list[str]:
        """The shell lines of its steps."""
        return [step["run"] for step in self.steps if "run" in step]

    @property
    def permissions(self) -> Mapping[str, str]:
        """What its token may do."""
        permissions: Mapping[str, str] = self.content["permissions"]
        return permissions

    def uses(self, action: str) -> list[dict[str, Any]]:
        """The steps that use an action, whatever its version."""
        return [step for step in self.steps if step.get("uses", "").startswith(f"{action}@")]


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One file of .github/workflows/."""

    name: str
    text: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name

    @property
    def triggers(self) -> Mapping[str, Any]:
        """Its `on`, which YAML 1.1 reads as a truth value."""
        triggers: Mapping[str, Any] = self.content[True]  # type: ignore[index]
        return triggers

    @property
    def jobs(self) -> list[Job]:
        """Its jobs, in their order."""
        return [Job(workflow=self.name, name=name, content=job) for name, job in self.content["jobs"].items()]

    def job(self, name: str) -> Job:
        """One of them."""
        return next(job for job in self.jobs if job.name == name)


def workflow(name: str) -> Workflow:
    """Return a workflow by the name of its file."""
    text = (FOLDER / f"{name}.yml").read_text(encoding="utf-8")
    return Workflow(name=name, text=text, content=yaml.safe_load(text))


WORKFLOWS = [workflow(path.stem) for path in sorted(FOLDER.iterdir())]
JOBS = [job for found in WORKFLOWS for job in found.jobs]
#: Those that get a role of AWS.
AWS_JOBS = [job for job in JOBS if job.uses("aws-actions/configure-aws-credentials")]

#: What every job begins with after the checkout, as workflows name it, and its text.
SET_UP = "./.github/actions/set-up"
SET_UP_TEXT = (ROOT / SET_UP / "action.yml").read_text(encoding="utf-8")

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)


def expressions(text: str) -> Iterator[str]:
    """The `${{ }}` in a text."""
    yield from _EXPRESSION.findall(text)
