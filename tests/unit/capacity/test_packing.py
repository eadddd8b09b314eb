"""Pods onto nodes; `tests/property/test_packing.py` compares with trying everything."""

from __future__ import annotations

import pytest
from constructs.capacity.packing import Nodes, Pods, impossible, unplaced
from constructs.settings.sections.airflow.component import Demand

A = frozenset({"a"})


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

    def test_nodes_that_are_alike_are_looked_at_together(self) -> None:
        """450 nodes and a hundred thousand pods: what is not done for each of them is over at once."""
        nodes = [Nodes("a", 450, Demand(94_000, 370_000, 733)), Nodes("b", 0, Demand(9, 9, 9))]
        pods = [Pods("large", 449, Demand(90_000, 1, 1), A), Pods("small", 100_000, Demand(10, 512, 1), A)]
        assert unplaced(pods, nodes) == {}
        # Beside a large one there is processor time for 400, on the last node room for 733 pods.
        room = 449 * 400 + 733 - 100_000
        assert unplaced([*pods, Pods("more", 250_000, Demand(10, 1, 1), A)], nodes) == {"more": 250_000 - room}


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
