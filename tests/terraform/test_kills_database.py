"""The database accepts what is stored: an apply is killed between the secret and the database, and repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from tests.emulator import Emulator
from tests.emulator.faults import Moment
from tests.terraform.account import client
from tests.terraform.interruptions import applying, import_with_next_apply, lock, unrecorded, wait_until_quiet
from tests.terraform.interruptions_waves import environment
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace

pytestmark = pytest.mark.slow

DATABASE = "aws_db_instance.metadata"
VERSION = "aws_secretsmanager_secret_version.database"
TARGET = f"-target={DATABASE}"

CREATE_DATABASE = ("rds", "CreateDBInstance", "aws_db_instance.metadata")
STORE_PASSWORD = ("secretsmanager", "PutSecretValue", "airflow-dev/database")


@dataclass(frozen=True)
class Deployment:
    """An environment of which the database and what it needs is applied."""

    workspace: Workspace
    aws: Emulator

    def kill(self, call: Sequence[str], moment: Moment) -> None:
        """Apply, and kill Terraform when the call has arrived: before it takes effect, or after."""
        service, action, containing = call
        hold = self.aws.hold(service, action, containing=containing, moment=moment)
        with applying(self.workspace, TARGET) as apply:
            hold.wait()
            wait_until_quiet(self.aws)  # so that nothing but the call is in flight
            apply.kill()
        hold.drop()

    @property
    def stored(self) -> str:
        """The password in Secrets Manager, as everybody reads it (AWSCURRENT)."""
        value = client(self.aws, "secretsmanager").get_secret_value(SecretId="airflow-dev/database")
        return str(value["SecretString"])

    @property
    def accepted(self) -> dict[str, str]:
        """The password that the database accepts."""
        return self.aws.master_passwords()


@pytest.fixture(params=["local", "s3"])
def deployment(
    request: pytest.FixtureRequest, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The environment dev, of which nothing exists yet."""
    folder = tmp_path_factory.mktemp(request.param)
    with environment(toolchain, folder, state_in_s3=request.param == "s3") as (workspace, aws):
        yield Deployment(workspace, aws)


class TestDatabaseAcceptsWhatIsStored:
    @pytest.mark.parametrize("deployment", ["local"], indirect=True)
    def test_killed_around_the_secret_and_before_the_database(self, deployment: Deployment) -> None:
        """Killed after the password was stored, unrecorded, then before the database was asked for: both agree at last.

        The second apply stores another password, as it doesn't know of the first; the third gives RDS what is stored.
        """
        deployment.kill(STORE_PASSWORD, "after")
        first = deployment.stored
        assert VERSION not in deployment.workspace.addresses()
        deployment.kill(CREATE_DATABASE, "before")
        second = deployment.stored
        assert VERSION in deployment.workspace.addresses()
        assert second != first
        assert deployment.accepted == {}
        deployment.kill(CREATE_DATABASE, "after")
        assert deployment.stored == second
        assert deployment.accepted == {"airflow-dev": second}

    @pytest.mark.parametrize("deployment", ["s3"], indirect=True)
    def test_killed_after_the_database_with_nothing_recorded(self, deployment: Deployment) -> None:
        """A database that no state knows has a password that no state knows: recovered, both are replaced alike.

        All that was made is imported but the secret's version, which is written anew; the next apply gives it to RDS.
        """
        workspace, aws = deployment.workspace, deployment.aws
        deployment.kill(CREATE_DATABASE, "after")
        first = deployment.stored
        assert deployment.accepted == {"airflow-dev": first}
        left = lock(aws)
        assert left is not None
        workspace.terraform("force-unlock", "-force", left["ID"])
        found = unrecorded(workspace, aws)
        assert {DATABASE, VERSION} <= {item.address for item in found}
        import_with_next_apply(workspace, found)
        workspace.terraform("apply", "-auto-approve", "-input=false", TARGET)
        assert deployment.stored != first
        assert deployment.accepted == {"airflow-dev": deployment.stored}
        assert workspace.plan(TARGET).returncode == 0
        assert unrecorded(workspace, aws) == []
