"""The quotas of vCPUs that bound node pools: whether the account lets them have what their limits allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from constructs.capacity.pools import Pool, pools_of
from constructs.settings.environment import Environment

from ops.clients.aws import Aws
from ops.preflight.check import Check, ok, unknown
from ops.preflight.quotas import VCPU_QUOTAS, in_console, is_standard, quota, vcpus_at_least

SUBJECT = "quotas of node pools"
_WORDS = {"spot": "spot", "on_demand": "on demand"}
#: What pools may draw on: a pool of both kinds is as large as both quotas let it be, as Karpenter takes the other kind
#: where one is refused (`unfulfillableCapacityErrorCodes` in pkg/errors of karpenter-provider-aws).
_KINDS = (("on_demand",), ("spot",), ("spot", "on_demand"))


def check_pool_quotas(environment: Environment, aws: Aws) -> Iterator[Check]:
    """Whether the limits of the pools can ever be reached, beside the smallest number of nodes of the node groups.

    What others use is not counted: it comes and goes, and a deploy starts no node of a pool.

    Raises:
        OperationError: AWS doesn't say what the quotas are.
    """
    pools = [pool for pool in pools_of(environment.cluster) if _is_bounded(pool)]
    if not pools:
        yield ok(SUBJECT, "types with quotas of their own, or that are not known here, are not counted")
        return
    sharing = [
        (kinds, [pool for pool in pools if set(pool.settings.capacity_types) <= set(kinds)])
        for kinds in _KINDS
        if any(set(pool.settings.capacity_types) == set(kinds) for pool in pools)
    ]
    used: set[str] = {kind for pool in pools for kind in pool.settings.capacity_types}
    most = {kind: quota(aws, "ec2", code) for kind, code in VCPU_QUOTAS.items() if kind in used}
    taken = {kind: vcpus_at_least(environment, aws, kind) for kind in most}
    found = [check for kinds, some in sharing if (check := _check(some, kinds, most, taken))]
    yield from found or [ok(SUBJECT, f"{_named(pools)} are within them")]


def _is_bounded(pool: Pool) -> bool:
    """Whether all that it may start counts against these quotas; graphics processors and others have their own."""
    kinds = pool.settings.instance_types or pool.settings.instance_families
    return not pool.unknown and all(map(is_standard, kinds))


def _check(
    pools: Sequence[Pool], kinds: Sequence[str], quotas: Mapping[str, int], taken: Mapping[str, int]
) -> Check | None:
    most = sum(quotas[kind] for kind in kinds)
    left = most - sum(taken[kind] for kind in kinds)
    wanted = sum(pool.most_vcpus for pool in pools)
    if wanted <= left:
        return None
    words = " and ".join(_WORDS[kind] for kind in kinds)
    codes = " or ".join(VCPU_QUOTAS[kind] for kind in kinds)
    return unknown(
        SUBJECT,
        f"{_named(pools)} allow {wanted} vCPUs, the account {most} ({words}), {most - left} of them for node groups: "
        "pods would wait before the limits are reached",
        f"lower {_named(pools)} to {max(left, 0)} vCPUs in all; or {in_console('ec2', codes)}",
    )


def _named(pools: Sequence[Pool]) -> str:
    return ", ".join(f"{pool.key}.limits" for pool in pools)
