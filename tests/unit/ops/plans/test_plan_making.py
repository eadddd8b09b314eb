"""Whether platform can be planned: it reads what infrastructure publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.environment.operated import OperatedEnvironment, load
from ops.plan_report.report import StackPlan, Status
from ops.plans import making
from ops.plans.making import NEVER_APPLIED, plan_environment
from ops.state.location import StateFile
from ops.state.reading import parse_state

READ = "data.terraform_remote_state.infrastructure.outputs"


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OperatedEnvironment:
    """dev, whose platform reads two outputs; every plan that is made is without changes."""
    environment = load({"CDKTF_OUTDIR": str(tmp_path)}, env="dev")
    folder = environment.stack_folder("platform")
    folder.mkdir(parents=True)
    text = f"${{base64decode({READ}.cluster_endpoint)}} ${{{READ}.subnet_ids[0]}}"
    (folder / "cdk.tf.json").write_text(json.dumps({"locals": {"read": text}}), encoding="utf-8")
    monkeypatch.setattr(making, "synthesize", lambda _: "")
    monkeypatch.setattr(making, "_plan", lambda _, stack, __: StackPlan(stack=stack))
    return environment


def platform(operated: OperatedEnvironment, *, version: int = 4, **outputs: Any) -> StackPlan:
    """The plan of platform above an infrastructure that publishes these outputs."""
    content = {"version": version, "resources": [], "outputs": {name: {"value": x} for name, x in outputs.items()}}
    state = parse_state("infrastructure", StateFile(Path("x")), json.dumps(content))
    return plan_environment(operated, lambda _: state, lambda _: None).stacks[1]


class TestPlatform:
    def test_all_that_it_reads_is_published(self, operated: OperatedEnvironment) -> None:
        """Then it is planned."""
        plan = platform(operated, cluster_endpoint="https://x", subnet_ids=["a"], other="x")
        assert (plan.status, plan.sentence) == (Status.PLANNED, "")

    def test_after_an_apply_that_failed(self, operated: OperatedEnvironment) -> None:
        """Some outputs are recorded: what is missing is named, instead of a plan that fails."""
        plan = platform(operated, cluster_endpoint="https://x", other="x")
        assert plan.status is Status.SKIPPED
        assert plan.sentence.startswith("infrastructure does not publish subnet_ids yet")

    def test_before_the_first_deploy(self, operated: OperatedEnvironment) -> None:
        """It is skipped, and why is said without a list of all."""
        plan = platform(operated)
        assert (plan.status, plan.sentence) == (Status.SKIPPED, NEVER_APPLIED)

    def test_a_state_that_is_not_understood(self, operated: OperatedEnvironment) -> None:
        """What a newer Terraform has published is not known: that is a failure, and not taken for nothing."""
        plan = platform(operated, version=5, cluster_endpoint="https://x")
        assert plan.status is Status.FAILED
        assert "has format 5" in plan.sentence
