"""What pods refer to exists: made by the stack, or by the chart itself; and no secret value is in what is rendered."""

from __future__ import annotations

import base64
import re

import pytest
from constructs.airflow.pod_role import SERVICE_ACCOUNTS
from constructs.airflow.secrets import secret_names

from tests.chart.conftest import Render
from tests.chart.environments import CASES, CERTIFICATE, EVERYTHING, PRIVATE_BY_SSH

ALL = "CeleryExecutor,KubernetesExecutor"

#: Secrets that the stack makes in every environment, those for a broker only with Celery.
ALWAYS = {
    secret_names.METADATA,
    secret_names.FERNET,
    secret_names.API,
    secret_names.JWT,
    secret_names.PGBOUNCER,
    secret_names.PGBOUNCER_STATS,
}
WITH_CELERY = {secret_names.BROKER, secret_names.REDIS, secret_names.RESULT_BACKEND}
#: The one secret that the chart makes: the public certificates of RDS.
CERTIFICATES = "airflow-pgbouncer-certificates"


@pytest.mark.parametrize(("name", "executor"), CASES)
class TestOfEachEnvironmentAndExecutor:
    def test_secrets_are_the_stacks(self, render: Render, name: str, executor: str) -> None:
        """Pods read the secrets that the stack makes for this executor, all of them and no others."""
        expected = ALWAYS | {CERTIFICATES} | (WITH_CELERY if "Celery" in executor else set())
        assert render(name, executor=executor).references("Secret") == expected

    def test_the_chart_makes_no_secret_but_the_certificates(self, render: Render, name: str, executor: str) -> None:
        """Certificates of authorities are public; the chart's own keys would be others after each upgrade."""
        secrets = render(name, executor=executor).named("Secret")
        assert secrets.keys() == {CERTIFICATES}
        assert secrets[CERTIFICATES]["data"].keys() == {"root.crt"}
        assert base64.b64decode(secrets[CERTIFICATES]["data"]["root.crt"]).decode() == CERTIFICATE

    def test_config_maps_are_the_charts(self, render: Render, name: str, executor: str) -> None:
        """Every config map that a pod mounts is part of the release."""
        rendering = render(name, executor=executor)
        assert rendering.references("ConfigMap") <= rendering.named("ConfigMap").keys()
        assert rendering.references("ConfigMap") == {"airflow-config", "airflow-statsd"}

    def test_service_accounts_are_the_charts(self, render: Render, name: str, executor: str) -> None:
        """Every pod has a service account of the release, and those with permissions in AWS are called as there."""
        rendering = render(name, executor=executor)
        used = {template["spec"]["serviceAccountName"] for template in rendering.templates.values()}
        assert used <= rendering.named("ServiceAccount").keys()
        assert set(SERVICE_ACCOUNTS) <= used

    def test_roles_are_bound_and_bindings_have_a_role(self, render: Render, name: str, executor: str) -> None:
        """No permission lies about for the next binding, and none that a pod counts on is missing."""
        rendering = render(name, executor=executor)
        bound = {binding["roleRef"]["name"] for binding in rendering.named("RoleBinding").values()}
        assert bound == rendering.named("Role").keys()

    def test_no_password_is_the_charts_default(self, render: Render, name: str, executor: str) -> None:
        """Neither admin/admin nor postgres/postgres, in objects or notes."""
        rendering = render(name, executor=executor)
        text = rendering.text + rendering.notes
        assert not re.search(r"(password|pass)\W+(admin|postgres)\b", text, re.IGNORECASE)
        assert "admin:admin" not in text
        assert "postgres:postgres" not in text
        assert "airflow users create" not in text

    def test_passwords_and_keys_come_by_reference(self, render: Render, name: str, executor: str) -> None:
        """No variable with a secret's name has a value of its own, no URL holds a password."""
        rendering = render(name, executor=executor)
        words = re.compile(r"PASSWORD|_KEY$|JWT_SECRET|SQL_ALCHEMY_CONN|BROKER_URL|DATABASE_URL|TOKEN")
        with_value = {
            (container.name, variable)
            for container in rendering.containers
            for variable, value in container.variables.items()
            if words.search(variable) and value is not None
        }
        assert with_value == set()
        assert not re.search(r"\w+://[^/\s]*:[^/@\s]+@", rendering.text)


class TestSecretsOfSettings:
    def test_git_registry_and_sign_in_are_the_stacks(self, render: Render) -> None:
        """A token, a pull secret and a provider's client add the three secrets that the stack makes for them."""
        used = render("dev", executor=ALL, **EVERYTHING).references("Secret")
        assert used == ALWAYS | WITH_CELERY | {
            CERTIFICATES,
            secret_names.GIT,
            secret_names.REGISTRY,
            secret_names.SIGN_IN,
        }

    def test_the_ssh_key_is_the_stacks(self, render: Render) -> None:
        """A key adds its secret."""
        assert secret_names.GIT in render("dev", dags=PRIVATE_BY_SSH).references("Secret")

    def test_every_pod_of_airflow_pulls_with_the_login(self, render: Render) -> None:
        """The pods of tasks, too."""
        templates = render("dev", executor=ALL, **EVERYTHING).templates
        assert {name for name, pod in templates.items() if not pod["spec"].get("imagePullSecrets")} == set()
        assert {str(pod["spec"]["imagePullSecrets"]) for pod in templates.values()} == {
            str([{"name": secret_names.REGISTRY}])
        }


class TestJwtKey:
    def test_is_with_those_who_sign_and_check_only(self, render: Render) -> None:
        """Scheduler and API server; a worker with it could make itself a token for anything."""
        used = {
            container.pod
            for container in render("dev", executor=ALL).containers
            if "AIRFLOW__API_AUTH__JWT_SECRET" in container.variables
        }
        assert used == {"airflow-api-server", "airflow-scheduler"}


class TestMetadataConnection:
    def test_is_no_connection_of_tasks(self, render: Render) -> None:
        """Tasks find no airflow_db in their environment."""
        containers = render("dev", executor=ALL).containers
        assert {c.name for c in containers if "AIRFLOW_CONN_AIRFLOW_DB" in c.variables} == set()
