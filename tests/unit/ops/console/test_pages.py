"""Places in the documents that errors, checks and reports name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.console.errors import LockedError, OperationError, UnwrittenStateError
from ops.console.output import Output
from ops.console.pages import Page
from tests.unit.test_documents import ROOT, link_mistake

OPS = ROOT / "ops"
PAGES = OPS / "console" / "pages.py"


def modules() -> list[Path]:
    """All of `ops` but the pages themselves."""
    return [file for file in sorted(OPS.rglob("*.py")) if file != PAGES]


class TestPage:
    @pytest.mark.parametrize("page", Page)
    def test_exists(self, page: Page) -> None:
        """The file is in the checkout, and has a heading of that name."""
        assert link_mistake(ROOT / "README.md", page) is None

    def test_is_named_by_something(self) -> None:
        """No page is kept that nothing leads to."""
        text = "\n".join(file.read_text(encoding="utf-8") for file in modules())
        assert [page.name for page in Page if not re.search(rf"\bPage\.{page.name}\b", text)] == []

    def test_is_the_one_way_to_name_a_document(self) -> None:
        """No module of `ops` writes down a place of its own, which nobody would find when a page is moved."""
        written = re.compile(r"(?<![\w/.])docs/[\w/-]+\.md")
        assert {str(file.relative_to(ROOT)) for file in modules() if written.search(file.read_text())} == set()


class TestOperationError:
    def test_names_its_page_last(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What happened, what to do, and where the documents say more, each a line."""
        Output().error(OperationError("It failed.", fix="do this", page=Page.LOST_STATE))
        assert capsys.readouterr().err.splitlines() == [
            "It failed.",
            "Fix: do this",
            "Page: docs/recovery.md#a-lost-state",
        ]

    def test_has_no_line_for_a_page_that_there_is_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An error without fix and page is its sentence alone."""
        Output().error(OperationError("It failed."))
        assert capsys.readouterr().err.splitlines() == ["It failed."]

    def test_of_some_kinds_has_a_page_wherever_it_is_raised(self) -> None:
        """A lock that somebody holds and a state that was not written lead to recovery."""
        assert LockedError("Somebody else works on it.", fix="wait").page is Page.LOCK
        assert UnwrittenStateError("It is kept.").page is Page.UNWRITTEN_STATE
