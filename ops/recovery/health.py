"""How far an object of AWS is: being made, complete, or broken. Only some kinds take time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from ops.unrecorded.account import Client, Clients


class Health(StrEnum):
    """What an object's status comes to."""

    COMPLETE = "complete"
    IN_PROGRESS = "in progress"
    BROKEN = "broken"


_IN_PROGRESS = frozenset(
    {
        "creating", "updating", "pending", "modifying", "backing-up", "configuring-enhanced-monitoring",
        "configuring-log-exports", "configuring-iam-database-auth", "rebooting", "starting", "renaming", "upgrading",
        "resetting-master-credentials", "moving-to-vpc", "converting-to-vpc", "maintenance", "storage-config-upgrade",
    }
)  # fmt: skip
_BROKEN = frozenset({"failed", "create_failed", "delete_failed", "restore-error", "insufficient-capacity"})


def _cluster(eks: Client, identifier: str) -> str:
    return str(eks.describe_cluster(name=identifier)["cluster"]["status"])


def _node_group(eks: Client, identifier: str) -> str:
    cluster, _, name = identifier.partition(":")
    return str(eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]["status"])


def _addon(eks: Client, identifier: str) -> str:
    cluster, _, name = identifier.partition(":")
    return str(eks.describe_addon(clusterName=cluster, addonName=name)["addon"]["status"])


def _database(rds: Client, identifier: str) -> str:
    [instance] = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return str(instance["DBInstanceStatus"])


def _nat_gateway(ec2: Client, identifier: str) -> str:
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"]
    return str(gateway["State"])


_STATUS: Mapping[str, tuple[str, Callable[[Client, str], str]]] = {
    "aws_db_instance": ("rds", _database),
    "aws_eks_addon": ("eks", _addon),
    "aws_eks_cluster": ("eks", _cluster),
    "aws_eks_node_group": ("eks", _node_group),
    "aws_nat_gateway": ("ec2", _nat_gateway),
}


def judge(status: str) -> Health:
    """What a status of AWS's comes to; statuses that are neither unfinished nor broken count as complete."""
    word = status.lower()
    if word in _IN_PROGRESS:
        return Health.IN_PROGRESS
    return Health.BROKEN if word in _BROKEN or word.startswith("incompatible-") else Health.COMPLETE


def look(clients: Clients, terraform_type: str, identifier: str) -> tuple[Health, str]:
    """How the object is, and AWS's own word for it; `identifier` is its import ID. Kinds without a status: complete."""
    if terraform_type not in _STATUS:
        return Health.COMPLETE, ""
    service, ask = _STATUS[terraform_type]
    status = ask(clients(service), identifier)
    return judge(status), status
