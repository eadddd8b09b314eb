"""From `terraform show -json` of a plan to what people look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops.dangers.judging import judge
from ops.dangers.resource_change import ResourceChange
from ops.plan_report.report import Action, Change, StackPlan
from ops.plans.deciding import deciding
from ops.plans.declared import Declared
from ops.plans.differences import UNKNOWN, differences

_ACTIONS = {
    ("create",): Action.ADD,
    ("update",): Action.CHANGE,
    ("delete",): Action.DESTROY,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget",): Action.FORGET,
}

#: What Terraform gives as a reason, in words. The ones that are missing here say no more than the action itself.
_REASONS = {
    "replace_because_tainted": "its creation did not end well (tainted)",
    "replace_by_request": "by request",
    "replace_by_triggers": "because what it belongs to is replaced",
    "delete_because_no_resource_config": "it is no longer generated",
    "delete_because_wrong_repetition": "it is no longer repeated in this way",
    "delete_because_count_index": "it is no longer repeated in this way",
    "delete_because_each_key": "it is no longer repeated in this way",
}


def read_plan(
    stack: str,
    document: Mapping[str, Any],
    *,
    exit_code: int | None = None,
    first: bool = False,
    synthesized: Mapping[str, Any] | None = None,
) -> StackPlan:
    """Return the plan of `stack`.

    `document` is the JSON of a saved plan, `exit_code` what `terraform plan -detailed-exitcode` has ended with (None:
    what it would be), `first` whether nothing is deployed yet, `synthesized` the stack's JSON, which has what the
    plan calls known after apply.
    """
    declared = Declared(synthesized or {}, document)
    account = declared.account
    changes = tuple(_changes(document.get("resource_changes", ()), declared, account))
    outputs = sum(change["actions"] != ["no-op"] for change in document.get("output_changes", {}).values())
    return StackPlan(
        stack=stack,
        exit_code=exit_code if exit_code is not None else (2 if changes or outputs else 0),
        changes=changes,
        outside=tuple(_outside(document.get("resource_drift", ()), changes, account)),
        outputs=outputs,
        first=first,
    )


def _changes(
    resources: Sequence[Mapping[str, Any]], declared: Declared | None = None, account: str = ""
) -> Iterator[Change]:
    for resource in resources:
        change = resource["change"]
        action = _ACTIONS.get(tuple(change["actions"]))  # none for what stays and for data that is read
        if action is None or resource.get("mode") == "data":
            continue
        details = differences(change) if action in {Action.CHANGE, Action.REPLACE} else ()
        if action == Action.REPLACE:  # everything that AWS gives a new object is unknown: that says nothing
            details = tuple(line for line in details if not line.endswith(UNKNOWN))
        if "importing" in change:
            details = (f"imported as {change['importing'].get('id', 'what is there')}", *details)
        reason = _reason(resource, change)
        known = declared.of(resource["address"]) if declared else None
        judged = ResourceChange.of(resource, action, reason, known, account)
        side = {Action.ADD: judged.after, Action.DESTROY: judged.before}.get(action)
        yield Change(
            address=resource["address"],
            type=resource["type"],
            action=action,
            reason=reason,
            details=details,
            arguments=deciding(resource["type"], side) if side else "",
            dangers=judge(judged),
        )


def _outside(resources: Sequence[Mapping[str, Any]], planned: Sequence[Change], account: str) -> Iterator[Change]:
    """What somebody has changed without Terraform: of all that differs from the state only what the plan sets right.

    The rest is how providers read back what they have written themselves, and nobody's doing.
    """
    attributes = {change.address: set(map(_attribute, change.details)) for change in planned}
    for resource in resources:
        for change in _changes([resource], account=account):
            if change.action == Action.DESTROY:
                yield change
                continue
            shared = tuple(line for line in change.details if _attribute(line) in attributes.get(change.address, ()))
            if shared:
                [kept] = _changes([_only(resource, set(map(_attribute, shared)))], account=account)
                yield replace(kept, details=shared)


def _only(resource: Mapping[str, Any], attributes: set[str]) -> Mapping[str, Any]:
    """The change of these attributes alone: of no other one it is anybody's doing."""
    change = resource["change"]
    names = {attribute.partition(".")[0] for attribute in attributes}
    before, after = change.get("before") or {}, change.get("after") or {}
    return {**resource, "change": {**change, "after": {**before, **{n: v for n, v in after.items() if n in names}}}}


def _attribute(line: str) -> str:
    return line.partition(": ")[0]


def _reason(resource: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    paths = [".".join(map(str, path)) for path in change.get("replace_paths", ())]
    if paths:
        return f"because of {', '.join(paths)}"
    return _REASONS.get(resource.get("action_reason", ""), "")
