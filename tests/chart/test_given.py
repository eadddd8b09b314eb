"""Variables and files of the environment file in the released chart: who has them, and who hasn't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering, references
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.airflow.values.merge import merged
from constructs.airflow.values.variables import with_users_variables

from tests.chart.conftest import Render
from tests.chart.environments import ROOT, environment, props

BOTH = "CeleryExecutor,KubernetesExecutor"
DSN, KEY = "airflow-ext-env-sentry-dsn", "airflow-ext-file-google-key"
SETTINGS: dict[str, Any] = {
    "executor": BOTH,
    "workers": {"large": {"queues": ["large"]}},
    "environment": [
        {"name": "SMTP_HOST", "value": "smtp.example.com {{ x }} ${y}"},
        {"name": "SENTRY_DSN", "secret": "acme/sentry", "key": "dsn", "components": ["workers", "scheduler"]},
    ],
    "files": [
        {
            "name": "google-key",
            "path": "/opt/airflow/secrets/google.json",
            "secret": "acme/google",
            "components": ["task_pod", "workers"],
        },
        {"name": "motd", "path": "/opt/airflow/motd/motd.txt", "value": "hello\n", "components": ["api_server"]},
    ],
}
AIRFLOW = {
    *("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"),
    *("airflow-worker", "airflow-worker-large", "task"),
}


@pytest.fixture
def rendering(render: Render) -> Rendering:
    """Dev with variables and files, a set of workers and both executors."""
    return render("dev", **SETTINGS)


def _main(template: Mapping[str, Any]) -> dict[str, Any]:
    """The container with Airflow in it."""
    container: dict[str, Any] = template["spec"]["containers"][0]
    return container


def _having(rendering: Rendering, secret: str) -> set[str]:
    return {name for name, each in rendering.templates.items() if secret in references(each["spec"], "Secret")}


class TestVariables:
    def test_a_value_is_everybodys_to_the_letter(self, rendering: Rendering) -> None:
        """In every pod with Airflow in it, a set of workers and the pods of tasks among them; nobody reads it as a
        template.
        """
        found = {
            name: entry["value"]
            for name, template in rendering.templates.items()
            for entry in _main(template).get("env", [])
            if entry["name"] == "SMTP_HOST"
        }
        assert found == dict.fromkeys(AIRFLOW, "smtp.example.com {{ x }} ${y}")

    def test_a_secret_reaches_whom_it_names(self, rendering: Rendering) -> None:
        """Workers, of sets too, and the scheduler; no other pod refers to it, in any container."""
        assert _having(rendering, DSN) == {"airflow-worker", "airflow-worker-large", "airflow-scheduler"}
        (entry,) = [
            each for each in _main(rendering.templates["airflow-worker"])["env"] if each["name"] == "SENTRY_DSN"
        ]
        assert entry["valueFrom"] == {"secretKeyRef": {"name": DSN, "key": "value"}}

    def test_the_servers_own_stay(self, rendering: Rendering) -> None:
        """What the load balancer is believed stands beside."""
        names = {each["name"] for each in _main(rendering.templates["airflow-api-server"])["env"]}
        assert {"FORWARDED_ALLOW_IPS", "SMTP_HOST"} <= names


class TestFiles:
    def test_a_secret_is_mounted_where_it_is_named(self, rendering: Rendering) -> None:
        """As one file, to read, in workers and pods of tasks alone."""
        assert _having(rendering, KEY) == {"airflow-worker", "airflow-worker-large", "task"}
        for name in ("airflow-worker-large", "task"):
            template = rendering.templates[name]
            (mount,) = [each for each in _main(template)["volumeMounts"] if each["name"] == "file-google-key"]
            assert (mount["mountPath"], mount["readOnly"]) == ("/opt/airflow/secrets/google.json", True)
            (volume,) = [each for each in template["spec"]["volumes"] if each["name"] == "file-google-key"]
            assert volume["secret"]["items"] == [{"key": "value", "path": mount["subPath"]}]
            assert volume["secret"]["defaultMode"] == 0o440

    def test_a_text_comes_from_a_config_map(self, rendering: Rendering) -> None:
        """The stack's own, under the file's name."""
        spec = rendering.templates["airflow-api-server"]["spec"]
        (volume,) = [each for each in spec["volumes"] if each["name"] == "file-motd"]
        assert volume["configMap"]["name"] == "airflow-ext-files"
        assert volume["configMap"]["items"][0]["key"] == "motd"


def _revised(render: Render, **changes: Any) -> set[str]:
    """Workloads whose pods are others once an entry has changed."""
    settings = {**SETTINGS, "environment": [SETTINGS["environment"][0], {**SETTINGS["environment"][1], **changes}]}
    before, after = render("dev", **SETTINGS), render("dev", **settings)
    return {name for name, template in before.templates.items() if template != after.templates[name]}


def test_another_revision_restarts_whom_it_reaches(render: Render) -> None:
    """Raising the revision of a secret replaces the pods that have it, and no others."""
    assert _revised(render, revision=2) == {"airflow-worker", "airflow-worker-large", "airflow-scheduler"}


def test_the_users_file_and_the_settings_are_both_there(
    render_values: Callable[[Mapping[str, Any]], Rendering],
) -> None:
    """What helm/values.yaml gives a component, variables and volumes, stands beside what the environment file gives."""
    user = merged(
        read_user_values(ROOT / FILE).values,
        {
            "scheduler": {"env": [{"name": "MINE", "value": "1"}]},
            "workers": {
                "celery": {
                    "extraVolumes": [{"name": "mine", "emptyDir": {}}],
                    "extraVolumeMounts": [{"name": "mine", "mountPath": "/mine"}],
                }
            },
        },
    )
    values = merged(user, with_users_variables(user, computed_values(props(environment("dev", **SETTINGS)))))
    rendering = render_values(values)
    names = [each["name"] for each in _main(rendering.templates["airflow-scheduler"])["env"]]
    assert {"MINE", "SMTP_HOST", "SENTRY_DSN"} <= set(names)
    mounts = {each["name"] for each in _main(rendering.templates["airflow-worker"])["volumeMounts"]}
    assert {"mine", "file-google-key"} <= mounts
