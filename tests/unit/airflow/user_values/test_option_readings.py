"""Names of options of airflow.cfg, read as Airflow reads them."""

from __future__ import annotations

import pytest
from constructs.airflow.user_values.option_readings import OLD_NAMES, readings, variable_readings


class TestANameInTheFile:
    @pytest.mark.parametrize(
        ("section", "name", "option"),
        [
            ("core", "fernet_key", ("core", "fernet_key")),
            ("core", "Fernet_Key", ("core", "fernet_key")),
            ("DATABASE", "SQL_ALCHEMY_CONN", ("database", "sql_alchemy_conn")),
            ("core", "sql_alchemy_conn", ("database", "sql_alchemy_conn")),
            ("Core", "SQL_Alchemy_Conn_CMD", ("database", "sql_alchemy_conn")),
            ("webserver", "secret_key", ("api", "secret_key")),
            ("webserver", "base_url", ("api", "base_url")),
            ("webserver", "secret_key_secret", ("api", "secret_key")),
            ("core", "fernet_key_cmd", ("core", "fernet_key")),
            ("core", "fernet_key_secret", ("core", "fernet_key")),
            ("api_auth", "jwt_secret", ("api_auth", "jwt_secret")),
            ("team_a=celery", "broker_url", ("celery", "broker_url")),
            ("core", " fernet_key ", ("core", "fernet_key")),
        ],
    )
    def test_sets_the_option_that_airflow_sets(self, section: str, name: str, option: tuple[str, str]) -> None:
        """In any case, under the names of Airflow 2, by a command or from the secrets backend, and for a team."""
        assert option in readings(section, name)

    def test_is_read_as_itself_first(self) -> None:
        """An old name, too: what is refused can be called as it stands there."""
        assert readings("webserver", "secret_key") == (("webserver", "secret_key"), ("api", "secret_key"))

    def test_sets_nothing_else(self) -> None:
        """A name that is no spelling of another one."""
        assert readings("core", "parallelism") == (("core", "parallelism"),)


class TestAVariable:
    @pytest.mark.parametrize(
        ("variable", "option"),
        [
            ("AIRFLOW__CORE__FERNET_KEY", ("core", "fernet_key")),
            ("airflow__core__fernet_key", ("core", "fernet_key")),
            ("AIRFLOW__CORE__SQL_ALCHEMY_CONN", ("database", "sql_alchemy_conn")),
            ("AIRFLOW__CORE__SQL_ALCHEMY_CONN_CMD", ("database", "sql_alchemy_conn")),
            ("AIRFLOW__WEBSERVER__SECRET_KEY", ("api", "secret_key")),
            ("AIRFLOW__CELERY__BROKER_URL_SECRET", ("celery", "broker_url")),
            ("AIRFLOW__TEAM_A___CELERY__BROKER_URL", ("celery", "broker_url")),
            ("AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ID", ("secrets", "backend_kwargs")),
            ("AIRFLOW__WORKERS__SECRETS_BACKEND_KWARG__ROLE_ID", ("workers", "secrets_backend_kwargs")),
        ],
    )
    def test_sets_the_option_that_airflow_sets(self, variable: str, option: tuple[str, str]) -> None:
        """The same options under the same old names, and the secrets backend's arguments one by one."""
        assert option in variable_readings(variable)

    @pytest.mark.parametrize("variable", ["MY_SETTING", "AIRFLOW_HOME", "AIRFLOW__CORE", "AIRFLOW____X", ""])
    def test_of_another_kind_sets_none(self, variable: str) -> None:
        """Neither section nor name: nothing to judge."""
        assert variable_readings(variable) == ()


class TestOldNames:
    def test_are_no_options_of_the_same_name(self) -> None:
        """Each leads elsewhere, in lower case."""
        for old, new in OLD_NAMES.items():
            assert old not in new
            assert all(part == part.lower() for option in (old, *new) for part in option)
