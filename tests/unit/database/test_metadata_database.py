"""The metadata database."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.route import Route
from constructs.database.parameters import STATIC_PARAMETERS
from constructs.naming.component import Component

from tests.unit.database.conftest import NODES, Deploy
from tests.unit.trial_stack import TrialStack

DATABASE = "aws_db_instance.metadata"
STORED = "ephemeral.aws_secretsmanager_secret_version.database"


@pytest.fixture
def default(stack: TrialStack, deploy: Deploy) -> TrialStack:
    """The stack with the database by default."""
    deploy()
    return stack


def _parameters(stack: TrialStack) -> dict[str, dict[str, Any]]:
    group = stack.resource("aws_db_parameter_group.metadata")
    return {parameter["name"]: parameter for parameter in group["parameter"]}


class TestReachability:
    def test_accepts_connections_from_the_nodes_only(self, default: TrialStack) -> None:
        """One ingress rule: 5432 from the node security group; nothing else."""
        (rule,) = default.resource("aws_security_group.database")["ingress"]
        assert {key: value for key, value in rule.items() if value is not None} == {
            "description": "PostgreSQL from the nodes of the cluster, over the peering",
            "protocol": "tcp",
            "from_port": 5432,
            "to_port": 5432,
            "security_groups": [NODES],
        }
        assert default.resource(DATABASE)["vpc_security_group_ids"] == ["${aws_security_group.database.id}"]

    def test_a_rule_added_by_hand_is_taken_away(self, default: TrialStack) -> None:
        """All rules stand inside the group, those that go out too, so that Terraform sees one that it didn't make."""
        assert default.names_of("aws_vpc_security_group_ingress_rule") == set()
        assert default.names_of("aws_vpc_security_group_egress_rule") == set()
        assert default.names_of("aws_security_group_rule") == set()

    def test_starts_no_connection_itself(self, default: TrialStack) -> None:
        """The database's security group lets nothing out but answers, and says so."""
        assert default.resource("aws_security_group.database")["egress"] == []

    def test_group_waits_for_the_peering(self, default: TrialStack) -> None:
        """A group of the other VPC can be named only over an active peering."""
        assert default.resource("aws_security_group.database")["depends_on"] == ["aws_vpc_peering_connection.database"]

    def test_lives_in_isolated_subnets(self, default: TrialStack) -> None:
        """In the database VPC's subnets, without a public address."""
        group = default.resource("aws_db_subnet_group.metadata")
        assert group["subnet_ids"] == ["${aws_subnet.database_a.id}", "${aws_subnet.database_b.id}"]
        assert default.resource("aws_security_group.database")["vpc_id"] == "${aws_vpc.database.id}"
        assert default.resource(DATABASE)["publicly_accessible"] is False
        assert default.resource(DATABASE)["db_subnet_group_name"] == "${aws_db_subnet_group.metadata.name}"

    def test_proves_who_it_is(self, default: TrialStack) -> None:
        """Its certificate is of the authority that clients pin."""
        assert default.resource(DATABASE)["ca_cert_identifier"] == "rds-ca-rsa2048-g1"


class TestPassword:
    def test_is_write_only(self, default: TrialStack) -> None:
        """No argument that the state would keep holds the password."""
        database = default.resource(DATABASE)
        assert not {"password", "manage_master_user_password"} & set(database)
        assert database["username"] == "airflow"

    def test_is_the_stored_one(self, default: TrialStack) -> None:
        """It is read back from the secret's written version, so that an apply that stops half-way can be repeated."""
        assert default.resource(DATABASE)["password_wo"] == f"${{{STORED}.secret_string}}"
        stored = default.synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]["database"]
        assert stored == {
            "secret_id": "${aws_secretsmanager_secret_version.database.secret_id}",
            "version_id": "${aws_secretsmanager_secret_version.database.version_id}",
        }

    def test_follows_the_stored_version(self, default: TrialStack) -> None:
        """Whenever another version is stored Terraform sets the password again, in place."""
        version = default.resource(DATABASE)["password_wo_version"]
        assert version == "${parseint(substr(sha1(aws_secretsmanager_secret_version.database.version_id), 0, 7), 16)}"


class TestParameters:
    def test_tls_is_enforced(self, default: TrialStack) -> None:
        """Without further parameters there is this one: plain connections are refused, at once."""
        assert _parameters(default) == {
            "rds.force_ssl": {"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"}
        }

    def test_slow_statements_are_logged(self, stack: TrialStack, deploy: Deploy) -> None:
        """The setting becomes PostgreSQL's parameter, unless the file names that itself."""
        deploy(log_statements_slower_than_ms=500)
        assert _parameters(stack)["log_min_duration_statement"]["value"] == "500"

    def test_tls_cannot_be_switched_off(self, stack: TrialStack, deploy: Deploy) -> None:
        """What the project requires wins over what it is told."""
        deploy(parameters={"rds.force_ssl": "0"})
        assert _parameters(stack)["rds.force_ssl"]["value"] == "1"

    def test_static_parameters_wait_for_a_reboot(self, stack: TrialStack, deploy: Deploy) -> None:
        """What PostgreSQL reads at start only is set for the next reboot; RDS refuses to set it at once."""
        deploy(parameters=dict.fromkeys(STATIC_PARAMETERS, "1"))
        methods = {name: parameter["apply_method"] for name, parameter in _parameters(stack).items()}
        assert methods == {**dict.fromkeys(STATIC_PARAMETERS, "pending-reboot"), "rds.force_ssl": "immediate"}
        assert {"max_connections", "shared_buffers", "shared_preload_libraries"} <= set(STATIC_PARAMETERS)

    def test_dynamic_parameters_take_effect_at_once(self, stack: TrialStack, deploy: Deploy) -> None:
        """Everything else is set immediately."""
        deploy(parameters={"work_mem": "65536", "log_min_duration_statement": "1000"})
        parameters = _parameters(stack)
        assert parameters["work_mem"] == {"name": "work_mem", "value": "65536", "apply_method": "immediate"}
        assert parameters["log_min_duration_statement"]["apply_method"] == "immediate"

    def test_order_of_the_file_is_no_change(self, stack: TrialStack, deploy: Deploy) -> None:
        """Parameters are sorted, so that moving a line in the file plans nothing."""
        deploy(parameters={"work_mem": "1", "autovacuum_naptime": "2"})
        assert list(_parameters(stack)) == ["autovacuum_naptime", "rds.force_ssl", "work_mem"]

    def test_group_is_the_major_versions(self, stack: TrialStack, deploy: Deploy) -> None:
        """Family and name follow the major version, and the new group is there before the old one goes."""
        deploy(engine_version="18.1")
        group = stack.resource("aws_db_parameter_group.metadata")
        assert (group["family"], group["name"]) == ("postgres18", "airflow-dev-postgres18")
        assert group["lifecycle"] == {"create_before_destroy": True}
        assert stack.resource(DATABASE)["parameter_group_name"] == "${aws_db_parameter_group.metadata.name}"


class TestSnapshots:
    def test_one_is_taken_before_deletion(self, default: TrialStack) -> None:
        """By default the last data survives, under a name that differs each time that the environment is made."""
        database = default.resource(DATABASE)
        assert database["skip_final_snapshot"] is False
        assert database["final_snapshot_identifier"] == "airflow-dev-final-${aws_security_group.database.id}"
        assert database["deletion_protection"] is True

    def test_none_is_taken_where_the_file_says_so(self, stack: TrialStack, deploy: Deploy) -> None:
        """Without a final snapshot the data goes with the database."""
        deploy(final_snapshot=False, deletion_protection=False)
        database = stack.resource(DATABASE)
        assert database["skip_final_snapshot"] is True
        assert "final_snapshot_identifier" not in database
        assert database["deletion_protection"] is False

    def test_restoring_starts_from_one(self, stack: TrialStack, deploy: Deploy) -> None:
        """A new database begins with the snapshot's data."""
        deploy(restore_from_snapshot="airflow-dev-final-sg-1")
        assert stack.resource(DATABASE)["snapshot_identifier"] == "airflow-dev-final-sg-1"

    def test_snapshot_is_ignored_after_creation(self, default: TrialStack) -> None:
        """Naming, changing or removing the snapshot later never replaces a database that is in use."""
        assert default.resource(DATABASE)["lifecycle"]["ignore_changes"] == [
            "snapshot_identifier",
            "kms_key_id",
            "performance_insights_kms_key_id",
            "storage_encrypted",
        ]
        assert "snapshot_identifier" not in default.resource(DATABASE)


class TestReplacement:
    def test_by_mistake_is_refused(self, default: TrialStack) -> None:
        """Another region or moved subnets are refused at plan, with the key and the way to do it on purpose."""
        messages = [check["error_message"] for check in default.resource(DATABASE)["lifecycle"]["precondition"]]
        assert len(messages) == 2
        assert messages[0].startswith("database-replacement: region was ")
        assert all("database.allow_replacement: true" in message for message in messages)

    def test_goes_with_the_vpc(self, default: TrialStack) -> None:
        """Neither the database nor its subnet group can move to another VPC: they are replaced with it."""
        for address in (DATABASE, "aws_db_subnet_group.metadata"):
            assert default.resource(address)["lifecycle"]["replace_triggered_by"] == ["aws_vpc.database.id"]


class TestWithDefaultConfiguration:
    def test_engine(self, default: TrialStack) -> None:
        """PostgreSQL 17, whose minor versions RDS follows, for Airflow's database."""
        database = default.resource(DATABASE)
        assert (database["engine"], database["engine_version"]) == ("postgres", "17")
        assert database["auto_minor_version_upgrade"] is True
        assert database["allow_major_version_upgrade"] is True
        assert (database["db_name"], database["port"]) == ("airflow", 5432)
        assert database["identifier"] == "airflow-dev"

    def test_everything_is_encrypted_with_one_own_key(self, default: TrialStack) -> None:
        """Storage, with it snapshots and backups, and insights."""
        database = default.resource(DATABASE)
        assert database["storage_encrypted"] is True
        assert database["kms_key_id"] == "${aws_kms_key.database.arn}"
        assert database["performance_insights_kms_key_id"] == "${aws_kms_key.database.arn}"

    def test_size(self, default: TrialStack) -> None:
        """A small instance with 20 GiB of gp3 that grows to 100 GiB by itself."""
        database = default.resource(DATABASE)
        assert database["instance_class"] == "db.t4g.medium"
        assert database["storage_type"] == "gp3"
        assert (database["allocated_storage"], database["max_allocated_storage"]) == (20, 100)
        assert database["multi_az"] is False

    def test_backups_and_windows(self, default: TrialStack) -> None:
        """A week of backups; changes that interrupt wait for the maintenance window; snapshots say whose they are."""
        database = default.resource(DATABASE)
        assert database["backup_retention_period"] == 7
        assert database["backup_window"] == "02:00-03:00"
        assert database["maintenance_window"] == "sun:04:00-sun:05:00"
        assert database["apply_immediately"] is False
        assert database["copy_tags_to_snapshot"] is True

    def test_is_watched(self, default: TrialStack) -> None:
        """Database Insights in its free mode and the operating system's figures each minute."""
        database = default.resource(DATABASE)
        assert database["database_insights_mode"] == "standard"
        assert database["performance_insights_enabled"] is True
        assert database["performance_insights_retention_period"] == 7
        assert database["monitoring_interval"] == 60
        assert database["monitoring_role_arn"] == "${aws_iam_role.database_monitoring.arn}"
        trust = default.statements("aws_iam_role.database_monitoring", "assume_role_policy")["AssumedByService"]
        assert trust["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
        assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:rds:eu-west-1:111122223333:db:airflow-dev"}

    def test_logs_go_to_groups_of_ours(self, default: TrialStack) -> None:
        """Both logs are exported to encrypted groups with retention that exist before RDS would make its own."""
        database = default.resource(DATABASE)
        assert database["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
        for log in ("postgresql", "upgrade"):
            group = default.resource(f"aws_cloudwatch_log_group.database_{log}")
            assert group["name"] == f"/aws/rds/instance/airflow-dev/{log}"
            assert group["kms_key_id"] == "${aws_kms_key.logs.arn}"
            assert group["retention_in_days"] == 30
            assert f"aws_cloudwatch_log_group.database_{log}" in database["depends_on"]
        assert "aws_iam_role_policy_attachment.database_monitoring_rds" in database["depends_on"]


class TestWithCustomConfiguration:
    def test_every_setting_arrives(self, stack: TrialStack, deploy: Deploy) -> None:
        """A database to rely on: each input is the argument of RDS that it is named after."""
        deploy(
            engine_version="16.4",
            instance_class="db.m7g.large",
            allocated_storage_gib=50,
            max_allocated_storage_gib=500,
            multi_az=True,
            certificate_authority="rds-ca-ecc384-g1",
            backup_retention_days=35,
            backup_window="01:00-01:30",
            maintenance_window="mon:03:00-mon:04:00",
            apply_immediately=True,
            log_retention_days=90,
        )
        expected = {
            "engine_version": "16.4",
            "instance_class": "db.m7g.large",
            "allocated_storage": 50,
            "max_allocated_storage": 500,
            "multi_az": True,
            "ca_cert_identifier": "rds-ca-ecc384-g1",
            "backup_retention_period": 35,
            "backup_window": "01:00-01:30",
            "maintenance_window": "mon:03:00-mon:04:00",
            "apply_immediately": True,
        }
        assert expected.items() <= stack.resource(DATABASE).items()
        assert stack.resource("aws_cloudwatch_log_group.database_postgresql")["retention_in_days"] == 90

    def test_a_named_minor_version_stays(self, stack: TrialStack, deploy: Deploy) -> None:
        """RDS doesn't upgrade by itself where the file names a minor version, as it could not go back to it."""
        deploy(engine_version="17.6")
        assert stack.resource(DATABASE)["auto_minor_version_upgrade"] is False

    def test_large_storage_has_its_own_speed(self, stack: TrialStack, deploy: Deploy) -> None:
        """From 400 GiB on gp3 has four times the operations, which the provider has to be told."""
        deploy(allocated_storage_gib=400, max_allocated_storage_gib=None)
        database = stack.resource(DATABASE)
        assert (database["iops"], database["storage_throughput"]) == (12_000, 500)

    def test_storage_that_does_not_grow(self, stack: TrialStack, deploy: Deploy) -> None:
        """Without an upper limit there is no autoscaling."""
        deploy(max_allocated_storage_gib=None)
        assert "max_allocated_storage" not in stack.resource(DATABASE)

    def test_what_has_grown_is_asked_for_where_it_grows_no_more(self, stack: TrialStack, deploy: Deploy) -> None:
        """A plan without a limit never asks for less than is there; before the database is, for what the file says."""
        deploy(max_allocated_storage_gib=None)
        size = stack.resource(DATABASE)["allocated_storage"]
        assert size == "${max(20, values(data.aws_db_instance.metadata)[*].allocated_storage...)}"
        data = stack.synthesized().document["data"]
        assert data["aws_db_instances"]["metadata"]["filter"] == [{"name": "db-instance-id", "values": ["airflow-dev"]}]
        assert "tags" not in data["aws_db_instances"]["metadata"]

    def test_nothing_is_asked_while_it_may_grow(self, default: TrialStack) -> None:
        """The provider itself leaves what has grown; a limit below it is refused with the size, when it is planned."""
        assert "data" not in default.synthesized().document
        (check,) = default.resource(DATABASE)["lifecycle"]["postcondition"]
        assert check["condition"] == "${self.allocated_storage <= 100}"
        assert check["error_message"].startswith("database-storage: the storage has grown to ")

    def test_host_and_identifier_are_references(self, stack: TrialStack, deploy: Deploy) -> None:
        """Who uses them comes after the database."""
        database = deploy()
        Component(stack, "user").add(Route, "h", route_table_id=database.host)
        Component(stack, "other").add(Route, "i", route_table_id=database.identifier)
        assert stack.resource("aws_route.h")["route_table_id"] == "${aws_db_instance.metadata.address}"
        assert stack.resource("aws_route.i")["route_table_id"] == "${aws_db_instance.metadata.identifier}"
