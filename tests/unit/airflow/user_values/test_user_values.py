"""helm/values.yaml: what may stand there, what is odd, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values, release_values
from constructs.settings.document.problems import EnvironmentFileError

from tests.chart.environments import ROOT, environment, props
from tests.unit.airflow.conftest import Refused, Write


class TestTheShippedFile:
    def test_has_no_mistake_and_nothing_odd(self) -> None:
        """What the project ships passes its own checks, without a warning."""
        assert read_user_values(ROOT / FILE).warnings == []

    def test_goes_below_what_is_computed(self) -> None:
        """Both are in the text of the release."""
        text = release_values(read_user_values(ROOT / FILE), computed_values(props(environment("prod"))))
        assert "migrationsWaitTimeout: 300" in text
        assert "executor: CeleryExecutor" in text


class TestAFile:
    @pytest.mark.parametrize("content", ["", "# nothing yet\n"], ids=["empty", "comments"])
    def test_may_be_empty(self, write: Write, content: str) -> None:
        """Everything that must be is computed."""
        assert read_user_values(write(content)).values == {}

    def test_may_not_be_missing(self, tmp_path: Path) -> None:
        """It is part of the project; the report says how to get it back."""
        with pytest.raises(EnvironmentFileError, match=r"no such file[\s\S]*restore it from git"):
            read_user_values(tmp_path / "values.yaml")

    @pytest.mark.parametrize(
        ("content", "line", "received"),
        [
            ("- a\n", 1, "a list"),
            ("just text\n", 1, "a single value"),
            ("uid: 1\nuid: 2\n", 2, '"uid" a second time, first on line 1'),
            ("config:\n\tcore: {}\n", 2, "a tab"),
            ("env: [\n", 2, "no YAML"),
            ("a: &a [x, x]\nb: [*a, *a]\n", 1, "an anchor"),
            ("uid: !!python/object/apply:os.system [ls]\n", 1, "a tag"),
            ("uid: 1\n---\nuid: 2\n", 2, "a second document"),
            ("labels: {1: x}\n", 1, "1 as a key"),
        ],
        ids=["list", "text", "twice", "tab", "no YAML", "alias bomb", "tag", "documents", "number as name"],
    )
    def test_that_is_no_plain_map_is_refused(self, refused: Refused, *, content: str, line: int, received: str) -> None:
        """As in an environment file: with its line, never with a traceback."""
        (problem,) = refused(content)
        assert problem.line == line
        assert received in problem.received

    @pytest.mark.parametrize("content", ["- a\n", "a: " + "[" * 50, ""], ids=["list", "deep", "folder"])
    def test_is_spoken_of_as_what_it_is(self, write: Write, tmp_path: Path, content: str) -> None:
        """No report about it names the environment's schema or example."""
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(write(content) if content else tmp_path)
        assert "environments/" not in str(caught.value)


#: Content, key, and a part each of the reason and of what to do.
REFUSED = {
    "executor": ("executor: KubernetesExecutor\n", "executor", "environment file", "airflow.executor"),
    "version": ("airflowVersion: 3.2.1\n", "airflowVersion", "environment file", "airflow.version"),
    "image": ("images: {airflow: {tag: x}}\n", "images.airflow.tag", "environment file", "airflow.image"),
    "replicas": ("scheduler:\n  replicas: 2\n", "scheduler.replicas", "environment", "airflow.components.scheduler"),
    "size": (
        "workers: {celery: {resources: {limits: {cpu: 1}}}}\n",
        "workers.celery.resources",
        "environment file",
        "airflow.components.workers",
    ),
    "secret": ("fernetKey: abc\n", "fernetKey", "Terraform's state", "Secrets Manager"),
    "name of a secret": ("jwtSecretName: mine\n", "jwtSecretName", "Terraform's state", "remove it"),
    "secrets of one's own": (
        "extraSecrets: {a: {data: x}}\n",
        "extraSecrets",
        "Terraform's state",
        "Kubernetes secret",
    ),
    "database": ("postgresql: {enabled: true}\n", "postgresql", "on RDS", "section database"),
    "password": (
        "data: {metadataConnection: {pass: x}}\n",
        "data.metadataConnection",
        "on RDS",
        "section database",
    ),
    "queue": ("data: {brokerUrl: redis://:x@y}\n", "data.brokerUrl", "redis", "airflow.executor"),
    "secret of Airflow 2": ("webserverSecretKey: x\n", "webserverSecretKey", "Terraform's state", "Secrets Manager"),
    "search engine": (
        "elasticsearch: {connection: {pass: x}}\n",
        "elasticsearch.connection.pass",
        "Terraform's state",
        "elasticsearch.secretName",
    ),
    "keytab": (
        "kerberos: {keytabBase64Content: eA==}\n",
        "kerberos.keytabBase64Content",
        "Terraform's state",
        "airflow-kerberos-keytab",
    ),
    "worker sets": (
        "workers: {celery: {sets: [{name: big, replicas: 2}]}}\n",
        "workers.celery.sets",
        "a budget of its own",
        "airflow.workers in environments",
    ),
    "flat worker sets": ("workers: {sets: []}\n", "workers.sets", "which role in AWS", "airflow.workers in"),
    "flat replicas": ("workers: {replicas: 2}\n", "workers.replicas", "environment file", "components.workers"),
    "flat account": (
        "workers: {serviceAccount: {name: x}}\n",
        "workers.serviceAccount.name",
        "permissions in AWS",
        "remove it",
    ),
    "in another case": ("config: {core: {Fernet_Key: x}}\n", "config.core.Fernet_Key", "state", "Secrets Manager"),
    "section in another case": (
        "config: {DATABASE: {SQL_ALCHEMY_CONN: x}}\n",
        "config.DATABASE.SQL_ALCHEMY_CONN",
        "state",
        "Secrets Manager",
    ),
    "by command": ("config: {core: {fernet_key_cmd: x}}\n", "config.core.fernet_key_cmd", "state", "Secrets Manager"),
    "of Airflow 2": ("config: {webserver: {secret_key: x}}\n", "config.webserver.secret_key", "state", "Secrets"),
    "address of Airflow 2": (
        "config: {webserver: {base_url: x}}\n",
        "config.webserver.base_url",
        "environment file",
        "airflow.web.host_name",
    ),
    "variable in text": (
        "extraEnv: |\n  - name: A\n    value: b\n  - name: AIRFLOW__CORE__FERNET_KEY\n    value: x\n",
        "extraEnv[1].name",
        "Terraform's state",
        "Secrets Manager",
    ),
    "no list in text": ("extraEnv: 'A=b'\n", "extraEnv", "a YAML list", "into env"),
    "templates around variables": ("extraEnv: '{{- range .Values.x }}'\n", "extraEnv", "a YAML list", "into env"),
    "name with a line break": (
        'env: [{name: "A\\n    value: b\\n  - name: AIRFLOW__CORE__FERNET_KEY", value: x}]\n',
        "env[0].name",
        "letters, digits",
        "the name itself",
    ),
    "name by a template": (
        "apiServer: {env: [{name: '{{ upper \"forwarded_allow_ips\" }}', value: x}]}\n",
        "apiServer.env[0].name",
        "letters, digits",
        "the name itself",
    ),
    "more than a secret's name": (
        'secret: [{envName: A, secretName: "x\\n  - name: AIRFLOW__CORE__FERNET_KEY", secretKey: b}]\n',
        "secret[0].envName",
        "one variable",
        "on one line",
    ),
    "template of variables": (
        "scheduler: {waitForMigrations: {env: [{name: A, value: '{{ printf \"%c\" 10 }}'}]}}\n",
        "scheduler.waitForMigrations.env[0].name",
        "one variable",
        "the value itself",
    ),
    "template in text": (
        "extraEnv: |\n  - name: A\n    value: '{{ printf \"%c\" 10 }}'\n",
        "extraEnv[0].name",
        "one variable",
        "the value itself",
    ),
    "variables in a map": ("env: {AIRFLOW__CORE__FERNET_KEY: x}\n", "env", "a list", "env: [{name: MY_SETTING"),
    "variables as text": ("env: [AIRFLOW__CORE__FERNET_KEY=x]\n", "env", "a list", "env: [{name: MY_SETTING"),
    "list in a list": (
        "workers: {celery: {env: [[{name: AIRFLOW__CORE__FERNET_KEY, value: x}]]}}\n",
        "workers.celery.env",
        "a list",
        "env: [{name: MY_SETTING",
    ),
    "secrets in a map": ("secret: {A: b}\n", "secret", "a list", "secret: [{envName: MY_SETTING"),
    "variable of git-sync": (
        "dags: {gitSync: {env: [{name: GITSYNC_REF, value: x}]}}\n",
        "dags.gitSync.env[0].name",
        "environment file",
        "airflow.dags",
    ),
    "variable of Airflow 2": (
        "env: [{name: AIRFLOW__CORE__SQL_ALCHEMY_CONN, value: x}]\n",
        "env[0].name",
        "Terraform's state",
        "Secrets Manager",
    ),
    "region": ("env: [{name: AWS_REGION, value: x}]\n", "env[0].name", "environment file", "region_name"),
    "keys of AWS": (
        "secret: [{envName: AWS_SECRET_ACCESS_KEY, secretName: a, secretKey: b}]\n",
        "secret[0].envName",
        "Pod Identity",
        "airflow.pod_policy_arns",
    ),
    "job": ("migrateDatabaseJob: {enabled: true}\n", "migrateDatabaseJob", "a job of the stack's own", "remove it"),
    "admin": ("createUserJob: {defaultUser: {password: x}}\n", "createUserJob", "admin/admin", "remove it"),
    "flower": ("flower: {enabled: true}\n", "flower", "without a login", "remove it"),
    "ingress": ("ingress: {apiServer: {enabled: true}}\n", "ingress", "load balancer", "airflow.web"),
    "service": ("apiServer: {service: {type: NodePort}}\n", "apiServer.service", "load balancer", "airflow.web"),
    "names": ("fullnameOverride: x\n", "fullnameOverride", "names", "remove it"),
    "account": (
        "triggerer: {serviceAccount: {name: x}}\n",
        "triggerer.serviceAccount.name",
        "permissions in AWS",
        "remove it",
    ),
    "git": ("dags: {gitSync: {branch: x}}\n", "dags.gitSync.branch", "environment file", "airflow.dags"),
    "logs": (
        "config: {logging: {remote_logging: False}}\n",
        "config.logging.remote_logging",
        "the stack's bucket",
        "remove",
    ),
    "proxy": (
        "config: {fab: {enable_proxy_fix: 'True'}}\n",
        "config.fab.enable_proxy_fix",
        "load balancer, and it alone",
        "remove it",
    ),
    "volume": ("triggerer: {persistence: {enabled: true}}\n", "triggerer.persistence", "the only one", "remove it"),
    "flat worker": ("workers: {nodeSelector: {a: b}}\n", "workers.nodeSelector", "compatibility", "workers.celery"),
    "revision": (
        "redis: {podAnnotations: {secret-revision/redis: '7'}}\n",
        'redis.podAnnotations["secret-revision/redis"]',
        "restart pods",
        "another name",
    ),
    "whole map": ("scheduler: null\n", "scheduler", "a map: parts of it are the stack's", "single names below"),
    "list for a map": ("dags: {gitSync: []}\n", "dags.gitSync", "a map: parts of it", "single names below"),
    "variable": (
        "env: [{name: AIRFLOW__CORE__FERNET_KEY, value: x}]\n",
        "env[0].name",
        "Terraform's state",
        "Secrets Manager",
    ),
    "variable by command": (
        "env: [{name: A, value: b}, {name: AIRFLOW__CELERY__BROKER_URL_CMD, value: x}]\n",
        "env[1].name",
        "Terraform's state",
        "Secrets Manager",
    ),
    "variable of a component": (
        "workers: {celery: {env: [{name: AIRFLOW__CORE__FERNET_KEY, value: x}]}}\n",
        "workers.celery.env[0].name",
        "Terraform's state",
        "Secrets Manager",
    ),
    "pods for tasks": (
        "allowPodLaunching: true\n",
        "allowPodLaunching",
        "every secret of the namespace",
        "allow_pod_launching",
    ),
    "a file that nothing reads": ("pgbouncer: {extraIni: x}\n", "pgbouncer.extraIni", "the stack's, on RDS", "remove"),
    "a secret taken away": (
        "enableBuiltInSecretEnvVars: {AIRFLOW__CORE__FERNET_KEY: false}\n",
        "enableBuiltInSecretEnvVars.AIRFLOW__CORE__FERNET_KEY",
        "Terraform's state",
        "remove",
    ),
    "connection": (
        "env: [{name: AIRFLOW_CONN_AWS_DEFAULT, value: x}]\n",
        "env[0].name",
        "task logs are written",
        "another name",
    ),
    "variable from a secret": (
        "secret: [{envName: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, secretName: a, secretKey: b}]\n",
        "secret[0].envName",
        "Terraform's state",
        "Secrets Manager",
    ),
}


class TestWhatIsTheStacks:
    @pytest.mark.parametrize(("content", "key", "why", "instead"), REFUSED.values(), ids=REFUSED.keys())
    def test_is_refused_with_reason_and_setting(
        self, refused: Refused, *, content: str, key: str, why: str, instead: str
    ) -> None:
        """The report says which key, why it is not the file's, and where it is set instead."""
        (problem,) = refused(content)
        assert problem.key == key
        assert why in problem.allowed
        assert instead in problem.fix

    def test_is_reported_all_at_once(self, refused: Refused) -> None:
        """In the order of the file, mistakes of YAML among them."""
        problems = refused("executor: x\nuid: 1\nuid: 2\nscheduler:\n  replicas: 2\n  resources: {}\n")
        assert [(problem.line, problem.key) for problem in problems] == [
            (1, "executor"),
            (3, "uid"),
            (5, "scheduler.replicas"),
            (6, "scheduler.resources"),
        ]


#: Content, key, what was found, and what to do. Each would be, or would hide, another option.
NO_OPTION = {
    "line break": (
        'config: {core: {parallelism: "32\\n    fernet_key = abc"}}\n',
        "config.core.parallelism",
        "several lines",
        "one line",
    ),
    "other line break": ('config: {core: {a: "1\\u2028b = 2"}}\n', "config.core.a", "several lines", "one line"),
    "line break in a name": (
        'config: {core: {"a = 1\\n    fernet_key": x}}\n',
        'config.core["a..."]',
        "other characters",
        "the name alone",
    ),
    "assignment in a name": (
        'config: {core: {"a = 1": x}}\n',
        'config.core["a..."]',
        "other characters",
        "the name alone",
    ),
    "comment": ('config: {core: {"#a": x}}\n', 'config.core["..."]', "other characters", "the name alone"),
    "bracket in a section": ('config: {"core]": {a: x}}\n', 'config["core..."]', "other characters", "the name alone"),
    "default section": (
        "config: {DEFAULT: {fernet_key: x}}\n",
        "config.DEFAULT",
        "the section DEFAULT",
        "its own section",
    ),
    "section in another case": ("config: {Core: {a: x}}\n", "config.Core", "Core", "write core"),
    "option in another case": ("config: {core: {Parallelism: 3}}\n", "config.core.Parallelism", "", "parallelism"),
    "no section": ("config: {mine: x}\n", "config.mine", "without the name of an option", "mine: {name: value}"),
    "list": ("config: {core: {a: [1, 2]}}\n", "config.core.a", "a list", "JSON"),
    "map": ("config: {core: {a: {b: c}}}\n", "config.core.a", "a map", "JSON"),
    "interpolation": ("config: {core: {a: '%(fernet_key)s'}}\n", "config.core.a", "a single %", "double it"),
    "percent": ("config: {logging: {a: '50%'}}\n", "config.logging.a", "a single %", "double it"),
    "template": (
        "config: {core: {a: '{{ printf \"%c\" 10 }}    fernet_key = x'}}\n",
        "config.core.a",
        "a template that may write more",
        "the value itself",
    ),
    "braces": (
        "config: {logging: {log_filename_template: 'dag_id={{ ti.dag_id }}.log'}}\n",
        "config.logging.log_filename_template",
        "a template that may write more",
        '{{ "{{" }}',
    ),
    "template of lines": (
        "config: {core: {a: '{{ .Values.airflowLocalSettings }}'}}\nairflowLocalSettings: |\n  a\n  b\n",
        "config.core.a",
        "a template that may write more",
        "the value itself",
    ),
}


class TestAirflowsConfiguration:
    @pytest.mark.parametrize(("content", "key", "received", "fix"), NO_OPTION.values(), ids=NO_OPTION.keys())
    def test_has_no_option_but_by_its_name(
        self, refused: Refused, *, content: str, key: str, received: str, fix: str
    ) -> None:
        """One option for each name, of plain text: nothing else comes with it, and Airflow can read the file."""
        problems = refused(content)
        assert [problem.key for problem in problems] == [key]
        assert received in problems[0].received
        assert fix in problems[0].fix

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ("40960000", "40960000"),
            ("0.10", "0.10"),
            ("1_000", "1_000"),
            ("010", "010"),
            ("1:30", "1:30"),
            ("true", "true"),
            ("False", "False"),
            ("yes", "True"),
            ("Off", "False"),
            ('"40960000"', "40960000"),
            ("s3://a", "s3://a"),
            ('\'dag_id={{ "{{" }} ti.dag_id {{ "}}" }}\'', 'dag_id={{ "{{" }} ti.dag_id {{ "}}" }}'),
            ("'%%(asctime)s'", "%%(asctime)s"),
        ],
    )
    def test_has_every_value_as_it_is_written(self, write: Write, written: str, text: str) -> None:
        """Helm would write 40960000 as 4.096e+07; words that only YAML takes for booleans are Airflow's."""
        user = read_user_values(write(f"config: {{core: {{max_templated_field_length: {written}}}}}\n"))
        released = yaml.safe_load(release_values(user, computed_values(props(environment("dev")))))
        assert released["config"]["core"]["max_templated_field_length"] == text

    def test_may_lose_a_default_of_the_charts(self, write: Write) -> None:
        """Null is Helm's word for that, for an option and for a section."""
        config = read_user_values(write("config: {core: {parallelism: null}, kerberos: null}\n")).values["config"]
        assert config == {"core": {"parallelism": None}, "kerberos": None}


class TestVariables:
    @pytest.mark.parametrize(
        ("content", "value"),
        [
            ("env: [{name: LIMIT, value: 40960000}]\n", "40960000"),
            ("env: [{name: DEBUG, value: yes}]\n", "yes"),
            ("env: [{name: AIRFLOW__CORE__LOAD_EXAMPLES, value: yes}]\n", "True"),
        ],
    )
    def test_have_the_text_of_the_file(self, write: Write, content: str, value: str) -> None:
        """Kubernetes takes text only, and the chart would write a large number as 4.096e+07."""
        assert read_user_values(write(content)).values["env"][0]["value"] == value

    def test_of_containers_in_lists_have_it_too(self, write: Write) -> None:
        """At any depth."""
        user = read_user_values(
            write("scheduler: {extraContainers: [{name: a, env: [{name: B, value: 1.50}], args: [2]}]}\n")
        )
        assert user.values["scheduler"]["extraContainers"] == [
            {"name": "a", "env": [{"name": "B", "value": "1.50"}], "args": [2]}
        ]


class TestLabels:
    def test_have_the_text_of_the_file(self, write: Write) -> None:
        """Kubernetes takes text only in labels, annotations and selectors; other numbers stay numbers."""
        user = read_user_values(
            write(
                "labels: {cost: 0010}\nscheduler: {podAnnotations: {a: yes}, nodeSelector: {b: true}, "
                "revisionHistoryLimit: 3, serviceAccount: {annotations: {c: 1.0}}}\n"
            )
        )
        assert user.values == {
            "labels": {"cost": "0010"},
            "scheduler": {
                "podAnnotations": {"a": "yes"},
                "nodeSelector": {"b": "true"},
                "revisionHistoryLimit": 3,
                "serviceAccount": {"annotations": {"c": "1.0"}},
            },
        }


class TestWhatIsTheUsers:
    @pytest.mark.parametrize(
        "content",
        [
            "env: [{name: MY_SETTING, value: x}]\n",
            "env: [{name: AIRFLOW__CORE__PARALLELISM, value: '64'}]\n",
            "secret: [{envName: MY_TOKEN, secretName: mine, secretKey: token}]\n",
            "config: {core: {parallelism: '64'}, mine: {x: y}}\n",
            "workers: {celery: {nodeSelector: {disk: fast}}}\n",
            "scheduler: {podAnnotations: {mine: x}, env: []}\n",
            "images: {redis: {repository: registry.example.com/redis}, airflow: {pullPolicy: Always}}\n",
            "dags: {gitSync: {depth: 0, env: []}}\n",
            "databaseCleanup: {tables: [log]}\n",
            "apiServer: {env: [{name: MY_SETTING, value: x}]}\n",
            "extraEnv: |\n  - {name: MY_SETTING, valueFrom: {secretKeyRef: {name: mine, key: token}}}\n",
            "labels: {env: prod}\nscheduler: {nodeSelector: {env: prod}, env: null}\n",
            "scheduler: {extraContainers: [{name: mine, env: [{name: AWS_REGION, value: eu-west-1}]}]}\n",
            "apiServer: {livenessProbe: null, serviceAccount: {annotations: {}}}\n",
        ],
        ids=[
            "env",
            "setting",
            "secret",
            "config",
            "nodes",
            "annotations",
            "mirror",
            "git",
            "pruning",
            "server",
            "text",
            "label",
            "own",
            "probe",
        ],
    )
    def test_is_taken_as_it_is(self, write: Write, content: str) -> None:
        """Beside what is computed, without a word about it."""
        user = read_user_values(write(content))
        assert user.warnings == []
        assert release_values(user, computed_values(props(environment("dev"))))

    def test_joins_the_stacks_own_variables(self, write: Write) -> None:
        """Both are in the release: of the api-server, and in the text for all containers; every value is text."""
        mine = "apiServer: {env: [{name: A, value: b}]}\nextraEnv: |\n  - name: NUMBER\n    value: 40960000\n"
        text = release_values(read_user_values(write(mine)), computed_values(props(environment("dev"))))
        values = yaml.safe_load(text)
        assert [entry["name"] for entry in values["apiServer"]["env"]] == ["A", "FORWARDED_ALLOW_IPS"]
        extra = yaml.safe_load(values["extraEnv"])
        assert [entry["name"] for entry in extra] == ["NUMBER", "AIRFLOW_CONN_AWS_DEFAULT", "AWS_DEFAULT_REGION"]
        assert extra[0]["value"] == "40960000"


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("content", "place", "nearest"),
        [
            ("uid: 1\nschedulr: {}\n", ":2: schedulr", "; did you mean scheduler?"),
            ("statsd:\n  enbled: true\n", ":2: statsd.enbled", "; did you mean enabled?"),
            ("xyzzy: 1\n", ":1: xyzzy", ""),
        ],
        ids=["first level", "second level", "nothing near"],
    )
    def test_are_warned_about(self, write: Write, content: str, place: str, nearest: str) -> None:
        """With line, chart version, and the nearest name if one is near."""
        path = write(content)
        (found,) = read_user_values(path).warnings
        assert found == f"{path}{place}: version 1.22.0 of the Airflow chart has no such value{nearest}"

    def test_are_mistakes_beside_others(self, refused: Refused) -> None:
        """Nobody mends the file twice: whoever has to is told at once, with the nearest name."""
        problems = refused("uid: 1\nschedulr: {}\nexecutor: x\nxyzzy: 1\n")
        assert [(problem.line, problem.key) for problem in problems] == [(2, "schedulr"), (3, "executor"), (4, "xyzzy")]
        assert problems[0].fix == "did you mean scheduler?"

    def test_are_not_all_new_ones(self, write: Write) -> None:
        """What the released chart has is known."""
        assert read_user_values(write("enableServiceLinks: false\n")).warnings == []

    @pytest.mark.parametrize(
        "content",
        ["config: {anything: {x: y}}\n", "labels: {team: data}\n", "nodeSelector: {disk: fast}\n", "affinity: {}\n"],
    )
    def test_are_none_where_any_name_may_stand(self, write: Write, content: str) -> None:
        """A map of free names has no second level to check."""
        assert read_user_values(write(content)).warnings == []
