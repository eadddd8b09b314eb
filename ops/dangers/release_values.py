"""What the values of a Helm release open, weaken or interrupt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml
from constructs.airflow.values.bundles import PLACE as BUNDLES

from ops.dangers.release_variables import option_names, with_variables
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule, changed, differ, gone, is_true, members, number
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

#: Where the chart has the sets of workers, a list by their names.
_SETS = ("workers", "celery", "sets")

Judge = Callable[[Any, Any], bool]


def _is_on(value: Any) -> bool:
    return is_true(value) or str(value).casefold() in ("1", "t")  # as Airflow reads it


def _on(before: Any, after: Any) -> bool:
    return _is_on(after) and not _is_on(before)


def _off(before: Any, after: Any) -> bool:
    return _is_on(before) and not _is_on(after)


def _off_by_word(before: Any, after: Any) -> bool:
    """On where nothing is said."""
    return after is not None and not _is_on(after) and (before is None or _is_on(before))


def _less(before: Any, after: Any) -> bool:
    old = number(before)
    return old is not None and (number(after) or 0.0) < old


def _other(before: Any, after: Any) -> bool:
    return differ(before, after)


def _shorter(before: Any, after: Any) -> bool:
    return bool({*members(before)} - {*members(after)})


def _turned_on(before: Any, after: Any) -> bool:
    """Off where nothing is said, and named otherwise than by a switch: `Enabled`, `LoadBalancer`, a list."""
    return differ(before, after) and str(after).casefold() not in ("none", "false", "disabled", "clusterip", "0")


@dataclass(frozen=True)
class Value:
    """A value that a reviewer would stop at: its name in the values, and what a change of it does."""

    pattern: str
    judge: Judge
    kind: Kind
    what: str


#: By the names of the official Airflow chart 1.22 and of the AWS Load Balancer Controller's.
_VALUES = (
    Value("allowPodLaunching", _on, Kind.OPENS, "Airflow's pods may start pods"),
    Value("allowJobLaunching", _on, Kind.OPENS, "Airflow's pods may start jobs"),
    Value("multiNamespaceMode", _on, Kind.OPENS, "Airflow's pods may start pods in every namespace"),
    Value("*.allowPodLogReading", _on, Kind.OPENS, "the api-server may read the pods' logs"),
    Value("*.automountServiceAccountToken", _on, Kind.OPENS, "its pods can call the Kubernetes API"),
    Value("*.allowPrivilegeEscalation", _on, Kind.OPENS, "a process may get more rights than it started with"),
    Value("*.privileged", _on, Kind.OPENS, "a container may do all that its node can"),
    Value("*.runAsNonRoot", _off, Kind.OPENS, "containers may run as root"),
    Value("*.runAsUser", _less, Kind.OPENS, "containers run as another user"),
    Value("*.capabilities.drop", _shorter, Kind.OPENS, "containers keep capabilities of root"),
    Value("*.capabilities.add", _turned_on, Kind.OPENS, "containers get capabilities of root"),
    Value("*.seccompProfile.type", _other, Kind.OPENS, "which calls of the kernel are filtered"),
    Value("*.hostNetwork", _on, Kind.OPENS, "pods share the network of their node"),
    Value("*.service.type", _turned_on, Kind.OPENS, "it is reached from outside the cluster"),
    Value("ingress.*.enabled", _on, Kind.OPENS, "it is reached from outside the cluster"),
    Value("ingress.enabled", _on, Kind.OPENS, "it is reached from outside the cluster"),
    Value("flower.enabled", _on, Kind.OPENS, "Flower shows and controls all workers"),
    Value("networkPolicies.enabled", _off, Kind.OPENS, "the chart's network policies are gone"),
    Value("config.core.auth_manager", _other, Kind.OPENS, "who may sign in is decided by another program"),
    Value("config.core.simple_auth_manager_*", _turned_on, Kind.OPENS, "who may sign in, and as what"),
    Value("config.core.test_connection", _turned_on, Kind.OPENS, "connections can be tried from the web interface"),
    Value("config.api.expose_config", _turned_on, Kind.OPENS, "the web interface shows airflow.cfg"),
    Value("config.api.expose_stacktrace", _turned_on, Kind.OPENS, "the web interface shows stack traces"),
    Value("config.api.auth_backends", _other, Kind.OPENS, "who may call the API is decided otherwise"),
    Value("config.api.access_control_*", _turned_on, Kind.OPENS, "other web sites may call the API"),
    Value(
        "config.core.hide_sensitive_var_conn_fields", _off_by_word, Kind.OPENS, "logs and web interface show secrets"
    ),
    Value("config.fab.auth_rate_limited", _off_by_word, Kind.OPENS, "passwords can be guessed without a limit"),
    Value("config.fab.cookie_secure", _off, Kind.WEAKENS, "cookies are sent without TLS, too"),
    Value("config.fab.*proxy_fix*", _on, Kind.OPENS, "the caller says under which address it called"),
    Value("config.fab.proxy_fix_*", _turned_on, Kind.OPENS, "the caller says under which address it called"),
    Value("config.secrets.backend*", _other, Kind.OPENS, "connections and variables come from elsewhere"),
    Value("config.logging.remote_logging", _off, Kind.WEAKENS, "task logs are not kept in the bucket"),
    Value("config.logging.remote_base_log_folder", _other, Kind.WEAKENS, "task logs are kept elsewhere"),
    Value("apiServer.apiServerConfig*", _other, Kind.OPENS, "who may sign in, and as what"),
    Value("apiServer.args", _other, Kind.OPENS, "the api-server is started otherwise"),
    Value("apiServer.env.*", _other, Kind.OPENS, "the api-server's environment, and whose headers it believes"),
    Value("dags.gitSync.repo", _other, Kind.OPENS, "code is run from another repository"),
    *(
        Value(f"dags.gitSync.{name}", _other, Kind.OPENS, f"code is run from another {what}")
        for name, what in (("ref", "revision"), ("rev", "revision"), ("branch", "branch"), ("subPath", "folder"))
    ),
    Value("dagProcessor.dagBundleConfigList.*.classpath", _other, Kind.OPENS, "code comes from elsewhere"),
    *(
        Value(
            f"dagProcessor.dagBundleConfigList.*.kwargs.{name}", _other, Kind.OPENS, f"code is run from another {what}"
        )
        for name, what in (("repo_url", "repository"), ("tracking_ref", "revision"), ("subdir", "folder"))
    ),
    Value("images.*.repository", _other, Kind.OPENS, "programs come from another repository"),
    Value("defaultAirflowRepository", _other, Kind.OPENS, "programs come from another repository"),
    Value("*.extraContainers", _other, Kind.OPENS, "other programs run beside it, in the same pods"),
    Value("*.extraInitContainers", _other, Kind.OPENS, "other programs run before it, in the same pods"),
    Value("*.command", _other, Kind.OPENS, "it is started otherwise"),
    Value("*.args", _other, Kind.OPENS, "it is started otherwise"),
    Value("*containerLifecycleHooks.*", _other, Kind.OPENS, "other commands run when it starts or stops"),
    Value("airflowLocalSettings", _other, Kind.OPENS, "other code runs in each process of Airflow"),
    Value("podTemplate", _other, Kind.OPENS, "pods of tasks are made from another template"),
    *(
        Value(pattern, _other, Kind.OPENS, "programs are told otherwise by their environment")
        for name in ("env", "extraEnv", "extraEnvFrom", "envFrom", "secret")
        for pattern in (name, f"{name}.*", f"*.{name}", f"*.{name}.*")
    ),
    *(
        Value(pattern, _other, Kind.OPENS, "programs see other files")
        for pattern in ("volumes", "volumeMounts", "*.extraVolumes", "*.extraVolumeMounts")
    ),
    Value("*.readOnlyRootFilesystem", _off, Kind.OPENS, "a process may change the programs of its container"),
    Value("dags.gitSync.knownHosts", _other, Kind.OPENS, "which Git server is believed"),
    Value(
        "workers.celery.podDisruptionBudget.enabled",
        _off,
        Kind.WEAKENS,
        "without sets of workers, whose budgets are objects of their own, all may be stopped at the same time",
    ),
    Value("*.podDisruptionBudget.enabled", _off, Kind.WEAKENS, "all its pods may be stopped at the same time"),
    Value("*.replicas", _less, Kind.WEAKENS, "fewer of it run"),
    Value("replicaCount", _less, Kind.WEAKENS, "fewer of it run"),
    Value(
        "workers.celery.sets.*.queue", _shorter, Kind.INTERRUPTS, "tasks of a queue wait if no other workers take it"
    ),
    Value("*.safeToEvict", _on, Kind.INTERRUPTS, "an autoscaler may stop it"),
    Value("*.terminationGracePeriodSeconds", _less, Kind.INTERRUPTS, "running tasks get less time to end"),
    Value("redis.persistence.enabled", _off, Kind.WEAKENS, "queued tasks are lost with redis's pod"),
    Value("databaseCleanup.enabled", _on, Kind.LOSES, "old runs are deleted from the database"),
    Value("databaseCleanup.retentionDays", _less, Kind.LOSES, "runs are deleted from the database sooner"),
    Value("executor", _other, Kind.INTERRUPTS, "tasks run elsewhere; the ones that run now are stopped"),
    Value("airflowVersion", _other, Kind.INTERRUPTS, "another version of Airflow migrates the database"),
    Value("pgbouncer.enabled", _off, Kind.WEAKENS, "every process connects to the database itself"),
    Value("enableWaf*", _off, Kind.WEAKENS, "the balancer can have no firewall"),
    Value("enableShield", _off, Kind.WEAKENS, "the balancer can have no Shield"),
    Value("enableServiceMutatorWebhook", _on, Kind.INTERRUPTS, "no service is made while the controller is down"),
)


def _values(change: ResourceChange) -> Iterator[Danger]:
    """What single values do, and that the pods they concern are replaced."""
    if not change.has_both:
        return
    before, after = (with_variables(dict(flat(read(side.get("values"))))) for side in (change.before, change.after))
    differing = sorted(name for name in {*before, *after} if differ(before.get(name), after.get(name)))
    for name in differing:
        if found := next(_judged(name, before, after), None):
            yield found
    if differing:
        concerned = sorted({name.partition(".")[0] for name in differing})
        said = f"the pods that these values concern are replaced: {', '.join(concerned)}"
        yield Danger(kind=Kind.INTERRUPTS, what=said)


def _judged(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Danger]:
    """What a value does; an option of airflow.cfg by that name, whatever sets it."""
    for value in _VALUES:
        for judged in option_names(name) or (name,):
            # A variable goes before the file: where there is none, the file says.
            old, new = (side.get(name, side.get(judged)) for side in (before, after))
            if fnmatchcase(judged, value.pattern) and value.judge(old, new):
                yield danger(value.kind, f"{name}: {value.what}", old, new)


def read(values: Any) -> dict[str, Any]:
    """Return the values of a release as one tree, the later texts over the earlier; what is no YAML has none."""
    tree: dict[str, Any] = {}
    for text in values if isinstance(values, list) else ():
        try:
            part = yaml.safe_load(text) if isinstance(text, str) else None
        except yaml.YAMLError:
            continue
        tree = _over(tree, part) if isinstance(part, dict) else tree
    return tree


def _over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _of_set(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is judged of a set: its command says once more which queues it takes."""
    return {key: value for key, value in values.items() if key not in ("name", "args")}


def flat(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Each value by its full name; lists stay whole, but for the sets of workers and the bundles."""
    if path in (_SETS, BUNDLES) and isinstance(tree, list):
        tree = {each.get("name"): _of_set(each) for each in tree if isinstance(each, Mapping)}
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from flat(value, (*path, str(key)))
    else:
        yield ".".join(path), tree


RELEASES: dict[str, tuple[Rule, ...]] = {
    "helm_release": (
        _values,
        changed("version", "another version of the chart", Kind.INTERRUPTS),
        changed("chart", "another chart", Kind.OPENS),
        changed("repository", "the chart comes from elsewhere", Kind.OPENS),
        gone("its pods are stopped", Kind.INTERRUPTS, actions=(Action.REPLACE, Action.DESTROY)),
    ),
}
