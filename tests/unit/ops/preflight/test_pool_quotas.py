"""Whether the account lets node pools have what their limits allow."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from constructs.settings.environment import Environment

from ops.clients.aws import Aws
from ops.preflight.check import Check, Result
from ops.preflight.pool_quotas import check_pool_quotas
from tests.unit.settings.conftest import load, write

__all__ = ["load", "write"]

Load = Callable[[dict[str, str | None]], Environment]

GROUP_VCPUS = 4
ON_DEMAND, SPOT = "L-1216C47A", "L-34B43A08"


def account(on_demand: int, spot: int) -> Aws:
    """An account with these quotas of vCPUs, whatever runs in it; each instance type has as many vCPUs."""
    quotas = {ON_DEMAND: on_demand, SPOT: spot}

    def get_service_quota(ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803  # as boto3 calls them
        assert ServiceCode == "ec2"
        return {"Quota": {"Value": float(quotas[QuotaCode])}}

    def describe_instance_types(InstanceTypes: list[str]) -> Any:  # noqa: N803  # as boto3 calls it
        types = [{"InstanceType": name, "VCpuInfo": {"DefaultVCpus": GROUP_VCPUS}} for name in InstanceTypes]
        return {"InstanceTypes": types}

    ec2 = SimpleNamespace(describe_instance_types=describe_instance_types)
    service = SimpleNamespace(get_service_quota=get_service_quota)
    return Aws("eu-west-1", "1", {("ec2", "eu-west-1"): ec2, ("service-quotas", "eu-west-1"): service})


def pool(capacity: str, cpu: int, *, families: str = "m7g", memory: str = "4096Gi") -> str:
    """A pool of these capacity types; its memory binds nothing, unless said."""
    return (
        f"{{instance_families: [{families}], capacity_types: [{capacity}], limits: {{cpu: {cpu}, memory: {memory}}}}}"
    )


def checks(load: Load, aws: Aws, **pools: str) -> list[Check]:
    """What is said of the pools, beside two on-demand nodes of 4 vCPUs."""
    text = ", ".join(f"{name}: {each}" for name, each in pools.items())
    changes: dict[str, str | None] = {
        "cluster/node_groups": "{default: {instance_types: [m7g.xlarge], min_size: 2, max_size: 4}}",
        "cluster/node_pools": f"{{{text}}}",
    }
    return list(check_pool_quotas(load(changes), aws))


class TestPoolQuotas:
    @pytest.mark.parametrize(
        ("capacity", "on_demand", "spot", "result"),
        [
            ("on_demand", 72, 0, Result.OK),
            ("on_demand", 71, 999, Result.UNKNOWN),
            ("spot", 8, 64, Result.OK),
            ("spot", 999, 63, Result.UNKNOWN),
            ("spot, on_demand", 40, 32, Result.OK),
            ("spot, on_demand", 40, 31, Result.UNKNOWN),
        ],
    )
    def test_limits_beyond_them_are_told(  # a table
        self, load: Load, capacity: str, on_demand: int, spot: int, result: Result
    ) -> None:
        """64 vCPUs beside 8 of node groups, in the quota of the pool's kind; in both together where it has both."""
        [check] = checks(load, account(on_demand, spot), tasks=pool(capacity, 64))
        assert check.result is result

    def test_names_the_pool_and_what_to_do(self, load: Load) -> None:
        """By the key of its limits, with the number that fits, and which quota to raise."""
        [check] = checks(load, account(40, 0), tasks=pool("on_demand", 64))
        assert check.detail.startswith(
            "cluster.node_pools.tasks.limits allow 64 vCPUs, the account 40 (on demand), 8 of them for node groups"
        )
        assert check.fix.startswith("lower cluster.node_pools.tasks.limits to 32 vCPUs in all; or ask for more")
        assert check.fix.endswith(f"Service Quotas, ec2, {ON_DEMAND}")

    def test_pools_share_them(self, load: Load) -> None:
        """Two that fit alone may not fit together; one of the other kind is not counted among them."""
        pools = {"small": pool("spot", 16), "large": pool("spot", 64), "other": pool("on_demand", 16)}
        [check] = checks(load, account(24, 79), **pools)
        assert check.result is Result.UNKNOWN
        assert "cluster.node_pools.small.limits, cluster.node_pools.large.limits allow 80 vCPUs" in check.detail
        assert "other" not in check.detail

    def test_one_of_both_kinds_gets_what_the_others_leave(self, load: Load) -> None:
        """Each alone is within the quotas, all of them together are not."""
        pools = {"night": pool("spot", 32), "day": pool("spot, on_demand", 32)}
        [check] = checks(load, account(16, 40), **pools)
        assert "allow 64 vCPUs, the account 56 (spot and on demand)" in check.detail
        assert check.fix.endswith(f"ec2, {SPOT} or {ON_DEMAND}")

    def test_memory_may_be_what_binds(self, load: Load) -> None:
        """256Gi are 64 vCPUs of m7g, whatever the other limit says."""
        [check] = checks(load, account(72, 0), tasks=pool("on_demand", 1000, memory="256Gi"))
        assert check.result is Result.OK

    def test_others_have_quotas_of_their_own(self, load: Load) -> None:
        """Graphics processors don't count against these."""
        [check] = checks(load, account(8, 0), gpu=pool("on_demand", 64, families="g5"))
        assert (check.result, "not counted" in check.detail) == (Result.OK, True)
