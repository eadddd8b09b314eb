"""What Karpenter is called, what it looks for, and what tells what it makes."""

from __future__ import annotations

from constructs.naming.names import Names

#: By itself in its namespace: who may make pods there may start nodes.
NAMESPACE = "karpenter"
SERVICE_ACCOUNT = "karpenter"

#: Tag of the subnets that nodes are started in; its value is the cluster's name.
DISCOVERY_TAG = "karpenter.sh/discovery"
#: Tag of the cluster's security group; nobody but EKS can give it (EKS user guide, "Amazon EKS security group
#: requirements").
GROUP_TAG = "aws:eks:cluster-name"
#: On everything that Karpenter makes, beside the cluster's.
POOL_TAG = "karpenter.sh/nodepool"

#: Name -> source and kind of the events (`getting-started-with-karpenter/cloudformation.yaml` of Karpenter 1.14). Left
#: out are those of capacity reservations, of which no pool uses any.
EVENTS = {
    "health": ("aws.health", "AWS Health Event"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
}


def rule_arns(names: Names) -> list[str]:
    """ARNs of the rules for these events, before they exist."""
    return [names.arn("events", f"rule/{names.of('karpenter', event)}") for event in EVENTS]
