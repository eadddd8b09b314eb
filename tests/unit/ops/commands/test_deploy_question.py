"""What people have before their eyes when `deploy` asks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ops.commands.deploy import Deploying
from ops.console.output import Output
from ops.plan_report.danger import Danger, Kind
from ops.running.applying import Change
from ops.workflows.plan_dangers import Told

TOLD = Told(
    danger=Danger(kind=Kind.WEAKENS, what="the database can be deleted", before="true", after="false"),
    address="aws_db_instance.metadata",
    outside=False,
)
LINE = "weakens    aws_db_instance.metadata: the database can be deleted: true -> false"


def approved(dangers: list[Told], *, yes: bool) -> bool:
    """Whether a plan of one change is applied."""
    session: Any = SimpleNamespace(output=Output())
    deploying = Deploying(session, yes=yes, preflight=False, recovery=False)
    changes = [Change("aws_db_instance.metadata", ("update",))]
    return deploying._approve("infrastructure", changes, "Terraform's plan", dangers)


def test_dangers_stand_between_the_plan_and_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan is longer than a screen: what opens, weakens or interrupts comes after it."""
    assert not approved([TOLD], yes=False)
    said = capsys.readouterr()
    assert said.out == f"Terraform's plan\n\ninfrastructure: weakens 1\n  {LINE}\n"
    assert said.err == "infrastructure: 1 to change. Nobody can be asked here: add --yes to apply it.\n"


def test_with_yes_the_log_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the log of a workflow's deploy later finds what it did."""
    assert approved([TOLD], yes=True)
    assert capsys.readouterr().out == f"infrastructure: 1 to change\n\ninfrastructure: weakens 1\n  {LINE}\n"


def test_without_any_nothing_is_added(capsys: pytest.CaptureFixture[str]) -> None:
    """The usual deploy reads as it did."""
    assert approved([], yes=True)
    assert capsys.readouterr().out == "infrastructure: 1 to change\n"
