"""What the sections of one environment know of each other while it is being validated.

A rule across sections (a key's ARN belongs to the environment's account, a range does not overlap another) is checked
where its value stands, so that the mistake carries that place. What it compares with has been noted here by fields
further up; a fact stays `None` where its own field is wrong, and rules on it are skipped then, not the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from constructs.settings.values.regions import partition_of


@dataclass(frozen=True)
class NodeGroup:
    """What other sections ask about a node group or a node pool."""

    is_spot: bool


@dataclass
class Facts:
    """The valid values, so far, that other sections are compared with."""

    name: str | None = None
    region: str | None = None
    account_id: str | None = None
    aws_provider: str | None = None
    availability_zones: tuple[str, ...] | None = None
    tag_keys: tuple[str, ...] | None = None
    cluster_vpc_cidr: str | None = None
    database_vpc_cidr: str | None = None
    open_to_the_internet: bool | None = None
    node_groups: Mapping[str, NodeGroup] | None = None
    node_pools: Mapping[str, NodeGroup] | None = None
    kubernetes_version: str | None = None
    postgresql_version: str | None = None
    airflow_version: str | None = None
    airflow_version_is_written: bool | None = None
    executor: str | None = None
    default_queue_is_taken: bool | None = None
    max_connections: int | None = None
    pgbouncer_replicas: int | None = None
    delivered: bool | None = None
    state_bucket_is_made: bool | None = None
    bounded_pods: bool | None = None

    @property
    def partition(self) -> str | None:
        """The partition that the region lies in: `aws`, `aws-cn` or `aws-us-gov`."""
        return partition_of(self.region) if self.region else None


#: The facts of the environment being validated; unset when a section is made by itself.
current: ContextVar[Facts | None] = ContextVar("current", default=None)


def known() -> Facts:
    """Return the facts known so far: none at all for a section outside an environment."""
    return current.get() or Facts()


def note(name: str, value: object) -> None:
    """Keep a valid value for the rules that follow."""
    facts = current.get()
    if facts is not None:
        setattr(facts, name, value)
