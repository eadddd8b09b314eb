"""Arguments that the oldest provider which is taken doesn't know: the one table of what only newer ones have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructs.versions.table import order

#: Type -> argument (in a block: its path) -> the first version of the AWS provider that has it, by its changelog. What
#: is not used stands here, too: the bindings offer it, and a provider that doesn't know it refuses the whole stack.
SINCE: Mapping[str, Mapping[str, tuple[int, int, int]]] = {
    "aws_cloudwatch_log_group": {"deletion_protection_enabled": (6, 25, 0)},
    "aws_eks_cluster": {"control_plane_scaling_config": (6, 23, 0), "deletion_protection": (6, 9, 0)},
    "aws_eks_node_group": {
        "node_repair_config.max_parallel_nodes_repaired_count": (6, 20, 0),
        "node_repair_config.max_parallel_nodes_repaired_percentage": (6, 20, 0),
        "node_repair_config.max_unhealthy_node_threshold_count": (6, 20, 0),
        "node_repair_config.max_unhealthy_node_threshold_percentage": (6, 20, 0),
        "node_repair_config.node_repair_config_overrides": (6, 20, 0),
    },
    "aws_eks_pod_identity_association": {"disable_session_tags": (6, 2, 0), "target_role_arn": (6, 2, 0)},
    "aws_flow_log": {"regional_nat_gateway_id": (6, 25, 0)},
    "aws_launch_template": {"placement.group_id": (6, 12, 0)},
    "aws_nat_gateway": {
        "availability_mode": (6, 24, 0),
        "availability_zone_address": (6, 24, 0),
        "vpc_id": (6, 24, 0),
    },
    "aws_s3_bucket_public_access_block": {"skip_destroy": (6, 4, 0)},
    "aws_s3_bucket_server_side_encryption_configuration": {"rule.blocked_encryption_types": (6, 22, 0)},
}
#: The region of a single resource: every type of the AWS provider.
REGION = (6, 0, 0)


def newer_than(demanded: str, terraform_type: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield each argument of an AWS resource or data source that the demanded provider lacks, and since when it is."""
    since = {**SINCE.get(terraform_type, {}), "region": REGION}
    for path in _paths(arguments):
        first = since.get(path)
        if first and order(demanded) < first:
            yield f"{path}, which is since {'.'.join(map(str, first))}"


def _paths(arguments: Mapping[str, Any], above: Sequence[str] = ()) -> Iterator[str]:
    """The arguments that are given, those in blocks by their path, however many of the blocks there are."""
    for name, value in arguments.items():
        path = (*above, name)
        yield ".".join(path)
        for block in value if isinstance(value, list) else [value]:
            if isinstance(block, Mapping):
                yield from _paths(block, path)
