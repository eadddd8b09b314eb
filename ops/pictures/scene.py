"""What a picture shows, whatever it is drawn with: boxes in boxes, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["outside", "vpc", "subnet", "node", "pod", "store"]


@dataclass(eq=False)
class Box:
    """A thing with a name, words on it, and things inside."""

    title: str
    lines: Sequence[str] = ()
    kind: Kind = "node"
    inside: Sequence[Box] = ()
    across: bool = False
    """Whether what is inside stands side by side."""

    apart: int = 12
    """What is left between those inside; more where links run between them."""

    frame: bool = True
    """Whether it is seen; one that isn't only holds its boxes together."""

    def all(self) -> Iterator[Box]:
        """Yield the box, and all in it."""
        yield self
        for box in self.inside:
            yield from box.all()


def row(boxes: Iterable[Box]) -> Box:
    """Return boxes side by side, without a frame."""
    return Box("", inside=list(boxes), across=True, frame=False)


def column(boxes: Iterable[Box]) -> Box:
    """Return boxes one below the other, without a frame."""
    return Box("", inside=list(boxes), frame=False)


@dataclass(frozen=True)
class Link:
    """Something leads from one box to another."""

    source: Box
    target: Box
    words: str = ""


@dataclass(frozen=True)
class Scene:
    """A whole picture."""

    title: str
    """What is seen, for those who can't see it."""

    root: Box
    links: Sequence[Link] = field(default_factory=tuple)
