"""Secrets in clear in helm/values.yaml: refused where they can be named, warned of where something looks like one."""

from __future__ import annotations

import json

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.airflow.user_values.helm_messages import without_values
from constructs.airflow.user_values.schema_mistakes import schema_mistakes
from constructs.settings.document.problems import EnvironmentFileError

from tests.unit.airflow.conftest import Refused, Write

#: In no report.
SECRET = "hunter2-hunter2"
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----\n"


def variable(name: str, value: object) -> str:
    """A file with one variable; JSON is YAML."""
    return json.dumps({"env": [{"name": name, "value": value}]})


def option(section: str, name: str, value: object) -> str:
    """A file with one option of airflow.cfg."""
    return json.dumps({"config": {section: {name: value}}})


#: Content, key, what was found, and what to do.
REFUSED = {
    "password of mail": (
        option("smtp", "smtp_password", SECRET),
        "config.smtp.smtp_password",
        "by its name",
        "envName: AIRFLOW__SMTP__SMTP_PASSWORD, secretName: ...",
    ),
    "number": (option("smtp", "smtp_password", 1234567), "config.smtp.smtp_password", "by its name", "envName"),
    "short number": (option("smtp", "smtp_password", 1234), "config.smtp.smtp_password", "by its name", "envName"),
    "short password": (variable("DB_PASSWORD", "0815"), "env[0].value", "by its name", "envName: DB_PASSWORD"),
    "address of errors": (
        option("sentry", "sentry_dsn", f"https://{SECRET}@sentry.example.com/1"),
        "config.sentry.sentry_dsn",
        "by its name",
        "envName: AIRFLOW__SENTRY__SENTRY_DSN",
    ),
    "argument of a backend": (
        option("celery_broker_transport_options", "sentinel_kwargs", json.dumps({"password": SECRET})),
        "config.celery_broker_transport_options.sentinel_kwargs",
        "its password",
        "envName",
    ),
    "URL in an option": (
        option("mine", "url", f"https://me:{SECRET}@example.com"),
        "config.mine.url",
        "a URL with a password",
        "envName: AIRFLOW__MINE__URL",
    ),
    "variable": (variable("MY_API_KEY", SECRET), "env[0].value", "by its name", "envName: MY_API_KEY"),
    "option as a variable": (
        variable("AIRFLOW__SMTP__SMTP_PASSWORD", SECRET),
        "env[0].value",
        "by its name",
        "envName: AIRFLOW__SMTP__SMTP_PASSWORD",
    ),
    "secret of a plugin": (variable("AIRFLOW__MINE__CLIENT_SECRET", SECRET), "env[0].value", "by its name", "envName"),
    "Airflow's variable": (variable("AIRFLOW_VAR_DB_PASSWORD", SECRET), "env[0].value", "by its name", "envName"),
    "connection": (
        variable("AIRFLOW_CONN_DB", f"postgresql://me:{SECRET}@db.example.com/x"),
        "env[0].value",
        "a URL with a password",
        "envName: AIRFLOW_CONN_DB",
    ),
    "connection without a user": (
        variable("AIRFLOW_CONN_Q", f"redis://:{SECRET}@q.example.com"),
        "env[0].value",
        "a URL with a password",
        "envName",
    ),
    "connection's argument": (
        variable("AIRFLOW_CONN_API", f"http://example.com/?token={SECRET}"),
        "env[0].value",
        "its token",
        "envName",
    ),
    "connection in JSON": (
        variable("AIRFLOW_CONN_DB", json.dumps({"conn_type": "postgres", "password": SECRET})),
        "env[0].value",
        "its password",
        "envName",
    ),
    "connection's extra": (
        variable("AIRFLOW_CONN_DB", json.dumps({"conn_type": "x", "extra": json.dumps({"private_key": SECRET})})),
        "env[0].value",
        "its private_key",
        "envName",
    ),
    "variable in text": (
        json.dumps({"extraEnv": f"- name: MY_TOKEN\n  value: {SECRET}\n"}),
        "extraEnv[0].value",
        "by its name",
        "envName: MY_TOKEN",
    ),
    "URL in a variable in text": (
        json.dumps({"extraEnv": f"- name: MINE\n  value: https://me:{SECRET}@example.com\n"}),
        "extraEnv[0].value",
        "a URL with a password",
        "envName: MINE",
    ),
    "variable of a component": (
        json.dumps({"apiServer": {"env": [{"name": "OAUTH_CLIENT_SECRET", "value": SECRET}]}}),
        "apiServer.env[0].value",
        "by its name",
        "envName: OAUTH_CLIENT_SECRET",
    ),
    "container of one's own": (
        json.dumps({"scheduler": {"extraContainers": [{"env": [{"name": "DB_PASSWORD", "value": SECRET}]}]}}),
        "scheduler.extraContainers[0].env[0].value",
        "by its name",
        "envName",
    ),
    "key in a file": (
        json.dumps({"extraConfigMaps": {"mine": {"data": f"key: |\n{KEY}"}}}),
        "extraConfigMaps.mine.data",
        "a private key",
        "Kubernetes secret",
    ),
    "URL in an argument": (
        json.dumps({"scheduler": {"extraInitContainers": [{"args": [f"git://me:{SECRET}@example.com"]}]}}),
        "scheduler.extraInitContainers[0].args[0]",
        "a URL with a password",
        "Kubernetes secret",
    ),
    "key of AWS": (
        json.dumps({"labels": {"a": "AKIAIOSFODNN7EXAMPLE"}}),
        "labels.a",
        "an access key of AWS",
        "Kubernetes secret",
    ),
    "token of GitHub": (
        json.dumps({"airflowLocalSettings": f"X = 'ghp_{'a' * 36}'"}),
        "airflowLocalSettings",
        "a token of GitHub",
        "Kubernetes secret",
    ),
}


class TestASecretInClear:
    @pytest.mark.parametrize(("content", "key", "received", "fix"), REFUSED.values(), ids=REFUSED.keys())
    def test_is_refused(self, refused: Refused, *, content: str, key: str, received: str, fix: str) -> None:
        """With what it was recognised by and how to name it instead, and without showing it."""
        (problem,) = refused(content)
        assert problem.key == key
        assert received in problem.received
        assert "Terraform's state" in problem.allowed
        assert fix in problem.fix
        assert SECRET not in str(problem)

    @pytest.mark.parametrize(
        "content",
        [
            option("smtp", "smtp_password_secret", "smtp/password"),
            option("smtp", "smtp_password_cmd", "cat /run/secrets/smtp"),
            option("logging", "min_length_masked_secret", 5),
            option("logging", "remote_task_handler_kwargs", '{"delete_local_copy": true}'),
            option("api_auth", "jwt_private_key_path", "/keys/jwt.pem"),
            option("mine", "token", ""),
            variable("AIRFLOW__SMTP__SMTP_PASSWORD_SECRET", "smtp/password"),
            variable("AIRFLOW_CONN_DB", "postgresql://me@db.example.com/x"),
            variable("AIRFLOW_CONN_DB", "postgresql://me:$(DB_PASSWORD)@db.example.com/x"),
            variable("AIRFLOW_CONN_API", '{"conn_type": "http", "host": "example.com", "login": "me"}'),
            variable("MY_TOKEN_PATH", "/run/secrets/token"),
            variable("MY_TOKEN", "/run/secrets/token"),
            variable("MY_SECRET", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mine"),
            variable("USE_TOKEN", "true"),
            variable("NO_PASS", "yes"),
            variable("ASK_PASSWORD", "Off"),
            variable("MAX_TOKEN", "4096"),
            variable("MY_URL", "https://example.com:8080/a@b"),
            json.dumps({"secret": [{"envName": "MY_TOKEN", "secretName": "mine", "secretKey": "token"}]}),
            json.dumps({"apiServer": {"env": [{"name": "T_TOKEN", "valueFrom": {"secretKeyRef": {"key": "token"}}}]}}),
            json.dumps({"databaseCleanup": {"serviceAccount": {"automountServiceAccountToken": False}}}),
            json.dumps({"elasticsearch": {"secretName": "mine"}}),
            json.dumps({"volumes": [{"name": "a", "secret": {"secretName": "mine"}}]}),
            json.dumps({"apiServer": {"apiServerConfig": "CLIENT_SECRET = os.environ['CLIENT_SECRET']\n"}}),
        ],
    )
    def test_is_not_seen_where_only_its_place_is(self, write: Write, content: str) -> None:
        """Names of secrets, paths, commands, references to variables, addresses without a password."""
        remarks = read_user_values(write(content)).warnings
        assert [remark for remark in remarks if "secret in clear" in remark] == []


class TestWhatLooksLikeOne:
    @pytest.mark.parametrize(
        ("content", "key", "name"),
        [
            (
                json.dumps({"apiServer": {"apiServerConfig": f"A = 1\nCLIENT_SECRET = '{SECRET}'\n"}}),
                "apiServer.apiServerConfig",
                "CLIENT_SECRET",
            ),
            (
                json.dumps({"airflowLocalSettings": f'x = {{"api_key": "{SECRET}"}}'}),
                "airflowLocalSettings",
                "api_key",
            ),
            (json.dumps({"labels": {"deployToken": SECRET}}), "labels.deployToken", "deployToken"),
            (
                json.dumps({"extraConfigMaps": {"x": {"data": f"a: |\n  user = me\n  db_password = {SECRET}\n"}}}),
                "extraConfigMaps.x.data",
                "db_password",
            ),
        ],
    )
    def test_is_warned_of(self, write: Write, content: str, key: str, name: str) -> None:
        """Code and names that the chart has no other way for: with the place and the name, without the value."""
        (remark,) = read_user_values(write(content)).warnings
        assert f":1: {key}: {name} looks like a secret in clear" in remark
        assert "Kubernetes secret" in remark
        assert SECRET not in remark


#: None of these is in a report, whatever else is wrong with the place that it stands at.
WRONG_PLACES = {
    "text for a map of the stack's": f"data: postgresql://u:{SECRET}@db.example.com/x\n",
    "text for the queue": f"redis: {SECRET}\n",
    "list for a map of the stack's": f"redis: [{SECRET}]\n",
    "name of an option": f'config: {{smtp: {{"smtp_password = {SECRET}": x}}}}\n',
    "name of a section": f'config: {{"smtp {SECRET}": {{a: https://me:{SECRET}@example.com}}}}\n',
    "option without a name": f"config: {{smtp: {SECRET}}}\n",
    "anchor": f"a: &{SECRET}\n",
    "alias": f"a: *{SECRET}\n",
    "tag": f"a: !{SECRET}\n",
    "half a tag": f"a: !{SECRET}!x\n",
    "no character": f'a: "{SECRET}\\0"\n',
    "CDKTF's word": f"a: {SECRET} TfToken\n",
}


class TestASecretInAWrongPlace:
    @pytest.mark.parametrize("content", WRONG_PLACES.values(), ids=WRONG_PLACES.keys())
    def test_is_in_no_report(self, write: Write, content: str) -> None:
        """A mistake is reported by its place and by what kind of value stands there, not by the value."""
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(write(content))
        assert SECRET not in str(caught.value)
        assert "values.yaml:1" in str(caught.value)

    @pytest.mark.parametrize("rule", [{"type": "array"}, {"enum": ["a"]}, {"pattern": "^x$"}, {"not": {}}])
    def test_is_not_in_what_the_charts_schema_says(self, rule: dict[str, object]) -> None:
        """The rule that is broken is named; the words of the library for it have the value in them."""
        ((path, message, _),) = schema_mistakes({"uid": SECRET}, {"properties": {"uid": rule}})
        assert path == ("uid",)
        assert next(iter(rule)) in message
        assert SECRET not in message

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            (
                f'a.yaml:4:8: executing "gotpl" at <tpl .x>: cannot parse template "X = \\"{SECRET}\\"\\n{{{{ .No"',
                'a.yaml:4:8: executing "gotpl" at <tpl .x>: cannot parse template "..."',
            ),
            (f"range can't iterate over {SECRET}", "range can't iterate over ..."),
            ("execution error at (a.yaml:1:2): in quotes", "execution error at (a.yaml:1:2): ..."),
            ("a.yaml: twice in a map: component", "a.yaml: twice in a map: component"),
        ],
        ids=["template", "value", "text in a template", "none"],
    )
    def test_is_not_in_what_helm_says(self, message: str, told: str) -> None:
        """Places and templates of the chart stay; texts of the file, whole or in quotes, do not."""
        values = {"x": f'X = "{SECRET}"\n{{{{ .No', "y": [SECRET, "ab", True, None], "z": '{{ fail "in quotes" }}'}
        assert without_values(message, values) == told


class TestAHostileFile:
    @pytest.mark.parametrize(
        "value",
        ["{" * 50000, "://a:" * 12000, "a " * 30000, "token" * 12000, " " * 60000 + "x", "?a=b" + "&c=d" * 15000],
        ids=["braces", "addresses", "words", "word", "spaces", "arguments"],
    )
    def test_is_read_in_linear_time(self, write: Write, value: str) -> None:
        """As long as a file may be, in whatever these patterns look at: nothing is found."""
        assert read_user_values(write(variable("MINE", value))).warnings == []
