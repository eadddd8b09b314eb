"""What happens to a database in its life, with the commands that docs/restore.md, upgrades.md and database.md show.

Only the database is deployed, the Fernet key, and what they need: the rest of the stack takes no part in any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.documented import shows
from tests.ops.operated import AT_ONCE, DEPLOY, Operated, operated
from tests.property.program import started
from tests.terraform.account import client
from tests.terraform.evolving import Evolving
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

pytestmark = pytest.mark.slow

DATABASE, PARAMETERS = "aws_db_instance.metadata", "aws_db_parameter_group.metadata"
TARGETS = f"-target={DATABASE} -target={PARAMETERS} -target=aws_secretsmanager_secret_version.fernet_1"
NAME, OLD, SNAPSHOT = "airflow-dev", "airflow-dev-old", "airflow-dev-before-upgrade"
NO_CHANGES = "No changes. Your infrastructure matches the configuration."
OTHER_REGION = "eu-central-1"


@dataclass(frozen=True)
class Database:
    """A deployed database, its environment's file and the commands."""

    operated: Operated
    file: Evolving

    @property
    def rds(self) -> Any:
        """A client of RDS."""
        return client(self.operated.aws, "rds")

    def described(self, identifier: str = NAME) -> dict[str, Any]:
        """What RDS says of an instance."""
        [instance] = self.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        assert isinstance(instance, dict)
        return instance

    def plan(self) -> str:
        """`ops plan`; return what it said."""
        return self.operated.done("plan", variables={"TF_CLI_ARGS_plan": TARGETS})

    def deploy(self) -> str:
        """`ops deploy`; return what it said."""
        return self.operated.done(*DEPLOY, variables={**AT_ONCE, "TF_CLI_ARGS_plan": TARGETS})


@pytest.fixture(scope="module")
def database(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """PostgreSQL 17 in the environment dev."""
    with (
        operated(toolchain, tmp_path_factory.mktemp("database"), state_in_s3=False) as environment,
        started() as program,
    ):
        deployed = Database(environment, Evolving(replace(environment.workspace, program=program)))
        deployed.deploy()
        yield deployed


class TestCertificateAuthority:
    def test_changes_in_place(self, database: Database) -> None:
        """Another authority is a change of the database alone, which waits for the maintenance window if told so."""
        changes = {"certificate_authority": "rds-ca-ecc384-g1", "apply_immediately": False}
        database.file.edit(database=changes)
        shows("plan-certificate-authority", database.plan())
        database.deploy()
        assert database.described()["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
        shows("status-pending-authority", database.operated.done("status"))
        assert database.operated.aws.run_maintenance_windows() == [f"{NAME}: CACertificateIdentifier"]
        assert database.described()["CACertificateIdentifier"] == "rds-ca-ecc384-g1"
        assert NO_CHANGES in database.plan()


class TestMajorVersion:
    def test_takes_a_parameter_group_of_its_own_along(self, database: Database) -> None:
        """The database is upgraded in place; the new version's parameter group is made before the old one goes."""
        database.file.edit(database={"engine_version": "18", "apply_immediately": True})
        before = len(database.operated.aws.calls())
        shows("plan-major-version", database.plan())
        database.deploy()
        instance = database.described()
        assert instance["EngineVersion"].startswith("18.")
        assert [group["DBParameterGroupName"] for group in instance["DBParameterGroups"]] == [f"{NAME}-postgres18"]
        assert changes_of_parameter_groups(database, before) == ["CreateDBParameterGroup", "DeleteDBParameterGroup"]


class TestRestore:
    def test_in_place_of_the_old_one(self, database: Database) -> None:
        """The old one steps aside and is forgotten; one from the snapshot is added under its name, nothing goes."""
        host = database.described()["Endpoint"]["Address"]
        database.rds.create_db_snapshot(DBInstanceIdentifier=NAME, DBSnapshotIdentifier=SNAPSHOT)
        database.rds.modify_db_instance(DBInstanceIdentifier=NAME, NewDBInstanceIdentifier=OLD, ApplyImmediately=True)
        database.operated.workspace.terraform("state", "rm", DATABASE)
        database.file.edit(database={"restore_from_snapshot": SNAPSHOT})
        stopped = database.operated.ops(*DEPLOY)
        assert stopped.returncode == 3
        shows("deploy-finds-the-old-database", stopped.stdout)
        database.rds.remove_tags_from_resource(
            ResourceName=database.described(OLD)["DBInstanceArn"], TagKeys=["Address"]
        )
        shows("plan-restore", database.plan())
        database.deploy()
        restored = database.described()
        assert restored["Endpoint"]["Address"] == host
        assert restored["DbiResourceId"] != database.described(OLD)["DbiResourceId"]
        assert database.operated.passwords_differ() == []

    def test_leaves_nothing_to_change(self, database: Database) -> None:
        """With the snapshot out of the file and the old instance deleted the plan is empty."""
        database.file.edit(database={"restore_from_snapshot": None})
        database.rds.delete_db_instance(DBInstanceIdentifier=OLD, FinalDBSnapshotIdentifier=OLD)
        assert NO_CHANGES in database.plan()


class TestLostRegion:
    def test_is_rebuilt_in_another_under_another_name(
        self, database: Database, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """A database of the copied snapshot's version beside the lost one, whose Fernet key stays the copied one."""
        aws = database.operated.aws
        key = client(aws, "kms", OTHER_REGION).create_key()["KeyMetadata"]["Arn"]
        [snapshot] = database.rds.describe_db_snapshots(DBSnapshotIdentifier=SNAPSHOT)["DBSnapshots"]
        rds = client(aws, "rds", OTHER_REGION)
        rds.copy_db_snapshot(
            SourceDBSnapshotIdentifier=snapshot["DBSnapshotArn"], TargetDBSnapshotIdentifier="copied", KmsKeyId=key
        )
        folder = tmp_path_factory.mktemp("rebuilt")
        file = environment_file(
            "dev",
            folder,
            name="dev2",
            region=OTHER_REGION,
            availability_zones=[f"{OTHER_REGION}a", f"{OTHER_REGION}b"],
            database={
                "restore_from_snapshot": "copied",
                "engine_version": snapshot["EngineVersion"].partition(".")[0],
                # The rest is dev's own; the local endpoint takes this one from the snapshot's instance.
                "certificate_authority": database.described()["CACertificateIdentifier"],
            },
        )
        variables = aws.environment() | {"AWS_REGION": OTHER_REGION, "AWS_DEFAULT_REGION": OTHER_REGION}
        workspace = Workspace(toolchain, folder, file, variables)
        workspace.synth()
        rebuilt = Database(Operated(workspace, aws), Evolving(workspace))
        rebuilt.deploy()
        [instance] = rds.describe_db_instances()["DBInstances"]
        assert instance["DBInstanceIdentifier"] == "airflow-dev2"
        assert instance["KmsKeyId"] == key

        old = client(aws, "secretsmanager").get_secret_value(SecretId="airflow-dev/fernet-1")["SecretString"]
        secrets = client(aws, "secretsmanager", OTHER_REGION)
        secrets.put_secret_value(SecretId="airflow-dev2/fernet-1", SecretString=old)
        assert "infrastructure  unchanged" in rebuilt.deploy()
        assert "leave as it is: written beside Terraform" in rebuilt.operated.done("status")
        assert secrets.get_secret_value(SecretId="airflow-dev2/fernet-1")["SecretString"] == old


def changes_of_parameter_groups(database: Database, since: int) -> list[str]:
    """The calls that made or deleted a parameter group, from a number on."""
    calls = [call.action for call in database.operated.aws.calls()[since:]]
    return [action for action in calls if action in ("CreateDBParameterGroup", "DeleteDBParameterGroup")]
