"""What deploying changes in EC2: told apart by tags, as IDs say nothing."""

from __future__ import annotations

from constructs.delivery.reach import Reach
from constructs.identity.policy import Statement

#: Operation -> resource type that it makes, with its tags.
MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateLaunchTemplate": "launch-template",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
}
#: Those that are made in or for something that has to be the environment's, too.
_MADE_WITHIN = (
    *("CreateFlowLogs", "CreateNatGateway", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet"),
    *("CreateVpcEndpoint", "CreateVpcPeeringConnection"),
)
_DEFAULT_GROUPS = [f"aws_default_security_group.{vpc}" for vpc in ("cluster", "database")]
_RULES = (
    *(f"ec2:{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")),
    "ec2:ModifySecurityGroupRules",
    *(f"ec2:UpdateSecurityGroupRuleDescriptions{way}" for way in ("Ingress", "Egress")),
)
_CHANGES = (
    *(f"ec2:Delete{what}" for what in ("FlowLogs", "InternetGateway", "LaunchTemplate", "LaunchTemplateVersions")),
    *(f"ec2:Delete{what}" for what in ("NatGateway", "Route", "RouteTable", "SecurityGroup", "Subnet", "Tags", "Vpc")),
    *("ec2:DeleteVpcEndpoints", "ec2:DeleteVpcPeeringConnection", "ec2:ReleaseAddress"),
    *("ec2:AttachInternetGateway", "ec2:DetachInternetGateway"),
    *("ec2:AssociateRouteTable", "ec2:DisassociateRouteTable", "ec2:CreateRoute", "ec2:ReplaceRoute"),
    *("ec2:AcceptVpcPeeringConnection", "ec2:ModifyVpcPeeringConnectionOptions"),
    *("ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint"),
    *("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "ec2:CreateTags"),
    *_RULES,
)


def making_network(reach: Reach) -> list[Statement]:
    """Return what makes networks and launch templates, with the environment's tags."""
    everything = [reach.names.arn("ec2", "*/*")]
    return [
        # One statement for each kind: in a common one a foreign VPC would do for a subnet that gets our tags.
        *(
            Statement(
                sid=operation, actions=[f"ec2:{operation}"], resources=reach.ec2(made), conditions=reach.being_tagged
            )
            for operation, made in MADE.items()
        ),
        Statement(
            sid="MakeWithinOwn",
            actions=[f"ec2:{operation}" for operation in _MADE_WITHIN],
            resources=reach.ec2("vpc", "subnet", "elastic-ip", "route-table"),
            conditions=reach.tagged,
        ),
        Statement(
            sid="TagWhatIsMade",
            actions=["ec2:CreateTags"],
            resources=everything,
            conditions={
                "StringEquals": {**reach.being_tagged["StringEquals"], "ec2:CreateAction": [*MADE, "RunInstances"]}
            },
        ),
        # A VPC's default security group comes without tags. Terraform tags it, then empties it. Nothing tells it from
        # another group without tags: these pass, too.
        Statement(
            sid="TagDefaultGroups",
            actions=["ec2:CreateTags"],
            resources=reach.ec2("security-group"),
            conditions={**reach.being_tagged_as(_DEFAULT_GROUPS), "Null": {"aws:ResourceTag/Project": "true"}},
        ),
    ]


def changing_network(reach: Reach) -> list[Statement]:
    """Return what changes and deletes them, and starts nodes from the launch templates."""
    everything = [reach.names.arn("ec2", "*/*")]
    return [
        Statement(sid="ChangeOwn", actions=_CHANGES, resources=everything, conditions=reach.tagged),
        # A rule belongs to a group, which the call has to be allowed for as well.
        Statement(sid="RulesOfOwnGroups", actions=_RULES, resources=reach.ec2("security-group-rule")),
        # An address is taken from a NAT gateway's interface, which is AWS's and has no tags of ours.
        Statement(
            sid="FreeAddresses",
            actions=["ec2:DisassociateAddress"],
            resources=reach.ec2("elastic-ip"),
            conditions=reach.tagged,
        ),
        Statement(sid="FreeInterfaces", actions=["ec2:DisassociateAddress"], resources=reach.ec2("network-interface")),
        *_nodes(reach),
    ]


def _nodes(reach: Reach) -> list[Statement]:
    """EKS asks whether who makes a node group could start its instances himself, from its launch template."""
    image = f"arn:{reach.names.partition}:ec2:{reach.names.region}::image/*"
    return [
        Statement(
            sid="StartNodesFromOwnTemplates",
            actions=["ec2:RunInstances"],
            resources=reach.ec2("launch-template", "subnet"),
            conditions=reach.tagged,
        ),
        Statement(
            sid="StartNodes",
            actions=["ec2:RunInstances"],
            resources=[*reach.ec2("instance", "volume", "network-interface", "security-group"), image],
            conditions={"ArnLike": {"ec2:LaunchTemplate": reach.ec2("launch-template")}},
        ),
    ]
