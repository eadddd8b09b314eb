from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ops.console.errors import NotFoundError, OperationError
from ops.report.facts import Facts, changes, not_compared, read_facts

FACTS = Facts(
    environment="dev",
    made="2026-11-30",
    versions={"Airflow": "3.3.2"},
    resources={"infrastructure: a.b": "x"},
    outputs={},
)


def written(folder: Path, content: object) -> Path:
    """A page that remembers something."""
    file = folder / "report.html"
    file.write_text(f'<p>1</p><script type="application/json" id="facts">{json.dumps(content)}</script><p>2</p>')
    return file


class TestReadFacts:
    def test_finds_them_in_a_page(self, tmp_path: Path) -> None:
        """All that was remembered, and nothing of the rest of the page."""
        assert read_facts(written(tmp_path, FACTS.document())) == FACTS

    def test_is_told_what_is_no_report(self, tmp_path: Path) -> None:
        """Another page, a page with other facts, one of another version of the project; a missing one apart."""
        (tmp_path / "other.html").write_text("<h1>Hello</h1>")
        for file in (tmp_path / "other.html", written(tmp_path, [1]), written(tmp_path, {"format": 1, "x": 2})):
            with pytest.raises(OperationError, match="is no report of"):
                read_facts(file)
        with pytest.raises(OperationError, match="another version of this project"):
            read_facts(written(tmp_path, {**FACTS.document(), "format": 0}))
        with pytest.raises(NotFoundError):
            read_facts(tmp_path / "missing.html")


class TestChanges:
    def test_are_told_by_part(self) -> None:
        """What came, what went, what is another one."""
        after = replace(FACTS, versions={"Airflow": "3.4.0"}, resources={"infrastructure: c.d": "y"})
        assert [(each.part, each.what, each.name) for each in changes(FACTS, after)] == [
            ("version", "changed", "Airflow"),
            ("resource", "removed", "infrastructure: a.b"),
            ("resource", "added", "infrastructure: c.d"),
        ]

    def test_are_not_made_of_what_nobody_read(self) -> None:
        """A part that one report lacks is named, and nothing of it has come or gone."""
        blind = replace(FACTS, resources=None)
        assert changes(FACTS, blind) == changes(blind, FACTS) == []
        assert not_compared(FACTS, blind) == ["resources"]
