"""Sign-in by an identity provider, as it is rendered: what the api-server gets, and that nobody else gets any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.charts.rendering import Rendering, references
from constructs.airflow.secrets import secret_names
from constructs.airflow.sign_in.configuration import CLIENT_SECRET_VARIABLE, web_server_configuration

from tests.chart.conftest import Render
from tests.chart.environments import SIGN_IN, environment

ALL = "CeleryExecutor,KubernetesExecutor"
API_SERVER = "airflow-api-server"
CONFIG_MAP = "airflow-api-server-config"


def by_name(rendering: Rendering) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Kind and name -> object."""
    return {(body["kind"], body["metadata"]["name"]): body for body in rendering.objects}


class TestSecret:
    def test_is_in_one_container(self, render: Render) -> None:
        """The api-server's own, by reference: neither its init container, nor any other pod, nor a config map."""
        rendering = render("prod", executor=ALL, sign_in=SIGN_IN)
        having = {(c.pod, c.name) for c in rendering.containers if CLIENT_SECRET_VARIABLE in c.variables}
        assert having == {(API_SERVER, f"{API_SERVER}/api-server")}
        reading = {
            name
            for name, pod in rendering.templates.items()
            if secret_names.SIGN_IN in references(pod["spec"], "Secret")
        }
        assert reading == {API_SERVER}


class TestFile:
    def test_is_the_generated_one(self, render: Render) -> None:
        """The chart's templates leave it as it is, and mount it where FAB looks."""
        rendering = render("prod", executor=ALL, sign_in=SIGN_IN)
        settings = environment("prod", sign_in=SIGN_IN).airflow.sign_in
        assert settings is not None
        data = rendering.named("ConfigMap")[CONFIG_MAP]["data"]["webserver_config.py"]
        assert data.strip() == web_server_configuration(settings).strip()
        mounted = {
            (name, container["name"], mount["mountPath"])
            for name, pod in rendering.templates.items()
            for container in pod["spec"]["containers"]
            for mount in container.get("volumeMounts", ())
            if mount.get("subPath") == "webserver_config.py"
        }
        assert mounted == {(API_SERVER, "api-server", "/opt/airflow/webserver_config.py")}


class TestWithout:
    def test_nothing_is_there(self, render: Render) -> None:
        """An environment without a provider has no object, no variable and no option of it."""
        with_, without = by_name(render("prod", sign_in=SIGN_IN)), by_name(render("prod"))
        assert with_.keys() - without.keys() == {("ConfigMap", CONFIG_MAP)}
        assert without.keys() <= with_.keys()
        text = str(list(without.values()))
        for word in ("sign_in", "sign-in", CLIENT_SECRET_VARIABLE, "SESSION_LIFETIME_MINUTES", "JWT_EXPIRATION_TIME"):
            assert word not in text
            assert word in str(list(with_.values()))

    def test_nothing_else_restarts(self, render: Render) -> None:
        """Whoever turns it on restarts the api-server, and no worker."""
        with_, without = by_name(render("prod", sign_in=SIGN_IN)), by_name(render("prod"))
        assert {name for name in without if without[name] != with_[name]} == {("Deployment", API_SERVER)}
