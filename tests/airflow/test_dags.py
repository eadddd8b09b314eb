"""The DAGs, in a real Airflow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.airflow.conftest import through
from tests.airflow.installation import DAGS, Airflow
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
            "schedule": dag.schedule,
            "catchup": dag.catchup,
            "start_date": dag.start_date,
            "paused": dag.is_paused_upon_creation,
            "tasks": sorted(dag.task_ids),
        }}
        for name, dag in bag.dags.items()
    }},
}}
"""

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
        """Two files, two DAGs, no error."""
        assert parsed["errors"] == {}
        assert sorted(parsed["dags"]) == ["sample", "verify_installation"]

    def test_load_nothing_slow(self, parsed: dict[str, Any]) -> None:
        """No parse loads boto3 or a provider's hooks: tasks do, when they run."""
        slow = ("boto3", "botocore", "pandas", "airflow.providers.amazon.aws.hooks")
        assert [name for name in parsed["modules"] if name.startswith(slow)] == []

    @pytest.mark.parametrize("name", ["sample", "verify_installation"])
    def test_start_when_somebody_starts_them(self, parsed: dict[str, Any], name: str) -> None:
        """No schedule and so no start date to trip over, nothing to catch up on, and not paused at first."""
        dag = parsed["dags"][name]
        assert (dag["schedule"], dag["start_date"], dag["catchup"], dag["paused"]) == (None, None, False, False)

    @pytest.mark.parametrize("name", ["sample", "verify_installation"])
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
