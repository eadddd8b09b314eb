"""The control plane."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.route import Route
from constructs.cluster.control_plane import ControlPlane, ControlPlaneProps
from constructs.encryption.log_group import LogKey
from constructs.naming.component import Component

from tests.unit.trial_stack import TrialStack, as_deployed

CLUSTER = "aws_eks_cluster.cluster"


def _custom(stack: TrialStack, log_key: LogKey, **changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "kubernetes_version": "1.34",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "service_cidr": "172.20.0.0/16",
        "log_key": log_key,
        "as_deployed": as_deployed(stack, "cluster"),
    } | changes
    ControlPlane(stack, "control-plane", ControlPlaneProps(**arguments))
    return stack.resource(CLUSTER)


@pytest.mark.usefixtures("control_plane")
class TestWithDefaultConfiguration:
    def test_named_after_the_environment(self, stack: TrialStack) -> None:
        """The cluster is called as the environment's prefix, of the chosen version, in the given subnets."""
        cluster = stack.resource(CLUSTER)
        assert cluster["name"] == "airflow-dev"
        assert cluster["version"] == "1.35"
        assert cluster["vpc_config"]["subnet_ids"] == ["subnet-a", "subnet-b"]
        assert cluster["kubernetes_network_config"] == {"ip_family": "ipv4", "service_ipv4_cidr": "172.20.0.0/16"}

    def test_api_answers_in_the_vpc_only(self, stack: TrialStack) -> None:
        """Without named ranges the endpoint is private."""
        config = stack.resource(CLUSTER)["vpc_config"]
        assert config["endpoint_private_access"] is True
        assert config["endpoint_public_access"] is False
        assert "public_access_cidrs" not in config

    def test_nobody_is_administrator_by_having_made_it(self, stack: TrialStack) -> None:
        """Access entries alone say who gets in: no config map, no implicit creator."""
        assert stack.resource(CLUSTER)["access_config"] == {
            "authentication_mode": "API",
            "bootstrap_cluster_creator_admin_permissions": False,
        }

    def test_no_self_managed_addons(self, stack: TrialStack) -> None:
        """EKS installs nothing by itself; the add-ons are Terraform's."""
        assert stack.resource(CLUSTER)["bootstrap_self_managed_addons"] is False

    def test_secrets_are_encrypted_with_an_own_key(self, stack: TrialStack) -> None:
        """Kubernetes secrets are encrypted with a key that serves nothing else."""
        assert stack.resource(CLUSTER)["encryption_config"] == {
            "provider": {"key_arn": "${aws_kms_key.cluster.arn}"},
            "resources": ["secrets"],
        }
        assert stack.names_of("aws_kms_key") == {"cluster", "logs"}

    def test_all_logs_are_on(self, stack: TrialStack) -> None:
        """All five logs of the control plane, 90 days, encrypted, in the group whose name EKS uses."""
        assert stack.resource(CLUSTER)["enabled_cluster_log_types"] == [
            "api",
            "audit",
            "authenticator",
            "controllerManager",
            "scheduler",
        ]
        group = stack.resource("aws_cloudwatch_log_group.control_plane")
        assert group["name"] == "/aws/eks/airflow-dev/cluster"
        assert group["retention_in_days"] == 90
        assert group["kms_key_id"] == "${aws_kms_key.logs.arn}"

    def test_comes_after_its_log_group_and_permissions(self, stack: TrialStack) -> None:
        """Where EKS finds no group it makes one without key and retention; without permissions creation fails."""
        assert set(stack.resource(CLUSTER)["depends_on"]) == {
            "aws_cloudwatch_log_group.control_plane",
            "aws_iam_role_policy.cluster",
            "aws_iam_role_policy_attachment.cluster_eks",
        }

    def test_is_not_replaced_by_mistake(self, stack: TrialStack) -> None:
        """Another region than the first deploy's is refused at plan; another VPC would mean another cluster."""
        lifecycle = stack.resource(CLUSTER)["lifecycle"]
        assert lifecycle["replace_triggered_by"] == ["aws_vpc.cluster.id"]
        messages = [check["error_message"] for check in lifecycle["precondition"]]
        assert messages[0].startswith("cluster-replacement: region was ")

    def test_standard_support(self, stack: TrialStack) -> None:
        """The end of a version's support means an upgrade, not the higher price of extended support."""
        assert stack.resource(CLUSTER)["upgrade_policy"] == {"support_type": "STANDARD"}

    def test_role_is_this_clusters(self, stack: TrialStack) -> None:
        """EKS assumes the role for this cluster only, with AWS's policy and the use of one key."""
        trust = stack.statements("aws_iam_role.cluster", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "eks.amazonaws.com"}
        assert trust["Condition"]["ArnLike"] == {
            "aws:SourceArn": "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"
        }
        attachment = stack.resource("aws_iam_role_policy_attachment.cluster_eks")
        assert attachment["policy_arn"] == "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
        key = stack.statements("aws_iam_role_policy.cluster")["EncryptSecrets"]
        assert key["Resource"] == ["${aws_kms_key.cluster.arn}"]
        assert set(key["Action"]) == {"kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"}

    def test_its_deletion_protection_is_left_as_it_is(self, stack: TrialStack) -> None:
        """The argument is left out: provider 5.100 doesn't know it, and a newer one leaves alone what is in EKS."""
        assert "deletion_protection" not in stack.resource(CLUSTER)


class TestWithCustomConfiguration:
    def test_public_for_named_ranges(self, stack: TrialStack, log_key: LogKey) -> None:
        """With ranges the API also answers on the Internet, for these only, and still in the VPC."""
        config = _custom(stack, log_key, public_access_cidrs=["203.0.113.0/24"])["vpc_config"]
        assert config["endpoint_private_access"] is True
        assert config["endpoint_public_access"] is True
        assert config["public_access_cidrs"] == ["203.0.113.0/24"]

    def test_version_and_support(self, stack: TrialStack, log_key: LogKey) -> None:
        """An older version may stay under extended support."""
        cluster = _custom(stack, log_key, upgrade_support="extended")
        assert cluster["version"] == "1.34"
        assert cluster["upgrade_policy"] == {"support_type": "EXTENDED"}

    @pytest.mark.parametrize("protected", [True, False])
    def test_protected_against_deletion_or_no_more(
        self, stack: TrialStack, log_key: LogKey, *, protected: bool
    ) -> None:
        """EKS refuses to delete the cluster, until it is told that it may."""
        assert _custom(stack, log_key, deletion_protection=protected)["deletion_protection"] is protected

    def test_some_logs_for_some_time(self, stack: TrialStack, log_key: LogKey) -> None:
        """Logs cost by volume: a choice of them and how long they stay."""
        cluster = _custom(stack, log_key, control_plane_logs=["audit"], log_retention_days=365)
        assert cluster["enabled_cluster_log_types"] == ["audit"]
        assert stack.resource("aws_cloudwatch_log_group.control_plane")["retention_in_days"] == 365

    def test_no_logs(self, stack: TrialStack, log_key: LogKey) -> None:
        """Without logs the list is empty rather than left out, so that taking the last one away is seen as a change."""
        assert _custom(stack, log_key, control_plane_logs=[])["enabled_cluster_log_types"] == []


class TestAttributes:
    def test_are_references(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """What others take from the control plane are references, so that they come after it."""
        attributes = {
            "name": control_plane.name,
            "version": control_plane.version,
            "endpoint": control_plane.endpoint,
            "certificate": control_plane.certificate_authority,
            "group": control_plane.security_group_id,
        }
        component = Component(stack, "user")
        for name, value in attributes.items():
            component.add(Route, name, route_table_id=value)
        routes = stack.synthesized().resources("aws_route")
        assert {name: route["route_table_id"] for name, route in routes.items()} == {
            "name": "${aws_eks_cluster.cluster.id}",
            "version": "${aws_eks_cluster.cluster.version}",
            "endpoint": "${aws_eks_cluster.cluster.endpoint}",
            "certificate": "${aws_eks_cluster.cluster.certificate_authority[0].data}",
            "group": "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}",
        }
