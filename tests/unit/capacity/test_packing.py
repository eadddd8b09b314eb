"""Pods onto nodes, compared with trying everything."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from constructs.capacity.packing import Nodes, Pods, impossible, unplaced
from constructs.settings.sections.airflow.components import Demand
from hypothesis import example, given
from hypothesis import strategies as st

GROUPS = ("a", "b")
AMOUNTS = st.integers(0, 6)
DEMANDS = st.builds(Demand, AMOUNTS, AMOUNTS, st.just(1))
ROOMS = st.builds(Demand, st.integers(0, 10), st.integers(0, 10), st.integers(0, 4))
PODS = st.lists(
    st.tuples(st.integers(0, 3), DEMANDS, st.frozensets(st.sampled_from(GROUPS), min_size=1)), min_size=1, max_size=3
).map(lambda kinds: [Pods(str(at), *kind) for at, kind in enumerate(kinds)])
NODES = st.lists(st.builds(Nodes, st.sampled_from(GROUPS), st.integers(0, 2), ROOMS), min_size=1, max_size=2)

A = frozenset({"a"})


def slowly(pods: Sequence[Pods], nodes: Sequence[Nodes]) -> bool:
    """Whether there is a way in which all fit: every pod is tried on every node."""
    waiting = [kind for kind in pods for _ in range(kind.count)]
    free = [(node.group, node.each) for node in nodes for _ in range(node.count)]
    tried: set[tuple[int, tuple[Demand, ...]]] = set()

    def place(number: int, rooms: tuple[Demand, ...]) -> bool:
        if number == len(waiting):
            return True
        if (number, rooms) in tried:
            return False
        tried.add((number, rooms))
        kind = waiting[number]
        for at, ((group, _), room) in enumerate(zip(free, rooms, strict=True)):
            rest = Demand(
                room.millicores - kind.each.millicores, room.mebibytes - kind.each.mebibytes, room.pods - kind.each.pods
            )
            if group in kind.groups and min(rest.millicores, rest.mebibytes, rest.pods) >= 0:
                left = list(rooms)
                left[at] = rest
                if place(number + 1, tuple(left)):
                    return True
        return False

    return place(0, tuple(room for _, room in free))


@given(PODS, NODES)
@example([Pods("0", 2, Demand(3, 0, 1), A)], [Nodes("a", 1, Demand(5, 0, 2))])
@example([Pods("0", 1, Demand(0, 0, 1), A)], [Nodes("b", 1, Demand(5, 5, 2))])
def test_what_is_said_is_true(pods: list[Pods], nodes: list[Nodes]) -> None:
    """Where all find a node there is a way, and where it is called impossible there is none."""
    there_is_a_way = slowly(pods, nodes)
    if not unplaced(pods, nodes):
        assert there_is_a_way
    if impossible(pods, nodes) is not None:
        assert not there_is_a_way
        assert unplaced(pods, nodes)


@given(PODS, NODES)
def test_pods_that_are_alike_are_packed_as_well_as_can_be(pods: list[Pods], nodes: list[Nodes]) -> None:
    """Of a single kind as many find a node as there is room for, and one more is impossible."""
    kind = pods[0]
    missing = unplaced([kind], nodes).get(kind.name, 0)
    assert bool(missing) == (impossible([kind], nodes) is not None)
    assert not slowly([kind], nodes) if missing else slowly([kind], nodes)


class TestUnplaced:
    def test_counts_those_without_a_node(self) -> None:
        """Two nodes hold two each of five."""
        pods = [Pods("workers", 5, Demand(400, 2048, 1), A)]
        assert unplaced(pods, [Nodes("a", 2, Demand(1750, 4096, 25))]) == {"workers": 1}

    def test_the_largest_are_not_kept_out_by_small_ones(self) -> None:
        """Small pods fill the gaps that large ones leave, in whatever order they are listed."""
        pods = [Pods("small", 4, Demand(100, 512, 1), A), Pods("large", 2, Demand(100, 3072, 1), A)]
        assert unplaced(pods, [Nodes("a", 2, Demand(1750, 4096, 25))]) == {}

    def test_groups_are_kept_apart(self) -> None:
        """Room in a group that pods may not use is no room."""
        nodes = [Nodes("a", 1, Demand(1000, 1024, 9)), Nodes("b", 9, Demand(1000, 1024, 9))]
        assert unplaced([Pods("workers", 2, Demand(600, 512, 1), A)], nodes) == {"workers": 1}


class TestImpossible:
    @pytest.mark.parametrize("each", [Demand(2000, 0, 1), Demand(0, 8192, 1)])
    def test_names_what_no_node_holds(self, each: Demand) -> None:
        """One is enough, and any part of it."""
        assert impossible([Pods("workers", 1, each, A)], [Nodes("a", 9, Demand(1750, 4096, 25))]) == "workers"

    def test_names_what_asks_for_most_where_all_together_are_too_many(self) -> None:
        """Each kind would fit alone."""
        pods = [Pods("few", 1, Demand(0, 1024, 1), A), Pods("many", 3, Demand(0, 1024, 1), A)]
        assert impossible(pods, [Nodes("a", 1, Demand(1000, 3072, 9))]) == "many"

    def test_counts_pods_too(self) -> None:
        """Addresses run out before memory does."""
        assert impossible([Pods("small", 3, Demand(0, 1, 1), A)], [Nodes("a", 1, Demand(9, 9, 2))]) == "small"

    def test_is_not_said_of_what_only_was_not_found(self) -> None:
        """None: there may be a way."""
        assert impossible([Pods("workers", 2, Demand(1, 1, 1), A)], [Nodes("a", 1, Demand(9, 9, 2))]) is None
