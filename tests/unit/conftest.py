"""What the tests of single constructs build on: an empty stack and the constructs that others need."""

from __future__ import annotations

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
import pytest
from constructs.cluster.control_plane import ControlPlane
from constructs.encryption.log_group import LogKey
from constructs.network.cluster_network import ClusterNetwork, ClusterNetworkProps
from constructs.network.database_network import DatabaseNetwork, DatabaseNetworkProps

from tests.unit.trial_stack import TrialStack, default_control_plane

ZONES = ("eu-west-1a", "eu-west-1b")


@pytest.fixture
def stack() -> TrialStack:
    """An empty stack of the environment `dev`."""
    return TrialStack()


@pytest.fixture
def log_key(stack: TrialStack) -> LogKey:
    """The key of the log groups."""
    return LogKey(stack, "log-key")


@pytest.fixture
def control_plane(stack: TrialStack) -> ControlPlane:
    """A control plane with default configuration."""
    return default_control_plane(stack)


@pytest.fixture
def cluster_network(stack: TrialStack) -> ClusterNetwork:
    """The cluster's VPC in two zones, with default configuration."""
    props = ClusterNetworkProps(
        cidr="10.0.0.0/16",
        availability_zones=ZONES,
        public_cidrs=("10.0.192.0/21", "10.0.200.0/21"),
        private_cidrs=("10.0.0.0/18", "10.0.64.0/18"),
    )
    return ClusterNetwork(stack, "cluster-network", props)


@pytest.fixture
def database_network(stack: TrialStack) -> DatabaseNetwork:
    """The database's VPC in two zones."""
    props = DatabaseNetworkProps(
        cidr="10.1.0.0/24", availability_zones=ZONES, subnet_cidrs=("10.1.0.0/26", "10.1.0.64/26")
    )
    return DatabaseNetwork(stack, "database-network", props)
