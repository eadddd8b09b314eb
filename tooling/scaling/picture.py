"""The course of a day as a picture: tasks that wait, and nodes, of two fleets."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from ops.pictures.svg import WIDTH, document
from tooling.scaling.fleet import Outcome

PANEL, LEFT, TOP, GAP = 150, 60, 34, 56
HOURS = 24
#: Of the lines, readable on white and on black; the rest is as on all pictures.
STYLE = """
  .grid { stroke: #8c959f; stroke-width: 0.5 }
  .one { stroke: #bc4c00 } .other { stroke: #0969da }
  .one, .other { fill: none; stroke-width: 2; stroke-linejoin: round }
  .other { stroke-dasharray: 6 3 }
  @media (prefers-color-scheme: dark) { .one { stroke: #f0883e } .other { stroke: #58a6ff } }
"""


def drawn(one: Outcome, other: Outcome) -> str:
    """Return an SVG with two panels, each of two lines: waiting tasks above, nodes below."""
    names = (one.fleet.name, other.fleet.name)
    waiting = _panel(TOP, "tasks that wait", names, [[step[0] for step in each.course] for each in (one, other)])
    second = TOP + PANEL + GAP
    nodes = _panel(second, "nodes", names, [[step[2] for step in each.course] for each in (one, other)])
    style = f"<style>{STYLE}</style>"
    return document("Tasks that wait, and nodes, over a day", WIDTH, second + PANEL + 30, [style, *waiting, *nodes])


def _panel(top: int, what: str, names: Sequence[str], courses: Sequence[Sequence[int]]) -> list[str]:
    most = _round(max(max(course) for course in courses))
    lines = [f'<text x="{LEFT}" y="{top - 12}">{what}</text>']
    for place, (name, kind) in enumerate(zip(names, ("one", "other"), strict=True)):
        x, y = 240 + 310 * place, top - 16
        lines.append(f'<path class="{kind}" d="M{x} {y}h28"/><text x="{x + 36}" y="{y + 4}">{escape(name)}</text>')
    for value in (0, most // 2, most):
        height = top + PANEL * (1 - value / most)
        lines.append(f'<path class="grid" d="M{LEFT} {height:g}H{WIDTH - 10}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{height + 4:g}" text-anchor="end">{value}</text>')
    lines.extend(
        f'<text x="{_x(hour / HOURS):g}" y="{top + PANEL + 18}" text-anchor="middle">{hour}:00</text>'
        for hour in range(0, HOURS + 1, 3)
    )
    for course, kind in zip(courses, ("one", "other"), strict=True):
        day = course[: HOURS * 12 + 1]
        points = " ".join(
            f"{_x(step / (HOURS * 12)):.1f},{top + PANEL * (1 - value / most):.1f}" for step, value in enumerate(day)
        )
        lines.append(f'<polyline class="{kind}" points="{points}"/>')
    return lines


def _x(share: float) -> float:
    return LEFT + (WIDTH - 30 - LEFT) * share


def _round(most: int) -> int:
    """Return the next number with one digit that is not zero, and even."""
    unit = int(10 ** (len(str(most)) - 1))
    return max(2, -(-most // (2 * unit)) * 2 * unit)
