"""EKS add-ons."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.data_aws_eks_addon_version import DataAwsEksAddonVersion
from cdktf_cdktf_provider_aws.eks_addon import EksAddon, EksAddonPodIdentityAssociation
from constructs.cluster.control_plane import ControlPlane
from constructs.identity.pod_role import PodRole, PodRoleProps
from constructs.identity.policy import Statement
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class Addon:
    """What is fixed about an add-on."""

    name: str
    configuration: Mapping[str, Any] = field(default_factory=dict)
    service_account: str | None = None
    """The service account that gets `managed_policy` by Pod Identity."""

    managed_policy: str | None = None
    tagging: Callable[[Mapping[str, str]], Mapping[str, Any]] | None = None
    """Tags -> the part of the configuration that puts them on what the add-on makes in AWS."""


#: Nodes become ready with these: they exist before the first node.
BEFORE_NODES = (
    Addon(name="eks-pod-identity-agent"),
    Addon(name="kube-proxy"),
    Addon(
        name="vpc-cni",
        # The network policy agent is off by default (EKS user guide, "Limit Pod traffic with network policies").
        configuration={"enableNetworkPolicy": "true"},
        service_account="aws-node",
        managed_policy="AmazonEKS_CNI_Policy",
        # On the network interfaces that it adds to a node for its pods (VPC CNI's README, "ADDITIONAL_ENI_TAGS").
        tagging=lambda tags: {"env": {"ADDITIONAL_ENI_TAGS": json.dumps(tags)}},
    ),
)

#: These run as deployments: created without nodes they would time out as DEGRADED.
AFTER_NODES = (
    Addon(name="coredns"),
    Addon(
        name="aws-ebs-csi-driver",
        service_account="ebs-csi-controller-sa",
        managed_policy="service-role/AmazonEBSCSIDriverPolicy",
        # On each volume that it makes (EBS CSI driver's documentation, "Tagging").
        tagging=lambda tags: {"controller": {"extraVolumeTags": tags}},
    ),
    Addon(name="metrics-server"),
)


@dataclass(frozen=True, kw_only=True)
class AddonsProps:
    """Inputs of `Addons`."""

    control_plane: ControlPlane
    kubernetes_version: str
    """As the environment file has it: known at plan, unlike the cluster's attribute, so that versions are too."""

    addons: Sequence[Addon]
    pinned_versions: Mapping[str, str] = field(default_factory=dict)
    """Add-on -> version. Others get EKS's default for the Kubernetes version and follow its upgrades."""

    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Add-on -> variables of its containers, for those whose configuration has a map `env`."""

    statements: Mapping[str, Sequence[Statement]] = field(default_factory=dict)
    """Add-on -> what its role may do beside AWS's policy for it."""

    depends_on: Sequence[ITerraformDependable] = ()


class Addons(Component):
    """EKS add-ons, each with a role of its own where it calls AWS."""

    def __init__(self, scope: Scope, id_: str, props: AddonsProps) -> None:
        super().__init__(scope, id_)
        self.resources: list[ITerraformDependable] = [self._addon(addon, props) for addon in props.addons]

    def _addon(self, addon: Addon, props: AddonsProps) -> EksAddon:
        name = addon.name.replace("-", "_")
        role = self._role(addon, name, props.statements.get(addon.name, ()))
        identity = None
        if role:
            identity = [EksAddonPodIdentityAssociation(role_arn=role.arn, service_account=addon.service_account)]
        return self.add(
            EksAddon,
            name,
            cluster_name=props.control_plane.name,
            addon_name=addon.name,
            addon_version=self._version(addon, name, props),
            configuration_values=self._configuration(addon, props.environment.get(addon.name, {})),
            pod_identity_association=identity,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            depends_on=[*props.depends_on, *(role.permissions if role else ())] or None,
        )

    def _configuration(self, addon: Addon, environment: Mapping[str, str]) -> str | None:
        tags = self.labels.for_controllers
        configuration = {**addon.configuration, **(addon.tagging(tags) if tags and addon.tagging else {})}
        if environment:
            configuration["env"] = {**environment, **configuration.get("env", {})}
        return json.dumps(configuration) if configuration else None

    def _version(self, addon: Addon, name: str, props: AddonsProps) -> str:
        if addon.name in props.pinned_versions:
            return props.pinned_versions[addon.name]
        default = self.add(
            DataAwsEksAddonVersion, name, addon_name=addon.name, kubernetes_version=props.kubernetes_version
        )
        version: str = default.version
        return version

    def _role(self, addon: Addon, name: str, statements: Sequence[Statement]) -> PodRole | None:
        if addon.managed_policy is None or addon.service_account is None:
            return None
        return PodRole(
            self,
            f"{addon.name}-role",
            PodRoleProps(
                name=name,
                description=f"Add-on {addon.name}",
                namespace="kube-system",
                service_accounts=[addon.service_account],
                policies={"addon": self.names.managed_policy(addon.managed_policy)},
                statements=statements,
            ),
        )
