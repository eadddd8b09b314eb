"""Who reaches what, drawn: a row for each source, a column for each target, the port where they meet."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from ops.pictures.reach import Reach, Way
from ops.pictures.svg import MARGIN, WIDTH, document

ROW, HEAD, FIRST, LAST = 28, 110, 150, 60
TITLE = "Who reaches what; a dot is refused"


def matrix(reach: Reach) -> str:
    """Return the SVG; each port tells the rules that let it through, where the pointer rests."""
    return document(TITLE, WIDTH, HEAD + ROW * (len(reach.sources) + 1) + 2 * MARGIN, list(_elements(reach)))


def flowchart(reach: Reach) -> str:
    """Return the ways as Mermaid."""
    names = {name: f"b{number}" for number, name in enumerate(dict.fromkeys((*reach.sources, *reach.targets)))}
    boxes = [f'  {names[name]}["{name}"]' for name in names]
    ways = {(way.source, way.target): way.ports for way in reach.ways}
    links = [f"  {names[source]} -->|{ports}| {names[target]}" for (source, target), ports in ways.items()]
    return "\n".join(["flowchart LR", *boxes, *links]) + "\n"


def _elements(reach: Reach) -> Iterator[str]:
    targets, ways = reach.targets, {(way.source, way.target): way for way in reach.ways}
    column = (WIDTH - FIRST - LAST) / len(targets)
    for number, target in enumerate(targets):
        x = FIRST + column * (number + 0.4)
        turned = f'transform="translate({x:g} {HEAD}) rotate(-35)"'
        yield f'<text class="title" {turned}>{escape(target)}</text>'
    for row, source in enumerate(reach.sources):
        y = HEAD + MARGIN + ROW * row
        yield f'<text class="title" x="{FIRST - 10}" y="{y + 18}" text-anchor="end">{escape(source)}</text>'
        for number, target in enumerate(targets):
            x = FIRST + column * number
            yield from _cell(x, y, column - 4, ways.get((source, target)), same=source == target)
    y = HEAD + MARGIN + ROW * len(reach.sources) + 20
    words = "A number is a port; all: every port. A dot is refused. Of one pod to itself nothing is said."
    yield f'<text class="faint" x="{MARGIN}" y="{y}">{words}</text>'


def _cell(x: float, y: float, width: float, way: Way | None, *, same: bool) -> Iterator[str]:
    middle = x + width / 2
    if way is None:
        if not same:
            yield f'<circle class="refused" cx="{middle:g}" cy="{y + 12:g}" r="3"/>'
        return
    rules = escape(f"{way.source} to {way.target}: {', '.join(way.rules)}")
    yield f'<g><title>{rules}</title><rect class="subnet" x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW - 4}"/>'
    yield f'<text x="{middle:g}" y="{y + 17:g}" text-anchor="middle">{way.ports}</text></g>'
