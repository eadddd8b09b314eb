"""Pods that find no node, or none to spare, in the comment."""

from __future__ import annotations

from collections.abc import Sequence

from ops.plan_report.report import EnvironmentPlan
from ops.workflows import markdown


def crowded_list(plans: Sequence[EnvironmentPlan]) -> str:
    """The list of what keeps pods from a node in each plan; empty where all fit with a reserve. It is short."""
    lines = [
        f"- {markdown.plain(plan.environment)}: {markdown.plain(sentence)}"
        for plan in plans
        for sentence in plan.crowded
    ]
    return "\n".join(["**Room for the pods**:", "", *lines]) if lines else ""
