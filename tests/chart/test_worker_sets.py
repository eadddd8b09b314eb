"""Sets of workers in the released chart: each has what the default workers have, and is told from them."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.charts.airflow_chart import WORKER_SET_LABEL, pod_labels
from constructs.airflow.charts.rendering import Rendering
from constructs.checks.rendered_release import findings

from tests.chart.conftest import Render
from tests.chart.environments import PRIVATE_BY_TOKEN, components, environment

SETS = {
    "large": {
        "queues": ["large", "x_1.y"],
        "memory": "4Gi",
        "replicas": 3,
        "concurrency": 2,
        "termination_grace_seconds": 900,
    },
    "small": {"queues": ["small"], "replicas": 0},
}
SETTINGS: dict[str, Any] = {"workers": SETS, "dags": PRIVATE_BY_TOKEN}


@pytest.fixture
def rendering(render: Render) -> Rendering:
    """A shipped environment with two sets beside the default workers."""
    return render("prod", **SETTINGS)


def _worker(rendering: Rendering, name: str) -> dict[str, Any]:
    containers: dict[str, dict[str, Any]] = {
        each["name"]: each for each in rendering.templates[name]["spec"]["containers"]
    }
    return containers["worker"]


def _account(rendering: Rendering, name: str) -> str:
    return str(rendering.templates[name]["spec"]["serviceAccountName"])


def test_each_set_is_a_deployment_of_its_own(rendering: Rendering) -> None:
    """Called after the set, as many as the file says, with its time to finish tasks."""
    deployments = rendering.named("Deployment")
    replicas = {name: deployments[f"airflow-worker{name}"]["spec"]["replicas"] for name in ("", "-large", "-small")}
    assert replicas == {"": environment("prod").airflow.components.workers.replicas, "-large": 3, "-small": 0}
    assert rendering.templates["airflow-worker-large"]["spec"]["terminationGracePeriodSeconds"] == 900


def test_each_set_takes_its_own_queues(rendering: Rendering) -> None:
    """And as many tasks at once as it says; the default workers take the tasks that name no queue."""
    assert _worker(rendering, "airflow-worker-large")["args"] == [
        "bash",
        "-c",
        "exec airflow celery worker --queues large,x_1.y --concurrency 2",
    ]
    assert "--queues small" in _worker(rendering, "airflow-worker-small")["args"][2]
    default = _worker(rendering, "airflow-worker")["args"][2]
    assert "airflow celery worker" in default
    assert "-q" not in default


def test_a_set_has_what_the_default_workers_have(rendering: Rendering) -> None:
    """git-sync, log groomer, probes, security, environment and the annotations that restart it with its secrets."""
    default, large = (rendering.templates[name] for name in ("airflow-worker", "airflow-worker-large"))
    assert large["metadata"]["annotations"] == default["metadata"]["annotations"]
    for kind in ("initContainers", "containers"):
        theirs, ours = ({each["name"]: each for each in of["spec"][kind]} for of in (default, large))
        assert ours.keys() == theirs.keys()
        for name, container in ours.items():
            differing = {key for key in container if container[key] != theirs[name].get(key)}
            assert differing <= {"args", "resources"}, name
    assert large["spec"]["volumes"] == default["spec"]["volumes"]
    assert large["spec"]["securityContext"] == default["spec"]["securityContext"]


def test_a_set_has_the_size_that_the_file_says(rendering: Rendering) -> None:
    """Guaranteed and at most."""
    assert _worker(rendering, "airflow-worker-large")["resources"] == {
        "requests": {"cpu": "400m", "memory": "4Gi"},
        "limits": {"cpu": "1600m", "memory": "4Gi"},
    }


def test_pods_of_a_set_are_told_by_a_label(rendering: Rendering) -> None:
    """Beside those that network policies select by, so that these hold for them, too."""
    labels = rendering.templates["airflow-worker-large"]["metadata"]["labels"]
    assert labels.items() >= {**pod_labels("worker"), WORKER_SET_LABEL: "large"}.items()
    assert WORKER_SET_LABEL not in rendering.templates["airflow-worker"]["metadata"]["labels"]


def test_sets_share_the_service_account_of_the_default_workers(rendering: Rendering) -> None:
    """And with it the role; it reaches no Kubernetes API."""
    accounts = rendering.named("ServiceAccount")
    assert [name for name in accounts if "worker" in name] == ["airflow-worker"]
    assert accounts["airflow-worker"]["automountServiceAccountToken"] is False
    assert _account(rendering, "airflow-worker-large") == "airflow-worker"


def test_a_set_with_policies_has_a_service_account_of_its_own(render: Render) -> None:
    """The one that Pod Identity knows: with another role come other pods, whose credentials are not the old ones."""
    rendering = render("prod", workers={"large": {"queues": ["large"], "pod_policy_arns": []}})
    accounts = rendering.named("ServiceAccount")
    assert [name for name in accounts if "worker" in name] == ["airflow-worker", "airflow-worker-large"]
    assert accounts["airflow-worker-large"]["automountServiceAccountToken"] is False
    assert _account(rendering, "airflow-worker-large") == "airflow-worker-large"


def test_sets_alone_share_a_service_account_too(render: Render) -> None:
    """One of them makes it, where there are no default workers."""
    sets = {"own": {"queues": ["default"], "pod_policy_arns": []}, "a": {"queues": ["a"]}, "b": {"queues": ["b"]}}
    rendering = render("dev", components={"workers": {"replicas": 0}}, workers=sets)
    made = [body["metadata"]["name"] for body in rendering.objects if body["kind"] == "ServiceAccount"]
    assert sorted(name for name in made if "worker" in name) == ["airflow-worker", "airflow-worker-own"]
    assert {_account(rendering, f"airflow-worker-{name}") for name in "ab"} == {"airflow-worker"}


def test_sets_start_pods_where_the_default_workers_do(render: Render) -> None:
    """With a KubernetesExecutor beside Celery, by the service account that they share."""
    rendering = render("dev", executor="CeleryExecutor,KubernetesExecutor", workers={"large": {"queues": ["large"]}})
    binding = rendering.named("RoleBinding")["airflow-pod-launcher-rolebinding"]
    assert _account(rendering, "airflow-worker-large") in {each["name"] for each in binding["subjects"]}


def test_the_chart_makes_no_budget_for_workers(rendering: Rendering, render: Render) -> None:
    """Its budget of the default workers would count all sets, and pods with two budgets are never evicted."""
    assert not [name for name in rendering.named("PodDisruptionBudget") if "worker" in name]
    without = render("prod", dags=PRIVATE_BY_TOKEN).named("PodDisruptionBudget")
    assert [name for name in without if "worker" in name] == ["airflow-worker-pdb"]


def test_sets_spread_over_the_zones_by_themselves(rendering: Rendering) -> None:
    """Among the pods of the same template only."""
    (constraint,) = rendering.templates["airflow-worker-large"]["spec"]["topologySpreadConstraints"]
    assert constraint["topologyKey"] == "topology.kubernetes.io/zone"
    assert constraint["matchLabelKeys"] == ["pod-template-hash"]


def test_nothing_is_found_wrong_with_them(rendering: Rendering) -> None:
    """Every rule of a synth with the chart at hand holds for the pods of sets."""
    assert list(findings(rendering, components(environment("prod", **SETTINGS)))) == []


def test_a_set_in_place_of_the_default_workers(render: Render) -> None:
    """With replicas 0 and the queue `default` in a set, that set alone is there."""
    settings: dict[str, Any] = {
        "components": {"workers": {"replicas": 0}},
        "workers": {"all": {"queues": ["default", "large"]}},
    }
    rendering = render("dev", **settings)
    assert [name for name in rendering.named("Deployment") if "worker" in name] == ["airflow-worker-all"]
    assert "--queues default,large" in _worker(rendering, "airflow-worker-all")["args"][2]
    assert list(findings(rendering, components(environment("dev", **settings)))) == []


def test_a_set_runs_where_the_file_says(render: Render) -> None:
    """On the group that it names, else on that of the default workers; pods of both tell their priority."""
    settings = {
        "components": {"workers": {"node_group": "default"}},
        "workers": {
            "placed": {"queues": ["a"], "node_group": "default", "priority": "low"},
            "alike": {"queues": ["b"]},
        },
    }
    rendering = render("prod", **settings)
    for name in ("airflow-worker", "airflow-worker-placed", "airflow-worker-alike"):
        assert rendering.templates[name]["spec"]["nodeSelector"] == {"eks.amazonaws.com/nodegroup": "default"}, name
    assert rendering.templates["airflow-worker-placed"]["spec"]["priorityClassName"] == "airflow-low"
    assert "priorityClassName" not in rendering.templates["airflow-worker-alike"]["spec"]
    assert "airflow-low" in rendering.named("PriorityClass")
