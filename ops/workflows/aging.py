"""Versions that are out of support, will be soon, or have a severe fault, in the comment and the issue."""

from __future__ import annotations

from collections.abc import Sequence

from ops.plan_report.report import EnvironmentPlan
from ops.workflows import markdown


def aging_list(plans: Sequence[EnvironmentPlan]) -> str:
    """The list of all plans' aging versions; empty where there is none. A table of versions is short, and so is it."""
    lines = [
        f"- {markdown.plain(plan.environment)}: {markdown.plain(sentence)}" for plan in plans for sentence in plan.aging
    ]
    head = ["**Versions** that have ended or will within 90 days, or have a severe fault:", ""]
    return "\n".join([*head, *lines]) if lines else ""
