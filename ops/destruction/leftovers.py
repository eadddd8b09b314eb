"""What the cluster makes in AWS by itself, in no Terraform state: volumes, balancers, interfaces, log groups.

Recognized by the tags with the cluster's name that the controllers of EKS write, and by names that AWS derives from it;
another environment's cluster has another name in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.naming.names import Names

from ops.unrecorded.account import Client, Clients, tag_mapping
from ops.unrecorded.leftover import Leftover
from ops.unrecorded.nodes import NODE, TEMPLATE, nodes, templates

#: EC2 goes on listing these for a while.
_GONE = frozenset({"deleting", "deleted"})


BALANCER = "load balancer"


@dataclass(frozen=True)
class Cluster:
    """The cluster of an environment, there or gone, and the account that it leaves things in."""

    names: Names
    clients: Clients

    @property
    def _name(self) -> str:
        return self.names.prefix

    def leftovers(self) -> list[Leftover]:
        """Everything that is left, in an order in which it can be deleted."""
        return [
            *self.in_network(),
            *templates(self._name, self.clients),
            *self._volumes(),
            *self._log_groups(),
        ]

    def nodes(self) -> list[Leftover]:
        """Nodes that Karpenter has started and, while it runs, ends itself."""
        return list(nodes(self._name, self.clients))

    def in_network(self) -> list[Leftover]:
        """What keeps subnets and network from being deleted, in an order in which it can be deleted."""
        return [
            *self.nodes(),
            *self._load_balancers(),
            *self._target_groups(),
            *self._interfaces(),
            *self._security_groups(),
        ]

    def awaited(self) -> list[Leftover]:
        """Volumes and load balancers, which the cluster itself deletes while it is there."""
        return [*self._volumes(), *self._load_balancers()]

    def _tagged(self, operation: str, key: str) -> Iterator[tuple[Any, str]]:
        """Objects of EC2 that one of the cluster's tags names, each with that tag."""
        ec2 = self.clients("ec2")
        seen: set[str] = set()
        for tag, value in (
            (f"kubernetes.io/cluster/{self._name}", "owned"),
            ("KubernetesCluster", self._name),
            ("elbv2.k8s.aws/cluster", self._name),
            ("cluster.k8s.amazonaws.com/name", self._name),
            ("eks:cluster-name", self._name),
        ):
            pages = ec2.get_paginator(operation).paginate(Filters=[{"Name": f"tag:{tag}", "Values": [value]}])
            for item in (item for page in pages for item in page[key]):
                if str(item) not in seen:
                    seen.add(str(item))
                    yield item, f"tag {tag}={value}"

    def _volumes(self) -> Iterator[Leftover]:
        for volume, evidence in self._tagged("describe_volumes", "Volumes"):
            if volume["State"] in _GONE or _of_a_node(volume):
                continue
            number = volume["VolumeId"]
            tags = tag_mapping(volume.get("Tags"))
            claim = tags.get("kubernetes.io/created-for/pvc/name")
            evidence_ = f"{evidence}, of the claim {claim}" if claim else evidence
            free = volume["State"] == "available"
            yield Leftover("volume", number, evidence_, f"aws ec2 delete-volume --volume-id {number}", free)

    def _interfaces(self) -> Iterator[Leftover]:
        for item, evidence in self._tagged("describe_network_interfaces", "NetworkInterfaces"):
            number = item["NetworkInterfaceId"]
            command = f"aws ec2 delete-network-interface --network-interface-id {number}"
            yield Leftover("network interface", number, evidence, command, item.get("Status") == "available")

    def _security_groups(self) -> Iterator[Leftover]:
        for group, evidence in self._tagged("describe_security_groups", "SecurityGroups"):
            number = group["GroupId"]
            if "Address" not in tag_mapping(group.get("Tags")):  # those are Terraform's
                command = f"aws ec2 delete-security-group --group-id {number}"
                yield Leftover("security group", number, f"{evidence}, {group['GroupName']}", command)

    def _load_balancers(self) -> Iterator[Leftover]:
        for item, evidence in self._of_elb("describe_load_balancers", "LoadBalancers", "LoadBalancerArn"):
            arn = item["LoadBalancerArn"]
            command = f"aws elbv2 delete-load-balancer --load-balancer-arn {arn}"
            yield Leftover(BALANCER, arn, f"{evidence}, {item['LoadBalancerName']}", command)

    def _target_groups(self) -> Iterator[Leftover]:
        for item, evidence in self._of_elb("describe_target_groups", "TargetGroups", "TargetGroupArn"):
            arn = item["TargetGroupArn"]
            command = f"aws elbv2 delete-target-group --target-group-arn {arn}"
            yield Leftover("target group", arn, evidence, command, not item.get("LoadBalancerArns"))

    def _of_elb(self, operation: str, key: str, arn: str) -> Iterator[tuple[Any, str]]:
        elb = self.clients("elbv2")
        items = {item[arn]: item for page in elb.get_paginator(operation).paginate() for item in page[key]}
        arns = sorted(items)
        for start in range(0, len(arns), 20):  # AWS answers for 20 at most
            for described in elb.describe_tags(ResourceArns=arns[start : start + 20])["TagDescriptions"]:
                tags = tag_mapping(described.get("Tags"))
                if tags.get("elbv2.k8s.aws/cluster") == self._name:
                    yield items[described["ResourceArn"]], f"tag elbv2.k8s.aws/cluster={self._name}"

    def _log_groups(self) -> Iterator[Leftover]:
        """Log groups that EKS, RDS and Container Insights make again when a late line arrives."""
        logs = self.clients("logs")
        for start in (
            f"/aws/eks/{self._name}/",
            f"/aws/rds/instance/{self._name}/",
            f"/aws/containerinsights/{self._name}/",
        ):
            pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=start)
            for group in (group for page in pages for group in page["logGroups"]):
                name = group["logGroupName"]
                command = f"aws logs delete-log-group --log-group-name {name}"
                yield Leftover("log group", name, f"its name starts with {start}", command)


def _of_a_node(volume: Mapping[str, Any]) -> bool:
    """Whether it goes with the instance that it is attached to."""
    return any(attachment.get("DeleteOnTermination") for attachment in volume.get("Attachments", ()))


_DELETE: Mapping[str, tuple[str, Callable[[Client, str], Any]]] = {
    NODE: ("ec2", lambda client, number: client.terminate_instances(InstanceIds=[number])),
    TEMPLATE: ("ec2", lambda client, number: client.delete_launch_template(LaunchTemplateId=number)),
    "volume": ("ec2", lambda client, number: client.delete_volume(VolumeId=number)),
    "network interface": ("ec2", lambda client, number: client.delete_network_interface(NetworkInterfaceId=number)),
    "security group": ("ec2", lambda client, number: client.delete_security_group(GroupId=number)),
    BALANCER: ("elbv2", lambda client, arn: client.delete_load_balancer(LoadBalancerArn=arn)),
    "target group": ("elbv2", lambda client, arn: client.delete_target_group(TargetGroupArn=arn)),
    "log group": ("logs", lambda client, name: client.delete_log_group(logGroupName=name)),
}


def delete(leftover: Leftover, clients: Clients) -> None:
    """Delete one; raises what boto3 raises."""
    service, call = _DELETE[leftover.kind]
    call(clients(service), leftover.identifier)
