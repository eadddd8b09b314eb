"""A plan of one resource, as `terraform show -json` has it, and what the rules say of it."""

from __future__ import annotations

import json
from typing import Any

from ops.plans.reading import read_plan
from tests.unit.ops.recorded_plans import plan_of, resource

Block = dict[str, Any]
#: Type, before, after, and the lines.
Case = tuple[str, Block | None, Block | None, list[str]]


def judged(kind: str, before: Block | None, after: Block | None, **change: Any) -> list[str]:
    """Return `<kind> <words>: <before> -> <after>` of each danger; `replaced=True` where it is made anew."""
    actions = ["update"]
    if change.pop("replaced", False):
        actions = ["delete", "create"]
    elif before is None:
        actions = ["create"]
    elif after is None:
        actions = ["delete"]
    entry = resource(f"{kind}.x", *actions, before=before, after=after, **change)
    [planned] = read_plan("infrastructure", plan_of(entry)).changes
    return [f"{danger.kind} {danger}" for danger in planned.dangers]


def policy(*statements: Block) -> str:
    """A policy as Terraform has it: text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Block:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Block:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def rule(port: int, *ranges: str, to: int = 0, protocol: str = "tcp", groups: tuple[str, ...] = ()) -> Block:
    """A rule of a security group."""
    return {
        "protocol": protocol,
        "from_port": port,
        "to_port": to or port,
        "cidr_blocks": list(ranges),
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "security_groups": list(groups),
        "self": False,
    }


def at(path: str, value: Any) -> Block:
    """A resource with one argument, in the blocks of its path."""
    first, _, rest = path.partition(".")
    return {first: [at(rest, value)] if rest else value}


def one(kind: str, path: str, before: Any, after: Any, line: str) -> Case:
    """A change of that argument, told by that line."""
    return kind, at(path, before), at(path, after), [line]
