"""The list of Airflow's options is what the installed Airflow says of itself."""

from __future__ import annotations

import json

import pytest
from constructs.airflow.user_values.option_names import FILE, names_text

from tests.availability import unavailable
from tooling.airflow_options import OPEN, NotInstalledError, ask
from tooling.install import AIRFLOW

pytestmark = pytest.mark.slow


class TestTheListOfOptions:
    def test_is_of_the_installed_airflow(self) -> None:
        """`python -m tooling.airflow_options` writes it."""
        try:
            known = ask(AIRFLOW / "bin" / "python")
        except NotInstalledError as missing:
            unavailable(str(missing))
        written = FILE.read_text(encoding="utf-8")
        day = json.loads(written)["generated"]
        assert written == names_text(known | {"open": OPEN, "generated": day})
