"""The database's storage, which RDS lets grow and never shrink."""

from __future__ import annotations

from cdktf import Token
from cdktf_cdktf_provider_aws.data_aws_db_instance import DataAwsDbInstance
from cdktf_cdktf_provider_aws.data_aws_db_instances import DataAwsDbInstances, DataAwsDbInstancesFilter
from constructs.naming.component import Component, Scope


class GrownStorage(Component):
    """What the storage has grown to, asked of RDS when a plan is made; before the database is there, nothing.

    Only needed where it no longer grows by itself: as long as it may, the provider takes no more than the file says for
    no change. Afterwards it would plan to take back what has grown, which RDS refuses each time.
    """

    def __init__(self, scope: Scope, id_: str) -> None:
        super().__init__(scope, id_)
        self.add(
            DataAwsDbInstances,
            "metadata",
            filter=[DataAwsDbInstancesFilter(name="db-instance-id", values=[self.names.prefix])],
        )
        there = self.add(DataAwsDbInstance, "metadata", db_instance_identifier="${each.value}")
        there.add_override("for_each", "${toset(data.aws_db_instances.metadata.instance_identifiers)}")

    def at_least(self, allocated_storage_gib: int) -> float:
        """The size to ask for, in GiB, as an expression: never below what is there."""
        there = "values(data.aws_db_instance.metadata)[*].allocated_storage"
        return float(Token.as_number(f"${{max({allocated_storage_gib}, {there}...)}}"))


def refuse_lower_limit(max_allocated_storage_gib: int) -> dict[str, str]:
    """A postcondition of the instance: the storage has not grown beyond the limit that the file has now.

    RDS refuses such a limit without a word of what to do (RDS user guide, "Managing capacity automatically with Amazon
    RDS storage autoscaling").
    """
    return {
        "condition": f"${{self.allocated_storage <= {max_allocated_storage_gib}}}",
        "error_message": "database-storage: the storage has grown to ${self.allocated_storage} GiB, and "
        f"database.max_allocated_storage_gib is {max_allocated_storage_gib}. It never shrinks. Write "
        "${ceil(self.allocated_storage * 11 / 10)} or more into the environment file, or null: then it grows no more.",
    }
