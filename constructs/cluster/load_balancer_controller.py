"""Permissions of the AWS Load Balancer Controller, which `platform` runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs.cluster.control_plane import ControlPlane
from constructs.cluster.pod_identity import PodIdentity, PodIdentityProps
from constructs.identity.pod_role import PodRole, PodRoleProps
from constructs.identity.policy import Statement
from constructs.naming.component import Component, Scope
from constructs.naming.names import Names

NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "aws-load-balancer-controller"

#: The controller tags everything that it makes with this and the cluster's name.
CLUSTER_TAG = "elbv2.k8s.aws/cluster"


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerProps:
    """Inputs of `LoadBalancerController`."""

    control_plane: ControlPlane
    vpc_id: str
    waf_acl_arn: str | None = None
    """Web ACL that it attaches; `none`: it detaches one."""


class LoadBalancerController(Component):
    """A role for the controller by Pod Identity."""

    def __init__(self, scope: Scope, id_: str, props: LoadBalancerControllerProps) -> None:
        super().__init__(scope, id_)
        role = PodRole(
            self,
            "role",
            PodRoleProps(
                name="load_balancer_controller",
                description="AWS Load Balancer Controller",
                namespace=NAMESPACE,
                service_accounts=[SERVICE_ACCOUNT],
                statements=statements(self.names, props.vpc_id, props.waf_acl_arn),
            ),
        )
        PodIdentity(
            self,
            "pod-identity",
            PodIdentityProps(
                control_plane=props.control_plane,
                role=role,
                namespace=NAMESPACE,
                service_accounts=[SERVICE_ACCOUNT],
            ),
        )


def statements(names: Names, vpc_id: str, waf_acl_arn: str | None = None) -> list[Statement]:
    """What the controller needs for application load balancers, after the policy that its 2.x and 3.x publish.

    Narrower than that one: changes are limited to this account, region and VPC, and to what carries this cluster's
    name rather than any cluster's. Left out are Cognito, WAF Classic, Shield, IAM server certificates, address pools
    and capacity reservations, which the Ingress of `platform` doesn't use: the controller's WAF Classic and Shield
    features have to be off (`enableWaf`, `enableShield` of its chart), or it fails on calls that it may not make; and
    so has WAF (`enableWafv2`) without a web ACL.
    """
    return [
        _read(),
        *_security_groups(names, vpc_id),
        *_load_balancers(names),
        _service_linked_role(names),
        *(_web_acl(names, waf_acl_arn) if waf_acl_arn else ()),
    ]


def _mine(names: Names) -> dict[str, dict[str, str]]:
    return {"StringEquals": {f"aws:ResourceTag/{CLUSTER_TAG}": names.prefix}}


def _becomes_mine(names: Names, **more: Sequence[str] | str) -> dict[str, dict[str, Sequence[str] | str]]:
    """Conditions on what is being created, with further tests for equality: service -> the creating calls."""
    actions = {f"{service}:CreateAction": calls for service, calls in more.items()}
    return {"StringEquals": {**actions, f"aws:RequestTag/{CLUSTER_TAG}": names.prefix}}


def _security_groups(names: Names, vpc_id: str) -> list[Statement]:
    groups = names.arn("ec2", "security-group/*")
    vpc = names.arn("ec2", f"vpc/{vpc_id}")
    return [
        Statement(sid="CreateSecurityGroupInVpc", actions=["ec2:CreateSecurityGroup"], resources=[vpc]),
        Statement(
            sid="CreateSecurityGroup",
            actions=["ec2:CreateSecurityGroup"],
            resources=[groups],
            conditions=_becomes_mine(names),
        ),
        Statement(
            sid="TagNewSecurityGroup",
            actions=["ec2:CreateTags"],
            resources=[groups],
            conditions=_becomes_mine(names, ec2="CreateSecurityGroup"),
        ),
        Statement(
            sid="ChangeOwnSecurityGroups",
            actions=["ec2:CreateTags", "ec2:DeleteTags", "ec2:DeleteSecurityGroup"],
            resources=[groups],
            conditions=_mine(names),
        ),
        # Rules are also written into the cluster's own group, so that the balancer reaches the pods.
        Statement(
            sid="OpenSecurityGroupsOfVpc",
            actions=["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
            resources=[groups],
            conditions={"ArnEquals": {"ec2:Vpc": vpc}},
        ),
    ]


def _load_balancers(names: Names) -> list[Statement]:
    balancers = names.arn("elasticloadbalancing", "loadbalancer/app/*/*")
    targets = names.arn("elasticloadbalancing", "targetgroup/*/*")
    listeners = names.arn("elasticloadbalancing", "listener/app/*/*/*")
    rules = names.arn("elasticloadbalancing", "listener-rule/app/*/*/*/*")
    creating = ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule"]
    return [
        Statement(
            sid="CreateLoadBalancers",
            actions=["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"],
            resources=[balancers, targets],
            conditions=_becomes_mine(names),
        ),
        Statement(
            sid="CreateListeners",
            actions=["elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateRule"],
            resources=[balancers, listeners],
            conditions=_mine(names),
        ),
        Statement(
            sid="TagWhatIsCreated",
            actions=["elasticloadbalancing:AddTags"],
            resources=[balancers, targets, listeners, rules],
            conditions=_becomes_mine(names, elasticloadbalancing=creating),
        ),
        Statement(
            sid="ChangeOwnLoadBalancers",
            actions=_CHANGE,
            resources=[balancers, targets, listeners, rules],
            conditions=_mine(names),
        ),
    ]


def _web_acl(names: Names, arn: str) -> list[Statement]:
    """Attach one web ACL to the environment's balancer, and take away whichever is attached.

    WAF knows no tags of balancers (Service Authorization Reference, "AWS WAF V2"): the balancer's name has to tell.
    """
    balancer = names.arn("elasticloadbalancing", f"loadbalancer/app/{names.prefix}/*")
    found = names.arn("wafv2", "regional/webacl/*/*")
    attached = [] if arn == "none" else [arn]
    return [
        Statement(
            sid="SeeWebAcl", actions=["wafv2:GetWebACL", "wafv2:GetWebACLForResource"], resources=[balancer, found]
        ),
        Statement(
            sid="AttachWebAcl",
            actions=["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
            resources=[balancer, *attached],
        ),
        Statement(
            sid="LetWebAclIn",
            actions=["elasticloadbalancing:SetWebAcl"],
            resources=[names.arn("elasticloadbalancing", "loadbalancer/app/*/*")],
            conditions=_mine(names),
        ),
    ]


def _service_linked_role(names: Names) -> Statement:
    service = "elasticloadbalancing.amazonaws.com"
    return Statement(
        sid="ServiceLinkedRole",
        actions=["iam:CreateServiceLinkedRole"],
        resources=[f"arn:{names.partition}:iam::{names.account_id}:role/aws-service-role/{service}/*"],
        conditions={"StringEquals": {"iam:AWSServiceName": service}},
    )


_CHANGE = [
    f"elasticloadbalancing:{action}"
    for action in (
        "AddTags",
        "RemoveTags",
        "ModifyLoadBalancerAttributes",
        "SetIpAddressType",
        "SetSecurityGroups",
        "SetSubnets",
        "DeleteLoadBalancer",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "RegisterTargets",
        "DeregisterTargets",
        "DeleteTargetGroup",
        "ModifyListener",
        "ModifyListenerAttributes",
        "DeleteListener",
        "AddListenerCertificates",
        "RemoveListenerCertificates",
        "ModifyRule",
        "SetRulePriorities",
        "DeleteRule",
    )
]


def _read() -> Statement:
    """Describe calls; AWS knows no narrower resource for them (Service Authorization Reference, EC2, ELB v2, ACM)."""
    ec2 = (
        "AccountAttributes Addresses AvailabilityZones InternetGateways Vpcs VpcPeeringConnections Subnets "
        "SecurityGroups Instances NetworkInterfaces RouteTables Tags"
    )
    balancing = (
        "LoadBalancers LoadBalancerAttributes Listeners ListenerAttributes ListenerCertificates SSLPolicies Rules "
        "TargetGroups TargetGroupAttributes TargetHealth Tags TrustStores CapacityReservation"
    )
    return Statement(
        sid="Read",
        actions=[
            *(f"ec2:Describe{what}" for what in ec2.split()),
            "ec2:GetSecurityGroupsForVpc",
            *(f"elasticloadbalancing:Describe{what}" for what in balancing.split()),
            "acm:ListCertificates",
            "acm:DescribeCertificate",
        ],
        resources=["*"],
    )
