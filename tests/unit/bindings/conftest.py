"""The runs of the small app that several tests look at."""

import pytest

from tests.unit.bindings.runs import Run, run_app


@pytest.fixture(scope="session")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small app as everybody runs it: packages reduced where it says what it uses of them, both sides cheap."""
    return run_app(tmp_path_factory.mktemp("reduced"))


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small app with both sides cheap, and whole packages."""
    return run_app(tmp_path_factory.mktemp("both"), "both")
