"""What the emulated EKS holds, and how its operations are declared.

moto's EKS has no add-ons, access entries and pod identity associations, knows no tags but a cluster's and answers
descriptions that Terraform wants to replace on the second plan: all operations are therefore our own, on our own state.
Every description is kept as the dictionary that the API answers.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)

from tests.emulator.services.eks.catalog import minors_between

Description = dict[str, Any]
Parameters = Mapping[str, Any]


@dataclass
class Cluster:
    """A cluster and everything that goes with it."""

    description: Description
    bootstrap_addons: bool
    node_groups: dict[str, Description] = field(default_factory=dict)
    addons: dict[str, Description] = field(default_factory=dict)
    access_entries: dict[str, Description] = field(default_factory=dict)
    access_policies: dict[str, dict[str, Description]] = field(default_factory=dict)  #: principal -> policy -> scope
    pod_identities: dict[str, Description] = field(default_factory=dict)
    updates: dict[str, Description] = field(default_factory=dict)
    updated_groups: dict[str, str] = field(default_factory=dict)  #: id of an update -> the node group that it is of

    @property
    def name(self) -> str:
        """The cluster's name."""
        return str(self.description["name"])

    @property
    def version(self) -> str:
        """Kubernetes version of the control plane."""
        return str(self.description["version"])

    def rolls_back_to(self, version: str) -> bool:
        """Whether the last change of version was an upgrade, from this version."""
        changes = [
            update
            for number, update in self.updates.items()
            if number not in self.updated_groups and update["type"] in ("VersionUpdate", "VersionRollback")
        ]
        return bool(changes) and changes[-1]["type"] == "VersionUpdate" and minors_between(version, self.version) == 1


@dataclass
class EksRegion:
    """EKS in one region of one account."""

    account_id: str
    region: str
    partition: str
    clusters: dict[str, Cluster] = field(default_factory=dict)

    def cluster(self, parameters: Parameters) -> Cluster:
        """Returns the cluster that a request is about. Raises ResourceNotFoundException."""
        name = parameters["name"]
        if name not in self.clusters:
            not_found(f"No cluster found for name: {name}.", clusterName=name)
        return self.clusters[name]

    def arn(self, kind: str, *path: str) -> str:
        """Returns the ARN of an EKS resource."""
        return f"arn:{self.partition}:eks:{self.region}:{self.account_id}:{kind}/{'/'.join(path)}"


Operation = Callable[[EksRegion, Parameters], Description]

OPERATIONS: dict[str, Operation] = {}
REGIONS: dict[tuple[str, str], EksRegion] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Declares a function as the implementation of an EKS operation."""

    def declare(implementation: Operation) -> Operation:
        OPERATIONS[name] = implementation
        return implementation

    return declare


def eks_region(account_id: str, region: str, partition: str = "aws") -> EksRegion:
    """Returns EKS of a region, empty at first."""
    return REGIONS.setdefault((account_id, region), EksRegion(account_id, region, partition))


def now() -> datetime:
    """Returns the time for `createdAt` and the like."""
    return datetime.now(UTC)


def record_update(cluster: Cluster, kind: str, parameters: Parameters, *, group: str | None = None) -> Description:
    """Records a finished update, as DescribeUpdate shows it, and returns it as the answer of an update operation."""
    update: Description = {
        "id": str(uuid.uuid4()),
        "status": "Successful",
        "type": kind,
        "createdAt": now(),
        "params": [{"type": name, "value": str(value)} for name, value in parameters.items()],
        "errors": [],
    }
    cluster.updates[update["id"]] = update
    if group:
        cluster.updated_groups[update["id"]] = group
    return {"update": update}


def not_found(message: str, **names: str) -> NoReturn:
    """Raises ResourceNotFoundException."""
    raise ResourceNotFoundException(message=message, **names)


def in_use(message: str, **names: str) -> NoReturn:
    """Raises ResourceInUseException."""
    raise ResourceInUseException(message=message, **names)


def invalid(message: str) -> NoReturn:
    """Raises InvalidParameterException."""
    raise InvalidParameterException(message=message)


def invalid_request(message: str) -> NoReturn:
    """Raises InvalidRequestException."""
    raise InvalidRequestException(message=message)
