"""The computed values of single components and the shipped file's security, where the chart is not at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.airflow.values.merge import merged

from tests.chart.environments import (
    ENVIRONMENTS,
    EVERYTHING,
    PRIVATE_BY_SSH,
    REVISIONS,
    ROOT,
    environment,
    props,
)

ALL = "CeleryExecutor,KubernetesExecutor"
#: Component -> label of its pods.
REPLICATED = {
    "apiServer": "api-server",
    "scheduler": "scheduler",
    "dagProcessor": "dag-processor",
    "triggerer": "triggerer",
    "workers.celery": "worker",
    "pgbouncer": "pgbouncer",
}

#: Revision -> where in the values it stands: whoever gets the annotations of that place restarts for it.
REVISED = {
    "database": {"airflowPodAnnotations"},
    "fernet": {"airflowPodAnnotations"},
    "api": {"airflowPodAnnotations"},
    "redis": {"airflowPodAnnotations", "redis.podAnnotations"},
    "pgbouncer": {"pgbouncer.podAnnotations"},
    "jwt": {"apiServer.podAnnotations", "scheduler.podAnnotations"},
    "git": {"dagProcessor.podAnnotations", "triggerer.podAnnotations", "workers.celery.podAnnotations"},
}


def computed(name: str = "dev", **changes: Any) -> dict[str, Any]:
    """What the stack computes for a shipped environment, some keys of its section `airflow` replaced."""
    return computed_values(props(environment(name, **changes)))


def at(values: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as `workers.celery`."""
    for name in path.split("."):
        values = values[name]
    return values


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Paths of the maps in which two values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        for name in one:
            inner = f"{path}.{name}".removeprefix(".")
            if isinstance(one[name], Mapping):
                yield from differences(one[name], other[name], inner)
            elif one[name] != other[name]:
                yield path
    elif one != other:
        yield path


class TestRevisions:
    @pytest.mark.parametrize("name", REVISED)
    def test_stand_with_who_uses_the_secret(self, name: str) -> None:
        """Another one changes these annotations and nothing else."""
        settings = environment("dev", executor=ALL, **EVERYTHING)
        before, after = (
            computed_values(props(settings, revisions=revisions)) for revisions in (REVISIONS, REVISIONS | {name: 99})
        )
        assert set(differences(before, after)) == REVISED[name]

    def test_all_are_needed(self) -> None:
        """One that the stack forgets to hand over is an error, not a pod that keeps an old password."""
        revisions = {name: number for name, number in REVISIONS.items() if name != "jwt"}
        with pytest.raises(KeyError, match="jwt"):
            computed_values(props(environment("dev"), revisions=revisions))


class TestReplicas:
    @pytest.mark.parametrize("component", REPLICATED)
    def test_of_several_have_a_budget_and_are_spread(self, component: str) -> None:
        """One may go at a time, each zone gets its share."""
        values = at(computed("prod"), component)
        assert values["replicas"] > 1
        assert values["podDisruptionBudget"] == {"enabled": True, "config": {"maxUnavailable": 1}}
        (constraint,) = values["topologySpreadConstraints"]
        assert constraint["topologyKey"] == "topology.kubernetes.io/zone"
        assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
        labels = {"tier": "airflow", "component": REPLICATED[component], "release": "airflow"}
        assert constraint["labelSelector"] == {"matchLabels": labels}

    @pytest.mark.parametrize("component", REPLICATED)
    def test_of_one_have_neither(self, component: str) -> None:
        """A budget would keep the node of a single pod from being replaced."""
        values = at(computed("dev"), component)
        assert values["replicas"] == 1
        assert values["podDisruptionBudget"] == {"enabled": False}
        assert "topologySpreadConstraints" not in values

    def test_in_one_zone_are_not_spread(self) -> None:
        """There is nothing to spread over."""
        values = computed_values(props(environment("prod"), zones=1))
        assert "topologySpreadConstraints" not in values["scheduler"]


class TestVolumes:
    def test_are_of_redis_only(self) -> None:
        """Workers, triggerer and DAGs have none; that of redis goes with the release."""
        values = computed("prod")
        for component in ("workers.celery", "triggerer", "dags"):
            assert at(values, component)["persistence"]["enabled"] is False
        assert values["redis"]["persistence"] == {
            "enabled": True,
            "size": "1Gi",
            "storageClassName": "gp3",
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Delete"},
        }


class TestGitSync:
    @pytest.mark.parametrize(("period", "failures"), [(5, 60), (60, 5), (3600, 1)])
    def test_gives_up_after_five_minutes(self, period: int, failures: int) -> None:
        """Never at 0, which is the first failure, too, and reads like never."""
        git_sync = computed(dags={"repository": "https://a.example/b", "sync_period_seconds": period})["dags"][
            "gitSync"
        ]
        assert (git_sync["period"], git_sync["maxFailures"]) == (f"{period}s", failures)

    def test_checks_the_hosts_key(self) -> None:
        """Without known hosts the chart would turn the check off."""
        git_sync = computed(dags=PRIVATE_BY_SSH)["dags"]["gitSync"]
        assert git_sync["knownHosts"] == PRIVATE_BY_SSH["known_hosts"]
        assert git_sync["sshKeySecret"] == "airflow-ext-git"
        assert "credentialsSecret" not in git_sync


class TestWorkers:
    def test_are_as_the_settings_say(self) -> None:
        """How many tasks each runs, and how long it may take to end them."""
        workers = {"workers": {"termination_grace_seconds": 840, "concurrency": 5}}
        values = computed(executor="CeleryExecutor", components=workers)
        assert values["workers"]["celery"]["terminationGracePeriodSeconds"] == 840
        assert values["config"]["celery"] == {"worker_concurrency": "5"}

    def test_are_none_with_kubernetes_alone(self) -> None:
        """Only the pods of tasks have a size."""
        values = computed(executor="KubernetesExecutor")
        assert "celery" not in values["workers"]
        assert "celery" not in values["config"]
        assert values["workers"]["kubernetes"]["resources"]["requests"] == {"cpu": "250m", "memory": "1Gi"}


class TestConfiguration:
    def test_sends_task_logs_to_the_bucket(self) -> None:
        """By the connection that all containers have, live ones by the worker's address."""
        config = computed()["config"]
        assert config["core"]["hostname_callable"] == "airflow.utils.net.get_host_ip_address"
        assert config["logging"] == {
            "remote_logging": "True",
            "remote_base_log_folder": "s3://airflow-logs/task-logs",
            "remote_log_conn_id": "aws_default",
        }

    def test_trusts_the_load_balancers_subnets_only(self) -> None:
        """The web server takes their word, FAB nobody's."""
        values = computed("prod")
        assert values["apiServer"]["env"] == [
            {"name": "FORWARDED_ALLOW_IPS", "value": "10.0.192.0/21,10.0.200.0/21"},
        ]
        assert values["config"]["fab"]["enable_proxy_fix"] == "False"
        assert values["config"]["fab"]["cookie_secure"] == "True"


class TestScraping:
    @pytest.mark.parametrize(("component", "port"), [("statsd", "9102"), ("pgbouncer", "9127")])
    def test_is_announced_where_asked_for(self, component: str, port: str) -> None:
        """By the two exporters."""
        on, off = (computed(scraping=said)[component]["podAnnotations"] for said in (True, False))
        assert on["prometheus.io/scrape"] == "true"
        assert on["prometheus.io/port"] == port
        assert not any(name.startswith("prometheus.io/") for name in off)


class TestSecurityOfTheShippedFile:
    @pytest.mark.parametrize("name", ENVIRONMENTS)
    def test_is_restricted_everywhere(self, name: str) -> None:
        """The places that the chart takes contexts from, for all pods (tests/chart shows that there are no others)."""
        values = merged(read_user_values(ROOT / FILE).values, computed(name))
        pods = [values["securityContexts"]["pod"]]
        containers = [
            values["securityContexts"]["containers"],
            values["dags"]["gitSync"]["securityContexts"]["container"],
        ]
        for component in ("pgbouncer", "redis", "statsd"):
            pods.append(values[component]["securityContexts"]["pod"])
            containers.append(values[component]["securityContexts"]["container"])
        containers.append(values["pgbouncer"]["metricsExporterSidecar"]["securityContexts"]["container"])
        for pod in pods:
            assert pod["runAsNonRoot"] is True
            assert pod["runAsUser"] > 0
            assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers:
            assert container["allowPrivilegeEscalation"] is False
            assert container["capabilities"] == {"drop": ["ALL"]}

    def test_gives_no_token_to_who_needs_none(self) -> None:
        """PgBouncer, redis, statsd, the DAG processor and the job that prunes ask nothing of Kubernetes."""
        values = read_user_values(ROOT / FILE).values
        for component in ("pgbouncer", "redis", "statsd", "dagProcessor", "databaseCleanup"):
            assert values[component]["serviceAccount"]["automountServiceAccountToken"] is False

    def test_leads_no_task_to_the_database(self) -> None:
        """The chart would give each a connection airflow_db."""
        assert read_user_values(ROOT / FILE).values["enableBuiltInSecretEnvVars"] == {"AIRFLOW_CONN_AIRFLOW_DB": False}

    def test_sizes_what_no_setting_does(self) -> None:
        """The exporter beside PgBouncer and the job that prunes."""
        values = read_user_values(ROOT / FILE).values
        for container in (values["pgbouncer"]["metricsExporterSidecar"], values["databaseCleanup"]):
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}


class TestWhatTheChartWarnsOf:
    def test_is_not_used(self) -> None:
        """Old probes of git-sync, links to services as variables, and the place that its next version drops."""
        user = read_user_values(ROOT / FILE).values
        assert user["dags"]["gitSync"]["recommendedProbeSetting"] is True
        assert user["enableServiceLinks"] is False
        assert computed()["workers"].keys() == {"celery"}


class TestLogGroomer:
    def test_of_workers_needs_no_volume(self) -> None:
        """The chart's default gives workers without one no groomer, and their disk fills."""
        assert computed()["workers"]["celery"]["logGroomerSidecar"]["requirePersistence"] is False
