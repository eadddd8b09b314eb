"""What is told of each source of DAGs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from constructs.settings.sections.airflow.dags import DagsSettings

from ops.dag_sources.sources import Heard, Source, failure, lines, sources
from ops.preflight.repository import Answer

OLD, NEW = "a" * 40, "b" * 40
NOW = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)
BUNDLES = DagsSettings.model_validate(
    {
        "source": "bundles",
        "bundles": {
            "team-a": {"repository": "https://git.acme.com/a.git"},
            "team-b": {"repository": "https://git.acme.com/b.git", "commit": OLD},
        },
    }
)
TRACE = """Traceback (most recent call last):
  File "/opt/airflow/dag_bundles/team-a/tracking_repo/dags/broken.py", line 7, in <module>
    import missing
  File "/usr/lib/python3.12/importlib.py", line 90, in import_module
ModuleNotFoundError: No module named 'missing'
"""
ERROR = {"bundle_name": "team-a", "filename": "dags/broken.py", "stack_trace": TRACE}


def _dag(bundle: str, version: str | None, parsed: str = "2026-11-30T12:00:00Z") -> dict[str, Any]:
    return {
        "dag_id": f"{bundle}-{version}",
        "bundle_name": bundle,
        "bundle_version": version,
        "last_parsed_time": parsed,
    }


def _told(dags: DagsSettings, there: list[dict[str, Any]], **more: Any) -> dict[str, Source]:
    answers = more.get("answers", {"team-a": Answer({"refs/heads/main": NEW})})
    heard = Heard(answers=answers, dags=there, errors=more.get("errors", []), at=NOW)
    return {source.name: source for source in sources(dags, "acme/airflow:1", heard)}


def test_a_newer_commit_that_does_not_run_yet() -> None:
    """Both are named, and how old the DAGs are."""
    source = _told(BUNDLES, [_dag("team-a", OLD)])["team-a"]
    assert source.is_behind
    assert lines(source) == [
        "team-a: https://git.acme.com/a.git, main",
        f"1 DAG of {OLD[:12]}, parsed 30 s ago or later",
        f"newest: {NEW[:12]}, not running yet",
    ]


def test_a_commit_that_comes_in() -> None:
    """Some DAGs are of the old one still: it is not there as a whole."""
    source = _told(BUNDLES, [_dag("team-a", OLD), _dag("team-a", NEW)])["team-a"]
    assert (source.dags, source.commits, source.is_behind) == (2, [OLD, NEW], True)


def test_a_bundle_that_airflow_has_not_fetched_yet() -> None:
    """Its key may be wrong, or its branch: it does not pass for one that runs."""
    source = _told(BUNDLES, [])["team-a"]
    assert (source.dags, source.is_behind) == (0, True)
    assert lines(source)[1:] == ["0 DAGs", f"newest: {NEW[:12]}, not running yet"]


def test_a_bundle_that_is_not_in_the_file_any_more() -> None:
    """Its DAGs are in Airflow still, and its mistakes: they are told."""
    told = _told(BUNDLES, [_dag("gone", OLD)], errors=[{**ERROR, "bundle_name": "gone"}])
    assert list(told) == ["team-a", "team-b", "gone"]
    assert lines(told["gone"])[0] == "gone: in Airflow, not in the environment file"
    assert len(told["gone"].failures) == 1


def test_a_pinned_commit_is_its_own_newest() -> None:
    """What the branch is at matters to nobody then."""
    source = _told(BUNDLES, [_dag("team-b", OLD)])["team-b"]
    assert (source.newest, source.is_behind) == (OLD, False)
    assert lines(source)[-1] == f"newest: {OLD[:12]}, running"


def test_a_file_that_is_not_imported() -> None:
    """By its own name and line, and the error's last line."""
    source = _told(BUNDLES, [], errors=[ERROR, {**ERROR, "bundle_name": "team-b"}])["team-a"]
    assert [str(each) for each in source.failures] == [
        "dags/broken.py:7: ModuleNotFoundError: No module named 'missing'"
    ]
    assert str(failure({"filename": "a.py", "stack_trace": ""})) == "a.py: "


def test_a_repository_that_does_not_answer() -> None:
    """What runs is told all the same."""
    source = _told(BUNDLES, [_dag("team-a", OLD)], answers={"team-a": Answer(error="fatal: no")})["team-a"]
    assert not source.is_behind
    assert lines(source)[1:] == [
        f"1 DAG of {OLD[:12]}, parsed 30 s ago or later",
        "newest: not known here: fatal: no",
    ]


def test_git_sync_does_not_say_which_commit_runs() -> None:
    """Airflow knows a folder: nobody is told that the newest runs."""
    dags = DagsSettings.model_validate({"repository": "https://git.acme.com/a.git", "tag": "v1"})
    answers = {"dags-folder": Answer({"refs/tags/v1": OLD, "refs/tags/v1^{}": NEW})}
    source = _told(dags, [_dag("dags-folder", None)], answers=answers)["dags-folder"]
    assert lines(source)[-1] == f"newest: {NEW[:12]}, Airflow does not say which runs"


@pytest.mark.parametrize("bundles", [{}, BUNDLES.model_dump()["bundles"]])
def test_dags_in_the_image(bundles: dict[str, Any]) -> None:
    """By the image's name, alone or beside bundles."""
    source = {"source": "bundles", "bundles": bundles, "image_too": True} if bundles else {"source": "image"}
    told = _told(DagsSettings.model_validate(source), [_dag("dags-folder", None)])["dags-folder"]
    assert lines(told) == ["dags-folder: acme/airflow:1", "1 DAG, parsed 30 s ago or later"]
