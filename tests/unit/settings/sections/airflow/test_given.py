"""Variables and files for pods: what may stand there, and what of it is told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

SECRET = "secret: acme/sentry, components: [workers]"


class TestVariables:
    def test_a_value_is_everybodys(self, load: Load) -> None:
        """Without components all of them get it."""
        (variable,) = load({"airflow/environment": "[{name: SMTP_HOST, value: smtp.example.com}]"}).airflow.environment
        assert (variable.name, variable.value) == ("SMTP_HOST", "smtp.example.com")
        assert all(variable.reaches(component) for component in ("api_server", "workers", "task_pod"))

    def test_a_secret_is_for_whom_it_names(self, load: Load) -> None:
        """By its name in Secrets Manager, a key of its JSON, and the revision in use."""
        text = f"[{{name: SENTRY_DSN, {SECRET}, key: dsn, revision: 2}}]"
        airflow = load({"airflow/environment": text}).airflow
        (variable,) = airflow.environment
        assert (variable.secret, variable.key, variable.revision) == ("acme/sentry", "dsn", 2)
        assert variable.reaches("workers")
        assert not variable.reaches("scheduler")
        assert airflow.given_secret_names == ["acme/sentry"]

    @pytest.mark.parametrize(
        ("entry", "key", "allowed"),
        [
            ("{name: 1A, value: x}", "[0].name", "the name of an environment variable"),
            ("{name: A}", "[0].secret", "exactly one of value and secret"),
            (f"{{name: A, value: x, {SECRET}}}", "[0].secret", "exactly one of value and secret"),
            ("{name: A, secret: acme/a}", "[0].secret", "a secret with its components"),
            ("{name: A, value: x, key: a}", "[0].key", "nothing without secret"),
            ("{name: A, value: x, revision: 2}", "[0].revision", "nothing without secret"),
            (f"{{name: A, {SECRET}, key: 'a b'}}", "[0].key", "a key of the JSON"),
            ("{name: A, value: 5}", "[0].value", "text of at most"),
            ("{name: A, value: x, components: [worker]}", "[0].components[0]", "workers"),
            ("{name: A, value: x, components: []}", "[0].components", "1 to 6 components"),
            ("{name: A, secret: airflow-test/jwt, components: [workers]}", "[0].secret", "a secret of your own"),
            ("{name: A, value: x, components: [task_pod]}", "", "not task_pod"),
        ],
    )
    def test_mistakes(self, problems: Problems, entry: str, key: str, allowed: str) -> None:
        """Each is said at its place."""
        (problem,) = problems({"airflow/environment": f"[{entry}]"})
        assert problem.key == f"airflow.environment{key}"
        assert allowed in problem.allowed

    @pytest.mark.parametrize("other", ["A_B", "a_b", "_A_B"])
    def test_names_are_told_apart(self, problems: Problems, other: str) -> None:
        """Each is an object in the cluster, whose name has neither capital letters nor underscores."""
        (problem,) = problems({"airflow/environment": f"[{{name: A_B, value: x}}, {{name: {other}, value: y}}]"})
        assert problem.key == "airflow.environment"
        assert "alike: A_B" in problem.received

    def test_workers_are_there_with_celery_only(self, problems: Problems) -> None:
        """With a KubernetesExecutor tasks run in pods of their own."""
        entry = "[{name: A, value: x, components: [workers]}]"
        (problem,) = problems({"airflow/environment": entry, "airflow/executor": "KubernetesExecutor"})
        assert "not workers" in problem.allowed
        assert "task_pod with Kubernetes" in problem.fix


class TestTheStacksOwn:
    @pytest.mark.parametrize(
        ("name", "allowed", "fix"),
        [
            ("FORWARDED_ALLOW_IPS", "trusts the stack's load balancer", "remove it"),
            ("AIRFLOW__CORE__FERNET_KEY", "makes this secret", "Secrets Manager"),
            ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "makes this secret", "Secrets Manager"),
            ("AIRFLOW__WEBSERVER__BASE_URL", "computes it", "airflow.web.host_name"),
            ("AWS_ACCESS_KEY_ID", "EKS Pod Identity", "airflow.pod_policy_arns"),
            ("AWS_DEFAULT_REGION", "sets the region", "another region"),
        ],
    )
    def test_is_refused_with_what_does_it(self, problems: Problems, name: str, allowed: str, fix: str) -> None:
        """By whatever name Airflow reads an option."""
        (problem,) = problems({"airflow/environment": f"[{{name: {name}, {SECRET}}}]"})
        assert (problem.key, problem.received) == ("airflow.environment[0].name", name)
        assert allowed in problem.allowed
        assert fix in problem.fix

    @pytest.mark.parametrize(
        ("path", "text", "key"),
        [
            ("environment", "{name: SMTP_PASSWORD, value: hunter2x}", "environment[0].value"),
            ("environment", "{name: A, value: 'https://u:p4ssw0rd@h.example.com'}", "environment[0].value"),
            ("files", "{name: a, path: /opt/x/a, value: '-----BEGIN PRIVATE KEY-----'}", "files[0].value"),
            ("files", '{name: a, path: /opt/x/a, value: \'{"private_key": "abc"}\'}', "files[0].value"),
        ],
    )
    def test_no_secret_in_clear(self, problems: Problems, path: str, text: str, key: str) -> None:
        """What looks like one belongs into Secrets Manager; the report doesn't show it."""
        (problem,) = problems({f"airflow/{path}": f"[{text}]"})
        assert problem.key == f"airflow.{key}"
        assert "a secret in clear" in problem.received or "a URL with" in problem.received or "key" in problem.received
        assert "write secret:" in problem.fix


class TestFiles:
    def test_as_many_secrets_as_a_policy_names(self, problems: Problems) -> None:
        """Variables and files together come from at most 20 different ones."""
        secrets = [f"secret: acme/{number}, components: [workers]" for number in range(21)]
        variables = ", ".join(f"{{name: V{number}, {each}}}" for number, each in enumerate(secrets[:20]))
        file = f"[{{name: a, path: /opt/x/a, {secrets[20]}}}]"
        (problem,) = problems({"airflow/environment": f"[{variables}]", "airflow/files": file})
        assert problem.key == "airflow.files"
        assert "21 secrets" in problem.received
        assert "one secret as JSON" in problem.fix

    def test_a_file(self, load: Load) -> None:
        """A name, a path, and where the content is."""
        text = f"[{{name: google-key, path: /opt/airflow/secrets/google.json, {SECRET}}}]"
        (file,) = load({"airflow/files": text}).airflow.files
        assert (file.name, file.path, file.secret) == ("google-key", "/opt/airflow/secrets/google.json", "acme/sentry")

    @pytest.mark.parametrize(
        "path",
        [
            "/opt/airflow/airflow.cfg",
            "/opt/airflow/dags/a.py",
            "/opt/airflow/logs/a",
            "/opt/airflow/config/airflow_local_settings.py",
            "/proc/1/environ",
            "/var/run/secrets/token",
            "/opt/../etc/passwd",
            "/opt/a/..",
            "opt/a",
            "/a",
            "/opt/${a}",
        ],
    )
    def test_not_where_airflow_or_the_system_has_its_own(self, problems: Problems, path: str) -> None:
        """Nor anything that is no plain absolute path."""
        (problem,) = problems({"airflow/files": f"[{{name: a, path: '{path}', value: x}}]"})
        assert problem.key == "airflow.files[0].path"
        assert "an absolute path" in problem.allowed

    @pytest.mark.parametrize(
        "other", ["{name: a, path: /opt/x/b, value: y}", "{name: b, path: /opt/x/a, value: y}"], ids=["name", "path"]
    )
    def test_are_told_apart(self, problems: Problems, other: str) -> None:
        """By name and by path."""
        (problem,) = problems({"airflow/files": f"[{{name: a, path: /opt/x/a, value: x}}, {other}]"})
        assert "alike:" in problem.received

    def test_a_name_is_one_of_kubernetes(self, problems: Problems) -> None:
        """Volume and secret are called so."""
        (problem,) = problems({"airflow/files": "[{name: Google_Key, path: /opt/x/a, value: x}]"})
        assert problem.key == "airflow.files[0].name"
