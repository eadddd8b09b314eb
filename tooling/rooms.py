"""The rooms of the product, read from its code: `python -m tooling.rooms` prints the table of docs/development.md.

A room is a folder of Python modules; a module that is run by `python -m` is a room of its own. What a room imports lies
on a lower floor: reading downwards, nothing is used before it is explained.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Folders and files of the product; what tests and set it up are no part of it.
PRODUCT = ("main.py", "bootstrap", "constructs", "ops", "programs")


@dataclass(frozen=True)
class Arrow:
    """One import."""

    module: str
    imported: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.module} imports {self.imported}"


class Rooms:
    """The product's rooms, and the imports between them."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read the code below `root`."""
        files = (file for part in PRODUCT for file in (root / part).rglob("*.py"))
        self._files = {_dotted(file.relative_to(root)): file for file in (root / "main.py", *files)}

    @cached_property
    def trees(self) -> Mapping[str, ast.Module]:
        """Each module, parsed."""
        return {module: ast.parse(file.read_text(encoding="utf-8")) for module, file in self._files.items()}

    @cached_property
    def imports(self) -> list[Arrow]:
        """All imports of the product, of whatever."""
        return [Arrow(module, name) for module, tree in self.trees.items() for name in self._imported(tree)]

    @cached_property
    def below(self) -> Mapping[str, frozenset[str]]:
        """Each room with the rooms that it imports from."""
        found: dict[str, set[str]] = {self.room(module): set() for module in self._files}
        for arrow in self.imports:
            if arrow.imported in self._files and self.room(arrow.imported) != self.room(arrow.module):
                found[self.room(arrow.module)].add(self.room(arrow.imported))
        return {room: frozenset(rooms) for room, rooms in found.items()}

    @cached_property
    def floors(self) -> Mapping[str, int]:
        """Each room's floor, 0 at the bottom: one above the highest room that it imports from.

        Raises:
            ValueError: an import leads back up, with the rooms in the circle.
        """
        floors: dict[str, int] = {}
        while left := [room for room in self.below if room not in floors]:
            ready = [room for room in left if self.below[room] <= floors.keys()]
            if not ready:
                raise ValueError(f"imports lead back up among {', '.join(sorted(self._in_circles(left)))}")
            floors |= {room: 1 + max((floors[other] for other in self.below[room]), default=-1) for room in ready}
        return floors

    def purpose(self, room: str) -> str:
        """What the room says that it is for: the first paragraph of its docstring."""
        words = ast.get_docstring(self.trees[room]) or ""
        return " ".join(words.partition("\n\n")[0].split())

    def room(self, module: str) -> str:
        """The room that a module is in."""
        file = self._files[module]
        return module if file.name in {"__init__.py", "__main__.py"} else module.rpartition(".")[0] or module

    def table(self) -> str:
        """The rooms as a table in Markdown, the top floor first."""
        rows = [
            f"| {floor} | `{self._place(room)}` | {self.purpose(room)} |"
            for room, floor in sorted(self.floors.items(), key=lambda item: (-item[1], item[0]))
        ]
        return "\n".join(["| floor | room | what it is for |", "|---|---|---|", *rows])

    def _place(self, room: str) -> str:
        """Its folder, or its file where it is a room of its own, below the checkout."""
        path = room.replace(".", "/")
        return f"{path}.py" if room == "main" or room.endswith(".__main__") else path

    def _imported(self, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    submodule = f"{node.module}.{alias.name}"
                    yield submodule if submodule in self._files else node.module

    def _in_circles(self, rooms: list[str]) -> set[str]:
        """Those of the rooms that lie above themselves."""
        above: dict[str, set[str]] = defaultdict(set)
        for room in rooms:
            seen, ahead = above[room], [room]
            while ahead:
                new = self.below[ahead.pop()] - seen
                seen |= new
                ahead += new
        return {room for room in rooms if room in above[room]}


def _dotted(path: Path) -> str:
    return re.sub(r"\.__init__$", "", ".".join(path.with_suffix("").parts))


if __name__ == "__main__":
    print(Rooms().table())
