"""Databases: changes that wait, copies from snapshots."""

from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import Emulator
from tests.emulator.arrangements import database, vpc
from tests.emulator.conftest import Client, client_of


def described(client: Client, name: str) -> dict[str, Any]:
    """The description of an instance."""
    instance: dict[str, Any] = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return instance


class TestModification:
    def test_waits_for_the_maintenance_window(self, aws: Emulator, client: Client) -> None:
        """Class and storage wait, retention does not; the window applies what waits."""
        database(client, "waiting", vpc(client, "10.50.0.0/16")[1])
        client("rds").modify_db_instance(
            DBInstanceIdentifier="waiting", DBInstanceClass="db.t4g.large", AllocatedStorage=30, BackupRetentionPeriod=9
        )
        before = described(client, "waiting")
        assert (before["DBInstanceClass"], before["BackupRetentionPeriod"]) == ("db.t4g.medium", 9)
        assert before["PendingModifiedValues"] == {"DBInstanceClass": "db.t4g.large", "AllocatedStorage": 30}
        assert aws.run_maintenance_windows() == ["waiting: AllocatedStorage", "waiting: DBInstanceClass"]
        after = described(client, "waiting")
        assert (after["DBInstanceClass"], after["AllocatedStorage"]) == ("db.t4g.large", 30)
        assert not after["PendingModifiedValues"]

    def test_at_once_applies_what_waited(self, client: Client) -> None:
        """ApplyImmediately takes along the changes of earlier calls."""
        database(client, "at-once", vpc(client, "10.51.0.0/16")[1])
        rds = client("rds")
        rds.modify_db_instance(DBInstanceIdentifier="at-once", MultiAZ=True)
        assert not described(client, "at-once")["MultiAZ"]
        rds.modify_db_instance(DBInstanceIdentifier="at-once", DBInstanceClass="db.m7g.large", ApplyImmediately=True)
        changed = described(client, "at-once")
        assert (changed["DBInstanceClass"], changed["MultiAZ"]) == ("db.m7g.large", True)

    def test_a_new_password_waits_for_nothing(self, aws: Emulator, client: Client) -> None:
        """RDS changes the password at once, and tells only the tests which it is."""
        database(client, "locked", vpc(client, "10.54.0.0/16")[1])
        assert aws.master_passwords()["locked"] == "correct-horse"
        client("rds").modify_db_instance(DBInstanceIdentifier="locked", MasterUserPassword="battery-staple")
        assert aws.master_passwords()["locked"] == "battery-staple"


class TestStaticParameters:
    def test_wait_for_a_restart(self, client: Client) -> None:
        """What PostgreSQL reads at its start waits until then, set or taken back; other parameters wait for nothing."""
        rds = client("rds")
        rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="postgres17", Description="d")

        def status() -> str:
            [group] = described(client, "static")["DBParameterGroups"]
            return str(group["ParameterApplyStatus"])

        def change(name: str, value: str, method: str) -> None:
            parameter = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
            rds.modify_db_parameter_group(DBParameterGroupName="own", Parameters=[parameter])

        change("max_connections", "200", "pending-reboot")
        database(client, "static", vpc(client, "10.55.0.0/16")[1], DBParameterGroupName="own")
        assert status() == "in-sync"
        change("work_mem", "8192", "immediate")
        change("max_connections", "200", "pending-reboot")
        assert status() == "in-sync"
        change("max_connections", "300", "pending-reboot")
        assert status() == "pending-reboot"
        rds.reboot_db_instance(DBInstanceIdentifier="static")
        assert status() == "in-sync"
        back = {"ParameterName": "max_connections", "ApplyMethod": "pending-reboot"}
        rds.reset_db_parameter_group(DBParameterGroupName="own", Parameters=[back])
        assert status() == "pending-reboot"
        rds.modify_db_instance(DBInstanceIdentifier="static", DBInstanceClass="db.m7g.large", ApplyImmediately=True)
        assert status() == "in-sync"


class TestSnapshot:
    def test_restored_instance_is_its_own(self, client: Client) -> None:
        """A copy has the data's settings, but its own resource id, tags and switches."""
        source = database(
            client,
            "copied",
            vpc(client, "10.52.0.0/16")[1],
            MultiAZ=True,
            StorageEncrypted=True,
            Tags=[{"Key": "Address", "Value": "aws_db_instance.metadata"}],
        )
        assert ":key/" in source["KmsKeyId"]
        rds = client("rds")
        rds.create_db_snapshot(DBInstanceIdentifier="copied", DBSnapshotIdentifier="copied-final")
        copy = rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="copy", DBSnapshotIdentifier="copied-final", DBSubnetGroupName="copied", MultiAZ=False
        )["DBInstance"]
        assert copy["EngineVersion"] == source["EngineVersion"]
        assert copy["DbiResourceId"] != source["DbiResourceId"]
        assert not copy["MultiAZ"]
        assert not copy["TagList"]

    def test_a_snapshot_is_copied_into_another_region(self, aws: Emulator, client: Client) -> None:
        """With a key of that region, which is asked for, it is a snapshot there like any other."""
        database(client, "lost", vpc(client, "10.54.0.0/16")[1], StorageEncrypted=True)
        source = client("rds").create_db_snapshot(DBInstanceIdentifier="lost", DBSnapshotIdentifier="lost-1")
        arn = source["DBSnapshot"]["DBSnapshotArn"]
        with (
            closing(client_of(aws, "kms", region="eu-central-1")) as kms,
            closing(client_of(aws, "rds", region="eu-central-1")) as rds,
        ):
            asked = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "lost-2"}
            with pytest.raises(ClientError, match="must specify KmsKeyId"):
                rds.copy_db_snapshot(**asked)
            key = kms.create_key()["KeyMetadata"]["Arn"]
            rds.copy_db_snapshot(**asked, KmsKeyId=key)
            [copy] = rds.describe_db_snapshots(DBSnapshotIdentifier="lost-2")["DBSnapshots"]
        assert (copy["KmsKeyId"], copy["Engine"], copy["Status"]) == (key, "postgres", "available")
        assert ":eu-central-1:" in copy["DBSnapshotArn"]


class TestLogs:
    def test_exports_have_their_log_groups(self, client: Client) -> None:
        """A group that exists keeps its settings; RDS makes the missing one, which Terraform then cannot make."""
        logs, prefix = client("logs"), "/aws/rds/instance/exporting"
        logs.create_log_group(logGroupName=f"{prefix}/postgresql")
        logs.put_retention_policy(logGroupName=f"{prefix}/postgresql", retentionInDays=30)
        exports = ["postgresql", "upgrade"]
        database(client, "exporting", vpc(client, "10.53.0.0/16")[1], EnableCloudwatchLogsExports=exports)
        found = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
        assert {group["logGroupName"].rsplit("/", 1)[1]: group.get("retentionInDays") for group in found} == {
            "postgresql": 30,
            "upgrade": None,
        }


class TestParameterGroup:
    def test_parameters_go_back_to_their_defaults(self, client: Client) -> None:
        """Reset parameters are no longer the user's; others stay."""
        rds, group = client("rds"), "reset"
        rds.create_db_parameter_group(DBParameterGroupName=group, DBParameterGroupFamily="postgres17", Description="x")
        chosen = {"work_mem": "4096", "rds.force_ssl": "1"}
        parameters = [
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}
            for name, value in chosen.items()
        ]
        rds.modify_db_parameter_group(DBParameterGroupName=group, Parameters=parameters)
        rds.reset_db_parameter_group(DBParameterGroupName=group, Parameters=parameters[:1])
        found = rds.describe_db_parameters(DBParameterGroupName=group, Source="user")["Parameters"]
        assert [parameter["ParameterName"] for parameter in found] == ["rds.force_ssl"]
