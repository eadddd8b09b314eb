"""The two jobs around a release."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.jobs.around_release import DatabaseJob, DatabaseJobProps, FernetJob, FernetJobProps
from constructs.airflow.jobs.commands import MIGRATE_AND_ADMIN, MIGRATE_WITHOUT_ADMIN, ROTATE_FERNET

from tests.unit.trial_stack import TrialStack


def database_job(stack: TrialStack, **changes: Any) -> dict[str, Any]:
    """Deploy the database job; return its arguments."""
    arguments: dict[str, Any] = {
        "namespace": "airflow",
        "image": "apache/airflow:3.3.2",
        "admin_password_version": "${version}",
    } | changes
    DatabaseJob(stack, "database-job", DatabaseJobProps(**arguments))
    return stack.resource("kubernetes_job_v1.database")


def pod(job: dict[str, Any]) -> dict[str, Any]:
    """The specification of a job's pod."""
    specification: dict[str, Any] = job["spec"]["template"]["spec"]
    return specification


def container(job: dict[str, Any]) -> dict[str, Any]:
    """The one container of a job's pod."""
    [only] = pod(job)["container"]
    return dict(only)


def secret_variables(job: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Environment variable -> Kubernetes secret and key that it comes from."""
    references = {
        variable["name"]: variable["value_from"]["secret_key_ref"]
        for variable in container(job)["env"]
        if "value_from" in variable
    }
    return {name: (reference["name"], reference["key"]) for name, reference in references.items()}


class TestDatabaseJob:
    def test_terraform_waits_for_it(self, stack: TrialStack) -> None:
        """The apply goes on when the migration is done; Kubernetes gives up before Terraform does, and says why."""
        job = database_job(stack)
        assert job["wait_for_completion"] is True
        assert job["spec"]["active_deadline_seconds"] == 900
        assert job["timeouts"]["create"] == "960s"

    def test_is_never_removed_behind_terraforms_back(self, stack: TrialStack) -> None:
        """A job that Kubernetes deletes when it is done would be run again by every apply."""
        assert "ttl_seconds_after_finished" not in database_job(stack)["spec"]

    def test_runs_the_script_in_the_image_of_the_release(self, stack: TrialStack) -> None:
        """Migrations belong to a version of Airflow: the image is the one that is released."""
        only = container(database_job(stack, image="registry.example.com/airflow@sha256:0"))
        assert only["image"] == "registry.example.com/airflow@sha256:0"
        assert only["args"] == ["bash", "-c", MIGRATE_AND_ADMIN]

    def test_the_script_holds_no_template(self) -> None:
        """Bash's `${...}` would be an expression of Terraform's."""
        assert "${" not in MIGRATE_AND_ADMIN + ROTATE_FERNET
        assert "%{" not in MIGRATE_AND_ADMIN + ROTATE_FERNET

    def test_a_new_password_runs_it_again(self, stack: TrialStack) -> None:
        """The version of the stored password is in its environment: another one is another job."""
        variables = {v["name"]: v.get("value") for v in container(database_job(stack))["env"]}
        assert variables["ADMIN_PASSWORD_VERSION"] == "${version}"

    def test_without_an_administrator(self, stack: TrialStack) -> None:
        """Where there is none the pod gets no password of his, and no new one runs it again."""
        job = database_job(stack, has_admin=False)
        assert container(job)["args"] == ["bash", "-c", MIGRATE_WITHOUT_ADMIN]
        assert not {variable["name"] for variable in container(job)["env"] if "ADMIN" in variable["name"]}

    def test_connects_straight_to_rds_with_verified_tls(self, stack: TrialStack) -> None:
        """The direct URL, and libpq's variables for verification by the roots that are mounted."""
        job = database_job(stack)
        variables = {v["name"]: v.get("value") for v in container(job)["env"]}
        assert secret_variables(job) == {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": ("airflow-ext-database", "connection"),
            "AIRFLOW__CORE__FERNET_KEY": ("airflow-ext-fernet", "fernet-key"),
            "ADMIN_PASSWORD": ("airflow-ext-admin", "password"),
        }
        assert variables["PGSSLMODE"] == "verify-full"
        [mount] = container(job)["volume_mount"]
        [volume] = pod(job)["volume"]
        assert variables["PGSSLROOTCERT"] == f"{mount['mount_path']}/root.crt"
        assert volume["config_map"]["name"] == "airflow-ext-rds-ca"
        assert volume["name"] == mount["name"]

    def test_meets_pod_security_restricted(self, stack: TrialStack) -> None:
        """Not root, no privileges, no capabilities, the default seccomp profile; and no token of Kubernetes."""
        job = database_job(stack)
        assert pod(job)["automount_service_account_token"] is False
        assert pod(job)["security_context"] == {
            "run_as_user": "50000",
            "run_as_group": "0",
            "fs_group": "0",
            "run_as_non_root": True,
            "seccomp_profile": {"type": "RuntimeDefault"},
        }
        # In the container too: the provider writes `runAsNonRoot: false` there otherwise, and no pod is admitted.
        assert container(job)["security_context"] == {
            "allow_privilege_escalation": False,
            "run_as_non_root": True,
            "capabilities": {"drop": ["ALL"]},
        }

    def test_has_requests_and_limits(self, stack: TrialStack) -> None:
        """A quota admits it, and it cannot take a node's memory."""
        resources = container(database_job(stack))["resources"]
        assert resources["requests"] == {"cpu": "250m", "memory": "1Gi"}
        assert resources["limits"]["memory"] == "1Gi"

    @pytest.mark.parametrize(("secret", "expected"), [(None, []), ("airflow-ext-registry", ["airflow-ext-registry"])])
    def test_the_login_of_a_private_registry(self, stack: TrialStack, secret: str | None, expected: list[str]) -> None:
        """An image of one's own is pulled with the same login as by the release."""
        pulls = pod(database_job(stack, image_pull_secret=secret)).get("image_pull_secrets", [])
        assert [pull["name"] for pull in pulls] == expected

    def test_network_policies_know_its_pods(self, stack: TrialStack) -> None:
        """Its pods carry the label by which they are let through to the database."""
        labels = database_job(stack)["spec"]["template"]["metadata"]["labels"]
        assert {key: labels[key] for key in ("tier", "component", "release")} == {
            "tier": "airflow",
            "component": "database-job",
            "release": "airflow",
        }


class TestFernetJob:
    def test_encrypts_anew_for_each_pair_of_keys(self, stack: TrialStack) -> None:
        """It rotates with all keys in its environment; another pair of them is another job."""
        props = FernetJobProps(namespace="airflow", image="apache/airflow:3.3.2", key_numbers=(2, 1))
        FernetJob(stack, "fernet-job", props)
        job = stack.resource("kubernetes_job_v1.fernet")
        variables = {v["name"]: v.get("value") for v in container(job)["env"]}
        assert container(job)["args"] == ["bash", "-c", ROTATE_FERNET]
        assert variables["FERNET_KEY_NUMBERS"] == "2,1"
        assert "ADMIN_PASSWORD" not in secret_variables(job)
        assert job["spec"]["template"]["metadata"]["labels"]["component"] == "fernet-job"
