"""Names of airflow.cfg that Airflow doesn't have are told from those that it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.airflow.user_values.option_names import OptionNames, option_names
from constructs.settings.sections.airflow.airflow import TESTED_VERSION


@pytest.fixture(scope="module")
def known() -> OptionNames:
    """The list of the project."""
    return option_names()


class TestTheList:
    def test_is_of_the_tested_airflow(self, known: OptionNames) -> None:
        """With the day on which it was made."""
        assert known.airflow == TESTED_VERSION
        assert known.generated >= "2026-11-29"
        assert {"core", "database", "dag_processor", "celery", "fab", "kubernetes_executor"} < known.options.keys()


class TestRemark:
    @pytest.mark.parametrize(
        ("name", "remark"),
        [
            ("scheduler.parsing_processes", "is called dag_processor.parsing_processes in Airflow 3.3.2"),
            ("core.dag_concurrency", "is called core.max_active_tasks_per_dag in Airflow 3.3.2"),
            ("webserver.expose_config", "is called api.expose_config in Airflow 3.3.2"),
            ("scheduler.statsd_allow_list", "is called metrics.metrics_allow_list in Airflow 3.3.2"),
            ("core.paralelism", "is no option of Airflow 3.3.2; did you mean core.parallelism?"),
            ("loging.logging_level", "is no option of Airflow 3.3.2; did you mean logging.logging_level?"),
            ("core.worker_concurrency", "is no option of Airflow 3.3.2; it has celery.worker_concurrency"),
            ("kubernetes.namespace", "is in no section of Airflow 3.3.2, which has kubernetes_executor instead"),
            ("webserver.rbac", "is in no section of Airflow 3.3.2, which ignores it"),
            ("core.enable_xcom_pickling", "is gone from Airflow 3.3.2, which ignores it"),
            ("scheduler.xyzzy", "is no option of Airflow 3.3.2"),
        ],
    )
    def test_names_what_counts_now(self, known: OptionNames, name: str, remark: str) -> None:
        """The new name, however often it was changed, or the nearest one, or that there is none."""
        assert known.remark(*name.rsplit(".", 1)) == remark

    @pytest.mark.parametrize(
        "name",
        [
            "core.parallelism",
            "CORE.Parallelism",
            "database.sql_alchemy_pool_size",
            "celery.broker_url_cmd",
            "secrets.backend_kwarg__region_name",
            "celery_broker_transport_options.anything",
            "common.io.xcom_objectstorage_path",
            "my_plugin.anything",
            "kubernetes_executor.known_to_a_newer_provider",
        ],
    )
    def test_is_none_of_what_may_stand(self, known: OptionNames, name: str) -> None:
        """What Airflow has, in any spelling; what is handed on as a whole; what another provider or a plugin reads."""
        assert known.remark(*name.rsplit(".", 1)) is None

    def test_is_none_of_any_option_that_airflow_has(self, known: OptionNames) -> None:
        """Not one of them is taken for an old one."""
        every = [(section, name) for section, names in known.options.items() for name in names]
        assert len(every) > 300
        assert [option for option in every if known.remark(*option)] == []


class TestTheUsersFile:
    @pytest.mark.parametrize(
        ("content", "place"),
        [
            ("config:\n  core:\n    dag_concurrency: '4'\n", ":3: config.core.dag_concurrency "),
            ("env:\n  - name: AIRFLOW__CORE__DAG_CONCURRENCY\n    value: '4'\n", ":2: AIRFLOW__CORE__DAG_CONCURRENCY "),
            (
                "scheduler:\n  env:\n    - {name: AIRFLOW__CORE__DAG_CONCURRENCY, value: '4'}\n",
                ":3: AIRFLOW__CORE__DAG_CONCURRENCY ",
            ),
        ],
        ids=["config", "variable", "variable of one component"],
    )
    def test_is_warned_about(self, tmp_path: Path, content: str, place: str) -> None:
        """With the line; a warning, as a list can be older than the image that somebody built."""
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        (warning,) = read_user_values(path).warnings
        assert warning == f"{path}{place}is called core.max_active_tasks_per_dag in Airflow 3.3.2"

    def test_is_not_warned_about_what_is_right(self, tmp_path: Path) -> None:
        """Nor about a variable that is none of Airflow's options."""
        path = tmp_path / "values.yaml"
        path.write_text("config: {core: {parallelism: '64'}}\nenv: [{name: MY__CORE__X, value: y}]\n", encoding="utf-8")
        assert read_user_values(path).warnings == []
