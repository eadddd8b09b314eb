"""Nodes that Karpenter has started, which no Terraform state knows, and their launch templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constructs.cluster.karpenter_names import POOL_TAG

from ops.unrecorded.account import Clients, tag_mapping
from ops.unrecorded.leftover import Leftover

NODE, TEMPLATE = "node", "launch template"

#: EC2 goes on listing an instance for an hour.
_THERE = ("pending", "running", "stopping", "stopped", "shutting-down")


def nodes(cluster: str, clients: Clients) -> Iterator[Leftover]:
    """Instances that Karpenter has started for a cluster, until EC2 has ended them."""
    states = {"Name": "instance-state-name", "Values": list(_THERE)}
    for reservation in _tagged(clients, "describe_instances", "Reservations", cluster, states):
        for instance in reservation["Instances"]:
            number = instance["InstanceId"]
            command = f"aws ec2 terminate-instances --instance-ids {number}"
            ending = instance["State"]["Name"] == "shutting-down"
            yield Leftover(NODE, number, _evidence(instance), command, free=not ending)


def templates(cluster: str, clients: Clients) -> Iterator[Leftover]:
    """Launch templates that Karpenter has made for a cluster."""
    for template in _tagged(clients, "describe_launch_templates", "LaunchTemplates", cluster):
        number = template["LaunchTemplateId"]
        command = f"aws ec2 delete-launch-template --launch-template-id {number}"
        yield Leftover(TEMPLATE, number, _evidence(template), command)


def _tagged(clients: Clients, operation: str, key: str, cluster: str, *more: dict[str, Any]) -> Iterator[Any]:
    filters = [
        {"Name": f"tag:kubernetes.io/cluster/{cluster}", "Values": ["owned"]},
        {"Name": "tag-key", "Values": [POOL_TAG]},
        *more,
    ]
    for page in clients("ec2").get_paginator(operation).paginate(Filters=filters):
        yield from page[key]


def _evidence(item: Any) -> str:
    return f"tag {POOL_TAG}={tag_mapping(item.get('Tags')).get(POOL_TAG, '')}"
