"""The database and what it stands on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.database.metadata_database import MetadataDatabase, MetadataDatabaseProps
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.encryption.log_group import LogKey
from constructs.network.cluster_network import ClusterNetwork
from constructs.network.database_network import DatabaseNetwork
from constructs.network.peering import Peering, PeeringProps
from constructs.secrets.generated_secret import GeneratedSecret, GeneratedSecretProps

from tests.unit.trial_stack import TrialStack, as_deployed

NODES = "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"

#: Deploys the database with some of its inputs changed.
Deploy = Callable[..., MetadataDatabase]


@pytest.fixture
def deploy(
    stack: TrialStack, log_key: LogKey, cluster_network: ClusterNetwork, database_network: DatabaseNetwork
) -> Deploy:
    """Deploy the database, by default with required inputs only."""
    key = EncryptionKey(stack, "secrets-key", EncryptionKeyProps(name="secrets", description="Secrets"))
    password = GeneratedSecret(stack, "password", GeneratedSecretProps(name="database", description="d", key=key))
    peering = Peering(stack, "peering", PeeringProps(cluster=cluster_network, database=database_network))

    def with_inputs(**changes: Any) -> MetadataDatabase:
        arguments: dict[str, Any] = {
            "network": database_network,
            "peering": peering,
            "client_security_group_id": NODES,
            "password": password,
            "log_key": log_key,
            "as_deployed": as_deployed(stack, "database"),
        } | changes
        return MetadataDatabase(stack, "database", MetadataDatabaseProps(**arguments))

    return with_inputs
