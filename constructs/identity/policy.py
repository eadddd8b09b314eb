"""IAM policy documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy document, in IAM's own vocabulary."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    principals: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def document(self) -> dict[str, Any]:
        """The statement as it stands in JSON; empty parts are left out, as IAM refuses them."""
        parts = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": dict(self.principals),
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": {operator: dict(test) for operator, test in self.conditions.items()},
        }
        return {key: value for key, value in parts.items() if value}


def policy_document(*statements: Statement) -> str:
    """The JSON text of a policy; tokens inside it resolve as anywhere else."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]})
