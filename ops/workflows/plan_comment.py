"""The comment on a pull request that says what its plans would do: one, updated in place."""

from __future__ import annotations

from collections.abc import Sequence

from ops.plan_report.report import EnvironmentPlan
from ops.workflows import markdown
from ops.workflows.plan_dangers import dangers_list
from ops.workflows.plan_remarks import aging_list, crowded_list
from ops.workflows.plan_sections import TABLE_HEAD, details, rows

#: First line of the comment, by which it is found again.
MARKER = "<!-- airflow-on-eks: plan -->"

#: Percent of the room beside the table that dangers may take before any is counted instead of told; plans get the rest.
DANGERS_SHARE = 75

NOTHING = "This pull request touches no environment that is deployed from here: there is nothing to plan."


def plan_comment(
    plans: Sequence[EnvironmentPlan], *, expected: Sequence[str] = (), commit: str = "", run_url: str = ""
) -> str:
    """Return the comment for the plans, at most `markdown.LIMIT` long.

    `expected` names the environments that were to be planned: one whose report is missing is said to be. `commit` and
    `run_url` say what was planned and where the log is.
    """
    missing = sorted({*expected} - {plan.environment for plan in plans})
    known = [*plans, *map(_missing, missing)]
    if not known:
        return f"{MARKER}\n## Plan\n\n{NOTHING}\n"
    head, foot = [MARKER, "## Plan"], _foot(commit, run_url)
    table = "\n".join([TABLE_HEAD, *(row for plan in known for row in rows(plan))])
    room = markdown.LIMIT - markdown.size("\n\n".join([*head, table, foot])) - 8
    for short in filter(None, (aging_list(known), crowded_list(known))):
        table = f"{table}\n\n{short}"
        room -= markdown.size(short) + 2
    if dangers := dangers_list(known, room * DANGERS_SHARE // 100):
        head.append(dangers)
        room -= markdown.size(dangers) + 2
    return "\n\n".join([*head, table, *details(known, room), foot]).rstrip() + "\n"


def _missing(environment: str) -> EnvironmentPlan:
    return EnvironmentPlan(
        environment=environment,
        failed=True,
        sentence="its job ended without a report: see the run, or approve it there",
    )


def _foot(commit: str, run_url: str) -> str:
    parts = []
    if commit:
        parts.append(f"Planned as merged in {commit}, without a lock")
    if run_url:
        parts.append(f"[the run]({run_url})")
    sentence = f"{'; '.join(parts)}. " if parts else ""
    return (
        f"{sentence}`platform` is planned against what `infrastructure` has published at its last deploy. "
        "Values that Terraform calls sensitive are left out."
    )
