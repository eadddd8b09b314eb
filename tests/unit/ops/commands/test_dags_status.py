"""`python -m ops dags status`, with what Airflow and the repositories say made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from constructs.settings.loading.environment_file import load_environment

from ops.console.errors import NoPermissionError, OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.dag_sources import showing
from ops.preflight.repository import Answer
from programs.own_tools import ROOT

COMMIT = "a" * 40
BUNDLES = {"source": "bundles", "bundles": {"team-a": {"repository": "https://git.acme.com/a.git"}}}


class _Airflow:
    """One DAG of a commit, and the files that it can't import."""

    def __init__(self, commit: str, errors: list[dict[str, Any]]) -> None:
        self._commit, self._errors = commit, errors

    def dags(self) -> list[dict[str, Any]]:
        """One."""
        return [{"bundle_name": "team-a", "bundle_version": self._commit}]

    def import_errors(self) -> list[dict[str, Any]]:
        """As given."""
        return self._errors


@pytest.fixture
def session() -> Any:
    """A session of dev with a bundle."""
    environment = load_environment(ROOT / "environments" / "dev.yaml")
    dags = type(environment.airflow.dags).model_validate(BUNDLES)
    airflow = environment.airflow.model_copy(update={"dags": dags})
    operated = SimpleNamespace(environment=environment.model_copy(update={"airflow": airflow}), name="dev")
    return SimpleNamespace(operated=operated, output=Output(as_json=True), aws=None)


def _shown(
    monkeypatch: pytest.MonkeyPatch, session: Any, commit: str = COMMIT, errors: Any = (), answer: Any = None
) -> ExitCode:
    def ask(*_: object) -> Answer:
        if isinstance(answer, OperationError):
            raise answer
        return Answer({"refs/heads/main": COMMIT})

    api = SimpleNamespace(signed_in=lambda *_: _Airflow(commit, list(errors)))
    monkeypatch.setattr(showing, "AirflowApi", api)
    monkeypatch.setattr(showing, "ask_repository", ask)
    return showing.show_sources(session, "https://airflow.acme.com", "admin", "secret-of-the-admin")


def test_the_newest_runs(monkeypatch: pytest.MonkeyPatch, session: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0; the password is nowhere."""
    assert _shown(monkeypatch, session) is ExitCode.DONE
    said = capsys.readouterr()
    [source] = json.loads(said.out)["sources"]
    assert (source["commits"], source["newest"], source["is_behind"]) == ([COMMIT], COMMIT, False)
    assert "secret-of-the-admin" not in said.out + said.err


@pytest.mark.parametrize(
    "what",
    [
        {"commit": "b" * 40},
        {"errors": [{"bundle_name": "team-a", "filename": "x.py", "stack_trace": "SyntaxError: no"}]},
    ],
    ids=["behind", "broken"],
)
def test_somebody_has_to_look(monkeypatch: pytest.MonkeyPatch, session: Any, what: Mapping[str, Any]) -> None:
    """Exit code 3, for workflows and schedules."""
    assert _shown(monkeypatch, session, **what) is ExitCode.DECISION


def test_who_may_not_read_the_token_is_told_what_runs(
    monkeypatch: pytest.MonkeyPatch, session: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The repository was not asked, and the page says why."""
    assert _shown(monkeypatch, session, answer=NoPermissionError("No permission to read it.")) is ExitCode.DONE
    [source] = json.loads(capsys.readouterr().out)["sources"]
    assert (source["commits"], source["newest"]) == ([COMMIT], "")
    assert source["problem"] == "No permission to read it."


def test_a_forwarded_port_is_not_believed(monkeypatch: pytest.MonkeyPatch, session: Any) -> None:
    """Anything may listen at localhost: whoever forwards the port says so."""
    state = SimpleNamespace(
        output=lambda _: "http://localhost:8080", outputs={"port_forward_command": "kubectl port-forward ..."}
    )
    monkeypatch.setattr(showing, "read_state", lambda *_: state)
    with pytest.raises(OperationError, match="forwarded port alone") as refused:
        showing.address(session)
    assert "--url http://localhost:8080" in refused.value.fix
