"""The block above all else: what plans lose, open, weaken or interrupt, by name, with before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.plan_report.danger import Danger, Kind
from ops.plan_report.report import EnvironmentPlan, StackPlan
from ops.workflows import markdown

#: Characters of an address or of words, and of a value. A list of ranges or actions may be longer than anybody reads;
#: what is new in it stands first.
LONGEST_WORDS = 400
LONGEST_VALUE = 240


@dataclass(frozen=True)
class Told:
    """A danger, and where it is."""

    danger: Danger
    address: str
    outside: bool
    """Whether somebody has done it already, without Terraform."""

    def __str__(self) -> str:
        """One line for a terminal."""
        done = "changed outside of Terraform: " if self.outside else ""
        return markdown.one_line(f"{self.danger.kind:<10} {done}{self.address}: {self.danger}")


def told(plan: StackPlan) -> list[Told]:
    """Return the dangers of a plan, the worst first; before the ones to come those that are there already."""
    found = [
        Told(danger, change.address, outside)
        for outside, changes in ((True, plan.outside), (False, plan.changes))
        for change in changes
        for danger in change.dangers
    ]
    kinds = list(Kind)
    return sorted(found, key=lambda one: kinds.index(one.danger.kind))


def summed(found: Sequence[Told]) -> str:
    """`Loses 1, opens 3`: how many there are of each kind."""
    counts = Counter(one.danger.kind for one in found)
    return ", ".join(f"{kind} {counts[kind]:,}" for kind in Kind if counts[kind]).capitalize()


def dangers_list(plans: Sequence[EnvironmentPlan], budget: int) -> str:
    """The block in at most `budget` of `markdown.LIMIT`, the worst of all plans first; empty where there is none.

    Only where not all of them fit some are counted instead of told, the least first.
    """
    found = [(plan.environment, stack.stack, one) for plan in plans for stack in plan.stacks for one in told(stack)]
    kinds = list(Kind)
    found.sort(key=lambda entry: kinds.index(entry[2].danger.kind))
    if not found:
        return ""
    head = f"### :warning: {summed([one for _, _, one in found])}"
    kept = list(_within(budget - markdown.size(head) - 100, (_line(*entry) for entry in found)))
    rest = found[len(kept) :]
    more = [f"- and {len(rest):,} more: see the plans ({summed([one for _, _, one in rest]).lower()})"] if rest else []
    return "\n".join([head, "", *kept, *more])


def _within(budget: int, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        budget -= markdown.size(line) + 1
        if budget < 0:
            return
        yield line


def _line(environment: str, stack: str, one: Told) -> str:
    danger = one.danger
    where = f"{markdown.plain(environment)}, {markdown.plain(stack)}{', outside Terraform' if one.outside else ''}"
    address = markdown.code(markdown.cut(one.address, LONGEST_WORDS))
    what = markdown.plain(markdown.cut(danger.what, LONGEST_WORDS))
    values = f": {_value(danger.before)} → {_value(danger.after)}" if danger.before or danger.after else ""
    return f"- **{danger.kind}** {address} ({where}): {what}{values}"


def _value(text: str) -> str:
    return markdown.code(markdown.cut(text, LONGEST_VALUE))
