"""The table of versions as it is in this checkout: its form, its sources, their age."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from constructs.versions.table import FILE, SCHEMA, Part, Table, order, part, proven, table, within

ROOT = Path(__file__).parents[3]
PINNED = re.compile(r"^(\S+)==(\S+)", re.MULTILINE)
#: How old a fact may be before somebody has to look again.
OLDEST = timedelta(days=200)


@pytest.fixture(scope="module")
def document() -> Any:
    """The file as JSON has it: dates are text."""
    return json.loads(json.dumps(tomllib.loads(FILE.read_text(encoding="utf-8")), default=date.isoformat))


@pytest.fixture(scope="module")
def known() -> Table:
    """The file as the program reads it."""
    return table()


class TestForm:
    def test_is_that_of_the_schema(self, document: Any) -> None:
        """Every key, version and date is of the form that table.schema.json describes."""
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(document)

    def test_every_reference_leads_somewhere(self, known: Table) -> None:
        """Sources and parts that are named are there, and every source is named or is the CVE records'."""
        parts = known.parts.values()
        images = [image for each in parts for image in each.images]
        named = {each.source for each in parts} | {need.source for each in parts for need in each.needs}
        named |= {image.source for image in images}
        assert {key for image in images for key in image.brings} <= set(known.parts)
        assert {need.part for each in parts for need in each.needs} <= set(known.parts)
        assert named | {"cve"} == set(known.sources)

    @pytest.mark.parametrize("each", table().parts.values(), ids=lambda each: each.key)
    def test_lines_lie_in_order(self, each: Part) -> None:
        """The newest comes first, its versions are of it, support ends after it began."""
        assert all(order(newer.line) > order(older.line) for newer, older in pairwise(each.lines))
        for line in each.lines:
            assert all(within(version, line.line) for version in (line.oldest, line.newest) if version)
            days = [day for day in (line.released, line.standard_until, line.extended_until) if day]
            assert days == sorted(days)

    @pytest.mark.parametrize("each", table().parts.values(), ids=lambda each: each.key)
    def test_what_is_tested_is_known(self, each: Part) -> None:
        """A tested version is of a line of the table; the newest comes first."""
        assert all(each.line_of(version) for version in each.tested)
        assert list(each.tested) == sorted(each.tested, key=order, reverse=True)


class TestImages:
    def test_of_the_tested_airflow_are_known(self, known: Table) -> None:
        """The newest comes first, and what each brings is of a line of its part."""
        airflow = known.parts["airflow"]
        versions = [image.version for image in airflow.images]
        assert versions == sorted(versions, key=order, reverse=True)
        assert set(airflow.tested) <= set(versions)
        for image in airflow.images:
            assert all(known.parts[key].line_of(version) for key, version in image.brings.items())

    @pytest.mark.parametrize("key", ["fab-provider", "postgres-provider"])
    def test_bring_what_was_tested(self, known: Table, key: str) -> None:
        """What is called tested is what the Airflow of the tests has, and its image too."""
        locked = dict(PINNED.findall((ROOT / "tooling" / "airflow.txt").read_text(encoding="utf-8")))
        tested, airflow = known.parts[key], known.parts["airflow"]
        assert tested.tested == (locked[tested.package],)
        assert [image.brings[key] for image in airflow.images if image.version == airflow.tested[0]] == [*tested.tested]


class TestAge:
    def test_no_fact_is_older_than_200_days(self, known: Table) -> None:
        """`make versions` and a look at the CVE records make them young again."""
        today = datetime.now(UTC).date()
        old = {key: source.as_of for key, source in known.sources.items() if today - source.as_of > OLDEST}
        assert old == {}

    def test_no_fact_is_of_tomorrow(self, known: Table) -> None:
        """A day in the future would hide the age of what is there."""
        today = datetime.now(UTC).date()
        faults = (fault for each in known.parts.values() for fault in each.faults)
        days = [*(fault.as_of for fault in faults), *(source.as_of for source in known.sources.values())]
        assert all(day <= today for day in days)


def test_the_newest_of_a_part_is_reckoned_by_numbers() -> None:
    """17.10 is newer than 17.9, and 18.4 newer than both."""
    assert part("postgresql").newest == "18.4"
    assert order("17.10") > order("17.9")


def test_what_is_tested_is_asked_for_by_part() -> None:
    """The first version is the one that a default is taken from."""
    assert proven("kubernetes") == "1.35"
