"""An environment that is deployed once and then changed, by its file or by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.terraform.workspace import CommandError, Workspace


@dataclass
class Evolving:
    """A deployed workspace and the content of its environment file."""

    workspace: Workspace
    targets: Sequence[str] = ()
    """Addresses that Terraform is limited to, with what they need; none: the whole stack."""

    content: dict[str, Any] = field(init=False)
    said: str = field(init=False, default="")
    """The text of the last plan."""

    def __post_init__(self) -> None:
        """Read the environment file that the workspace starts with."""
        self.content = yaml.safe_load(self.workspace.environment_file.read_text(encoding="utf-8"))

    def deploy(self) -> None:
        """Apply the file as it is, from nothing."""
        self.workspace.synth()
        self.workspace.init()
        self.workspace.terraform("apply", "-auto-approve", "-input=false", *self._limits)

    def edit(self, **sections: Any) -> None:
        """Write values into the file; a map is merged into the section, None in a map removes a key."""
        self.content = _merged(self.content, sections)
        self.workspace.environment_file.write_text(yaml.safe_dump(self.content, sort_keys=False), encoding="utf-8")
        self.workspace.synth()

    @contextmanager
    def tentatively(self, **sections: Any) -> Iterator[None]:
        """Edit the file for the length of a block."""
        before = self.content
        try:
            self.edit(**sections)
            yield
        finally:
            self.content = before
            self.edit()

    def planned(self) -> dict[str, list[str]]:
        """Plan; return address -> actions of what is going to change."""
        return {address: change["actions"] for address, change in self.plan_changes().items()}

    def plan_changes(self) -> dict[str, dict[str, Any]]:
        """Plan; return address -> change as `terraform show -json` has it, for what is going to change."""
        self.said = self.workspace.terraform("plan", "-input=false", f"-out={self._plan}", *self._limits).stdout
        document = json.loads(self.workspace.terraform("show", "-json", str(self._plan)).stdout)
        changes = {change["address"]: change["change"] for change in document["resource_changes"]}
        return {
            address: change for address, change in changes.items() if change["actions"] not in (["no-op"], ["read"])
        }

    def apply(self) -> None:
        """Apply what was planned last; afterwards there is nothing left to do.

        Raises:
            CommandError: the apply failed, or the plan after it is not empty.
        """
        self.workspace.terraform("apply", "-input=false", str(self._plan))
        again = self.workspace.plan(*self._limits)
        if again.returncode != 0:
            raise CommandError(
                f"The plan after the change is not empty.\n{again.stdout.partition('Terraform used')[2]}"
            )

    def refusal(self) -> str:
        """The message with which a plan is refused, on one line.

        Raises:
            CommandError: the plan goes through.
        """
        plan = self.workspace.plan("-refresh=false")
        if plan.returncode != 1:
            raise CommandError(f"The plan was not refused.\n{plan.stdout}")
        return " ".join(plan.stdout.split())

    @property
    def _limits(self) -> list[str]:
        return [f"-target={address}" for address in self.targets]

    @property
    def _plan(self) -> Path:
        return self.workspace.folder / "plan"


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    result = deepcopy(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value)
        else:
            result[key] = value
    return result
