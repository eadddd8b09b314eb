"""Who reaches what, drawn: a row for each source, a column for each target, the port where they meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from ops.pictures.reach import Reach, Way
from ops.pictures.svg import LINE, MARGIN, WIDTH, document

ROW, HEAD = 28, 110
#: What the last column's title takes beside it.
LAST = 80
#: A port has five digits at most.
NARROWEST = 48
#: What a bold letter takes at 13 pixels, at the most.
BOLD = 8.4
GAP = 4
TITLE = "Who reaches what; a dot is refused"
LEGEND = "A number is a port; all: every port. A dot is refused. Where nothing is, no policy of Airflow's decides."
UNBOUND = (
    "Task pods of the KubernetesExecutor: EKS holds them to no policy of their own, only to those of whom they reach."
)


def matrix(reach: Reach) -> str:
    """Return the SVG; each port tells the rules that let it through, where the pointer rests.

    It is as wide as all pictures, and wider where a file lists many ranges.
    """
    return _Matrix(reach).svg()


def flowchart(reach: Reach) -> str:
    """Return the ways as Mermaid."""
    names = {name: f"b{number}" for number, name in enumerate(dict.fromkeys((*reach.sources, *reach.targets)))}
    boxes = [f'  {names[name]}["{name}"]' for name in names]
    links = [f"  {names[way.source]} -->|{', '.join(way.ports)}| {names[way.target]}" for way in reach.by_pair.values()]
    return "\n".join(["flowchart LR", *boxes, *links]) + "\n"


@dataclass(frozen=True)
class _Matrix:
    reach: Reach

    @cached_property
    def first(self) -> float:
        """What the names of the rows take."""
        return 2 * MARGIN + BOLD * max(map(len, self.reach.sources))

    @cached_property
    def width(self) -> float:
        return max(WIDTH, self.first + LAST + NARROWEST * len(self.reach.targets))

    @cached_property
    def column(self) -> float:
        return (self.width - self.first - LAST) / len(self.reach.targets)

    def svg(self) -> str:
        heights = {source: self._height(source) for source in self.reach.sources}
        elements, y = [*self._heads()], HEAD + MARGIN
        for source, height in heights.items():
            elements.extend(self._row(source, y, height))
            y += height
        for words in (LEGEND, *([UNBOUND] if self.reach.has_unbound_pods else [])):
            y += LINE
            elements.append(f'<text class="faint" x="{MARGIN}" y="{y}">{escape(words)}</text>')
        return document(TITLE, self.width, y + MARGIN, elements)

    def _height(self, source: str) -> int:
        """Return how high a row is: ports of one cell stand one below the other."""
        most = max((len(way.ports) for way in self.reach.by_pair.values() if way.source == source), default=1)
        return ROW + LINE * (most - 1)

    def _heads(self) -> Iterator[str]:
        for number, target in enumerate(self.reach.targets):
            turned = f'transform="translate({self.first + self.column * (number + 0.4):g} {HEAD}) rotate(-35)"'
            yield f'<text class="title" {turned}>{escape(target)}</text>'

    def _row(self, source: str, y: float, height: float) -> Iterator[str]:
        middle = y + (height - GAP) / 2
        place = f'x="{self.first - MARGIN:g}" y="{middle + 5:g}" text-anchor="end"'
        yield f'<text class="title" {place}>{escape(source)}</text>'
        for number, target in enumerate(self.reach.targets):
            x, way = self.first + self.column * number, self.reach.by_pair.get((source, target))
            if way:
                yield from self._cell(x, y, height - GAP, way)
            elif self.reach.is_decided(source, target):
                yield f'<circle class="refused" cx="{x + (self.column - GAP) / 2:g}" cy="{middle:g}" r="3"/>'

    def _cell(self, x: float, y: float, height: float, way: Way) -> Iterator[str]:
        rules = escape(f"{way.source} to {way.target}: {', '.join(way.rules)}")
        size = f'width="{self.column - GAP:g}" height="{height:g}"'
        yield f'<g><title>{rules}</title><rect class="subnet" x="{x:g}" y="{y:g}" {size}/>'
        middle, top = x + (self.column - GAP) / 2, y + (height - LINE * len(way.ports)) / 2 + 13
        for line, port in enumerate(way.ports):
            yield f'<text x="{middle:g}" y="{top + LINE * line:g}" text-anchor="middle">{port}</text>'
        yield "</g>"
