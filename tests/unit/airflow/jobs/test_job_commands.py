"""What our jobs run."""

from __future__ import annotations

import subprocess

import pytest
from constructs.airflow.jobs.commands import (
    JOB_ENVIRONMENT,
    MIGRATE_AND_ADMIN,
    MIGRATE_WITHOUT_ADMIN,
    ROOT_CERTIFICATES_FOLDER,
    ROTATE_FERNET,
)

scripts = pytest.mark.parametrize(
    "script",
    [MIGRATE_AND_ADMIN, MIGRATE_WITHOUT_ADMIN, ROTATE_FERNET],
    ids=["database", "database-without-admin", "fernet"],
)


class TestScripts:
    @scripts
    def test_are_bash(self, script: str) -> None:
        """Bash can read them; what they do is shown on a real Airflow by tests/airflow/test_database_job.py."""
        read = subprocess.run(["bash", "-n"], input=script, text=True, check=False, capture_output=True)
        assert (read.returncode, read.stderr) == (0, "")

    @scripts
    def test_stop_at_the_first_failure(self, script: str) -> None:
        """A migration that fails is the end of the job, not a line in its log."""
        assert script.startswith("set -euo pipefail\n")

    @scripts
    def test_hold_nothing_that_terraform_or_kubernetes_would_fill_in(self, script: str) -> None:
        """`${`, `%{` and `$$` mean something to them before Bash sees the script."""
        assert "${" not in script
        assert "%{" not in script
        assert "$$" not in script

    @pytest.mark.parametrize("missing", ["ADMIN_PASSWORD", "ADMIN_PASSWORD_VERSION"])
    def test_refuses_an_empty_password_or_version(self, missing: str) -> None:
        """Airflow would ask for an empty password and wait; an empty version would look like one applied before."""
        environment = {"PATH": "/usr/bin:/bin", "ADMIN_PASSWORD": "p", "ADMIN_PASSWORD_VERSION": "1", missing: ""}
        result = subprocess.run(
            ["bash", "-c", MIGRATE_AND_ADMIN], env=environment, capture_output=True, text=True, check=False
        )
        assert (result.returncode, result.stderr) == (2, f"{missing} is empty\n")

    def test_password_is_no_part_of_the_script(self) -> None:
        """It comes by an environment variable, from a Kubernetes secret."""
        assert MIGRATE_AND_ADMIN.count("--password") == MIGRATE_AND_ADMIN.count('--password "$ADMIN_PASSWORD"') == 2


class TestEnvironment:
    def test_verifies_the_database(self) -> None:
        """Both libpq and asyncpg check the server's certificate and name against the mounted roots."""
        assert JOB_ENVIRONMENT["PGSSLMODE"] == "verify-full"
        assert JOB_ENVIRONMENT["PGSSLROOTCERT"] == f"{ROOT_CERTIFICATES_FOLDER}/root.crt"

    def test_has_users(self) -> None:
        """Only FAB's auth manager has users in the database, and its tables are migrated with the others."""
        assert JOB_ENVIRONMENT["AIRFLOW__CORE__AUTH_MANAGER"].endswith(".FabAuthManager")

    def test_holds_no_secret(self) -> None:
        """What is secret comes by references to Kubernetes secrets."""
        assert not [name for name in JOB_ENVIRONMENT if "CONN" in name.removeprefix("PGCONNECT") or "KEY" in name]
