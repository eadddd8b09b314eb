"""The quotas that a first deploy meets: VPCs, elastic IP addresses, vCPUs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import OperationError
from ops.preflight.check import Check, ok, problem, unknown

VPCS_OF_AN_ENVIRONMENT = 2

#: Families that share the quotas "Standard" (EC2 user guide, "On-Demand Instance quotas").
STANDARD_FAMILIES = "acdhimrtz"

#: Of instances of these families, in vCPUs, by what the environment file calls the capacity.
VCPU_QUOTAS = {"on_demand": "L-1216C47A", "spot": "L-34B43A08"}


@dataclass(frozen=True, kw_only=True)
class Need:
    """How much of a quota is used, and how much more a deploy takes."""

    subject: str
    service: str
    code: str
    measure: Callable[[], tuple[int, int]]
    """How much the account uses, and what the environment will have and has not yet; asked together."""


def needs(environment: Environment, aws: Aws, prefix: str) -> list[Need]:
    """Return what the environment needs of each quota. `prefix` is the start of its names; nothing is asked yet."""
    nodes = [group for group in environment.cluster.node_groups.values() if group.min_size]
    capacities = [
        capacity for capacity in ("on_demand", "spot") if any(group.capacity_type == capacity for group in nodes)
    ]
    return [
        _vpcs(environment, aws),
        _addresses(environment, aws),
        *(_processors(environment, aws, prefix, capacity) for capacity in capacities),
    ]


def check_quota(need: Need, aws: Aws) -> Check:
    """Whether what is missing fits into what is left."""
    try:
        used, missing = need.measure()
        most = quota(aws, need.service, need.code)
    except OperationError as error:
        fix = f"look at it yourself: console, Service Quotas, {need.service}, {need.code}"
        return unknown(need.subject, error.message, fix)
    detail = f"{used} of {most} used, {missing} more needed"
    if missing and used + missing > most:
        return problem(need.subject, detail, f"{in_console(need.service, need.code)}; or remove what nobody uses")
    return ok(need.subject, detail)


def quota(aws: Aws, service: str, code: str) -> int:
    """Return how much of it the account may have.

    Raises:
        OperationError: AWS doesn't say.
    """
    with readable(f"read the quota {service}/{code}"):
        answer = aws.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)
    return int(answer["Quota"]["Value"])


def in_console(service: str, code: str) -> str:
    """Return where people ask for more of a quota."""
    return f"ask for more: console, Service Quotas, {service}, {code}"


def _vpcs(environment: Environment, aws: Aws) -> Need:
    def measure() -> tuple[int, int]:
        with readable("list the VPCs"):
            vpcs = list(aws.pages("ec2", "describe_vpcs", "Vpcs"))
        own = [vpc for vpc in vpcs if vpc["OwnerId"] == aws.account_id]  # one that is shared with us is its owner's
        return len(own), max(0, VPCS_OF_AN_ENVIRONMENT - _ours(own, environment))

    return Need(subject="quota of VPCs", service="vpc", code="L-F678F1CE", measure=measure)


def _addresses(environment: Environment, aws: Aws) -> Need:
    per_zone = environment.network.nat_gateways == "one_per_zone"
    wanted = len(environment.availability_zones) if per_zone else 1

    def measure() -> tuple[int, int]:
        with readable("list the elastic IP addresses"):
            addresses = aws.client("ec2").describe_addresses()["Addresses"]
        return len(addresses), max(0, wanted - _ours(addresses, environment))

    return Need(subject="quota of elastic IP addresses", service="ec2", code="L-0263D0A3", measure=measure)


def _processors(environment: Environment, aws: Aws, prefix: str, capacity: str) -> Need:
    spot = capacity == "spot"

    def running() -> list[Any]:
        states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        with readable("list the instances"):
            reservations = aws.pages("ec2", "describe_instances", "Reservations", Filters=states)
            return [
                instance
                for reservation in reservations
                for instance in reservation["Instances"]
                if is_standard(instance["InstanceType"]) and (instance.get("InstanceLifecycle") == "spot") is spot
            ]

    def measure() -> tuple[int, int]:
        instances = running()
        ours = [instance for instance in instances if _tags(instance).get("eks:cluster-name") == prefix]
        return sum(map(_vcpus, instances)), max(0, vcpus_at_least(environment, aws, capacity) - sum(map(_vcpus, ours)))

    return Need(
        subject=f"quota of vCPUs ({'spot' if spot else 'on demand'})",
        service="ec2",
        code=VCPU_QUOTAS[capacity],
        measure=measure,
    )


def vcpus_at_least(environment: Environment, aws: Aws, capacity: str) -> int:
    """Return how many vCPUs the node groups of a capacity have at their smallest.

    Raises:
        OperationError: EC2 doesn't say what their instance types are.
    """
    groups = [
        group
        for group in environment.cluster.node_groups.values()
        if group.capacity_type == capacity and group.min_size and is_standard(group.instance_types[0])
    ]
    sizes = _sizes(aws, sorted({group.instance_types[0] for group in groups}))
    return sum(sizes[group.instance_types[0]] * group.min_size for group in groups)


def _sizes(aws: Aws, types: list[str]) -> dict[str, int]:
    if not types:
        return {}
    with readable(f"look up the instance types {', '.join(types)}"):
        found = aws.client("ec2").describe_instance_types(InstanceTypes=types)["InstanceTypes"]
    return {item["InstanceType"]: item["VCpuInfo"]["DefaultVCpus"] for item in found}


def is_standard(instance_type: str) -> bool:
    """Whether a type, or all types of a family, count against the quotas "Standard"."""
    # `m7g.large` is of family m; `inf2.xlarge` and `trn1.2xlarge` have quotas of their own.
    return instance_type[0] in STANDARD_FAMILIES and instance_type[1].isdigit()


def _vcpus(instance: Any) -> int:
    options = instance.get("CpuOptions", {})
    return int(options.get("CoreCount", 1)) * int(options.get("ThreadsPerCore", 1))


def _ours(objects: list[Any], environment: Environment) -> int:
    return sum(_tags(item).get("Environment") == environment.name and "Address" in _tags(item) for item in objects)


def _tags(item: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
