"""The architecture: both VPCs, what runs in them, and who comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructs.checks.reachability import CLUSTER_SECURITY_GROUP, IngressRule, reference_name
from constructs.settings.sections.airflow.web_annotations import CONTROLLERS

from ops.console.wording import counted
from ops.pictures.scene import Box, Link, Scene, column, row
from ops.pictures.stacks import Stacks

#: Pods of Airflow: key of the chart's values -> name.
COMPONENTS = {
    "apiServer": "api-server",
    "scheduler": "scheduler",
    "dagProcessor": "dag-processor",
    "triggerer": "triggerer",
    "pgbouncer": "pgbouncer",
    "statsd": "statsd",
    "redis": "redis",
}


def architecture(stacks: Stacks) -> Scene:
    """Return what an environment consists of."""
    ingress = next(iter(stacks.platform.resources("kubernetes_ingress_v1").values()), None)
    people = Box("Browsers", [_visitors(ingress)], "outside")
    internet = Box("Git, package indexes, APIs", [_way_out(stacks)], "outside")
    door = [Box("Load balancer", [_door(ingress)], "node")] if ingress else []
    pods = Box("Airflow", [], "vpc", list(_pods(stacks)), across=True)
    groups = row(_groups(stacks))
    kubernetes = Box(f"EKS cluster, Kubernetes {stacks.one('aws_eks_cluster')['version']}", [], "vpc", [groups, pods])
    inside = [*door, _subnets(stacks, "public"), _subnets(stacks, "private"), kubernetes]
    vpc = Box(f"VPC of the cluster, {stacks.cidr('cluster')}", [], "vpc", inside)
    closed = not any(stacks.network.ways_out(subnet) for subnet in stacks.network.database_subnets)
    isolated = row(_subnet(stacks, *each) for each in stacks.subnets_of("database"))
    other = Box(
        f"VPC of the database, {stacks.cidr('database')}",
        ["no gateway, no route to the Internet"] if closed else [],
        "vpc",
        [isolated, Box("PostgreSQL on RDS", [_database(stacks)], "store")],
    )
    outside = row([people, internet])
    services = row(_services(stacks))
    coming = [Link(people, door[0], "443, HTTPS" if _is_encrypted(ingress) else "80, HTTP")] if door else []
    return Scene(
        f"Architecture of {stacks.one('aws_eks_cluster')['tags']['Environment']}",
        column([outside, vpc, other, services]),
        [*coming, Link(vpc, other, f"peering: {_let_in(stacks.network.database_rules)}")],
    )


def _annotation(ingress: Mapping[str, Any] | None, name: str) -> str:
    return str(ingress["metadata"]["annotations"].get(CONTROLLERS + name, "")) if ingress else ""


def _is_encrypted(ingress: Mapping[str, Any] | None) -> bool:
    return bool(_annotation(ingress, "certificate-arn"))


def _visitors(ingress: Mapping[str, Any] | None) -> str:
    allowed = _annotation(ingress, "inbound-cidrs")
    return f"from {', '.join(allowed.split(','))}" if allowed else "not by a load balancer of this environment"


def _door(ingress: Mapping[str, Any]) -> str:
    hosts = [str(rule["host"]) for rule in ingress["spec"]["rule"] if rule.get("host")]
    return ", ".join([_annotation(ingress, "scheme"), *hosts, "HTTPS" if _is_encrypted(ingress) else "HTTP"])


def _way_out(stacks: Stacks) -> str:
    gateways = len(stacks.infrastructure.resources("aws_nat_gateway"))
    return f"by {counted(gateways, 'NAT gateway')}, from the private subnets"


def _let_in(rules: Sequence[IngressRule]) -> str:
    """Return what the database's security group lets in, and from where."""
    match [(_ports(rule), sorted(map(_sender, rule.sources))) for rule in rules]:
        case [(ports, [sender])]:
            return f"{ports}, from {sender} alone"
        case several:
            return "; ".join(f"{ports}, from {' and '.join(senders)}" for ports, senders in several) or "nothing"


def _ports(rule: IngressRule) -> str:
    if rule.protocol == "-1":
        return "every port"
    ports = str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
    return ports if rule.protocol == "tcp" else f"{rule.protocol} {ports}"


def _sender(source: str) -> str:
    if source.endswith(CLUSTER_SECURITY_GROUP):
        return "the nodes' security group"
    return source.strip("${}").removesuffix(".id")


def _subnets(stacks: Stacks, kind: str) -> Box:
    chosen = [_subnet(stacks, *each) for each in stacks.subnets_of("cluster") if each[0].startswith(kind)]
    return row(chosen)


def _subnet(stacks: Stacks, name: str, subnet: Mapping[str, Any]) -> Box:
    zone, lines = str(subnet["availability_zone"]), [str(subnet["cidr_block"])]
    gateways = stacks.infrastructure.resources("aws_nat_gateway").values()
    if any(reference_name(gateway["subnet_id"], "aws_subnet") == name for gateway in gateways):
        lines.append("NAT gateway")
    if name in stacks.network.node_subnets:
        lines.append("nodes, pods, control plane")
    return Box(f"{name.partition('_')[0]}, {zone}", lines, "subnet")


def _groups(stacks: Stacks) -> Iterator[Box]:
    for name, group in stacks.infrastructure.resources("aws_eks_node_group").items():
        scaling = group["scaling_config"]
        size = f"{scaling['min_size']} to {scaling['max_size']} nodes"
        market = " spot" if group.get("capacity_type") == "SPOT" else ""
        yield Box(f"node group {name}", [f"{size},{market} {', '.join(group['instance_types'])}"], "node")
    for pool in stacks.node_pools:
        limits = " and ".join(f"{amount} of {what}" for what, amount in pool["spec"].get("limits", {}).items())
        yield Box(f"node pool {pool['metadata']['name']}", [f"by Karpenter, up to {limits}"], "node")


def _pods(stacks: Stacks) -> Iterator[Box]:
    values = stacks.values
    for key, name in COMPONENTS.items():
        settings = values.get(key) or {}
        if settings.get("enabled") is not False and (key != "redis" or "Celery" in stacks.executor):
            yield Box(name, [_number(settings)], "pod")
    if "Celery" in stacks.executor:
        celery = values["workers"]["celery"]
        yield Box("workers", [_number(celery)], "pod")
        for each in celery.get("sets") or ():
            yield Box(f"workers {each['name']}", [_number(each)], "pod")
    if "Kubernetes" in stacks.executor:
        yield Box("task pods", ["one per task"], "pod")


def _number(settings: Mapping[str, Any]) -> str:
    scaled = settings.get("keda") or {}
    if scaled.get("enabled"):
        return f"{scaled['minReplicaCount']} to {scaled['maxReplicaCount']}"
    return f"x {settings.get('replicas', 1)}"


def _database(stacks: Stacks) -> str:
    database = stacks.one("aws_db_instance")
    zones = "standby in a second zone" if database.get("multi_az") else "one zone"
    encrypted = ["encrypted"] if database.get("storage_encrypted") is True else []
    kept = f"backups for {database['backup_retention_period']} days"
    return ", ".join(
        [f"version {database['engine_version']}", str(database["instance_class"]), zones, *encrypted, kept]
    )


def _services(stacks: Stacks) -> Iterator[Box]:
    infrastructure = stacks.infrastructure
    endpoints = infrastructure.resources("aws_vpc_endpoint").values()
    by = "by a gateway endpoint" if any(str(each["service_name"]).endswith(".s3") for each in endpoints) else ""
    yield Box("S3", ["logs of tasks", by], "store")
    for title, terraform_type, words in (
        ("Secrets Manager", "aws_secretsmanager_secret", "secrets"),
        ("KMS", "aws_kms_key", "keys"),
        ("CloudWatch", "aws_cloudwatch_log_group", "log groups"),
    ):
        yield Box(title, [f"{len(infrastructure.resources(terraform_type))} {words}"], "store")
