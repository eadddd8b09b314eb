"""A day of tasks on fleets of workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tooling.scaling.__main__ import DOCUMENT, PICTURE, SEED, document, outcomes, picture
from tooling.scaling.day import HOUR, HOURLY, HOURLY_SPREAD, Task, tasks
from tooling.scaling.fleet import Day, Fleet, Outcome

ONE = Fleet(name="one", least=1, most=1, concurrency=2, workers_per_node=2, elastic_nodes=False)
SCALED = replace(ONE, least=0, most=4, elastic_nodes=True, cooldown_seconds=300)


@pytest.fixture(scope="module")
def days() -> list[tuple[str, str, Outcome]]:
    """What the document shows."""
    return list(outcomes())


def _day(fleet: Fleet, *load: Task) -> Outcome:
    return Day(fleet, load, SEED).run()


class TestTheDocument:
    def test_is_current(self, days: list[tuple[str, str, Outcome]]) -> None:
        """The table is what the program counts (`python -m tooling.scaling --write`)."""
        assert document(days) == DOCUMENT.read_text(encoding="utf-8")

    def test_has_a_current_picture(self, days: list[tuple[str, str, Outcome]]) -> None:
        """Of two fleets, a line for each in both panels."""
        assert picture(days) == PICTURE.read_text(encoding="utf-8")
        lines = ET.fromstring(picture(days)).findall("{http://www.w3.org/2000/svg}polyline")  # noqa: S314  # ours
        assert Counter(line.get("class") for line in lines) == {"one": 2, "other": 2}

    def test_has_a_picture_with_a_page_of_its_own(self, days: list[tuple[str, str, Outcome]]) -> None:
        """As all pictures have it: light on a dark page is read on whatever page it stands."""
        root = ET.fromstring(picture(days))  # noqa: S314  # ours
        [page] = root.findall("{http://www.w3.org/2000/svg}rect[@class='page']")
        assert f"0 0 {page.get('width')} {page.get('height')}" == root.get("viewBox")

    def test_says_what_the_table_shows(self, days: list[tuple[str, str, Outcome]]) -> None:
        """Scaled workers on nodes as needed take about half the nodes of 20; a long grace cuts nothing off."""
        _, twenty, _, scaled, patient, from_none = (day for _, _, day in days)
        assert scaled.node_seconds < 0.55 * twenty.node_seconds
        assert patient.killed == 0 < scaled.killed
        assert patient.node_seconds < 1.05 * scaled.node_seconds
        assert from_none.wait(0.5) > scaled.wait(0.5)


class TestTheLoad:
    def test_is_the_same_for_the_same_seed(self) -> None:
        """10,000 tasks, in the order in which they come."""
        assert tasks(1) == tasks(1) != tasks(2)
        assert len(tasks(1)) == 10_000
        assert list(tasks(1)) == sorted(tasks(1))

    def test_comes_at_the_full_hour(self) -> None:
        """250 in the first minutes, beside those that come at any time."""
        noon = [task for task in tasks(1) if 12 * HOUR <= task.queued < 12 * HOUR + HOURLY_SPREAD]
        assert HOURLY <= len(noon) < HOURLY + 30


class TestAFixedNumber:
    def test_starts_as_many_tasks_as_it_has_places(self) -> None:
        """Two at once, the third when one has ended."""
        day = _day(ONE, Task(100, 60), Task(100, 60), Task(100, 60))
        assert day.waits == [0, 0, 60]

    def test_is_always_there(self) -> None:
        """One worker and its node for a day, and as long as the last task runs."""
        day = _day(ONE, Task(24 * HOUR - 5, 3600))
        assert day.worker_seconds == day.node_seconds
        assert 25 * HOUR - 10 <= day.node_seconds <= 25 * HOUR


class TestAScaledNumber:
    def test_from_none_waits_for_node_and_image(self) -> None:
        """60 seconds for the node, 75 for the first worker on it, and what passes until the next look."""
        day = _day(SCALED, Task(600, 60))
        assert 135 <= day.waits[0] <= 135 + 15

    def test_is_none_again_when_nothing_was_to_do(self) -> None:
        """The task's minutes, the cooldown, and no more."""
        day = _day(SCALED, Task(600, 60))
        assert 195 + 300 <= day.worker_seconds <= 195 + 300 + 30

    def test_stays_below_the_most(self) -> None:
        """However many tasks wait."""
        day = _day(SCALED, *[Task(0, 600)] * 40)
        assert max(workers for _, workers, _ in day.course) == 4
        assert max(nodes for _, _, nodes in day.course) == 2

    def test_cuts_off_what_outlasts_the_grace(self) -> None:
        """A worker that has to go ends with its grace, and its task with it; one with more time ends by itself."""
        load = [*[Task(0, 600)] * 4, *[Task(0, 7200)] * 4]
        brief = [Day(replace(SCALED, grace_seconds=60), load, seed).run().killed for seed in range(5)]
        assert max(brief) > 0
        assert [Day(replace(SCALED, grace_seconds=7200), load, seed).run().killed for seed in range(5)] == [0] * 5
