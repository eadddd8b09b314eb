"""Names of options as the installed Airflow reads them: what `option_readings` says, and why some are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from constructs.airflow.user_values.option_readings import OLD_NAMES, readings, variable_readings

from tests.airflow.installation import VERSION, Airflow
from tests.airflow.servers import MissingProgramError
from tests.availability import unavailable

pytestmark = pytest.mark.slow

#: An airflow.cfg in which options stand under other names, and what Airflow takes them for.
OTHER_NAMES = """
[core]
fernet_key_cmd = echo by command
sql_alchemy_conn = sqlite:////old
[webserver]
secret_key = old
base_url = https://old.example.com
[DEFAULT]
jwt_secret = of every section
[api_auth]
"""
READ = {
    ("core", "fernet_key"): "by command\n",
    ("database", "sql_alchemy_conn"): "sqlite:////old",
    ("api", "secret_key"): "old",
    ("api", "base_url"): "https://old.example.com",
    ("api_auth", "jwt_secret"): "of every section",
}
VARIABLES = {"AIRFLOW__CORE__SQL_ALCHEMY_CONN": "sqlite:////told", "AIRFLOW__WEBSERVER__SECRET_KEY_CMD": "echo told"}


@pytest.fixture
def airflow(tmp_path: Path) -> Airflow:
    """The installed Airflow, without a variable for what is asked."""
    try:
        installed = Airflow.installed(tmp_path)
    except MissingProgramError as missing:
        unavailable(str(missing))
    kept = {name: value for name, value in installed.environment.items() if not name.endswith("FERNET_KEY")}
    return Airflow(tmp_path, kept)


def values(airflow: Airflow, text: str, *options: tuple[str, str]) -> list[str]:
    """What Airflow takes options for, with a text as its airflow.cfg."""
    (airflow.home / "airflow.cfg").write_text(text, encoding="utf-8")
    code = f"from airflow.configuration import conf\nanswer = [conf.get(*option) for option in {options!r}]"
    return [str(value) for value in airflow.python(code)]


class TestOldNames:
    def test_are_all_that_airflow_reads(self, airflow: Airflow) -> None:
        """No name of before is missing, none is too many but for an older Airflow; whole sections were not renamed."""
        code = (
            "from airflow.configuration import conf\n"
            "options = sorted((old[:2], new) for new, old in conf.deprecated_options.items())\n"
            "answer = [options, conf.deprecated_sections]"
        )
        options, sections = airflow.python(code)
        ours = sorted([list(old), list(new)] for old, several in OLD_NAMES.items() for new in several)
        missing = [option for option in options if option not in json.loads(json.dumps(ours))]
        assert (missing, sections) == ([], {})
        assert VERSION or len(options) == len(ours)


class TestOtherNames:
    def test_set_the_options(self, airflow: Airflow) -> None:
        """Old sections, the output of a command, and the section DEFAULT, which is refused as such."""
        assert values(airflow, OTHER_NAMES, *READ) == list(READ.values())

    def test_of_variables_set_them(self, airflow: Airflow) -> None:
        """As they are read here."""
        options = [variable_readings(variable)[-1] for variable in VARIABLES]
        assert options == [("database", "sql_alchemy_conn"), ("api", "secret_key")]
        assert values(airflow.with_(**VARIABLES), "", *options) == ["sqlite:////told", "told\n"]

    def test_in_another_case_set_nothing(self, airflow: Airflow) -> None:
        """Why they are refused: their value would be in the state, and nobody would read it."""
        text = "[core]\nParallelism = 7\n[Core]\nparallelism = 8\n"
        assert values(airflow, text, ("core", "parallelism")) == ["32"]
        assert readings("Core", "Parallelism") == (("core", "parallelism"),)

    def test_in_a_value_stop_airflow(self, airflow: Airflow) -> None:
        """A single percent sign starts the name of another option."""
        with pytest.raises(AssertionError, match="Interpolation"):
            values(airflow, "[api]\nbase_url = %(asctime)s\n", ("api", "base_url"))
