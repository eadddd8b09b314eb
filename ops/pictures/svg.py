"""A scene as SVG: one file, nothing fetched, readable on white and on black."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ops.pictures.scene import Box, Link, Scene

#: The width of README's column at GitHub is about as much.
WIDTH = 880
MARGIN, PADDING, LINE, HEAD = 10, 10, 17, 20
#: Between boxes that a link with words connects.
ROOM_FOR_WORDS = 34
#: What a letter takes at 13 pixels, at the most, in the fonts that browsers have for `sans-serif`.
LETTER = 7.0

STYLE = """
  text { font: 13px -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 } .faint { fill: #59636e }
  rect { rx: 6; stroke-width: 1.2 }
  .page { fill: #ffffff; stroke: none } .refused { fill: #d1d9e0 }
  .outside { fill: #ffffff; stroke: #818b98 } .vpc { fill: #f6f8fa; stroke: #59636e }
  .subnet { fill: #ddf4ff; stroke: #54aeff } .node { fill: #fff8c5; stroke: #d4a72c }
  .pod { fill: #dafbe1; stroke: #4ac26b } .store { fill: #fbefff; stroke: #c297ff }
  .link { fill: none; stroke: #0969da; stroke-width: 1.5 } .head { fill: #0969da }
  .words { fill: #0969da; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .faint { fill: #9198a1 }
    .page { fill: #0d1117 } .refused { fill: #3d444d }
    .outside { fill: #0d1117; stroke: #9198a1 } .vpc { fill: #151b23; stroke: #9198a1 }
    .subnet { fill: #0c2d4d; stroke: #4493f8 } .node { fill: #332800; stroke: #d29922 }
    .pod { fill: #0b2a16; stroke: #3fb950 } .store { fill: #2a1a45; stroke: #ab7df8 }
    .link { stroke: #4493f8 } .head { fill: #4493f8 } .words { fill: #79c0ff; stroke: #0d1117 }
  }
"""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path class="head" d="M0 0 8 4 0 8z"/></marker></defs>'
)


@dataclass
class _Place:
    x: float
    y: float
    width: float
    height: float


@dataclass
class Drawing:
    """The places of a scene's boxes, and the elements."""

    scene: Scene
    places: dict[Box, _Place] = field(default_factory=dict)

    def svg(self) -> str:
        """Return the document."""
        root = self.scene.root
        height = self._place(root, MARGIN, MARGIN, WIDTH - 2 * MARGIN)
        elements = [*self._boxes(root), *(part for link in self.scene.links for part in self._link(link))]
        return document(self.scene.title, WIDTH, height + 2 * MARGIN, [ARROW, *elements])

    def _place(self, box: Box, x: float, y: float, width: float) -> float:
        """Give a box its place, and those inside theirs; return its height."""
        edge = PADDING if box.frame else 0
        top = y + edge + (HEAD if box.title and box.frame else 0) + LINE * len(box.lines)
        inner, bottom = width - 2 * edge, top
        if box.across:
            widths = self._shares(box, inner)
            left = x + edge
            for child, each in zip(box.inside, widths, strict=True):
                bottom = max(bottom, top + self._place(child, left, top, each))
                left += each + box.apart
            for child in box.inside:
                if child.frame:
                    self.places[child].height = bottom - top
        else:
            for number, child in enumerate(box.inside):
                bottom += self._between(box, number) if number else 0
                bottom += self._place(child, x + edge, bottom, inner)
        height = bottom + edge - y
        self.places[box] = _Place(x, y, width, height)
        return height

    def _shares(self, box: Box, width: float) -> list[float]:
        """Return the widths of boxes side by side: what each needs, and what is left in equal parts."""
        needs = [_needed(child) for child in box.inside]
        left = (width - box.apart * (len(needs) - 1) - sum(needs)) / max(1, len(needs))
        return [need + left for need in needs]

    def _between(self, box: Box, number: int) -> float:
        above, below = set(box.inside[number - 1].all()), set(box.inside[number].all())
        linked = any(link.words and link.source in above and link.target in below for link in self.scene.links)
        return ROOM_FOR_WORDS if linked else box.apart

    def _boxes(self, box: Box) -> Iterator[str]:
        place = self.places[box]
        if box.frame:
            size = f'x="{place.x:g}" y="{place.y:g}" width="{place.width:g}" height="{place.height:g}"'
            yield f'<rect class="{box.kind}" {size}/>'
            x, y = place.x + PADDING, place.y + PADDING + 12
            if box.title:
                yield f'<text class="title" x="{x:g}" y="{y:g}">{escape(box.title)}</text>'
                y += HEAD
            for line in box.lines:
                yield f'<text class="faint" x="{x:g}" y="{y:g}">{escape(line)}</text>'
                y += LINE
        for child in box.inside:
            yield from self._boxes(child)

    def _link(self, link: Link) -> Iterator[str]:
        source, target = self.places[link.source], self.places[link.target]
        if target.x < source.x + source.width:
            x = max(source.x, target.x) + 0.8 * min(source.width, target.width)
            x = min(x, source.x + source.width - PADDING, target.x + target.width - PADDING)
            start, end = source.y + source.height, target.y
            yield f'<path class="link" marker-end="url(#arrow)" d="M{x:g} {start:g}V{end:g}"/>'
            if link.words:
                y = start + ROOM_FOR_WORDS / 2 + 2
                left = x + 10 + LETTER * len(link.words) > WIDTH - MARGIN
                place = f'x="{x - 10:g}" text-anchor="end"' if left else f'x="{x + 10:g}"'
                yield f'<text class="words" {place} y="{y:g}">{escape(link.words)}</text>'
            return
        start, end = source.x + source.width, target.x
        y, then = source.y + source.height / 2, target.y + target.height / 2
        middle = (start + end) / 2
        path = f"M{start:g} {y:g}C{middle:g} {y:g} {middle:g} {then:g} {end:g} {then:g}"
        yield f'<path class="link" marker-end="url(#arrow)" d="{path}"/>'
        if link.words:
            words = escape(link.words)
            yield f'<text class="words" text-anchor="middle" x="{middle:g}" y="{(y + then) / 2 - 6:g}">{words}</text>'


def document(title: str, width: float, height: float, elements: list[str]) -> str:
    """Return an SVG of these elements, with the colours of all pictures."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">'
    page = f'<rect class="page" width="{width:g}" height="{height:g}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", page, *elements, "</svg>\n"])


def _needed(box: Box) -> float:
    """How wide a box has to be for its words, and for those inside."""
    words = max((LETTER * len(text) for text in (box.title, *box.lines)), default=0.0) if box.frame else 0
    needs = [_needed(child) for child in box.inside]
    inside = (sum(needs) + box.apart * (len(needs) - 1) if box.across else max(needs)) if needs else 0
    return max(words, inside) + (2 * PADDING if box.frame else 0)
