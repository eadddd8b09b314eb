"""The order of a deploy: when each resource can begin at the earliest, and which of them decide how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from xml.sax.saxutils import escape

from ops.pictures.schedule import Schedule, Step
from ops.pictures.stacks import Stacks
from ops.pictures.svg import ARROW, LETTER, LINE, MARGIN, WIDTH, document

#: What has a bar: nothing quicker.
SHOWN = 10
TOP, ROW, BAR = 38, 22, 18
#: Room for an arrow.
BESIDE = 20
CRITICAL = "The critical path, in yellow, and why each of it waits for the one before it:"


class Order:
    """A deploy of both stacks from nothing, with as much at a time as the dependencies allow."""

    def __init__(self, stacks: Stacks) -> None:
        """Read what waits for what."""
        self._stacks = stacks

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Address -> step; `platform` begins when all of `infrastructure` is there."""
        first = Schedule(self._stacks.infrastructure).steps
        last = max(first.values(), key=lambda step: step.ends)
        return {**first, **Schedule(self._stacks.platform, last.ends, last.address).steps}

    @property
    def seconds(self) -> int:
        """How long the whole takes."""
        return max(step.ends for step in self.steps.values())

    @property
    def critical(self) -> Sequence[Step]:
        """The chain of those that decide it: each begins when the one before it is ready."""
        return self.chain(max(self.steps.values(), key=lambda step: step.ends))

    def chain(self, step: Step) -> Sequence[Step]:
        """Return what leads to a step, from the beginning of the deploy, and the step."""
        chain = [step]
        while chain[-1].waits_for:
            chain.append(self.steps[chain[-1].waits_for])
        return chain[::-1]

    @cached_property
    def bars(self) -> Sequence[Step]:
        """The slow ones, as they begin."""
        return sorted((step for step in self.steps.values() if step.seconds >= SHOWN), key=lambda step: step.begins)

    def svg(self) -> str:
        """Return the chart: a bar for each of the slow ones, those of the critical path in yellow; why these wait."""
        height = TOP + ROW * len(self.bars) + LINE * (len(self.critical) + 2) + MARGIN
        elements = [ARROW, *self._minutes(), *self._arrows(), *self._bars(), *self._reasons()]
        return document(f"Order of a deploy: about {_minutes(self.seconds)}", WIDTH, height, elements)

    def mermaid(self) -> str:
        """Return the same as Mermaid."""
        critical, lines = set(self.critical), ["gantt", "  dateFormat X", "  axisFormat %M:%S"]
        for number, step in enumerate(self.bars):
            mark = "crit, " if step in critical else ""
            lines.append(f"  {step.address} :{mark}s{number}, {step.begins}, {step.ends}")
        return "\n".join(lines) + "\n"

    @property
    def _scale(self) -> float:
        return (WIDTH - 2 * MARGIN) / self.seconds

    def _minutes(self) -> Iterator[str]:
        for minute in range(0, self.seconds // 60 + 1, 5):
            x = MARGIN + minute * 60 * self._scale
            side = ' text-anchor="end"' if x + 6 * LETTER > WIDTH else ""
            yield f'<text class="faint" x="{x:g}" y="24"{side}>{minute} min</text>'
            yield f'<path d="M{x:g} 32V{TOP + 2 + ROW * len(self.bars)}" stroke="#8c959f" stroke-width="0.4"/>'

    def _place(self, step: Step) -> tuple[float, float, float]:
        """Return x, y and width of a bar."""
        y = TOP + ROW * self.bars.index(step)
        return MARGIN + step.begins * self._scale, y, max(4.0, step.seconds * self._scale)

    def _arrows(self) -> Iterator[str]:
        """Yield an arrow to each bar from the last bar that leads to it."""
        for step in self.bars:
            before = [each for each in self.chain(step)[:-1] if each in self.bars]
            if before:
                (left, above, width), (x, y, _) = self._place(before[-1]), self._place(step)
                start = max(left + width / 2, left + width - 7)
                path = f"M{start:g} {above + BAR}V{y + BAR / 2:g}H{x:g}"
                yield f'<path class="link" marker-end="url(#arrow)" d="{path}"/>'

    def _bars(self) -> Iterator[str]:
        critical = set(self.critical)
        for step in self.bars:
            x, y, width = self._place(step)
            kind, words = "node" if step in critical else "subnet", f"{step.address}, {_minutes(step.seconds)}"
            long = LETTER * len(words)
            if long < width:
                place, anchor, behind = x + 8, "start", ""
            elif x + width + long > WIDTH - MARGIN:
                place, anchor, behind = x - BESIDE, "end", _page(x - BESIDE - long, y, long)
            else:
                place, anchor, behind = x + width + 6, "start", _page(x + width + 6, y, long)
            yield f"<g><title>{escape(self._led_to(step))}</title>{behind}"
            yield f'<rect class="{kind}" x="{x:g}" y="{y}" width="{width:g}" height="{BAR}"/>'
            yield f'<text x="{place:g}" y="{y + 14}" text-anchor="{anchor}">{escape(words)}</text></g>'

    def _led_to(self, step: Step) -> str:
        """Return what a step waits for, back to the last bar before it."""
        words = []
        for each in self.chain(step)[:0:-1]:
            words.append(f"{each.address} waits for {each.waits_for}: {each.why}")
            if self.steps[str(each.waits_for)] in self.bars:
                break
        return "\n".join(words)

    def _reasons(self) -> Iterator[str]:
        y = TOP + ROW * len(self.bars) + LINE * 2
        yield f'<text x="{MARGIN}" y="{y}">{CRITICAL}</text>'
        for step in self.critical:
            y += LINE
            address = f'<tspan class="title">{escape(step.address)}</tspan>'
            yield f'<text class="faint" x="{MARGIN}" y="{y}">{address} {escape(step.why)}</text>'


def _page(x: float, y: float, width: float) -> str:
    """Return what keeps lines away from words."""
    return f'<rect class="page" x="{x:g}" y="{y}" width="{width:g}" height="{BAR}"/>'


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"  # noqa: PLR2004
