"""Values of the single components: how many, how large, spread over what, restarted by which secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.charts.airflow_chart import pod_labels, worker_name
from constructs.airflow.computed_values.autoscaling import of_triggerer, of_workers
from constructs.airflow.computed_values.placement import pod_values
from constructs.airflow.network.peers import PGBOUNCER_METRICS_PORT, STATSD_METRICS_PORT
from constructs.airflow.user_values.owned_values import REVISION_PREFIX, SCRAPE_PREFIX
from constructs.capacity.placement import NodesSettings
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.component import ReplicatedComponent
from constructs.settings.sections.airflow.components import DEFAULT_QUEUE
from constructs.settings.sections.airflow.worker_sets import WorkerSetSettings
from constructs.settings.sections.node_pools import NodePoolSettings

ZONE = "topology.kubernetes.io/zone"
#: The storage class that the stack makes, see `storage_class`.
STORAGE_CLASS = "gp3"

#: Of pods that run tasks: Karpenter takes no node away from them because it is not full, or another is cheaper.
NOT_DISRUPTED = {"karpenter.sh/do-not-disrupt": "true"}

Values = dict[str, Any]
Nodes = Mapping[str, NodesSettings]

_NO_BUDGET = {"enabled": False}


def component_values(airflow: AirflowSettings, nodes: Nodes, zones: int) -> Values:
    """Return replicas, sizes, disruption budgets and the spread over zones of every component."""
    components = airflow.components
    groomer = {"logGroomerSidecar": {"resources": components.log_groomer.resources}}
    values: Values = {
        "apiServer": _replicated(components.api_server, "api-server", zones),
        "scheduler": _replicated(components.scheduler, "scheduler", zones) | groomer,
        "dagProcessor": _replicated(components.dag_processor, "dag-processor", zones) | groomer,
        "triggerer": _replicated(components.triggerer, "triggerer", zones)
        | of_triggerer(components.triggerer)
        | groomer
        # Its logs are in S3; without a volume it is a Deployment, and free to move.
        | {"persistence": {"enabled": False}},
        "pgbouncer": _replicated(components.pgbouncer, "pgbouncer", zones),
        "statsd": {"enabled": True, "resources": components.statsd.resources},
        "redis": {"enabled": airflow.uses_celery},
        "dags": {"gitSync": {"resources": components.git_sync.resources}},
        "workers": {},
    }
    if airflow.uses_celery:
        workers = components.workers
        values["workers"]["celery"] = (
            _replicated(workers, "worker", zones)
            | of_workers(airflow, workers, [DEFAULT_QUEUE])
            | _worker_sets(airflow, nodes, zones)
            # Without `requirePersistence: false` the chart gives workers that keep nothing on a volume no groomer.
            | {"logGroomerSidecar": {**groomer["logGroomerSidecar"], "requirePersistence": False}}
            | {"persistence": {"enabled": False}, "terminationGracePeriodSeconds": workers.termination_grace_seconds}
        )
        values["redis"] |= {"resources": components.redis.resources, "persistence": _queue_volume(airflow)}
    if airflow.uses_kubernetes:
        values["workers"]["kubernetes"] = {"resources": components.task_pod.resources}
    if any(isinstance(each, NodePoolSettings) for each in nodes.values()):
        for kind in values["workers"].values():
            kind["podAnnotations"] = NOT_DISRUPTED
    return values


def _replicated(component: ReplicatedComponent, label: str, zones: int) -> Values:
    several = component.count(most=True) > 1
    values: Values = {
        "replicas": component.replicas,
        "resources": component.resources,
        # With a single pod a budget would only keep nodes from being replaced.
        "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}} if several else _NO_BUDGET,
    }
    if several and zones > 1:
        values["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": ZONE,
                # A zone that is down or full must not keep the others from taking over.
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": pod_labels(label)},
                # While pods are replaced, the new ones are spread among themselves.
                "matchLabelKeys": ["pod-template-hash"],
            }
        ]
    return values


def _worker_sets(airflow: AirflowSettings, nodes: Nodes, zones: int) -> Values:
    """What is said of a set only; all else the chart takes from the default workers, helm/values.yaml included."""
    sets, is_default_there = airflow.worker_sets, airflow.components.workers.count(most=True) > 0
    if not sets:
        return {}
    sharing = [name for name, each in sets.items() if not each.has_own_role]
    account_makers = [] if is_default_there else sharing[:1]
    return {
        "enableDefault": is_default_there,
        "sets": [
            {
                **_replicated(each, "worker", zones),
                **(of_workers(airflow, each, each.queues) or {"keda": {"enabled": False}}),
                **pod_values(each, nodes),
                "name": name,
                "queue": ",".join(each.queues),
                "args": ["bash", "-c", worker_command(each)],
                "terminationGracePeriodSeconds": each.termination_grace_seconds,
                "podDisruptionBudget": _NO_BUDGET,
                **(_shared_account(create=name in account_makers) if name in sharing else {}),
            }
            for name, each in sets.items()
        ],
        # The chart's budget of the default workers counts those of all sets, too, and Kubernetes evicts no pod that has
        # two: `disruption_budgets` makes one for each.
        "podDisruptionBudget": _NO_BUDGET,
    }


def _shared_account(*, create: bool) -> Values:
    """The default workers' account, for the same role: who gets another role is replaced, with fresh credentials."""
    return {"serviceAccount": {"name": worker_name(), "create": create}}


def worker_command(workers: WorkerSetSettings) -> str:
    """Return the chart's own with the number of tasks, which Airflow's configuration has for the default workers."""
    return f"exec airflow celery worker --queues {','.join(workers.queues)} --concurrency {workers.concurrency}"


def _queue_volume(airflow: AirflowSettings) -> Values:
    return {
        "enabled": True,
        "size": f"{airflow.components.redis.volume_size_gib}Gi",
        "storageClassName": STORAGE_CLASS,
        # Nobody looks for the volume of a release that is gone.
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Delete"},
    }


def annotation_values(airflow: AirflowSettings, revisions: Mapping[str, int | str]) -> Values:
    """Return the pods' annotations: revisions of the secrets that they use, so that they restart for a new one.

    The chart restarts pods for secrets that it makes itself, and these are the stack's.
    """

    def revision(*names: str) -> dict[str, str]:
        return {f"{REVISION_PREFIX}{name}": str(revisions[name]) for name in names}

    of_all = ("database", "fernet", "api", *(("redis",) if airflow.uses_celery else ()))
    git = {"podAnnotations": revision("git") if airflow.dags.credentials_secrets else {}}
    values: Values = {
        # Every pod with Airflow in it.
        "airflowPodAnnotations": revision(*of_all),
        "apiServer": {"podAnnotations": revision("jwt", *(("sign_in",) if airflow.sign_in else ()))},
        "scheduler": {"podAnnotations": revision("jwt")},
        "dagProcessor": git,
        # With bundles it fetches nothing.
        "triggerer": git if airflow.dags.uses_git_sync else {},
        "pgbouncer": {"podAnnotations": revision("pgbouncer") | _scrape(airflow, PGBOUNCER_METRICS_PORT)},
        "statsd": {"podAnnotations": _scrape(airflow, STATSD_METRICS_PORT)},
    }
    if airflow.uses_celery:
        values |= {"redis": {"podAnnotations": revision("redis")}, "workers": {"celery": git}}
    return values


def _scrape(airflow: AirflowSettings, port: int) -> dict[str, str]:
    if not airflow.scraping:
        return {}
    return {f"{SCRAPE_PREFIX}{name}": value for name, value in (("scrape", "true"), ("port", str(port)))} | {
        f"{SCRAPE_PREFIX}path": "/metrics"
    }
