"""The Kubernetes namespace that Airflow lives in."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1
from constructs.airflow.namespace import AirflowNamespace, AirflowNamespaceProps, ContainerDefaults, Quota
from constructs.naming.component import Component

from tests.unit.trial_stack import TrialStack

REFERENCE = "${kubernetes_namespace_v1.airflow.metadata[0].name}"


def _add(stack: TrialStack, **arguments: Any) -> AirflowNamespace:
    return AirflowNamespace(stack, "namespace", AirflowNamespaceProps(**arguments))


class TestWithDefaultConfiguration:
    @pytest.fixture
    def namespace(self, stack: TrialStack) -> dict[str, Any]:
        """Arguments of the namespace."""
        _add(stack)
        return stack.resource("kubernetes_namespace_v1.airflow")

    def test_name(self, namespace: dict[str, Any]) -> None:
        """It is called as the project is."""
        assert namespace["metadata"]["name"] == "airflow"

    @pytest.mark.parametrize("mode", ["enforce", "audit", "warn"])
    def test_pods_are_restricted(self, namespace: dict[str, Any], mode: str) -> None:
        """PodSecurity `restricted` is enforced, and what falls short of it is recorded and said."""
        assert namespace["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"] == "restricted"

    def test_an_upgrade_of_the_cluster_refuses_no_pod(self, namespace: dict[str, Any]) -> None:
        """Enforced are the rules of the tested version; what newer ones would refuse is only warned about."""
        versions = {key: text for key, text in namespace["metadata"]["labels"].items() if key.endswith("-version")}
        assert versions == {"pod-security.kubernetes.io/enforce-version": "v1.35"}

    def test_says_whose_it_is(self, namespace: dict[str, Any]) -> None:
        """The labels name the environment."""
        labels = namespace["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "airflow-dev"
        assert labels["app.kubernetes.io/managed-by"] == "cdktf"

    def test_is_complete_when_pods_can_be_made(self, namespace: dict[str, Any]) -> None:
        """Terraform waits for the default service account, and on destroy for the last pod."""
        assert namespace["wait_for_default_service_account"] is True
        assert namespace["timeouts"] == {"delete": "15m"}

    def test_has_neither_quota_nor_defaults(self, stack: TrialStack) -> None:
        """Both are by setting."""
        _add(stack)
        assert stack.synthesized().addresses == ["kubernetes_namespace_v1.airflow"]


class TestWithCustomConfiguration:
    def test_its_name_orders_what_is_in_it(self, stack: TrialStack) -> None:
        """What names the namespace is made after it: the name is a reference, not a text."""
        name = _add(stack, name="data").name
        Component(stack, "test").add(ConfigMapV1, "inside", metadata={"name": "inside", "namespace": name})
        assert stack.resource("kubernetes_namespace_v1.airflow")["metadata"]["name"] == "data"
        assert stack.resource("kubernetes_config_map_v1.inside")["metadata"]["namespace"] == REFERENCE

    def test_quota(self, stack: TrialStack) -> None:
        """All pods together ask for no more than the quota."""
        _add(stack, quota=Quota(cpu="16", memory="64Gi", pods=200))
        quota = stack.resource("kubernetes_resource_quota_v1.airflow")
        assert quota["spec"] == {"hard": {"requests.cpu": "16", "requests.memory": "64Gi", "pods": "200"}}
        assert quota["metadata"]["namespace"] == REFERENCE

    def test_limit_range(self, stack: TrialStack) -> None:
        """A container that names nothing gets the request, and the memory as its limit; processor time is not cut."""
        _add(stack, limit_range=ContainerDefaults(cpu="100m", memory="256Mi"))
        assert stack.resource("kubernetes_limit_range_v1.airflow")["spec"]["limit"] == [
            {
                "type": "Container",
                "default_request": {"cpu": "100m", "memory": "256Mi"},
                "default": {"memory": "256Mi"},
            }
        ]

    def test_pods_wait_for_all_of_it(self, stack: TrialStack) -> None:
        """Quota and defaults are there to depend on, as they count when a pod is made."""
        resources = _add(
            stack,
            quota=Quota(cpu="16", memory="64Gi", pods=200),
            limit_range=ContainerDefaults(cpu="100m", memory="256Mi"),
        ).resources
        Component(stack, "test").add(ConfigMapV1, "later", metadata={"name": "later"}, depends_on=resources)
        assert stack.resource("kubernetes_config_map_v1.later")["depends_on"] == [
            "kubernetes_namespace_v1.airflow",
            "kubernetes_resource_quota_v1.airflow",
            "kubernetes_limit_range_v1.airflow",
        ]
