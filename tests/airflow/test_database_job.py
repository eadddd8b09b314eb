"""The database job: its exact command and environment, on a real Airflow and PostgreSQL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from constructs.airflow.certificates.rds_roots import root_certificates
from constructs.airflow.jobs.commands import (
    ADMIN_USERNAME,
    ADMIN_VERSION_VARIABLE,
    MIGRATE_AND_ADMIN,
    MIGRATE_WITHOUT_ADMIN,
)

from tests.airflow.conftest import ADMIN_PASSWORD, FirstRun
from tests.airflow.installation import Airflow
from tests.airflow.postgresql import PASSWORD, PostgreSql

pytestmark = pytest.mark.slow


def run_job(airflow: Airflow, password: str, version: str) -> subprocess.CompletedProcess[str]:
    """Run the job with a stored password and its version."""
    return airflow.with_(ADMIN_PASSWORD=password, ADMIN_PASSWORD_VERSION=version).run("bash", "-c", MIGRATE_AND_ADMIN)


def administrators(server: PostgreSql) -> str:
    """Name and role of every user."""
    return server.query(
        "SELECT u.username, r.name FROM ab_user u LEFT JOIN ab_user_role x ON x.user_id = u.id "
        "LEFT JOIN ab_role r ON r.id = x.role_id"
    )


def is_password(airflow: Airflow, server: PostgreSql, password: str) -> bool:
    """Return whether the administrator may log in with the password."""
    stored = server.query("SELECT password FROM ab_user WHERE username = 'admin'")
    return bool(
        airflow.python(
            f"from werkzeug.security import check_password_hash\nanswer = check_password_hash({stored!r}, {password!r})"
        )
    )


def applied_version(airflow: Airflow) -> str:
    """Return the version of the stored password that the job has applied last."""
    result = airflow.run("airflow", "variables", "get", ADMIN_VERSION_VARIABLE)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1]


class TestFirstRun:
    def test_succeeds(self, first_run: FirstRun) -> None:
        """On an empty database, with the server verified among Amazon's certificates by the one that signed it."""
        assert first_run.returncode == 0, first_run.output

    def test_makes_the_tables_of_airflow_and_of_its_users(self, server: PostgreSql) -> None:
        """Both migrations are there: Airflow's and FAB's."""
        tables = server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split()
        assert {"dag", "dag_run", "task_instance", "alembic_version"} <= set(tables)
        assert {"ab_user", "ab_role", "alembic_version_fab"} <= set(tables)

    def test_makes_one_administrator(self, job: Airflow, server: PostgreSql) -> None:
        """The user `admin` with the role Admin and the stored password; there is no other, no admin/admin."""
        assert administrators(server) == f"{ADMIN_USERNAME}|Admin"
        assert is_password(job, server, ADMIN_PASSWORD)
        assert not is_password(job, server, "admin")

    def test_remembers_which_password_it_set(self, job: Airflow) -> None:
        """The version of the stored password is an Airflow variable."""
        assert applied_version(job) == "first"

    def test_keeps_passwords_to_itself(self, first_run: FirstRun, server: PostgreSql) -> None:
        """Neither the job's output nor Airflow's own log of commands holds one."""
        audit = server.query("SELECT extra FROM log")
        assert "users" in audit
        for secret in (ADMIN_PASSWORD, PASSWORD):
            assert secret not in first_run.output
            assert secret not in audit


class TestFurtherRuns:
    def test_leave_what_people_changed_until_there_is_a_new_password(self, job: Airflow, server: PostgreSql) -> None:
        """A password changed in the UI outlives a run with the version applied before; a new version replaces it."""
        changed = job.run(
            *("airflow", "users", "reset-password", "--username", ADMIN_USERNAME, "--password", "ChangedInTheUi")
        )
        assert changed.returncode == 0, changed.stderr

        again = run_job(job, ADMIN_PASSWORD, "first")
        assert again.returncode == 0, again.stdout + again.stderr
        assert "left as it is" in again.stdout
        assert is_password(job, server, "ChangedInTheUi")

        rotated = run_job(job, "R0tated", "second")
        assert rotated.returncode == 0, rotated.stdout + rotated.stderr
        assert is_password(job, server, "R0tated")
        assert not is_password(job, server, "ChangedInTheUi")
        assert applied_version(job) == "second"
        assert server.query("SELECT count(*) FROM ab_user") == "1"


class TestWithoutAdministrator:
    def test_he_goes_and_comes_back(self, job: Airflow, server: PostgreSql) -> None:
        """Deleted if he is there, which changes nothing a second time; made anew with the stored password."""
        for _ in range(2):
            done = job.run("bash", "-c", MIGRATE_WITHOUT_ADMIN)
            assert done.returncode == 0, done.stdout + done.stderr
            assert administrators(server) == ""
        back = run_job(job, "Stored", "third")
        assert back.returncode == 0, back.stdout + back.stderr
        assert administrators(server) == f"{ADMIN_USERNAME}|Admin"
        assert is_password(job, server, "Stored")

    def test_a_failure_is_not_taken_for_done(self, job: Airflow) -> None:
        """A database that can't be asked whether he is there ends the job with the reason."""
        url = job.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace(PASSWORD, "Wr0ng")
        result = job.with_(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url).run(
            "bash", "-c", MIGRATE_WITHOUT_ADMIN.replace("airflow db migrate", "")
        )
        assert result.returncode != 0
        assert "password authentication failed" in result.stderr


class TestFailures:
    def test_refuses_a_server_that_no_known_authority_vouches_for(self, job: Airflow, tmp_path: Path) -> None:
        """With Amazon's certificates alone the tests' server is an impostor: the job ends with the reason."""
        amazon = tmp_path / "root.crt"
        amazon.write_text(root_certificates("eu-west-1"))
        result = run_job(job.with_(PGSSLROOTCERT=str(amazon)), ADMIN_PASSWORD, "third")
        assert result.returncode != 0
        assert "certificate verify failed" in result.stderr

    def test_refuses_a_server_of_another_name(self, job: Airflow) -> None:
        """The certificate is checked against the host's name, not only its signature."""
        url = job.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("@localhost:", "@localhost.localdomain:")
        hosts = {"PGHOSTADDR": "127.0.0.1"}
        result = run_job(job.with_(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url, **hosts), ADMIN_PASSWORD, "third")
        assert result.returncode != 0
        assert 'does not match host name "localhost.localdomain"' in result.stderr

    def test_says_that_the_password_is_wrong(self, job: Airflow) -> None:
        """A password that is not the database's is named as what it is, and is not printed."""
        url = job.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace(PASSWORD, "Wr0ng")
        result = run_job(job.with_(AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url), ADMIN_PASSWORD, "third")
        assert result.returncode != 0
        assert 'password authentication failed for user "airflow"' in result.stderr
        assert "Wr0ng" not in result.stdout + result.stderr
