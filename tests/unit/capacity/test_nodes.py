"""What a node has left for pods."""

from __future__ import annotations

import pytest
from constructs.capacity.instance_types import InstanceType, instance_type
from constructs.capacity.nodes import DAEMON_SETS, addressed_pods, left_for_pods, most_pods
from constructs.settings.sections.airflow.component import Demand


def known(name: str) -> InstanceType:
    """A type of the table."""
    kind = instance_type(name)
    assert kind
    return kind


@pytest.mark.parametrize(
    ("name", "pods"),
    [("m7g.large", 29), ("m7g.xlarge", 58), ("t4g.small", 11), ("m5a.4xlarge", 234), ("m5.24xlarge", 737)],
)
def test_addresses_are_those_of_eks_own_list(name: str, pods: int) -> None:
    """`eni-max-pods.txt` of EKS's machine images has the same numbers."""
    assert addressed_pods(known(name)) == pods


@pytest.mark.parametrize(
    ("name", "alone", "with_prefixes"),
    [
        ("m7g.large", 29, 110),
        ("t4g.small", 11, 110),
        ("t4g.nano", 4, 34),
        ("m5a.4xlarge", 110, 110),  # seen: https://github.com/awsdocs/amazon-eks-user-guide/pull/663
        ("m7g.8xlarge", 234, 250),
        ("m5.24xlarge", 250, 250),
        ("m4.large", 20, 20),  # Xen: its interfaces take no ranges
    ],
)
def test_most_pods_are_those_that_eks_gives_managed_nodes(name: str, alone: int, with_prefixes: int) -> None:
    """110 below 30 vCPUs and 250 above, with prefix delegation or without; fewer where addresses are."""
    assert most_pods(known(name)) == alone
    assert most_pods(known(name), prefix_delegation=True) == with_prefixes


@pytest.mark.parametrize(
    ("name", "millicores"), [("m7g.large", 1930), ("m7g.xlarge", 3920), ("m7g.2xlarge", 7910), ("m7g.medium", 940)]
)
def test_processor_time_is_what_such_nodes_show_as_allocatable(name: str, millicores: int) -> None:
    """EKS keeps 70 thousandths of two cores, 80 of four, 90 of eight; the daemon sets are counted beside that."""
    assert left_for_pods(known(name)).millicores + DAEMON_SETS.millicores == millicores


def test_memory_is_less_than_linux_sees_and_more_than_nothing() -> None:
    """Of 8 GiB: 7.5 % unseen, 100 MiB for eviction, 255 and 11 for each of 29 pods, 120 of the daemon sets."""
    left = left_for_pods(known("m7g.large"))
    assert left == Demand(1750, 7577 - 100 - 255 - 11 * 29 - 120, 25)
    assert left_for_pods(known("m7g.large"), unseen=0).mebibytes == left.mebibytes + 8192 - 7577


def test_more_pods_take_no_memory_of_amazon_linux() -> None:
    """It keeps memory for as many as have an address each; Bottlerocket keeps it for as many as there may be."""
    without = left_for_pods(known("m7g.large"))
    assert left_for_pods(known("m7g.large"), most=110) == Demand(without.millicores, without.mebibytes, 106)
    bottlerocket = left_for_pods(known("m7g.large"), most=110, reserved_for=110)
    assert bottlerocket.mebibytes == without.mebibytes - 11 * (110 - 29)


def test_the_smallest_carry_nothing() -> None:
    """What is kept may be more than there is; a node carries no negative amount."""
    assert left_for_pods(InstanceType("t4g.nano", 2, 512, 2, 2)) == Demand(1750, 0, 0)
