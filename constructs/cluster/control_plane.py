"""The control plane of the EKS cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.eks_cluster import (
    EksCluster,
    EksClusterAccessConfig,
    EksClusterEncryptionConfig,
    EksClusterEncryptionConfigProvider,
    EksClusterKubernetesNetworkConfig,
    EksClusterUpgradePolicy,
    EksClusterVpcConfig,
)
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.encryption.log_group import LogGroup, LogGroupProps
from constructs.identity.policy import Statement
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Component, Scope
from constructs.protection.as_deployed import AsDeployed

ALL_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class ControlPlaneProps:
    """Inputs of `ControlPlane`."""

    kubernetes_version: str
    subnet_ids: Sequence[str]
    """Private subnets in at least two zones; the control plane's network interfaces live there."""

    service_cidr: str
    log_key: EncryptionKey
    as_deployed: AsDeployed
    public_access_cidrs: Sequence[str] = ()
    """Ranges that reach the API from the Internet; none means that only the VPC does."""

    control_plane_logs: Sequence[str] = ALL_LOGS
    log_retention_days: int = 90
    upgrade_support: str = "standard"
    deletion_protection: bool | None = None
    """None: left as it is in EKS; anything else needs AWS provider 6.9.0."""


class ControlPlane(Component):
    """An EKS cluster with access entries only, without an implicit administrator and without self-managed add-ons.

    Kubernetes secrets are encrypted with the cluster's own key; the API is always reachable from the VPC.
    """

    def __init__(self, scope: Scope, id_: str, props: ControlPlaneProps) -> None:
        super().__init__(scope, id_)
        key = EncryptionKey(
            self, "key", EncryptionKeyProps(name="cluster", description="Kubernetes secrets of the cluster")
        )
        role = self._role(key)
        log_group = LogGroup(
            self,
            "log-group",
            LogGroupProps(
                name="control_plane",
                log_group_name=self.names.control_plane_log_group,
                key=props.log_key,
                retention_days=props.log_retention_days,
            ),
        )
        cluster = self.add(
            EksCluster,
            "cluster",
            name=self.names.prefix,
            version=props.kubernetes_version,
            role_arn=role.arn,
            bootstrap_self_managed_addons=False,
            access_config=EksClusterAccessConfig(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=EksClusterVpcConfig(
                subnet_ids=list(props.subnet_ids),
                endpoint_private_access=True,
                endpoint_public_access=bool(props.public_access_cidrs),
                public_access_cidrs=list(props.public_access_cidrs) or None,
            ),
            kubernetes_network_config=EksClusterKubernetesNetworkConfig(
                ip_family="ipv4", service_ipv4_cidr=props.service_cidr
            ),
            encryption_config=EksClusterEncryptionConfig(
                provider=EksClusterEncryptionConfigProvider(key_arn=key.arn), resources=["secrets"]
            ),
            enabled_cluster_log_types=list(props.control_plane_logs),
            upgrade_policy=EksClusterUpgradePolicy(support_type=props.upgrade_support.upper()),
            deletion_protection=props.deletion_protection,
            lifecycle=props.as_deployed.lifecycle(
                # Only read when the cluster is created, and unknown after an import: there they would replace it.
                "access_config[0].bootstrap_cluster_creator_admin_permissions",
                "bootstrap_self_managed_addons",
                # EKS takes only subnets in the zones that it was created with (EKS user guide, "Amazon EKS networking
                # requirements"). Nodes may be in a zone where the control plane has no network interface.
                "vpc_config[0].subnet_ids",
            ),
            # EKS writes to the group as soon as it exists, and makes one without key and retention where there is none.
            depends_on=[log_group.resource, *role.permissions],
        )
        # The text of `name`, but unknown while the cluster is being replaced: what refers to it is replaced too.
        self.name: str = cluster.id
        self.version: str = cluster.version
        self.endpoint: str = cluster.endpoint
        self.certificate_authority: str = cluster.certificate_authority.get(0).data
        """PEM in base64."""

        self.security_group_id: str = cluster.vpc_config.cluster_security_group_id
        """Made by EKS; what managed nodes carry when their launch template names no other."""

    def _role(self, key: EncryptionKey) -> ServiceRole:
        # EKS user guide, "Amazon EKS cluster IAM role"; the key's actions: "Enable secret encryption".
        use_key = Statement(
            sid="EncryptSecrets",
            actions=["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"],
            resources=[key.arn],
        )
        return ServiceRole(
            self,
            "role",
            ServiceRoleProps(
                name="cluster",
                service="eks.amazonaws.com",
                description="EKS control plane",
                source_arn=self.names.cluster_arn,
                policies={"eks": self.names.managed_policy("AmazonEKSClusterPolicy")},
                statements=[use_key],
            ),
        )
