"""RDS: the instance and its groups. Snapshots repeat the instance's tags and are not asked for."""

from __future__ import annotations

from collections.abc import Iterator

from ops.unrecorded.account import Account, tag_mapping
from ops.unrecorded.finding import Found

_GROUPS = (
    ("aws_db_subnet_group", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", "DBSubnetGroupArn"),
    (
        "aws_db_parameter_group",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroupName",
        "DBParameterGroupArn",
    ),
)


def tagged(account: Account) -> Iterator[Found]:
    """The instance, subnet group and parameter groups that carry the stack's tags."""
    for instance in account.list("rds", "describe_db_instances", "DBInstances"):
        name, tags = instance["DBInstanceIdentifier"], tag_mapping(instance.get("TagList"))
        address = account.address("aws_db_instance", tags)
        if address and instance["DBInstanceStatus"] != "deleting":
            yield Found(address, name, f"database instance {name} carries the tag Address")
    for kind, operation, items, identifier, arn in _GROUPS:
        for group in account.list("rds", operation, items):
            name = group[identifier]
            if name != account.prefix and not name.startswith(f"{account.prefix}-"):
                continue
            answer = account.client("rds").list_tags_for_resource(ResourceName=group[arn])
            if address := account.address(kind, tag_mapping(answer["TagList"])):
                yield Found(address, name, f"group {name} carries the tag Address")
