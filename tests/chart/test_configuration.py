"""What Airflow is told: airflow.cfg and the environment of its containers, as the chart writes them."""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping

import pytest
from constructs.airflow.charts.rendering import Rendering

from tests.chart.conftest import Render
from tests.chart.environments import CASES

ALL = "CeleryExecutor,KubernetesExecutor"


def sections(rendering: Rendering) -> Mapping[str, Mapping[str, str]]:
    """Section -> key -> value of airflow.cfg."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(rendering.configuration)
    return parser


class TestTaskLogs:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_go_to_the_bucket(self, render: Render, name: str, executor: str) -> None:
        """Whoever writes or reads them has the bucket, the connection and the region, and no key."""
        rendering = render(name, executor=executor)
        logging = sections(rendering)["logging"]
        assert logging["remote_logging"] == "True"
        assert logging["remote_base_log_folder"] == "s3://airflow-logs/task-logs"
        connection = logging["remote_log_conn_id"]
        of_airflow = [c for c in rendering.containers if "AIRFLOW__CORE__FERNET_KEY" in c.variables]
        assert {c.pod for c in of_airflow} >= {"airflow-api-server", "airflow-scheduler", "airflow-triggerer"}
        for container in of_airflow:
            assert container.variables[f"AIRFLOW_CONN_{connection.upper()}"] == "aws://", container.name
            assert container.variables["AWS_DEFAULT_REGION"] == "eu-west-1", container.name

    def test_of_running_tasks_are_read_by_address(self, render: Render) -> None:
        """A worker of a Deployment has no name that the web server could look up."""
        rendering = render("dev", executor="CeleryExecutor")
        assert sections(rendering)["core"]["hostname_callable"] == "airflow.utils.net.get_host_ip_address"
        assert "airflow-worker" in rendering.named("Deployment")


class TestWebServer:
    def test_knows_its_address_where_there_is_one(self, render: Render) -> None:
        """Prod has a host name and https, dev only what the load balancer is called."""
        assert sections(render("prod"))["api"]["base_url"] == "https://airflow.example.com"
        assert "base_url" not in sections(render("dev"))["api"]

    def test_is_asked_by_tasks_inside_the_cluster(self, render: Render) -> None:
        """Tasks don't go through the load balancer, whatever the address of the web UI is."""
        url = "http://airflow-api-server:8080/execution/"
        assert sections(render("prod"))["core"]["execution_api_server_url"] == url

    def test_believes_the_load_balancer_only(self, render: Render) -> None:
        """Headers count from its subnets, and FAB's reader, which would obey any client, is off."""
        rendering = render("prod")
        (server,) = (c for c in rendering.containers if c.name == "airflow-api-server/api-server")
        assert server.variables["FORWARDED_ALLOW_IPS"] == "10.0.192.0/21,10.0.200.0/21"
        assert "--proxy-headers" in server.body["args"][-1]
        fab = sections(rendering)["fab"]
        assert fab["enable_proxy_fix"] == "False"
        assert (fab["proxy_fix_x_host"], fab["proxy_fix_x_prefix"]) == ("0", "0")

    @pytest.mark.parametrize(("name", "secure"), [("prod", "True"), ("dev", "False")])
    def test_keeps_its_cookie_to_https(self, render: Render, name: str, secure: str) -> None:
        """With a certificate; over plain HTTP no login would succeed."""
        assert sections(render(name))["fab"]["cookie_secure"] == secure

    def test_has_users(self, render: Render) -> None:
        """The auth manager is the one that the database job makes the first user with."""
        manager = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
        assert sections(render("dev"))["core"]["auth_manager"] == manager


class TestExecutor:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_is_the_one_of_the_settings(self, render: Render, name: str, executor: str) -> None:
        """Written as Airflow 3 reads it; the examples are off."""
        core = sections(render(name, executor=executor))["core"]
        assert core["executor"] == executor
        assert core["load_examples"] == "False"

    def test_of_kubernetes_uses_the_pods_of_the_release(self, render: Render) -> None:
        """The namespace and the template of the pod of a task are where Airflow looks for them."""
        settings = sections(render("dev", executor=ALL))["kubernetes_executor"]
        assert settings["namespace"] == "airflow"
        assert settings["pod_template_file"] == "/opt/airflow/pod_templates/pod_template_file.yaml"


class TestDagFiles:
    def test_new_ones_are_seen_within_a_minute(self, render: Render) -> None:
        """Airflow would look for them every five minutes, however often git-sync brings some."""
        assert sections(render("dev"))["dag_processor"]["refresh_interval"] == "60"


class TestSecretsBackend:
    def test_is_off_by_default(self, render: Render) -> None:
        """Airflow asks Secrets Manager for nothing."""
        assert "secrets" not in sections(render("dev"))

    def test_reads_below_the_environments_prefix(self, render: Render) -> None:
        """Connections and variables, each in its place; the arguments are JSON."""
        secrets = sections(render("dev", secrets_backend=True))["secrets"]
        assert secrets["backend"].endswith("secrets_manager.SecretsManagerBackend")
        assert json.loads(secrets["backend_kwargs"]) == {
            "connections_prefix": "airflow-dev/connections",
            "variables_prefix": "airflow-dev/variables",
            "config_prefix": None,
        }


class TestPruning:
    def test_runs_as_the_settings_say(self, render: Render) -> None:
        """Schedule and retention; what is deleted is not kept in tables beside."""
        rendering = render("dev", cleanup={"schedule": "0 4 * * 6", "retention_days": 30})
        job = rendering.named("CronJob")["airflow-database-cleanup"]["spec"]
        assert job["schedule"] == "0 4 * * 6"
        (container,) = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert '"-30 days"' in container["args"][-1]
        assert "--skip-archive" in container["args"][-1]


class TestScraping:
    @pytest.mark.parametrize(("workload", "port"), [("airflow-statsd", "9102"), ("airflow-pgbouncer", "9127")])
    def test_is_announced_by_the_pods(self, render: Render, workload: str, port: str) -> None:
        """Prometheus finds both exporters on the ports that their containers open."""
        template = render("dev", scraping=True).templates[workload]
        annotations = template["metadata"]["annotations"]
        scraping = {name: annotations[f"prometheus.io/{name}"] for name in ("scrape", "port", "path")}
        assert scraping == {"scrape": "true", "port": port, "path": "/metrics"}
        ports = [p["containerPort"] for c in template["spec"]["containers"] for p in c.get("ports", ())]
        assert int(port) in ports

    def test_is_off_by_default(self, render: Render) -> None:
        """No pod is annotated."""
        for template in render("dev").templates.values():
            annotations = template["metadata"].get("annotations") or {}
            assert not any(name.startswith("prometheus.io/") for name in annotations)


class TestPgbouncer:
    def test_verifies_by_the_certificates_that_it_is_given(self, render: Render) -> None:
        """They lie where its configuration, which is the stack's, looks for them."""
        (container,) = (c for c in render("dev").containers if c.name == "airflow-pgbouncer/pgbouncer")
        mounts = {mount["mountPath"]: mount["name"] for mount in container.body["volumeMounts"]}
        assert mounts == {
            "/etc/pgbouncer/pgbouncer.ini": "pgbouncer-config",
            "/etc/pgbouncer/users.txt": "pgbouncer-config",
            "/etc/pgbouncer/root.crt": "pgbouncer-certificates",
        }
