"""Pods onto nodes, compared with trying everything."""

from __future__ import annotations

from collections.abc import Sequence

from constructs.capacity.packing import Nodes, Pods, impossible, unplaced
from constructs.settings.sections.airflow.component import Demand
from hypothesis import example, given
from hypothesis import strategies as st

from tests.property.profiles import MARKS, PROFILE

pytestmark = MARKS

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


@PROFILE
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


@PROFILE
@given(PODS, NODES)
def test_pods_that_are_alike_are_packed_as_well_as_can_be(pods: list[Pods], nodes: list[Nodes]) -> None:
    """Of a single kind as many find a node as there is room for, and one more is impossible."""
    kind = pods[0]
    missing = unplaced([kind], nodes).get(kind.name, 0)
    assert bool(missing) == (impossible([kind], nodes) is not None)
    assert not slowly([kind], nodes) if missing else slowly([kind], nodes)
