"""What a state knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.console.errors import OperationError
from ops.console.pages import Page
from ops.state.reading import DAMAGED, EARLIER_VERSION

#: How the ID of an import is made where the attribute `id` is something else (provider documentation, "Import").
_IMPORT_IDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "aws_cloudwatch_event_target": lambda known: f"{known['rule']}/{known['target_id']}",
    "aws_db_instance": lambda known: str(known["identifier"]),
    "aws_eks_pod_identity_association": lambda known: f"{known['cluster_name']},{known['association_id']}",
    "aws_iam_role_policy_attachment": lambda known: f"{known['role']}/{known['policy_arn']}",
    "aws_route": lambda known: f"{known['route_table_id']}_{known['destination_cidr_block']}",
    "aws_route_table_association": lambda known: f"{known['subnet_id']}/{known['route_table_id']}",
}


@dataclass(frozen=True)
class Recorded:
    """Address -> import ID of everything in AWS that a state holds, tainted objects included."""

    import_ids: Mapping[str, str]

    tainted: frozenset[str] = frozenset()
    """Addresses whose creation was not seen to end: the next apply would replace them."""

    deposed: frozenset[tuple[str, str]] = frozenset()
    """Address and import ID of what an interrupted replacement keeps beside its successor."""

    @classmethod
    def read(cls, state: str) -> Recorded:
        """Read what `terraform state pull` prints; nothing at all where there is no state yet.

        Objects that an interrupted replacement keeps beside their successors (`deposed`) are kept apart.

        Raises:
            OperationError: it is no state.
        """
        try:
            return cls._of(json.loads(state).get("resources", []) if state.strip() else [])
        except DAMAGED as damaged:
            raise OperationError(
                f"This is no Terraform state: {damaged!r}.", fix=EARLIER_VERSION, page=Page.LOST_STATE
            ) from damaged

    @classmethod
    def _of(cls, resources: Sequence[Any]) -> Recorded:
        known = [
            (f"{resource['type']}.{resource['name']}", _import_id(resource["type"], instance["attributes"]), instance)
            for resource in resources
            if resource["mode"] == "managed" and resource["type"].startswith("aws_")
            for instance in resource["instances"]
        ]
        return cls(
            {address: identifier for address, identifier, instance in known if "deposed" not in instance},
            frozenset(address for address, _, instance in known if instance.get("status") == "tainted"),
            frozenset((address, identifier) for address, identifier, instance in known if "deposed" in instance),
        )

    def knows(self, address: str, import_id: str) -> bool:
        """Whether this object, and not another one, is recorded under the address."""
        return self.import_ids.get(address) == import_id or (address, import_id) in self.deposed


def _import_id(terraform_type: str, attributes: Mapping[str, Any]) -> str:
    make = _IMPORT_IDS.get(terraform_type)
    return make(attributes) if make else str(attributes["id"])
