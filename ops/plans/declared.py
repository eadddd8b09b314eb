"""Arguments of resources as they are synthesized, for what a plan calls known after apply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ops.dangers.resource_change import at

#: A reference to an attribute of a resource: `${aws_kms_key.logs.arn}`.
_REFERENCE = re.compile(r"\$\{([a-z]\w*\.\w+)\.([\w.\[\]]+)\}")


class Declared:
    """What the stack's JSON says of each resource, references replaced by what the plan knows of them."""

    def __init__(self, synthesized: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        """Take the stack's JSON and the plan's, as `terraform show -json` prints it."""
        self._resources = synthesized.get("resource", {})
        self._providers = synthesized.get("provider", {})
        self._changes = {resource["address"]: resource["change"] for resource in document.get("resource_changes", ())}

    @property
    def account(self) -> str:
        """The account that the AWS provider is held to; empty where the stack's JSON isn't known."""
        allowed = at(self._providers, "aws.allowed_account_ids")
        return str(allowed[0]) if allowed else ""

    def of(self, address: str) -> Mapping[str, Any] | None:
        """Return the arguments of a resource; None where the stack doesn't declare it.

        What refers to something that is replaced has its old identifier: so it is no difference that the plan has in
        every place where that stands.
        """
        kind, _, name = address.partition("[")[0].partition(".")
        arguments = self._resources.get(kind, {}).get(name)
        return None if arguments is None else self._resolved(arguments)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, str):
            return value
        if whole := _REFERENCE.fullmatch(value):
            found = self._looked_up(whole[1], whole[2])
            return value if found is None else found
        return _REFERENCE.sub(self._text, value)

    def _text(self, reference: re.Match[str]) -> str:
        found = self._looked_up(reference[1], reference[2])
        return found if isinstance(found, str) else reference[0]

    def _looked_up(self, address: str, attribute: str) -> Any:
        change, path = self._changes.get(address, {}), attribute.replace("[0]", "")
        if "[" in path:
            return None
        replaced = "delete" in change.get("actions", ())
        for side in ("after", "before") if replaced else ("after",):
            hidden = change.get(f"{side}_sensitive")
            found = at(change.get(side), path)
            if found is not None and hidden is not True and at(hidden, path) in (None, False):
                return found
        return None
