"""The page of `ops report` in a real browser: seen by axe, on a narrow screen, on paper, and by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops.report.page import page
from tests.availability import unavailable
from tests.synth.browser import Browser, browser
from tests.synth.reported import whole
from tooling.virtual_environments import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: Width of A4 within the margins that browsers print with, in CSS pixels.
PAPER = 717
WIDTHS = (1280, 390)
FOCUSABLE = "a[href], button:not([hidden]), [tabindex='0']"

pytestmark = pytest.mark.slow
each_width = pytest.mark.parametrize("width", WIDTHS)
each_scheme = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(outdirs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of prod, deployed, with something of everything: changes since the last one, a missing resource."""
    made = whole("prod", outdirs["prod"])
    resources = {name: "old" if "aws_eip" in name else value for name, value in (made.facts.resources or {}).items()}
    before = replace(made.facts, resources=resources, made="2026-11-27")
    written = tmp_path_factory.mktemp("report") / "report.html"
    written.write_text(page(whole("prod", outdirs["prod"], before=before)), encoding="utf-8")
    return written


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that looks for faults."""
    if not AXE.exists():
        unavailable(f"No {AXE.relative_to(ROOT)}: `make setup` installs it.")
    return AXE.read_text(encoding="utf-8")


class TestAxe:
    @each_width
    @each_scheme
    def test_finds_nothing(self, chromium: Browser, file: Path, axe: str, width: int, *, dark: bool) -> None:
        """No violation, whatever the width and the colours; what it can't tell is contrast alone.

        Of words in pictures, and of what is scrolled out of sight.
        """
        chromium.open(file, width=width, dark=dark)
        chromium.run(f"{axe}; 1")
        script = "axe.run().then(found => JSON.stringify([found.violations, found.incomplete, found.passes.length]))"
        violations, untold, passed = json.loads(chromium.run(script))
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []
        assert {each["id"] for each in untold} <= {"color-contrast"}
        assert passed > 40

    def test_would_find_a_fault(self, chromium: Browser, file: Path, tmp_path: Path, axe: str) -> None:
        """Buttons without a word on them."""
        text = file.read_text(encoding="utf-8").replace('aria-label="Copy ', 'data-label="')
        broken = tmp_path / "broken.html"
        broken.write_text(text.replace(">Copy</button>", "></button>"), encoding="utf-8")
        chromium.open(broken, width=1280)
        chromium.run(f"{axe}; 1")
        assert chromium.run("axe.run().then(found => found.violations.map(each => each.id))") == ["button-name"]


class TestScreen:
    @each_width
    def test_is_nowhere_wider_than_the_window(self, chromium: Browser, file: Path, width: int) -> None:
        """What is wide scrolls in a region of its own."""
        chromium.open(file, width=width)
        assert chromium.run("document.documentElement.scrollWidth") == width
        outside = f"""[...document.querySelectorAll("body *")].filter(each =>
            !each.closest(".scroll, .skip") && each.getBoundingClientRect().right > {width}).length"""
        assert chromium.run(outside) == 0

    @each_width
    def test_has_buttons_whose_word_is_in_one_line(self, chromium: Browser, file: Path, width: int) -> None:
        """Cells break what is long anywhere, and their buttons not."""
        chromium.open(file, width=width)
        tall = "[...document.querySelectorAll('button')].filter(each => each.offsetHeight >= each.offsetWidth).length"
        assert chromium.run(tall) == 0

    def test_is_whole_on_paper(self, chromium: Browser, file: Path) -> None:
        """Where nobody scrolls, nothing is cut off."""
        chromium.open(file, width=PAPER, media="print")
        assert chromium.run("document.documentElement.scrollWidth") == PAPER
        cut = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
        assert chromium.run(cut) == 0

    def test_asks_for_nothing_and_breaks_no_rule_of_its_own(self, chromium: Browser, file: Path) -> None:
        """The file is all that is loaded; style and script run under its policy, and something else would not."""
        chromium.requests.clear()
        chromium.complaints.clear()
        chromium.open(file, width=1280)
        assert chromium.run("getComputedStyle(document.querySelector('.scroll')).overflowX") == "auto"
        assert {*chromium.requests} == {file.resolve().as_uri()}
        assert chromium.complaints == []
        script = "document.createElement('img')"
        chromium.run(f"new Promise(done => {{ const i = {script}; i.onerror = done; i.src = 'http://127.0.0.1:9/x' }})")
        assert any("Content Security Policy" in each for each in chromium.complaints)


class TestKeyboard:
    def test_reaches_everything_in_order_and_shows_where_it_is(self, chromium: Browser, file: Path) -> None:
        """Tab by tab through each link, button and region that scrolls, each with a frame around it."""
        chromium.open(file, width=390)
        count = chromium.run(f"window.all = [...document.querySelectorAll(`{FOCUSABLE}`)]; all.length")
        assert count > 100
        where = (
            """(each => [all.indexOf(each), getComputedStyle(each).outlineStyle !== "none"])(document.activeElement)"""
        )
        reached = []
        for _ in range(count):
            chromium.press("Tab", 9)
            reached.append(chromium.run(where))
        assert reached == [[number, True] for number in range(count)]

    def test_skips_to_the_content(self, chromium: Browser, file: Path) -> None:
        """The first link leads past the head; the next stop is inside the content."""
        chromium.open(file, width=390)
        chromium.press("Tab", 9)
        chromium.press("Enter", 13)
        assert chromium.run("document.activeElement.id") == "content"
        chromium.press("Tab", 9)
        assert chromium.run("document.activeElement.closest('main') !== null")

    def test_copies_an_output_and_says_so(self, chromium: Browser, file: Path) -> None:
        """Enter on its button puts the value into the clipboard; what has happened is told to screen readers, too."""
        chromium.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        chromium.open(file, width=1280)
        chromium.run("document.querySelector('button[data-name=airflow_url]').focus()")
        chromium.press("Enter", 13)
        told = "document.querySelector('[role=status]').textContent"
        wait = f"new Promise(done => setInterval(() => {told} && done({told}), 20))"
        assert chromium.run(wait) == "Copied airflow_url"
        assert chromium.run("navigator.clipboard.readText()") == "https://airflow.example.com"
