"""Karpenter's chart with the values that it gets, and the node pools against the definitions of their kinds."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import KARPENTER, KARPENTER_CRD
from constructs.capacity.fit import KARPENTER_POD
from constructs.checks.pod_security import violations
from constructs.cluster.karpenter_names import NAMESPACE, SERVICE_ACCOUNT
from constructs.node_pools.karpenter_release import KarpenterRelease, KarpenterReleaseProps
from constructs.node_pools.objects import PoolFacts, objects
from constructs.node_pools.pools_release import CHART, NAME
from constructs.settings.sections.node_pools import NodePoolSettings
from helm_python import Chart

from tests.chart.environments import ROOT
from tests.chart.karpenter import karpenter_chart
from tests.unit.trial_stack import TrialStack

Body = dict[str, Any]

FACTS = PoolFacts(
    cluster_name="airflow-dev",
    instance_profile="airflow-dev-karpenter-node",
    availability_zones=("eu-west-1a", "eu-west-1b"),
    tags={"Project": "airflow", "a key/with=signs": "{{ no template }}"},
    labels={"app.kubernetes.io/managed-by": "cdktf"},
)
LIMITS = {"cpu": 64, "memory": "256Gi"}
#: Combinations of what a pool may say.
POOLS: dict[str, Body] = {
    "smallest": {"instance_families": ("m7g",), "limits": LIMITS},
    "types": {"instance_types": ("m7g.large", "m7i.large"), "limits": {"cpu": 1, "memory": "1536Mi"}},
    "spot": {"instance_families": ("m7g", "c7g", "r7g"), "capacity_types": ("spot", "on_demand"), "limits": LIMITS},
    "everything": {
        "instance_families": ("m7g", "m7i"),
        "instance_sizes": ("large", "xlarge"),
        "architectures": ("arm64", "x86_64"),
        "capacity_types": ("spot",),
        "limits": {"cpu": 1000, "memory": "4096Gi"},
        "ami": "bottlerocket@v1.20.4",
        "volume_size_gib": 200,
        "labels": {"workload": "tasks", "example.com/team": "data"},
        "taints": (
            {"key": "workload", "value": "tasks", "effect": "NO_SCHEDULE"},
            {"key": "example.com/spot", "effect": "NO_EXECUTE"},
            {"key": "soft", "effect": "PREFER_NO_SCHEDULE"},
        ),
        "availability_zones": ("eu-west-1a",),
        "consolidation": {"policy": "when_empty", "after_seconds": 0},
        "budgets": ({"nodes": "20%"}, {"nodes": "0", "schedule": "0 6 * * mon-fri", "duration_minutes": 600}),
        "expire_after_hours": 8760,
        "termination_grace_hours": 168,
    },
}


@pytest.fixture(scope="module")
def chart() -> Path:
    """The controller's chart."""
    return karpenter_chart()


@pytest.fixture(scope="module")
def rendered(chart: Path) -> list[Body]:
    """What it makes of the values of the release."""
    stack = TrialStack()
    props = KarpenterReleaseProps(
        definitions_source=ChartSource(source="oci://registry.example.com/karpenter-crd", chart=KARPENTER_CRD),
        source=ChartSource(source="oci://registry.example.com/karpenter", chart=KARPENTER),
        cluster_endpoint="https://example.eks.amazonaws.com",
        replicas=2,
        service_cidr="172.20.0.0/16",
        private_subnet_cidrs=["10.0.0.0/19"],
    )
    KarpenterRelease(stack, "karpenter", props)
    values = json.loads(stack.resource("helm_release.karpenter")["values"][0])
    with Chart.load(chart) as loaded:
        files = loaded.render(values, name=KARPENTER.name, namespace=NAMESPACE)
    return [body for text in files.values() for body in yaml.safe_load_all(text) if body]


@pytest.fixture(scope="module")
def deployment(rendered: list[Body]) -> Body:
    """The controller's."""
    [found] = [body for body in rendered if body["kind"] == "Deployment"]
    return found


class TestController:
    def test_the_chart_is_of_the_pinned_version(self, chart: Path) -> None:
        """What is tested is what is released."""
        assert yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))["version"] == KARPENTER.version

    def test_pods_are_restricted(self, deployment: Body) -> None:
        """The namespace enforces the Pod Security Standard `restricted`."""
        assert list(violations(deployment["spec"]["template"]["spec"])) == []

    def test_asks_for_what_capacity_counts(self, deployment: Body) -> None:
        """In each of its pods."""
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert container["resources"]["requests"] == {"cpu": "200m", "memory": "512Mi"}
        assert (KARPENTER_POD.millicores, KARPENTER_POD.mebibytes) == (200, 512)
        assert deployment["spec"]["replicas"] == 2

    def test_runs_on_no_node_of_its_own(self, deployment: Body) -> None:
        """A node that it would take away from itself, and no two pods on one node."""
        affinity = deployment["spec"]["template"]["spec"]["affinity"]
        [term] = affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        assert term["matchExpressions"] == [{"key": "karpenter.sh/nodepool", "operator": "DoesNotExist"}]
        [apart] = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert apart["topologyKey"] == "kubernetes.io/hostname"

    def test_knows_where_it_is(self, deployment: Body) -> None:
        """Cluster, queue and region: it asks no instance metadata."""
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        variables = {entry["name"]: entry.get("value") for entry in container["env"]}
        assert variables["CLUSTER_NAME"] == "airflow-dev"
        assert variables["INTERRUPTION_QUEUE"] == "airflow-dev-karpenter"
        assert variables["AWS_REGION"] == "eu-west-1"

    def test_acts_as_the_account_that_has_the_role(self, rendered: list[Body], deployment: Body) -> None:
        """The one that the Pod Identity association names."""
        assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == SERVICE_ACCOUNT
        assert [body["metadata"]["name"] for body in rendered if body["kind"] == "ServiceAccount"] == [SERVICE_ACCOUNT]

    def test_reads_no_secret(self, rendered: list[Body]) -> None:
        """None of its roles names secrets or config maps, or everything."""
        for body in rendered:
            if body["kind"] in ("Role", "ClusterRole"):
                resources = {each for rule in body["rules"] for each in rule["resources"]}
                assert not resources & {"secrets", "configmaps", "*"}, body["metadata"]["name"]


@pytest.fixture(scope="module")
def definitions(chart: Path) -> dict[str, jsonschema.Draft202012Validator]:
    """Kind -> the schema that the Kubernetes API checks objects of it by; what it doesn't know is refused."""
    found = {}
    for file in sorted((chart / "crds").glob("*.yaml")):
        definition = yaml.safe_load(file.read_text(encoding="utf-8"))
        [version] = [each for each in definition["spec"]["versions"] if each["name"] == "v1"] or [None]
        if version:
            schema = _closed(version["schema"]["openAPIV3Schema"])
            found[definition["spec"]["names"]["kind"]] = jsonschema.Draft202012Validator(schema)
    return found


def _closed(schema: Any) -> Any:
    """The schema with `additionalProperties: false` wherever Kubernetes would drop what is not named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _closed(value) for key, value in schema.items()}
    if "properties" in made and "additionalProperties" not in made and made.get("type") == "object":
        made["additionalProperties"] = False
    return made


def _rendered(bodies: list[Body]) -> list[Body]:
    """What the checkout's own chart makes of the objects of a pool."""
    with Chart.load(ROOT / CHART) as loaded:
        files = loaded.render({"objects": bodies}, name=NAME, namespace=NAMESPACE)
    return [body for text in files.values() for body in yaml.safe_load_all(text) if body]


class TestPools:
    @pytest.mark.parametrize("most_pods", [None, 110])
    @pytest.mark.parametrize("name", POOLS)
    def test_are_what_their_definitions_take(
        self, definitions: dict[str, jsonschema.Draft202012Validator], name: str, most_pods: int | None
    ) -> None:
        """Every field is known, of the right type and shape; the chart changes nothing, templates in tags included."""
        pool = NodePoolSettings.model_validate(POOLS[name])
        bodies = objects(name, pool, FACTS, most_pods=most_pods)
        assert _rendered(bodies) == bodies
        for body in bodies:
            checked = deepcopy(body)
            checked["metadata"] = {}
            assert [error.message for error in definitions[body["kind"]].iter_errors(checked)] == []

    def test_a_mistake_would_be_found(self, definitions: dict[str, jsonschema.Draft202012Validator]) -> None:
        """An unknown field, a value of another shape, one that is missing."""
        _, pool = objects("tasks", NodePoolSettings.model_validate(POOLS["smallest"]), FACTS)
        changes: tuple[Body, ...] = ({"limit": {}}, {"disruption": {"consolidateAfter": "soon"}}, {"template": {}})
        for change in changes:
            wrong = {**pool, "metadata": {}, "spec": {**pool["spec"], **change}}
            assert list(definitions["NodePool"].iter_errors(wrong)), change
