"""The DAGs, in a real Airflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.airflow.conftest import through
from tests.airflow.installation import DAGS, OLDEST_PROGRAMS, Airflow
from tests.airflow.pgbouncer import PgBouncer

pytestmark = pytest.mark.slow

#: Loads every file as the DAG processor does. What it loads beyond Airflow itself is what each parse costs.
PARSE = f"""
import sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(DAGS)!r})
answer = {{
    "errors": bag.import_errors,
    "modules": sorted(sys.modules),
    "dags": {{
        name: {{
            "owner": dag.owner,
            "tags": sorted(dag.tags),
            "documentation": dag.doc_md,
            "description": dag.description,
            "schedule": dag.schedule if dag.schedule is None else type(dag.schedule).__name__,
            "catchup": dag.catchup,
            "start_date": dag.start_date and dag.start_date.isoformat(),
            "paused": dag.is_paused_upon_creation,
            "tasks": sorted(dag.task_ids),
        }}
        for name, dag in bag.dags.items()
    }},
}}
"""

#: Those that run when somebody starts them, and one that has a schedule.
BY_HAND = ("sample", "sample_asset_producer", "sample_sensor", "verify_installation")
SCHEDULED = "sample_asset_consumer"

#: Airflow replaces a task's connection to the database by this; nothing here may need one either.
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def parsed(airflow: Airflow) -> dict[str, Any]:
    """What Airflow finds in dags/, without a database."""
    answer: dict[str, Any] = airflow.with_(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=NO_DATABASE).python(PARSE)
    return answer


@pytest.fixture(scope="module")
def processed(preparing_pooler: PgBouncer, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow with the DAGs in its database, as the DAG processor puts them there."""
    airflow = through(preparing_pooler, tmp_path_factory.mktemp("processed"))
    result = airflow.run("airflow", "dags", "reserialize")
    assert result.returncode == 0, result.stderr
    return airflow


class TestDags:
    def test_import_without_errors(self, parsed: dict[str, Any]) -> None:
        """Each DAG is there, and no error."""
        assert parsed["errors"] == {}
        assert sorted(parsed["dags"]) == sorted([*BY_HAND, SCHEDULED])

    def test_import_in_the_oldest_airflow(self, tmp_path: Path) -> None:
        """The same DAGs, without an error, in the oldest Airflow that an environment file may name."""
        oldest = Airflow.installed(tmp_path, OLDEST_PROGRAMS, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=NO_DATABASE)
        parsed = oldest.python(PARSE)
        assert parsed["errors"] == {}
        assert sorted(parsed["dags"]) == sorted([*BY_HAND, SCHEDULED])

    def test_load_nothing_slow(self, parsed: dict[str, Any]) -> None:
        """No parse loads boto3 or a provider's hooks: tasks do, when they run."""
        slow = ("boto3", "botocore", "pandas", "airflow.providers.amazon.aws.hooks")
        assert [name for name in parsed["modules"] if name.startswith(slow)] == []

    @pytest.mark.parametrize("name", BY_HAND)
    def test_start_when_somebody_starts_them(self, parsed: dict[str, Any], name: str) -> None:
        """No schedule and so no start date to trip over, nothing to catch up on, and not paused at first."""
        dag = parsed["dags"][name]
        assert (dag["schedule"], dag["start_date"], dag["catchup"], dag["paused"]) == (None, None, False, False)

    def test_with_a_schedule_is_paused(self, parsed: dict[str, Any]) -> None:
        """What would run by itself waits until somebody wants it; it starts at a fixed date and catches nothing up."""
        dag = parsed["dags"][SCHEDULED]
        assert (dag["schedule"], dag["catchup"], dag["paused"]) == ("AssetOrTimeSchedule", False, True)
        assert dag["start_date"] == "2026-01-01T00:00:00+00:00"

    @pytest.mark.parametrize("name", [*BY_HAND, SCHEDULED])
    def test_say_whose_and_what_they_are(self, parsed: dict[str, Any], name: str) -> None:
        """Owner, tags, a sentence for the list and a page for who opens them."""
        dag = parsed["dags"][name]
        assert dag["owner"] == "data-platform"
        assert dag["tags"]
        assert dag["description"].endswith(".")
        assert len(dag["documentation"].splitlines()) > 2

    def test_documentation_names_every_proof(self, parsed: dict[str, Any]) -> None:
        """The table of the verifying DAG has each of its tasks."""
        dag = parsed["dags"]["verify_installation"]
        assert [task for task in dag["tasks"] if f"`{task}`" not in dag["documentation"]] == []


class TestSample:
    def test_runs_to_success(self, processed: Airflow) -> None:
        """`airflow dags test sample` ends well, and the greeting is in its log."""
        result = processed.run("airflow", "dags", "test", "sample")
        assert result.returncode == 0, result.stderr
        assert "Hello from" in result.stdout + result.stderr
