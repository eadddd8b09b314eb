"""Base of the project's constructs: readable addresses and tags without a word about either in the constructs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

from cdktf import TerraformDataSource, TerraformElement, TerraformStack
from constructs import Construct
from constructs.naming.labels import Labels

Element = TypeVar("Element", bound=TerraformElement)


class Scope(Protocol):
    """A stack or construct that knows its labels."""

    labels: Labels


@cache
def _terraform_type(kind: type[TerraformElement]) -> str:
    """`aws_vpc` of `Vpc`; asked once, as each question crosses to the Node process."""
    return str(kind.TF_RESOURCE_TYPE)  # type: ignore[attr-defined]  # each generated class has it, their base has not


@cache
def _takes_tags(kind: type[TerraformElement]) -> bool:
    return "tags" in inspect.signature(kind.__init__).parameters


class Component(Construct):
    """A construct whose resources have the address `<type>.<name>` in the state and carry the environment's tags."""

    def __init__(self, scope: Scope, id_: str) -> None:
        super().__init__(scope, id_)  # type: ignore[arg-type]  # every Scope is a Construct; a Protocol can't say so
        self.labels = scope.labels
        self.names = scope.labels.names

    def add(self, kind: type[Element], name: str, /, **arguments: Any) -> Element:
        """Deploy one resource, or read one data source, under the name that it has in the state.

        Resources that can carry tags get all of them, `tags` on top.

        Raises:
            ValueError: the stack has the address already; CDKTF would merge the two without a word.
        """
        terraform_type = _terraform_type(kind)
        address = f"{terraform_type}.{name}"
        block = f"data.{address}" if issubclass(kind, TerraformDataSource) else address
        if block in self.labels.addresses:
            raise ValueError(f"{block} is already in the stack")
        self.labels.addresses.add(block)
        # A data source's would be what to look for.
        if _takes_tags(kind) and not issubclass(kind, TerraformDataSource):
            arguments["tags"] = {**self.labels.tags(address), **arguments.get("tags", {})}
        element = kind(self, address, **arguments)
        element.override_logical_id(name)
        return element


class Ephemeral:
    """An `ephemeral` block: a value that Terraform holds while it runs and never stores.

    CDKTF 0.21 has no classes for this block (it came with Terraform 1.10), so it is written into the stack's JSON.
    """

    def __init__(self, scope: Component, terraform_type: str, name: str, arguments: Mapping[str, Any]) -> None:
        """Write it into the scope's stack.

        Raises:
            ValueError: the stack has one of this address already, which would read the other's value then.
        """
        self._address = f"ephemeral.{terraform_type}.{name}"
        if self._address in scope.labels.addresses:
            raise ValueError(f"{self._address} is already in the stack")
        scope.labels.addresses.add(self._address)
        TerraformStack.of(scope).add_override(self._address, dict(arguments))

    def attribute(self, name: str) -> str:
        """Expression for one of its values; Terraform accepts it in write-only arguments only."""
        return f"${{{self._address}.{name}}}"
