"""The naming and tagging context that stacks hand down to every construct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from constructs.naming.names import PROJECT, Names


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What identifies the objects of one stack of one environment."""

    names: Names
    stack: str
    user_tags: Mapping[str, str] = field(default_factory=dict)
    permissions_boundary: str | None = None
    """ARN of a policy beyond which no role of the stack may do anything; None: roles have their own policies only."""

    addresses: set[str] = field(default_factory=set)
    """Addresses that the stack has so far."""

    @property
    def constant_tags(self) -> dict[str, str]:
        """Tags that never change while the environment lives: for what a change of tags would replace."""
        return {"Project": PROJECT, "Environment": self.names.environment, "ManagedBy": "cdktf", "Stack": self.stack}

    @property
    def for_controllers(self) -> dict[str, str]:
        """The user's tags, as far as a controller in the cluster can give them to what it makes in AWS.

        They reach a controller as `key=value`, cut at the first `=`: a key that holds one can't be written so.
        """
        return {key: value for key, value in self.user_tags.items() if "=" not in key}

    @property
    def kubernetes(self) -> dict[str, str]:
        """Labels of the Kubernetes objects that the stack makes itself, beside those of the charts."""
        return {"app.kubernetes.io/managed-by": "cdktf", "app.kubernetes.io/part-of": self.names.prefix}

    def tags(self, address: str) -> dict[str, str]:
        """All tags of the resource at `address` (`aws_eks_cluster.cluster`).

        `Address` leads from any object in AWS to the line that manages it, also when no state knows the object.
        """
        name = self.names.of(address.partition(".")[2].replace("_", "-"))
        return {**self.user_tags, "Name": name, **self.constant_tags, "Address": address}
