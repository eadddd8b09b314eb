"""What image/ is built from and as whom; building it takes a Docker."""

from __future__ import annotations

import re

import pytest
from constructs.settings.sections.airflow.airflow import TESTED_VERSION

from ops.commands.dags import REQUIREMENTS
from programs.own_tools import ROOT

FOLDER = ROOT / "image"


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile, each with its arguments in one line."""
    text = re.sub(r"^#.*\n", "", (FOLDER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = (line.partition(" ") for line in re.sub(r"\\\n\s*", "", text).splitlines() if line)
    return [(name, arguments) for name, _, arguments in lines]


class TestDockerfile:
    def test_is_from_the_airflow_of_environments(self, instructions: list[tuple[str, str]]) -> None:
        """One stage, from the official image of the version that environment files have by default."""
        assert [arguments for name, arguments in instructions if name == "FROM"] == [f"apache/airflow:{TESTED_VERSION}"]

    def test_stays_the_user_of_the_base(self, instructions: list[tuple[str, str]]) -> None:
        """No step is root's: the base ends as `airflow`, which the pods run as."""
        assert {name for name, _ in instructions} == {"FROM", "COPY", "RUN"}

    def test_keeps_airflow_and_its_constraints(self, instructions: list[tuple[str, str]]) -> None:
        """What is installed neither moves Airflow nor leaves what its image was built with, and all of it fits."""
        [install] = [arguments for name, arguments in instructions if name == "RUN"]
        assert '"apache-airflow==${AIRFLOW_VERSION}"' in install
        assert '--constraint "${HOME}/constraints.txt"' in install
        assert install.endswith("&& pip check")

    def test_copies_what_the_build_sees(self, instructions: list[tuple[str, str]]) -> None:
        """The build sees the requirements, which the check of DAG files reads, too, and the DAGs; nothing else."""
        seen = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        assert [line for line in seen if not line.startswith("#")] == ["*", f"!{REQUIREMENTS}", "!dags"]
        assert [words.split()[0] for name, words in instructions if name == "COPY"] == [str(REQUIREMENTS)]
        assert (ROOT / REQUIREMENTS).is_file()
