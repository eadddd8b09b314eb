"""Changes of a Helm release's values and what each is told to do."""

from __future__ import annotations

import yaml

from tests.unit.ops.dangers.judged import Block, Case

#: What comes with any change of a release's values.
REPLACED = "interrupts the pods that these values concern are replaced:"


def release(**values: object) -> Block:
    """A release with these values, as the stack writes them."""
    return {"version": "1.22.0", "chart": "airflow", "values": [yaml.safe_dump(values)]}


def variable(name: str, value: str) -> Block:
    """An environment variable of a container."""
    return {"name": name, "value": value}


def nested(path: str, value: object) -> dict[str, object]:
    """Values with this one, in the maps of its path."""
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


def one_value(path: str, before: object, after: object, told: str) -> Case:
    """A change of one value, told by these words and that its pods are replaced."""
    return (
        "helm_release",
        release(**nested(path, before)),
        release(**nested(path, after)),
        [told, f"{REPLACED} {path.partition('.')[0]}"],
    )


SIDECAR = {"name": "x", "image": "example.com/x:1"}
SHOWN = '[{"image": "example.com/x:1", "name": "x"}]'
EXPOSES = "AIRFLOW__API__EXPOSE_CONFIG"
TOLD_BY_ENVIRONMENT = "programs are told otherwise by their environment"


def _bundle(name: str, reference: str, seconds: int = 60) -> dict[str, object]:
    kwargs = {"repo_url": f"https://git.acme.com/{name}", "tracking_ref": reference, "refresh_interval": seconds}
    return {"name": name, "classpath": "GitDagBundle", "kwargs": kwargs}


def _bundles(*listed: dict[str, object]) -> Block:
    return release(dagProcessor={"dagBundleConfigList": list(listed)})


BUNDLE_CASES: list[Case] = [
    (
        "helm_release",
        _bundles(_bundle("a", "main"), _bundle("b", "main")),
        _bundles(_bundle("b", "main", 30), _bundle("a", "next")),
        [
            (
                "opens dagProcessor.dagBundleConfigList.a.kwargs.tracking_ref: code is run from another revision: "
                "main -> next"
            ),
            f"{REPLACED} dagProcessor",
        ],
    ),
]

SETTING_CASES: list[Case] = [
    (
        "helm_release",
        release(executor="CeleryExecutor"),
        release(executor="KubernetesExecutor"),
        [
            (
                "interrupts executor: tasks run elsewhere; the ones that run now are stopped: CeleryExecutor -> "
                "KubernetesExecutor"
            ),
            f"{REPLACED} executor",
        ],
    ),
    (
        "helm_release",
        release(workers={"celery": {"replicas": 3}}, scheduler={"podDisruptionBudget": {"enabled": True}}),
        release(workers={"celery": {"replicas": 1}}, scheduler={"podDisruptionBudget": {"enabled": False}}),
        [
            (
                "weakens scheduler.podDisruptionBudget.enabled: all its pods may be stopped at the same time: true -> "
                "false"
            ),
            "weakens workers.celery.replicas: fewer of it run: 3 -> 1",
            f"{REPLACED} scheduler, workers",
        ],
    ),
    (
        "helm_release",
        release(flower={"enabled": False}, allowPodLaunching=False, statsd={"service": {"type": "ClusterIP"}}),
        release(flower={"enabled": True}, allowPodLaunching=True, statsd={"service": {"type": "LoadBalancer"}}),
        [
            "opens allowPodLaunching: Airflow's pods may start pods: false -> true",
            "opens flower.enabled: Flower shows and controls all workers: false -> true",
            "opens statsd.service.type: it is reached from outside the cluster: ClusterIP -> LoadBalancer",
            f"{REPLACED} allowPodLaunching, flower, statsd",
        ],
    ),
    (
        "helm_release",
        release(config={"api": {}, "fab": {"cookie_secure": "True"}}, databaseCleanup={"retentionDays": 365}),
        release(config={"api": {"expose_config": "True"}, "fab": {}}, databaseCleanup={"retentionDays": 30}),
        [
            "loses databaseCleanup.retentionDays: runs are deleted from the database sooner: 365 -> 30",
            "opens config.api.expose_config: the web interface shows airflow.cfg: (none) -> True",
            "weakens config.fab.cookie_secure: cookies are sent without TLS, too: True -> (none)",
            f"{REPLACED} config, databaseCleanup",
        ],
    ),
    (
        "helm_release",
        release(securityContexts={"containers": {"capabilities": {"drop": ["ALL"]}, "privileged": False}}),
        release(securityContexts={"containers": {"capabilities": {"drop": []}, "privileged": True}}),
        [
            "opens securityContexts.containers.capabilities.drop: containers keep capabilities of root: ALL -> (none)",
            "opens securityContexts.containers.privileged: a container may do all that its node can: false -> true",
            f"{REPLACED} securityContexts",
        ],
    ),
    ("helm_release", release(), {**release(), "timeout": 900}, []),
    (
        "helm_release",
        release(),
        {**release(), "version": "1.23.0"},
        ["interrupts another version of the chart: 1.22.0 -> 1.23.0"],
    ),
    (
        "helm_release",
        release(),
        None,
        ["loses destroyed: all that the release runs, and its volumes", "interrupts destroyed: its pods are stopped"],
    ),
]

CODE_CASES: list[Case] = [
    *(
        one_value(f"{component}.{name}", [], [SIDECAR], f"opens {component}.{name}: {what}: (none) -> {SHOWN}")
        for component, name, what in (
            ("scheduler", "extraContainers", "other programs run beside it, in the same pods"),
            ("workers.celery", "extraInitContainers", "other programs run before it, in the same pods"),
            ("workers.celery", "extraVolumes", "programs see other files"),
            ("dags.gitSync", "extraVolumeMounts", "programs see other files"),
        )
    ),
    *(
        one_value(path, "a", "b", f"opens {path}: {what}: a -> b")
        for path, what in (
            ("images.airflow.repository", "programs come from another repository"),
            ("dags.gitSync.ref", "code is run from another revision"),
            ("dags.gitSync.rev", "code is run from another revision"),
            ("dags.gitSync.branch", "code is run from another branch"),
            ("dags.gitSync.subPath", "code is run from another folder"),
            ("airflowLocalSettings", "other code runs in each process of Airflow"),
            ("podTemplate", "pods of tasks are made from another template"),
            ("extraEnvFrom", TOLD_BY_ENVIRONMENT),
            ("apiServer.args", "the api-server is started otherwise"),
        )
    ),
    one_value("scheduler.args", ["a"], ["b"], "opens scheduler.args: it is started otherwise: a -> b"),
    one_value("scheduler.command", None, ["sh"], "opens scheduler.command: it is started otherwise: (none) -> sh"),
    one_value(
        "scheduler.containerLifecycleHooks.postStart",
        None,
        "sh",
        "opens scheduler.containerLifecycleHooks.postStart: other commands run when it starts or stops: (none) -> sh",
    ),
    one_value(
        "securityContexts.containers.readOnlyRootFilesystem",
        before=True,
        after=False,
        told=(
            "opens securityContexts.containers.readOnlyRootFilesystem: a process may change the programs of its "
            "container: true -> false"
        ),
    ),
]

VARIABLE_CASES: list[Case] = [
    one_value("env", [], [variable("PYTHONPATH", "/x")], f"opens env.PYTHONPATH: {TOLD_BY_ENVIRONMENT}: (none) -> /x"),
    one_value(
        "workers.celery.env",
        [variable("A", "1"), variable("B", "2")],
        [variable("B", "3"), variable("A", "1")],
        f"opens workers.celery.env.B: {TOLD_BY_ENVIRONMENT}: 2 -> 3",
    ),
    one_value(
        "apiServer.env",
        [],
        [variable("FORWARDED_ALLOW_IPS", "*")],
        (
            "opens apiServer.env.FORWARDED_ALLOW_IPS: the api-server's environment, and whose headers it believes: "
            "(none) -> *"
        ),
    ),
    one_value(
        "env",
        [],
        [variable(EXPOSES, "True")],
        f"opens env.{EXPOSES}: the web interface shows airflow.cfg: (none) -> True",
    ),
    one_value(
        "apiServer.env",
        [],
        [variable("AIRFLOW__WEBSERVER__EXPOSE_CONFIG", "True")],
        "opens apiServer.env.AIRFLOW__WEBSERVER__EXPOSE_CONFIG: the web interface shows airflow.cfg: (none) -> True",
    ),
    one_value(
        "extraEnv",
        "",
        f"- name: {EXPOSES}\n  value: 'True'\n",
        f"opens extraEnv.{EXPOSES}: the web interface shows airflow.cfg: (none) -> True",
    ),
    one_value("extraEnv", "", "{{ x }", f"opens extraEnv: {TOLD_BY_ENVIRONMENT}: (none) -> {{{{ x }}"),
    one_value(
        "secret",
        [],
        [{"envName": EXPOSES, "secretName": "a", "secretKey": "b"}],
        (
            f"opens secret.{EXPOSES}: the web interface shows airflow.cfg: (none) -> "
            '{"secretKey": "b", "secretName": "a"}'
        ),
    ),
    (
        "helm_release",
        release(config={"logging": {"remote_logging": "True"}}),
        release(
            config={"logging": {"remote_logging": "True"}}, env=[variable("AIRFLOW__LOGGING__REMOTE_LOGGING", "False")]
        ),
        [
            ("weakens env.AIRFLOW__LOGGING__REMOTE_LOGGING: task logs are not kept in the bucket: True -> False"),
            f"{REPLACED} env",
        ],
    ),
    ("helm_release", release(), release(env=[variable("AIRFLOW__CORE__PARALLELISM", "64")]), [f"{REPLACED} env"]),
    one_value(
        "config.webserver.expose_config",
        None,
        "True",
        "opens config.webserver.expose_config: the web interface shows airflow.cfg: (none) -> True",
    ),
    one_value(
        "config.core.hide_sensitive_var_conn_fields",
        None,
        "False",
        "opens config.core.hide_sensitive_var_conn_fields: logs and web interface show secrets: (none) -> False",
    ),
    one_value(
        "config.fab.enable_proxy_fix",
        "False",
        "1",
        "opens config.fab.enable_proxy_fix: the caller says under which address it called: False -> 1",
    ),
]

RELEASE_CASES = [*BUNDLE_CASES, *SETTING_CASES, *CODE_CASES, *VARIABLE_CASES]
