"""What is said of the environments of plans beside their changes, in the comment and the issue. It is short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ops.plan_report.report import EnvironmentPlan
from ops.workflows import markdown


def aging_list(plans: Sequence[EnvironmentPlan]) -> str:
    """The list of versions that are out of support, will be soon, or have a severe fault; empty where there is none."""
    head = "**Versions** that have ended or will within 90 days, or have a severe fault:"
    return _listed(head, plans, lambda plan: plan.aging)


def crowded_list(plans: Sequence[EnvironmentPlan]) -> str:
    """The list of what keeps pods from a node; empty where all fit with a reserve."""
    return _listed("**Room for the pods**:", plans, lambda plan: plan.crowded)


def _listed(head: str, plans: Sequence[EnvironmentPlan], of: Callable[[EnvironmentPlan], Sequence[str]]) -> str:
    lines = [
        f"- {markdown.plain(plan.environment)}: {markdown.plain(sentence)}" for plan in plans for sentence in of(plan)
    ]
    return "\n".join([head, "", *lines]) if lines else ""
