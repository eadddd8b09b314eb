"""A scene as Mermaid, which GitHub draws in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ops.pictures.scene import Box, Scene


def mermaid(scene: Scene) -> str:
    """Return a flowchart: boxes with others inside are subgraphs."""
    names = {box: f"b{number}" for number, box in enumerate(scene.root.all())}
    lines = ["flowchart TB", *_lines(scene.root, names, "  ")]
    for link in scene.links:
        words = f'|"{_quoted(link.words)}"|' if link.words else ""
        lines.append(f"  {names[link.source]} -->{words} {names[link.target]}")
    return "\n".join(lines) + "\n"


def _lines(box: Box, names: dict[Box, str], indent: str) -> Iterator[str]:
    words = "<br>".join(_quoted(text) for text in (box.title, *box.lines) if text)
    if not box.frame:
        for child in box.inside:
            yield from _lines(child, names, indent)
    elif box.inside:
        yield f'{indent}subgraph {names[box]}["{words}"]'
        for child in box.inside:
            yield from _lines(child, names, indent + "  ")
        yield f"{indent}end"
    else:
        yield f'{indent}{names[box]}["{words}"]'


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
