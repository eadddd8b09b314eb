"""What the report of a plan says beside the plans themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.commands import plan
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import Session
from ops.plan_report.report import EnvironmentPlan, read_reports
from programs.own_tools import ROOT


@pytest.mark.parametrize(
    ("replicas", "said"),
    [(1, []), (2, ["all pods fit on 2 x m7g.large (default), but not one more"]), (3, ["find no room on the nodes"])],
    ids=["fits", "without a reserve", "does not fit"],
)
def test_tells_where_pods_find_no_room(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    replicas: int,
    said: list[str],
) -> None:
    """In the output and in the report, from which the comment on a pull request is made; nothing where all fit."""
    monkeypatch.setattr(plan, "plan_environment", lambda *_, **__: EnvironmentPlan(environment="dev"))
    text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    file = tmp_path / "dev.yaml"
    file.write_text(text.replace("replicas: 1\n", f"replicas: {replicas}\n"), encoding="utf-8")
    assert plan.make_plan(Session(load({}, env_file=file), Output()), tmp_path / "reports") is ExitCode.DONE
    [report] = read_reports(tmp_path / "reports")
    assert len(report.crowded) == len(said)
    shown = capsys.readouterr().out
    assert ("Room for the pods:" in shown) is bool(said)
    for found, part in zip(report.crowded, said, strict=True):
        assert part in found
        assert part in " ".join(shown.split())
