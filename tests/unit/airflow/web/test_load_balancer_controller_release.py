"""The AWS Load Balancer Controller's release."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cdktf import DataTerraformRemoteStateLocal
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import LOAD_BALANCER_CONTROLLER
from constructs.airflow.namespace import AirflowNamespace, AirflowNamespaceProps
from constructs.airflow.web.load_balancer_controller_release import (
    LoadBalancerControllerRelease,
    LoadBalancerControllerReleaseProps,
)
from constructs.cluster.load_balancer_controller import SERVICE_ACCOUNT, statements
from constructs.naming.names import Names

from tests.unit.trial_stack import ACCOUNT, TrialStack

REPOSITORY = "https://charts.example.com"


def _add(stack: TrialStack, source: str = REPOSITORY, **changes: Any) -> LoadBalancerControllerRelease:
    arguments: dict[str, Any] = {
        "source": ChartSource(source=source, chart=LOAD_BALANCER_CONTROLLER),
        "cluster_name": "airflow-dev",
        "vpc_id": "vpc-1",
    }
    props = LoadBalancerControllerReleaseProps(**arguments | changes)
    return LoadBalancerControllerRelease(stack, "load-balancer-controller", props)


@pytest.fixture
def release(stack: TrialStack) -> dict[str, Any]:
    """Arguments of the release."""
    _add(stack)
    return stack.resource("helm_release.load_balancer_controller")


@pytest.fixture
def values(release: dict[str, Any]) -> dict[str, Any]:
    """What the chart is told."""
    (text,) = release["values"]
    found: dict[str, Any] = json.loads(text)
    return found


class TestRelease:
    def test_chart_is_pinned(self, release: dict[str, Any]) -> None:
        """One version of the chart, which is also the controller's, from the repository that the settings name."""
        assert (release["chart"], release["version"]) == ("aws-load-balancer-controller", "3.5.0")
        assert release["repository"] == REPOSITORY

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("oci://registry.example.com/lbc", {"chart": "oci://registry.example.com/lbc", "version": "3.5.0"}),
            ("./charts/lbc", {"chart": "./charts/lbc"}),
        ],
    )
    def test_chart_from_elsewhere(self, stack: TrialStack, source: str, expected: dict[str, str]) -> None:
        """A registry or a folder on disk serves closed networks."""
        _add(stack, source)
        release = stack.resource("helm_release.load_balancer_controller")
        assert {key: release[key] for key in ("chart", "repository", "version") if key in release} == expected

    def test_is_complete_when_its_pods_are_ready(self, release: dict[str, Any]) -> None:
        """Ingresses pass its webhook, so they come after pods that answer."""
        assert release["namespace"] == "kube-system"
        assert release["wait"] is True
        assert release["timeout"] == 600

    def test_depends_on(self, stack: TrialStack) -> None:
        """It waits for what it is told to."""
        namespace = AirflowNamespace(stack, "namespace", AirflowNamespaceProps())
        _add(stack, depends_on=namespace.resources)
        release = stack.resource("helm_release.load_balancer_controller")
        assert release["depends_on"] == ["kubernetes_namespace_v1.airflow"]


class TestValues:
    def test_knows_where_it_is(self, values: dict[str, Any]) -> None:
        """Cluster, region and VPC are given: pods reach no instance metadata to ask."""
        assert (values["clusterName"], values["region"], values["vpcId"]) == ("airflow-dev", "eu-west-1", "vpc-1")

    def test_vpc_of_the_other_stack(self, stack: TrialStack) -> None:
        """The id of the VPC may be one that Terraform reads from the other stack's outputs."""
        state = DataTerraformRemoteStateLocal(stack, "infrastructure", path="terraform.tfstate")
        state.override_logical_id("infrastructure")
        _add(stack, vpc_id=state.get_string("cluster_vpc_id"))
        (text,) = stack.resource("helm_release.load_balancer_controller")["values"]
        assert json.loads(text)["vpcId"] == "${data.terraform_remote_state.infrastructure.outputs.cluster_vpc_id}"

    def test_acts_as_the_role_made_for_it(self, values: dict[str, Any]) -> None:
        """Its service account is the one that has the permissions."""
        assert values["serviceAccount"] == {"create": True, "name": SERVICE_ACCOUNT}

    def test_services_don_t_depend_on_it(self, values: dict[str, Any]) -> None:
        """The webhook that every new service in the cluster would pass is off."""
        assert values["enableServiceMutatorWebhook"] is False

    def test_keeps_its_certificate(self, values: dict[str, Any]) -> None:
        """An upgrade gives the webhook no certificate that the running pods don't have."""
        assert values["keepTLSSecret"] is True

    @pytest.mark.parametrize(
        ("feature", "services"),
        [("enableShield", {"shield"}), ("enableWaf", {"waf-regional"}), ("enableWafv2", {"wafv2"})],
    )
    def test_what_its_role_may_not_is_off(self, values: dict[str, Any], feature: str, services: set[str]) -> None:
        """A feature is off as long as the role has no permission for the service that it would call."""
        names = Names(environment="dev", region="eu-west-1", account_id=ACCOUNT)
        allowed = {action.partition(":")[0] for statement in statements(names, "vpc-1") for action in statement.actions}
        assert values[feature] is bool(services & allowed)
        assert values[feature] is False

    def test_web_acls_go_with_their_permissions(self, stack: TrialStack) -> None:
        """Where the file names a web ACL both the feature is on and the role allowed; WAF Classic stays off."""
        _add(stack, waf=True)
        values = json.loads(stack.resource("helm_release.load_balancer_controller")["values"][0])
        assert (values["enableWafv2"], values["enableWaf"], values["enableShield"]) == (True, False, False)
        names = Names(environment="dev", region="eu-west-1", account_id=ACCOUNT)
        allowed = {action for statement in statements(names, "vpc-1", "none") for action in statement.actions}
        assert {"wafv2:GetWebACLForResource", "wafv2:DisassociateWebACL"} <= allowed

    def test_two_pods_on_different_nodes(self, values: dict[str, Any]) -> None:
        """The webhook answers while a node is drained: two pods (the chart spreads them), one of which may be away."""
        assert values["replicaCount"] == 2
        assert values["podDisruptionBudget"] == {"maxUnavailable": 1}

    def test_resources(self, values: dict[str, Any]) -> None:
        """It asks for what it takes and can't take a node's memory."""
        assert values["resources"] == {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}

    def test_tags_all_that_it_makes(self, values: dict[str, Any]) -> None:
        """Load balancers, target groups and security groups are found by environment; the address is the Ingress's."""
        assert values["defaultTags"] == {
            "Project": "airflow",
            "Environment": "dev",
            "ManagedBy": "cdktf",
            "Stack": "infrastructure",
        }

    def test_the_users_tags_are_among_them(self) -> None:
        """Also on the security group that it shares among balancers, which no annotation reaches."""
        stack = TrialStack(user_tags={"CostCenter": "4711", "a=b": "cut"})
        _add(stack)
        (text,) = stack.resource("helm_release.load_balancer_controller")["values"]
        tags = json.loads(text)["defaultTags"]
        assert tags["CostCenter"] == "4711"
        assert tags["Project"] == "airflow"
        assert "a=b" not in tags

    def test_makes_the_class_of_ingresses(self, values: dict[str, Any]) -> None:
        """The class `alb` comes with the chart."""
        assert values["createIngressClassResource"] is True
