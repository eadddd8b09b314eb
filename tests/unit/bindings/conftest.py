"""The runs of the small app that several tests look at."""

import pytest

from tests.unit.bindings.runs import Run, run_app


@pytest.fixture(scope="session")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small app with both sides cheap, as everybody runs it."""
    return run_app(tmp_path_factory.mktemp("both"))


@pytest.fixture(scope="session")
def as_shipped_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small app with the packages as shipped: half a minute."""
    return run_app(tmp_path_factory.mktemp("as-shipped"), "as-shipped")
