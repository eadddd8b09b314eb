"""What the stack computes of the chart's values, without the chart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.secrets import secret_names
from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.airflow.user_values.owned_beside import OWNED_WITH_PROVIDER
from constructs.airflow.user_values.owned_values import OWNED, owner_of
from constructs.airflow.user_values.value_names import value_names
from constructs.airflow.values.merge import merged
from constructs.airflow.values.text import values_text

from tests.chart.environments import (
    CASES,
    EVERYTHING,
    OWN_IMAGE,
    PRIVATE_BY_SSH,
    PRIVATE_BY_TOKEN,
    ROOT,
    environment,
    props,
)

ALL = "CeleryExecutor,KubernetesExecutor"


def computed(name: str = "dev", **changes: Any) -> dict[str, Any]:
    """What the stack computes for a shipped environment, some keys of its section `airflow` replaced."""
    return computed_values(props(environment(name, **changes)))


def leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and value of everything that is no map with names in it."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


class TestEveryValue:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_is_one_that_the_chart_has(self, name: str, executor: str) -> None:
        """The names of the first two levels are in the list that is kept of the chart."""
        known = value_names()
        values = merged(read_user_values(ROOT / FILE).values, computed(name, executor=executor, **EVERYTHING))
        names = [
            (first, second) for first, below in values.items() for second in (below if _is_map(below) else (None,))
        ]
        assert len(names) > 60
        assert [pair for pair in names if not known.knows(*pair)] == []

    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_is_refused_in_the_users_file(self, name: str, executor: str) -> None:
        """Whatever is computed, in whichever environment, has an owner, so that no file contradicts it.

        Two lists of variables are joined with the file's; their single variables are refused. What an identity
        provider decides is the file's in environments without one, and refused or joined beside one.
        """
        joined = {("apiServer", "env"), ("extraEnv",), ("apiServer", "apiServerConfig")}
        for changes in ({}, EVERYTHING, {"dags": PRIVATE_BY_SSH}):
            for path, _ in leaves(computed(name, executor=executor, **changes)):
                assert owner_of(path) is not None or path in {*joined, *OWNED_WITH_PROVIDER}, path

    def test_is_text_for_helm_where_it_is_configuration(self) -> None:
        """Helm would write a number of a million as 1e+06."""
        for _, value in leaves(computed("prod", executor=ALL, **EVERYTHING)["config"]):
            assert isinstance(value, str)

    def test_holds_no_template_of_helms(self) -> None:
        """The chart evaluates templates in many values: none of the settings' text is one."""
        assert "{{" not in values_text(computed("prod", executor=ALL, **EVERYTHING))

    def test_is_the_same_for_the_same_settings(self) -> None:
        """Two syntheses give one text."""
        assert values_text(computed("prod")) == values_text(computed("prod"))


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value)


class TestSecrets:
    def test_are_names_of_the_stacks_secrets(self) -> None:
        """Every value that names a secret names one of the stack's."""
        named = {
            path: value
            for path, value in leaves(computed(executor=ALL, **EVERYTHING))
            if path[-1].endswith(("SecretName", "credentialsSecret"))
        }
        assert {".".join(path): value for path, value in named.items()} == {
            "apiSecretKeySecretName": secret_names.API,
            "data.brokerUrlSecretName": secret_names.BROKER,
            "data.metadataSecretName": secret_names.METADATA,
            "data.resultBackendSecretName": secret_names.RESULT_BACKEND,
            "dags.gitSync.credentialsSecret": secret_names.GIT,
            "fernetKeySecretName": secret_names.FERNET,
            "jwtSecretName": secret_names.JWT,
            "pgbouncer.configSecretName": secret_names.PGBOUNCER,
            "pgbouncer.metricsExporterSidecar.statsSecretName": secret_names.PGBOUNCER_STATS,
            "redis.passwordSecretName": secret_names.REDIS,
        }

    def test_are_no_values(self) -> None:
        """The keys of the chart that would hold a secret are nowhere."""
        holders = {"fernetKey", "apiSecretKey", "jwtSecret", "password", "pass", "sshKey", "connection", "brokerUrl"}
        for changes in ({}, EVERYTHING, {"dags": PRIVATE_BY_SSH}):
            assert not holders & {name for path, _ in leaves(computed(executor=ALL, **changes)) for name in path}


class TestVersion:
    def test_is_said_twice(self) -> None:
        """The chart compares one, and makes the image's tag of the other."""
        values = computed(version="3.2.1")
        assert (values["airflowVersion"], values["defaultAirflowTag"]) == ("3.2.1", "3.2.1")
        assert "images" not in values


class TestOwnImage:
    def test_by_digest(self) -> None:
        """Without a tag, which the chart would not use."""
        assert computed(image=OWN_IMAGE)["images"]["airflow"] == {
            "repository": OWN_IMAGE["repository"],
            "digest": OWN_IMAGE["digest"],
        }

    def test_by_digest_for_pods_of_tasks(self) -> None:
        """In the two halves between which the chart and Airflow write a colon."""
        values = computed(executor="KubernetesExecutor", image=OWN_IMAGE)
        halves = values["images"]["pod_template"]
        assert f"{halves['repository']}:{halves['tag']}" == f"{OWN_IMAGE['repository']}@{OWN_IMAGE['digest']}"


class TestJobsAndDatabase:
    def test_of_the_charts_are_off(self) -> None:
        """Neither its jobs with their accounts, nor its PostgreSQL, nor flower."""
        values = computed("prod")
        for job in ("createUserJob", "migrateDatabaseJob"):
            assert values[job] == {"enabled": False, "serviceAccount": {"create": False}}
        assert values["postgresql"]["enabled"] is False
        assert values["flower"]["enabled"] is False
        assert values["pgbouncer"]["enabled"] is True


class TestExecutors:
    @pytest.mark.parametrize(("executor", "has_redis"), [("CeleryExecutor", True), ("KubernetesExecutor", False)])
    def test_decide_on_redis(self, executor: str, *, has_redis: bool) -> None:
        """With workers there is one, with a password; without there is neither."""
        redis = computed(executor=executor)["redis"]
        assert redis["enabled"] is has_redis
        assert ("passwordSecretName" in redis) is has_redis


class TestGit:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, {"branch": "main", "rev": "HEAD", "ref": "main"}),
            ({"branch": "x"}, {"branch": "x", "rev": "HEAD", "ref": "x"}),
            ({"tag": "v1"}, {"branch": "", "rev": "v1", "ref": "v1"}),
            ({"commit": "a" * 40}, {"branch": "", "rev": "a" * 40, "ref": "a" * 40}),
        ],
        ids=["default", "branch", "tag", "commit"],
    )
    def test_reference_is_in_the_combination_that_is_obeyed(
        self, changes: dict[str, str], expected: dict[str, str]
    ) -> None:
        """The old names win over the new one, and a branch beside a pinned revision is an error of git-sync's."""
        git_sync = computed(dags={"repository": "https://github.com/acme/dags.git", **changes})["dags"]["gitSync"]
        assert {name: git_sync[name] for name in ("branch", "rev", "ref")} == expected

    def test_restarts_nothing_without_credentials(self) -> None:
        """A public repository has no revision of a secret."""
        values = computed(executor=ALL)
        for component in (values["dagProcessor"], values["triggerer"], values["workers"]["celery"]):
            assert component["podAnnotations"] == {}

    def test_restarts_for_its_credentials(self) -> None:
        """The three that run git-sync carry the revision of its secret."""
        values = computed(executor=ALL, dags=PRIVATE_BY_TOKEN)
        for component in (values["dagProcessor"], values["triggerer"], values["workers"]["celery"]):
            assert component["podAnnotations"] == {"secret-revision/git": "6"}


class TestLogBucket:
    def test_may_be_known_to_terraform_only(self) -> None:
        """Its expression is the only one in the text."""
        bucket = "${data.terraform_remote_state.infrastructure.outputs.log_bucket}"
        text = values_text(computed_values(props(environment("prod"), log_bucket=bucket)))
        assert f"remote_base_log_folder: s3://{bucket}/task-logs\n" in text
        assert text.count("${") == 1


class TestOwnVariables:
    def test_leave_env_to_the_user(self) -> None:
        """They come by the chart's second way, so that a list in the user's file takes nothing away."""
        values = computed()
        assert "env" not in values
        assert yaml.safe_load(values["extraEnv"]) == [
            {"name": "AIRFLOW_CONN_AWS_DEFAULT", "value": "aws://"},
            {"name": "AWS_DEFAULT_REGION", "value": "eu-west-1"},
        ]


class TestMerging:
    def test_takes_what_is_computed_and_leaves_the_rest(self) -> None:
        """Maps are merged, anything else is replaced, lists too."""
        below = {"a": {"x": 1, "y": [1, 2]}, "b": None, "c": 1}
        above = {"a": {"y": [3], "z": 4}, "b": {"d": 5}}
        assert merged(below, above) == {"a": {"x": 1, "y": [3], "z": 4}, "b": {"d": 5}, "c": 1}

    def test_changes_neither(self) -> None:
        """The caller's maps stay as they were."""
        below, above = {"a": {"x": 1}}, {"a": {"y": 2}}
        copies = deepcopy(below), deepcopy(above)
        merged(below, above)
        assert (below, above) == copies


class TestOwnedValues:
    def test_are_values_that_the_chart_has(self) -> None:
        """A name that is misspelled in the table would protect nothing."""
        known = value_names()
        for path in OWNED:
            first, second, *_ = (*path.split("."), None)
            assert known.knows(first, second), path

    def test_say_why_and_what_to_do(self) -> None:
        """Each has words for both."""
        assert all(len(owner.why) > 10 and len(owner.instead) > 5 for owner in OWNED.values())


class TestSecretsBackend:
    def test_arguments_are_json(self) -> None:
        """As Airflow reads them."""
        secrets = computed("prod", secrets_backend=True)["config"]["secrets"]
        assert json.loads(secrets["backend_kwargs"])["connections_prefix"] == "airflow-prod/connections"


class TestKubernetesApi:
    COMPONENTS = ("apiServer", "scheduler", "triggerer")

    def test_without_a_kubernetes_executor_nothing_has_it(self) -> None:
        """A DAG that could start pods could read every secret of the namespace: no role, and no token in any pod."""
        told = computed("prod")
        assert told["allowPodLaunching"] is False
        assert told["apiServer"]["allowPodLogReading"] is False
        accounts = [
            *(told[name]["serviceAccount"] for name in self.COMPONENTS),
            told["workers"]["celery"]["serviceAccount"],
        ]
        assert [account["automountServiceAccountToken"] for account in accounts] == [False] * 4

    @pytest.mark.parametrize("executor", ["KubernetesExecutor", ALL])
    def test_with_one_the_chart_gives_it(self, executor: str) -> None:
        """The scheduler starts the pods of tasks; the chart's defaults for the tokens stay."""
        told = computed("prod", executor=executor)
        assert told["allowPodLaunching"] is True
        assert not any("serviceAccount" in told[name] for name in self.COMPONENTS)
