"""Values that the chart takes and that then do nothing here, or harm: refused, with what does what they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from constructs.airflow.user_values.owners import RENAMED, Owner

#: IAM role of a service account, of the way before EKS Pod Identity.
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"

_UMBRELLA = Owner(
    "this file is the chart's own values; below a chart's name they stand in files of an umbrella chart only, and "
    "here nothing would read them",
    "take everything below airflow one level out",
)
_ROLE = Owner(
    "pods get their role from EKS Pod Identity. With this annotation they would ask for another one that no identity "
    "provider lets them have, and reach neither the log bucket nor anything else in AWS",
    "remove it; what DAGs may do in AWS is the setting airflow.pod_policy_arns in environments/<name>.yaml",
)
_KEDA = Owner(
    "the stack installs KEDA, and the role in the database that it asks with, only where the environment file says so",
    "remove it; the setting is airflow.components.workers.autoscaling, of a set of workers or of the triggerer in "
    "environments/<name>.yaml",
)
_COLLECTOR = Owner(
    "the collector's pod is refused by the namespace (Pod Security Standard restricted), and no network policy lets "
    "anybody reach it",
    "remove it; metrics: airflow.scraping: true; traces: a collector of your own in another namespace, named in "
    "config.traces",
)
_POLICIES = Owner(
    "the chart's network policies are off, and so is this: the stack has its own",
    "remove it; add a policy of your own to the namespace: policies add up (docs/decisions/0019-network-policies.md)",
)
#: Names below `webserver` that are called otherwise below `apiServer`.
_RENAMED = {
    "webserverConfig": "apiServerConfig",
    "webserverConfigConfigMapName": "apiServerConfigConfigMapName",
}
#: Names below `webserver` of what is not the user's, or has no successor.
_WITHOUT_SUCCESSOR: Mapping[str, str] = {
    "defaultUser": "remove it; the first user is admin, his password: python -m ops password",
    "service": "remove it; the setting is airflow.web in environments/<name>.yaml",
    "enabled": "remove it",
    "allowPodLogReading": "remove it",
    "replicas": "remove it; the setting is airflow.components.api_server in environments/<name>.yaml",
    "resources": "remove it; the setting is airflow.components.api_server in environments/<name>.yaml",
    "podDisruptionBudget": "remove it; the setting is airflow.components.api_server in environments/<name>.yaml",
}


def _webserver(path: Sequence[str]) -> Owner | None:
    if path[0] != "webserver" or len(path) == 1:
        return None
    name = path[1]
    instead = _WITHOUT_SUCCESSOR.get(name, f"{RENAMED}{_RENAMED.get(name, name)}")
    return Owner("Airflow 3 has no webserver, and its api-server reads nothing of this", instead)


_RULES: Sequence[tuple[Callable[[Sequence[str]], object], Owner]] = (
    (lambda path: tuple(path) == ("airflow",), _UMBRELLA),
    (lambda path: path[-1] == ROLE_ANNOTATION and "serviceAccount" in path, _ROLE),
    (lambda path: path[-1] == "keda" and path[0] in {"workers", "triggerer"}, _KEDA),
    (lambda path: path[0] == "otelCollector", _COLLECTOR),
    (lambda path: path[-1] in {"extraNetworkPolicies", "networkPolicy"} and len(path) > 1, _POLICIES),
)


def dead_end_below(path: Sequence[str], value: object) -> bool:
    """Whether something inside of the map at a path is refused for what it is."""
    return isinstance(value, Mapping) and any(
        dead_end((*path, name)) or dead_end_below((*path, name), inner) for name, inner in value.items()
    )


def dead_end(path: Sequence[str]) -> Owner | None:
    """Return why the value at a path of names is refused, None if it is no dead end."""
    found = (owner for applies, owner in _RULES if applies(path))
    return next(found, None) or _webserver(path)
