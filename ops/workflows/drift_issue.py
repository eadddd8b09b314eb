"""What becomes of the issue about an environment that has drifted: opened, updated, closed, or left as it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ops.plan_report.report import EnvironmentPlan, Status
from ops.workflows import markdown
from ops.workflows.plan_comment import DANGERS_SHARE
from ops.workflows.plan_dangers import dangers_list
from ops.workflows.plan_remarks import aging_list
from ops.workflows.plan_sections import TABLE_HEAD, details, rows

LABEL = "drift"


class Step(StrEnum):
    """What to do with the issue."""

    OPEN = "open"
    UPDATE = "update"
    CLOSE = "close"
    LEAVE = "leave"


@dataclass(frozen=True, kw_only=True)
class KnownIssue:
    """The open issue of an environment."""

    number: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The step, why, and the text that goes with it."""

    step: Step
    why: str
    title: str = ""
    body: str = ""


def marker(environment: str) -> str:
    """First line of the issue's text, by which it is found again."""
    return f"<!-- airflow-on-eks: drift of {environment} -->"


def decide(plan: EnvironmentPlan, issue: KnownIssue | None, *, run_url: str = "") -> Decision:
    """Return what to do with the open issue of the environment (None: there is none), going by its plan of today."""
    if not plan.ended_well or not plan.stacks:
        return Decision(step=Step.LEAVE, why="there is no plan to go by")
    deployed = [stack for stack in plan.stacks if stack.status == Status.PLANNED and not stack.first]
    drifted = any(stack.exit_code for stack in deployed)
    if not drifted and not (deployed and plan.aging):
        why = "it is as its file says" if deployed else "it is not deployed"
        if issue is None:
            return Decision(step=Step.LEAVE, why=why)
        return Decision(step=Step.CLOSE, why=why, body=f"The plan is empty again: {why}.{_see(run_url)}")
    body = _body(plan, run_url, drifted=drifted)
    title, why = (
        (f"Drift: {plan.environment} is not as its file says", "it has drifted")
        if drifted
        else (f"Versions: {plan.environment} has some to look at", "its versions age")
    )
    if issue is None:
        return Decision(step=Step.OPEN, why=why, title=title, body=body)
    if _without_run(issue.body) == _without_run(body):
        return Decision(step=Step.LEAVE, why="the issue says so already")
    return Decision(step=Step.UPDATE, why=f"{why} further" if drifted else why, title=title, body=body)


_DRIFTED = (
    "A deploy of the default branch would change what is in AWS. Either somebody has changed it there, or something "
    "was merged and never deployed."
)
_TO_DO = "Read the plan, then run the workflow `deploy`, or change the file to what AWS has."


def _body(plan: EnvironmentPlan, run_url: str, *, drifted: bool) -> str:
    intro = f"{marker(plan.environment)}\n{_DRIFTED if drifted else 'It is as its file says.'}"
    table = "\n\n".join(part for part in ("\n".join([TABLE_HEAD, *rows(plan)]), aging_list([plan])) if part)
    to_do = _TO_DO if drifted else "Write what the sentences say into the file, and deploy it."
    closes = "the plan is empty and no version ages" if plan.aging else "the plan is empty"
    foot = f"{to_do} The issue closes by itself when {closes}.\n\n{_RUN}{_see(run_url)}"
    room = markdown.LIMIT - markdown.size(f"{intro}\n\n{table}\n\n{foot}") - 8
    dangers = dangers_list([plan], room * DANGERS_SHARE // 100)
    room -= markdown.size(dangers)
    return "\n\n".join(part for part in [intro, dangers, table, *details([plan], room), foot] if part).rstrip() + "\n"


_RUN = "Last looked at:"


def _without_run(body: str) -> str:
    return body.replace("\r\n", "\n").partition(_RUN)[0].rstrip()


def _see(run_url: str) -> str:
    return f" [run]({run_url})" if run_url else ""
