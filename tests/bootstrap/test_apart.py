"""That `make bootstrap` makes no role for deploying that another environment's plans could take."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
import typer

from bootstrap.__main__ import bootstrap
from ops.console.exit_codes import ExitCode
from ops.environment.operated import load
from tests.bootstrap.environments import delivered


@pytest.mark.parametrize("name", ["prod", "prod-plan"])
def test_refuses_to_plan_one_where_another_is_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Beside prod an environment prod-plan is a mistake, and so is prod beside it, before AWS is asked anything."""
    text = delivered(tmp_path / "environments").read_text(encoding="utf-8")
    other = tmp_path / "environments" / "prod-plan.yaml"
    other.write_text(text.replace("name: prod\n", "name: prod-plan\n"), encoding="utf-8")
    monkeypatch.setattr("ops.frame.session.load", functools.partial(load, root=tmp_path))
    with pytest.raises(typer.Exit) as ended:
        bootstrap(env=name)
    assert ended.value.exit_code == ExitCode.MISTAKE
    said = capsys.readouterr()
    assert "the GitHub environment prod-plan plans one of them and deploys the other" in said.out + said.err
