"""The rooms of the product: floors that no import leads back up, and words that say what each is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tooling.rooms import ROOT, Rooms

#: Packages whose import does something, which is all there is to do with them.
DO_SOMETHING = {"constructs.bindings", "programs"}


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    """Those of this checkout."""
    return Rooms()


def written(root: Path, **files: str) -> Rooms:
    """Rooms of a made-up product: module (`_` for a dot) and its code."""
    (root / "main.py").write_text("")
    for name, code in files.items():
        file = root.joinpath(*name.split("_")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
        (file.parent / "__init__.py").touch()
    return Rooms(root)


class TestFloors:
    def test_no_import_leads_back_up(self, rooms: Rooms) -> None:
        """Every room imports from lower floors only; what has none below it is floor 0."""
        assert {room for room, below in rooms.below.items() if not below} == {
            room for room, floor in rooms.floors.items() if floor == 0
        }
        assert all(rooms.floors[other] < rooms.floors[room] for room, below in rooms.below.items() for other in below)

    def test_the_product_never_imports_what_tests_it_or_sets_it_up(self, rooms: Rooms) -> None:
        """Neither tests/ nor tooling/ has to be there for anything that people run on an environment."""
        assert [str(arrow) for arrow in rooms.imports if arrow.imported.split(".")[0] in {"tests", "tooling"}] == []

    def test_a_circle_is_found(self, tmp_path: Path) -> None:
        """Two rooms that import from each other are named; the third is not."""
        product = written(
            tmp_path, ops_a_x="from ops.b import y", ops_b_y="import ops.a.x", ops_c_z="from ops.a.x import name"
        )
        with pytest.raises(ValueError, match=r"imports lead back up among ops\.a, ops\.b$"):
            _ = product.floors

    def test_a_module_that_is_run_is_a_room_of_its_own(self, tmp_path: Path) -> None:
        """`python -m ops` may import from rooms that stand on what lies beside it."""
        product = written(tmp_path, ops___main__="", ops_x="", ops_a_y="from ops import x")
        assert product.floors["ops.a"] == 1 + product.floors["ops"]


class TestWords:
    def test_every_room_says_what_it_is_for(self, rooms: Rooms) -> None:
        """One or two sentences at the door."""
        said = {room: rooms.purpose(room) for room in rooms.below}
        assert {room: words for room, words in said.items() if not 20 <= len(words) <= 200} == {}

    def test_no_door_hides_where_things_are(self, rooms: Rooms) -> None:
        """An `__init__.py` imports nothing: a name is imported from the module that it is written in."""
        doors = {room for room in rooms.below if room != "main" and not room.endswith("__main__")}
        assert {
            room
            for room in doors - DO_SOMETHING
            if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(rooms.trees[room]))
        } == set()

    def test_the_document_for_developers_lists_them(self, rooms: Rooms) -> None:
        """With floors and sentences as they are: `python -m tooling.rooms` prints the table."""
        assert rooms.table() in (ROOT / "docs" / "development.md").read_text(encoding="utf-8")


class TestUnitTests:
    def test_mirror_the_rooms(self, rooms: Rooms) -> None:
        """A folder of tests/unit/ is called after the room whose modules it tests."""
        folders = {
            str(file.parent.relative_to(ROOT / "tests" / "unit")) for file in (ROOT / "tests/unit").rglob("test_*.py")
        }
        known = {room.replace(".", "/").removeprefix("constructs/") for room in rooms.below}
        assert folders - known == {"."}
