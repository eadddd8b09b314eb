"""What node pools carry, and what is said where they don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.capacity.fit import Case, Fit, karpenter_replicas
from constructs.capacity.pools import Pool, types_of
from constructs.capacity.remarks import remarks
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.sections.node_pools import NodePoolSettings

Load = Callable[[dict[str, str | None]], Environment]

TAINT = "taints: [{key: tasks, value: only, effect: NoSchedule}]"
BASE = "instance_families: [m7g], limits: {cpu: 64, memory: 256Gi}"


def pool(*, prefix_delegation: bool = False, **settings: Any) -> Pool:
    """A pool called `tasks`."""
    families = {} if "instance_types" in settings else {"instance_families": ("m7g",)}
    limits = {"limits": {"cpu": 64, "memory": "256Gi"}}
    return Pool("tasks", NodePoolSettings.model_validate({**families, **limits, **settings}), prefix_delegation)


def file(more: str = "", **other: str) -> dict[str, str | None]:
    """An environment file with a pool, and other keys: two underscores in them are a slash."""
    changes = {key.replace("__", "/"): value for key, value in other.items()}
    return {"cluster/node_pools": f"{{tasks: {{{BASE}{', ' if more else ''}{more}}}}}", **changes}


class TestPool:
    def test_types_are_those_of_families_and_sizes(self) -> None:
        """The smallest first; of processors that are left out none."""
        names = [kind.name for kind in pool(instance_sizes=("large", "xlarge")).types]
        assert names == ["m7g.large", "m7g.xlarge"]
        both = pool(instance_families=("m7g", "m7i"), instance_sizes=("large",))
        assert both.architectures == ["arm64", "x86_64"]
        assert {kind.name for kind in types_of("m7g", ["large"])} == {"m7g.large"}

    def test_newer_types_are_not_known(self) -> None:
        """And nothing is said of them."""
        assert pool(instance_types=("m99g.large", "m7g.large")).unknown == ["m99g.large"]

    def test_nodes_are_of_the_smallest_type_that_suffices(self) -> None:
        """As many as cores and memory allow."""
        small = pool().nodes_for(Demand(400, 2048, 1))
        large = pool().nodes_for(Demand(3000, 20_000, 1))
        assert (small.count, large.count) == (32, 8)
        assert small.each.mebibytes < 8192 < large.each.mebibytes

    def test_limits_leave_larger_types_out(self) -> None:
        """A type of which not one node is allowed carries nothing."""
        limited = pool(limits={"cpu": 4, "memory": "16Gi"})
        assert limited.at_the_most.millicores < 4000
        assert limited.together.each == Demand(4000, 16_384, limited.together.each.pods)

    def test_prefix_delegation_gives_more_pods(self) -> None:
        """As EKS gives nodes of groups: 29 of an m7g.large, or 110."""
        few, many = (pool(prefix_delegation=prefixes, instance_sizes=("large",)) for prefixes in (False, True))
        assert (few.most_pods, many.most_pods) == (29, 110)


class TestFit:
    def test_workers_of_a_pool_need_no_group(self, load: Load) -> None:
        """Twenty of them beside two small nodes: no remark, as the limits suffice."""
        environment = load(file(TAINT, airflow__components__workers="{node_pool: tasks, replicas: 4}"))
        assert remarks(environment, {}) == []
        fit = Fit.of(environment, {})
        assert fit.reachable("workers") == {"tasks"}
        assert fit.reachable("scheduler") == {"default"}

    def test_karpenter_itself_is_counted_on_groups(self, load: Load) -> None:
        """Two pods where there are two nodes for them, one where there is one."""
        environment = load(file())
        [karpenter] = [kind for kind in Fit.of(environment, {}).system if kind.name == "karpenter"]
        assert (karpenter.count, set(karpenter.groups)) == (2, {"default"})
        one = load({**file(), "cluster/node_groups": "{default: {instance_types: [m7g.2xlarge], min_size: 1}}"})
        assert karpenter_replicas(one.cluster) == 1

    def test_without_pools_there_is_none(self, load: Load) -> None:
        """Nothing is counted that is not there."""
        assert "karpenter" not in {kind.name for kind in Fit.of(load({}), {}).system}

    def test_a_pool_without_taints_takes_what_finds_no_room(self, load: Load) -> None:
        """Nobody has to raise min_size."""
        environment = load(file(airflow__components__workers="{replicas: 4}"))
        assert Fit.of(environment, {}).unplaced(Case()) == {}

    def test_the_nodes_of_the_start_are_the_groups(self, load: Load) -> None:
        """How full they are is said of them alone; of the most nodes with the pools'."""
        fit = Fit.of(load(file()), {})
        start, most = (fit.full_percent(Case(largest=largest))["memory"] for largest in (False, True))
        assert start > most


class TestRemarks:
    def test_limits_that_are_too_small_for_all(self, load: Load) -> None:
        """The key to raise is the pool's."""
        narrow = "{tasks: {instance_families: [m7g], limits: {cpu: 4, memory: 16Gi}, " + TAINT + "}}"
        changes: dict[str, str | None] = {
            "cluster/node_pools": narrow,
            "airflow/components/workers": "{node_pool: tasks, replicas: 5}",
        }
        said = remarks(load(changes), {})[0]
        assert said.startswith("cluster.node_pools.tasks.limits: ")
        assert "up to 4 cores and 16Gi of m7g (tasks)" in said
        assert "raise them, or name larger instance types" in said

    def test_autoscaling_beyond_the_limits(self, load: Load) -> None:
        """How many stay pending at the most."""
        workers = "{node_pool: tasks, concurrency: 1, autoscaling: {min: 0, max: 32}}"
        narrow = "{tasks: {instance_families: [m7g], limits: {cpu: 8, memory: 32Gi}, " + TAINT + "}}"
        changes: dict[str, str | None] = {"cluster/node_pools": narrow, "airflow/components/workers": workers}
        found = [said for said in remarks(load(changes), {}) if "autoscaling.max" in said]
        assert len(found) == 1
        assert "raise cluster.node_pools.tasks.limits" in found[0]

    def test_taints_that_nothing_tolerates(self, load: Load) -> None:
        """No node would ever be started."""
        (said,) = remarks(load(file(TAINT)), {})
        assert said.startswith("cluster.node_pools.tasks.taints: no pod of Airflow tolerates them")
        assert "airflow.components.<name>.node_pool: tasks" in said

    def test_spot_without_a_taint(self, load: Load) -> None:
        """What all tasks need might be started there."""
        (said,) = remarks(load(file("capacity_types: [spot]")), {})
        assert said.startswith("cluster.node_pools.tasks.capacity_types: ")
        assert "airflow.components.<name>.node_pool" in said
        assert "write node_group: default for these" in said

    @pytest.mark.parametrize("zones", ["[eu-west-1a]", "[eu-west-1a, eu-west-1b]"])
    def test_a_volumes_zone_is_karpenters_to_find(self, load: Load, zones: str) -> None:
        """It starts a node where the volume is."""
        changes = file(f"availability_zones: {zones}", airflow__components__redis="{node_pool: tasks}")
        assert not [said for said in remarks(load(changes), {}) if "volume" in said]
