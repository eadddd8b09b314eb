"""IAM policy documents."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: Characters of a managed policy without white space (IAM's quotas).
LONGEST_POLICY = 6144
#: Characters; of a key's ARN, the longest of what only Terraform knows, which a token stands for.
_LONGEST_UNKNOWN = 100


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


def fitting_policies(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Return the statements in groups that fit into a managed policy each, one group if that is possible.

    Raises:
        ValueError: one statement alone is too long.
    """
    groups: list[list[Statement]] = []
    for statement in statements:
        if policy_length(statement) > LONGEST_POLICY:
            raise ValueError(f"the statement {statement.sid} is too long for a policy")
        with_room = (group for group in groups if policy_length(*group, statement) <= LONGEST_POLICY)
        group = next(with_room, None)
        if group is None:
            groups.append([statement])
        else:
            group.append(statement)
    return groups


def policy_length(*statements: Statement) -> int:
    """Characters of the policy as IAM counts them."""
    compact = json.dumps(json.loads(policy_document(*statements)), separators=(",", ":"))
    return len(re.sub(r"\$\{[^}]*\}", "k" * _LONGEST_UNKNOWN, compact))
