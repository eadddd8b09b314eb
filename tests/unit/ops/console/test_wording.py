"""How times, and what other programs said, are told."""

from __future__ import annotations

import re

from ops.console.wording import LONGEST, duration, one_line
from programs.own_tools import ROOT


class TestDuration:
    def test_in_two_units_at_most(self) -> None:
        """Seconds, minutes, hours."""
        assert [duration(seconds) for seconds in (7.4, 185, 3720)] == ["7s", "3m05s", "1h02m"]


class TestOneLine:
    def test_nothing_is_cut_that_people_read(self) -> None:
        """Lines become one, and all of it is there."""
        said = "HTTPSConnection(host='A1B2.gr7.eu-west-1.eks.amazonaws.com'):\n  Name or service not known. " * 9
        assert one_line(said) == " ".join(said.split())

    def test_what_is_too_long_says_so(self) -> None:
        """It ends after a whole word, with how much there was."""
        said = one_line("refused " * 1000)
        assert said.endswith("refused ... (the first 999 of 7,999 characters)")
        assert one_line("x" * 5000).startswith("x" * LONGEST + " ...")

    def test_nobody_cuts_otherwise(self) -> None:
        """No message is cut at a number of characters in the middle of a word: `[Errno -2] Nam` helps nobody."""
        cut = re.compile(r"\[(-\d{3,}:|:\d{3,})\]")
        sources = [path for folder in ("ops", "bootstrap") for path in (ROOT / folder).rglob("*.py")]
        assert len(sources) > 100
        assert [str(path) for path in sources if cut.search(path.read_text(encoding="utf-8"))] == []
