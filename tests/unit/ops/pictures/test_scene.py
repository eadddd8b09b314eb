"""Scenes as SVG and as Mermaid."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ops.pictures.mermaid import mermaid
from ops.pictures.scene import Box, Link, Scene, column, row
from ops.pictures.svg import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def _scene() -> tuple[Scene, Box, Box]:
    first, second = Box("first", ['a "b" & <c>']), Box("second")
    return (
        Scene("Two", column([row([Box("holder", inside=[first])]), second]), [Link(first, second, "80")]),
        first,
        second,
    )


def test_boxes_stand_inside_their_holders() -> None:
    """A box is within the one that it is in; one below ends after it."""
    scene, first, second = _scene()
    drawing = Drawing(scene)
    drawing.svg()
    holder = drawing.places[next(box for box in scene.root.all() if box.title == "holder")]
    inner, below = drawing.places[first], drawing.places[second]
    assert holder.x < inner.x < inner.x + inner.width < holder.x + holder.width
    assert holder.y < inner.y < inner.y + inner.height < holder.y + holder.height < below.y


def test_words_are_words_whatever_they_are() -> None:
    """Marks of XML and of Mermaid stay what they are."""
    scene, *_ = _scene()
    root = ET.fromstring(Drawing(scene).svg())  # noqa: S314  # ours
    assert 'a "b" & <c>' in [text.text for text in root.iter(f"{SVG}text")]
    assert root.findtext(f"{SVG}title") == "Two"
    assert "a &quot;b&quot; &amp; &lt;c>" in mermaid(scene)


def test_links_say_what_passes() -> None:
    """Beside the arrow, and between the bars."""
    scene, *_ = _scene()
    assert ">80</text>" in Drawing(scene).svg()
    assert '-->|"80"|' in mermaid(scene)
