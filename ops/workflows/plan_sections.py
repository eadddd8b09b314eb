"""The parts that the comment on a pull request and the issue about drift share."""

from __future__ import annotations

from collections.abc import Sequence

from ops.plan_report.report import Action, Change, EnvironmentPlan, StackPlan, Status
from ops.plans.failures import cause
from ops.workflows import markdown

#: Characters of a line of the plan, and of an error.
LONGEST_LINE = 400
LONGEST_ERROR = 12_000

#: As GitHub colours a block of `diff`: green, orange, red.
_SIGNS = {
    Action.ADD: "+",
    Action.CHANGE: "!",
    Action.REPLACE: "-/+",
    Action.DESTROY: "-",
    Action.FORGET: "#",
}
_PLANNED_ORDER = (Action.DESTROY, Action.REPLACE, Action.CHANGE, Action.ADD, Action.FORGET)

TABLE_HEAD = "| environment | stack | add | change | **replace** | destroy | |\n|---|---|--:|--:|--:|--:|---|"


def rows(plan: EnvironmentPlan) -> list[str]:
    """The rows of the table, one per stack."""
    environment = markdown.plain(plan.environment)
    if plan.sentence:
        state = "failed" if plan.failed else "not planned"
        return [f"| {environment} | | | | | | {state}: {_cell(plan.sentence)} |"]
    return [f"| {environment} | {markdown.plain(stack.stack)} {_row(stack)}" for stack in plan.stacks]


def _row(stack: StackPlan) -> str:
    if stack.status == Status.SKIPPED:
        return f"| | | | | not planned: {_cell(stack.sentence)} |"
    if stack.status == Status.FAILED:
        return f"| | | | | **failed**: {_cell(cause(stack.sentence))} |"
    shown = (Action.ADD, Action.CHANGE, Action.REPLACE, Action.DESTROY)
    numbers = [f"{stack.counts[action]:,}" for action in shown]
    numbers[2] = f"**{numbers[2]}**" if stack.counts[Action.REPLACE] else numbers[2]
    return f"| {' | '.join(numbers)} | {_remark(stack)} |"


def _remark(stack: StackPlan) -> str:
    remarks = []
    if stack.first:
        remarks.append("first deploy")
    if stack.exit_code == 0:
        remarks.append("no change")
    if stack.counts[Action.FORGET]:
        remarks.append(f"{stack.counts[Action.FORGET]:,} no longer managed")
    if stack.outputs and not stack.first:
        remarks.append("1 output changes" if stack.outputs == 1 else f"{stack.outputs:,} outputs change")
    if stack.outside:
        remarks.append(f"{len(stack.outside):,} changed outside Terraform")
    return ", ".join(remarks)


def _cell(sentence: str) -> str:
    return markdown.plain(markdown.cut(sentence, LONGEST_LINE))


def details(plans: Sequence[EnvironmentPlan], budget: int) -> list[str]:
    """The folded plans and the errors, in at most `budget` of `markdown.LIMIT` together; what is cut off says so."""
    sections = [(plan.environment, stack, _lines(stack)) for plan in plans for stack in plan.stacks if _lines(stack)]
    made: list[str] = []
    # The shortest first take what they need, so that the long ones share all that is left.
    order = sorted(range(len(sections)), key=lambda number: sum(map(markdown.size, sections[number][2])))
    texts: dict[int, str] = {}
    for taken, number in enumerate(order):
        share = budget // (len(order) - taken)
        texts[number] = _section(*sections[number], share)
        budget -= markdown.size(texts[number]) + 2
    made.extend(texts[number] for number in range(len(sections)))
    return [text for text in made if text]


def _lines(stack: StackPlan) -> list[str]:
    if stack.status == Status.FAILED:
        return markdown.cut(stack.sentence, LONGEST_ERROR).splitlines()
    ordered = sorted(stack.changes, key=lambda change: (_PLANNED_ORDER.index(change.action), change.address))
    planned = [line for change in ordered for line in _change(change)]
    outside = [line for change in stack.outside for line in _change(change)]
    return [*planned, "# changed outside Terraform since the last deploy:", *outside] if outside else planned


def _change(change: Change) -> list[str]:
    reason = f"  # {change.reason}" if change.reason else ""
    arguments = f": {change.arguments}" if change.arguments else ""
    first = f"{_SIGNS[change.action]} {change.address}{arguments}{reason}"
    return [
        markdown.cut(markdown.one_line(line), LONGEST_LINE)
        for line in (first, *(f"!     {detail}" for detail in change.details))
    ]


def _section(environment: str, stack: StackPlan, lines: list[str], budget: int) -> str:
    """One folded block within `budget`, or nothing where not even its frame fits."""
    failed = stack.status == Status.FAILED
    title = f"{environment} / {stack.stack}: " + ("the error" if failed else _counted(stack))
    language = "" if failed else "diff"
    whole = markdown.folded(title, markdown.block(lines, language))
    if markdown.size(whole) <= budget:
        return whole
    # The fence may grow with what is inside: it is taken as long as that of the whole.
    frame = markdown.size(whole) - sum(markdown.size(line) + 1 for line in lines) + 1
    room, kept = budget - frame - 100, 0
    for line in lines:
        room -= markdown.size(line) + 1
        if room < 0:
            break
        kept += 1
    if not kept:
        return ""
    rest = f"# ... and {len(lines) - kept:,} more lines: the whole plan is in the log of the run"
    return markdown.folded(title, markdown.block([*lines[:kept], rest], language))


def _counted(stack: StackPlan) -> str:
    counted = [f"{stack.counts[action]:,} to {action}" for action in Action if stack.counts[action]]
    return ", ".join(counted) or "changed outside Terraform"
