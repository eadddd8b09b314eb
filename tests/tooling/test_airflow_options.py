"""`python -m tooling.airflow_options`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from constructs.airflow.user_values.option_names import FILE

from tooling import airflow_options
from tooling.airflow_options import NotInstalledError, ask


class TestAsk:
    def test_says_that_there_is_no_airflow(self) -> None:
        """A Python without it: what installs it, and the reason, no traceback."""
        with pytest.raises(NotInstalledError, match=r"make test installs it.*No module named 'airflow'"):
            ask(Path(sys.executable))


class TestProgram:
    def test_ends_with_1_where_nothing_is_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And leaves the list as it is."""
        before = FILE.read_bytes()
        monkeypatch.setattr(airflow_options, "AIRFLOW", tmp_path / "airflow")
        assert airflow_options.main() == 1
        assert "make test installs it" in capsys.readouterr().err
        assert FILE.read_bytes() == before
