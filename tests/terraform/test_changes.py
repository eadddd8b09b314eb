"""Changes of the environment file on a deployed environment: in place, and followed by an empty plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from constructs.cluster.karpenter_names import EVENTS

from tests.documented import shows
from tests.emulator import Emulator
from tests.property.program import started
from tests.synth.freeze import frozen
from tests.synth.test_node_pools import ADDED
from tests.terraform.account import client
from tests.terraform.evolving import Evolving
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

pytestmark = pytest.mark.slow

NAME = "airflow-dev"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
UPDATE, CREATE, DELETE = ["update"], ["create"], ["delete"]


@pytest.fixture(scope="module")
def deployed(toolchain: Toolchain, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evolving]:
    """The dev environment on the Kubernetes version before the newest.

    One process synthesizes all edits, each as a process of its own would: tests/synth/test_repeatability.py.
    """
    folder = tmp_path_factory.mktemp("changes")
    file = environment_file("dev", folder, cluster={"kubernetes_version": "1.34"})
    workspace = Workspace(toolchain, folder, file, emulator.environment())
    Evolving(workspace).deploy()
    with started() as program:
        yield Evolving(replace(workspace, program=program))


@pytest.fixture
def eks(emulator: Emulator) -> Any:
    """A client of EKS."""
    return client(emulator, "eks")


@pytest.fixture
def rds(emulator: Emulator) -> Any:
    """A client of RDS."""
    return client(emulator, "rds")


class TestCluster:
    def test_kubernetes_one_minor_up_takes_nodes_and_add_ons_along(self, deployed: Evolving, eks: Any) -> None:
        """The control plane, the node group and every add-on with a new default are updated, nothing is replaced."""
        deployed.edit(cluster={"kubernetes_version": "1.35"})
        planned = deployed.planned()
        assert all(actions == UPDATE for actions in planned.values()), planned
        shows("plan-kubernetes", deployed.said)
        assert {"aws_eks_cluster.cluster", "aws_eks_node_group.default", "aws_eks_addon.kube_proxy"} <= planned.keys()
        deployed.apply()
        assert eks.describe_cluster(name=NAME)["cluster"]["version"] == "1.35"
        assert eks.describe_nodegroup(clusterName=NAME, nodegroupName="default")["nodegroup"]["version"] == "1.35"
        for addon in eks.list_addons(clusterName=NAME)["addons"]:
            version = eks.describe_addon(clusterName=NAME, addonName=addon)["addon"]["addonVersion"]
            assert version == default_version(eks, addon, "1.35")

    def test_a_node_group_comes_and_goes(self, deployed: Evolving, eks: Any) -> None:
        """A second group is added with its launch template, gets a taint in place, and leaves without a trace."""
        added = {"instance_types": ["m7g.2xlarge"], "min_size": 1, "max_size": 2}
        deployed.edit(cluster={"node_groups": {"larger": added}})
        assert deployed.planned() == {"aws_eks_node_group.larger": CREATE, "aws_launch_template.larger": CREATE}
        shows("plan-node-group-added", deployed.said)
        deployed.apply()

        deployed.edit(cluster={"node_groups": {"larger": {"taints": [{"key": "batch", "effect": "NO_SCHEDULE"}]}}})
        assert deployed.planned() == {"aws_eks_node_group.larger": UPDATE}
        deployed.apply()
        [taint] = eks.describe_nodegroup(clusterName=NAME, nodegroupName="larger")["nodegroup"]["taints"]
        assert (taint["key"], taint["effect"]) == ("batch", "NO_SCHEDULE")

        deployed.edit(cluster={"node_groups": {"larger": None}})
        assert deployed.planned() == {"aws_eks_node_group.larger": DELETE, "aws_launch_template.larger": DELETE}
        shows("plan-node-group-removed", deployed.said)
        deployed.apply()
        assert eks.list_nodegroups(clusterName=NAME)["nodegroups"] == ["default"]

    def test_node_pools_come_and_go(self, deployed: Evolving, emulator: Emulator, eks: Any) -> None:
        """What Karpenter needs is added, changed in place where spot and a key come to it, and gone without a trace."""
        before = emulator.inventory()
        pool = {"instance_families": ["m7g"], "limits": {"cpu": 64, "memory": "256Gi"}}
        deployed.edit(cluster={"node_pools": {"tasks": pool}})
        planned = deployed.planned()
        added = set(frozen(ADDED["infrastructure"]))
        assert {address for address, actions in planned.items() if actions == CREATE} == added
        subnets = {address for address, actions in planned.items() if actions == UPDATE}
        assert set(planned) == added | subnets
        assert all(address.startswith("aws_subnet.private_") for address in subnets)
        deployed.apply()
        entry = f"arn:aws:iam::{emulator.account_id}:role/{NAME}-karpenter-node"
        assert eks.describe_access_entry(clusterName=NAME, principalArn=entry)["accessEntry"]["type"] == "EC2_LINUX"
        [queue] = client(emulator, "sqs").list_queues()["QueueUrls"]
        assert queue.endswith(f"/{NAME}-karpenter")
        rules = client(emulator, "events").list_rules(NamePrefix=f"{NAME}-karpenter-")["Rules"]
        assert len(rules) == len(EVENTS)

        deployed.edit(cluster={"node_pools": {"tasks": {"capacity_types": ["spot", "on_demand"]}}})
        assert deployed.planned() == {"aws_iam_role_policy.karpenter": UPDATE}
        deployed.apply()

        deployed.edit(cluster={"node_pools": None})
        planned = deployed.planned()
        assert {address for address, actions in planned.items() if actions == DELETE} == added
        deployed.apply()
        assert emulator.inventory() == before

    def test_a_newer_ami_asked_for_by_hand_is_not_undone(self, deployed: Evolving, eks: Any) -> None:
        """Terraform names no AMI version: nodes that were updated beside it are as the file wants them."""
        group = {"clusterName": NAME, "nodegroupName": "default"}
        newer = eks.describe_nodegroup(**group)["nodegroup"]["version"] + ".99-20991231"
        eks.update_nodegroup_version(**group, releaseVersion=newer)
        assert deployed.planned() == {}
        assert eks.describe_nodegroup(**group)["nodegroup"]["releaseVersion"] == newer

    def test_a_scalers_choice_is_not_undone(self, deployed: Evolving, eks: Any) -> None:
        """A size that somebody else set within the bounds is no change to Terraform."""
        bounds = {"minSize": 2, "maxSize": 3, "desiredSize": 3}
        eks.update_nodegroup_config(clusterName=NAME, nodegroupName="default", scalingConfig=bounds)
        assert deployed.planned() == {}

    def test_prefix_delegation_comes_to_the_add_on_and_then_replaces_the_nodes(
        self, deployed: Evolving, emulator: Emulator, eks: Any
    ) -> None:
        """The add-on in place, and another version of the template, which the group takes; and back."""
        ec2, template = client(emulator, "ec2"), f"{NAME}-node-default"
        for settings, variables in (
            ({"prefix_delegation": True, "warm_prefix_target": 1}, {"ENABLE_PREFIX_DELEGATION", "WARM_PREFIX_TARGET"}),
            (None, set()),
        ):
            before = ec2.describe_launch_templates(LaunchTemplateNames=[template])["LaunchTemplates"][0]
            deployed.edit(cluster={"pods": settings})
            assert deployed.planned() == {
                "aws_eks_addon.vpc_cni": UPDATE,
                "aws_launch_template.default": UPDATE,
                "aws_eks_node_group.default": UPDATE,
            }
            deployed.apply()
            after = ec2.describe_launch_templates(LaunchTemplateNames=[template])["LaunchTemplates"][0]
            assert after["LatestVersionNumber"] == before["LatestVersionNumber"] + 1
            group = eks.describe_nodegroup(clusterName=NAME, nodegroupName="default")["nodegroup"]
            assert group["launchTemplate"]["version"] == str(after["LatestVersionNumber"])
            addon = eks.describe_addon(clusterName=NAME, addonName="vpc-cni")["addon"]
            assert json.loads(addon["configurationValues"]).get("env", {}).keys() == variables

    def test_changed_tags_roll_no_node(self, deployed: Evolving, emulator: Emulator) -> None:
        """New tags reach the resources, while the launch template, whose version rolls the nodes, keeps its version."""
        ec2 = client(emulator, "ec2")
        [before] = ec2.describe_launch_templates()["LaunchTemplates"]
        deployed.edit(tags={"CostCenter": "4711"})
        planned = deployed.planned()
        assert set(map(tuple, planned.values())) == {("update",)}
        deployed.apply()
        [after] = ec2.describe_launch_templates()["LaunchTemplates"]
        assert after["LatestVersionNumber"] == before["LatestVersionNumber"]
        [vpc] = ec2.describe_vpcs(Filters=[{"Name": "tag:CostCenter", "Values": ["4711"]}, name_tag("cluster")])["Vpcs"]
        assert {tag["Key"]: tag["Value"] for tag in vpc["Tags"]}["Address"] == "aws_vpc.cluster"
        assert "cluster.roll_nodes_on_tag_change: true" in deployed.said, "the plan says what the nodes keep"

    def test_changed_tags_roll_the_nodes_where_the_file_says_so(self, deployed: Evolving, emulator: Emulator) -> None:
        """The template's new version carries them for instances, volumes and network interfaces; the group takes it."""
        deployed.edit(cluster={"roll_nodes_on_tag_change": True}, tags={"CostCenter": "4712"})
        planned = deployed.planned()
        assert {"aws_launch_template.default", "aws_eks_node_group.default"} <= planned.keys()
        assert set(map(tuple, planned.values())) == {("update",)}
        deployed.apply()
        versions = client(emulator, "ec2").describe_launch_template_versions(
            LaunchTemplateName=f"{NAME}-node-default", Versions=["$Latest"]
        )["LaunchTemplateVersions"]
        specifications = versions[0]["LaunchTemplateData"]["TagSpecifications"]
        assert {each["ResourceType"] for each in specifications} == {"instance", "volume", "network-interface"}
        for each in specifications:
            assert {"Key": "CostCenter", "Value": "4712"} in each["Tags"]
        addon = client(emulator, "eks").describe_addon(clusterName=NAME, addonName="aws-ebs-csi-driver")["addon"]
        assert "4712" in addon["configurationValues"]


class TestWorkerSets:
    def test_a_set_gets_a_role_of_its_own_and_gives_it_up(self, deployed: Evolving, eks: Any) -> None:
        """With a service account of its own; while it shares the default workers', nothing of it is in AWS.

        The same of pods that tasks start.
        """
        deployed.edit(airflow={"workers": {"large": {"queues": ["large"]}}})
        assert deployed.planned() == {}
        deployed.edit(
            airflow={"workers": {"large": {"pod_policy_arns": ["arn:aws:iam::aws:policy/AmazonAthenaFullAccess"]}}}
        )
        made = [f"{kind}.worker_large" for kind in ("aws_iam_role", "aws_iam_role_policy")]
        made.append("aws_iam_role_policy_attachment.worker_large_policy_AmazonAthenaFullAccess")
        made.append("aws_eks_pod_identity_association.airflow_worker_large")
        assert deployed.planned() == dict.fromkeys(made, CREATE)
        deployed.apply()
        assert _role_of(eks, "airflow-worker-large").endswith(f"role/{NAME}-worker.large")

        policy = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
        deployed.edit(airflow={"pod_roles": {"reporting": {"policy_arns": [policy]}}})
        launched = [f"{kind}.pod_reporting" for kind in ("aws_iam_role", "aws_eks_pod_identity_association")]
        launched.append("aws_iam_role_policy_attachment.pod_reporting_policy_AmazonAthenaFullAccess")
        assert deployed.planned() == dict.fromkeys(launched, CREATE)
        deployed.apply()
        assert _role_of(eks, "reporting").endswith(f"role/{NAME}-pod.reporting")
        deployed.edit(airflow={"pod_roles": None})
        assert deployed.planned() == dict.fromkeys(launched, DELETE)
        deployed.apply()

        deployed.edit(airflow={"workers": {"large": {"pod_policy_arns": None}}})
        assert deployed.planned() == dict.fromkeys(made, DELETE)
        deployed.apply()
        accounts = eks.list_pod_identity_associations(clusterName=NAME)["associations"]
        assert "airflow-worker-large" not in {each["serviceAccount"] for each in accounts}


def _role_of(eks: Any, service_account: str) -> str:
    [found] = eks.list_pod_identity_associations(clusterName=NAME, serviceAccount=service_account)["associations"]
    association = eks.describe_pod_identity_association(clusterName=NAME, associationId=found["associationId"])
    return str(association["association"]["roleArn"])


class TestLogs:
    def test_retention_changes_in_place(self, deployed: Evolving, emulator: Emulator) -> None:
        """Other retentions of the three kinds of logs update the log groups and nothing else."""
        deployed.edit(
            network={"flow_log_retention_days": 14},
            cluster={"log_retention_days": 30},
            database={"log_retention_days": 60},
        )
        groups = ("control_plane", "database_postgresql", "database_upgrade", "flow_logs")
        assert deployed.planned() == {f"aws_cloudwatch_log_group.{name}": UPDATE for name in groups}
        deployed.apply()
        found = client(emulator, "logs").describe_log_groups()["logGroups"]
        assert sorted(group["retentionInDays"] for group in found) == [14, 30, 60, 60]


class TestAccessLogs:
    def test_the_bucket_comes_and_goes(self, deployed: Evolving, emulator: Emulator) -> None:
        """It is asked for by an empty map; logs that are in it go with it, where the file says so of all buckets."""
        s3, name = client(emulator, "s3"), f"{NAME}-accesslogs-{emulator.account_id}"
        deployed.edit(airflow={"web": {"access_logs": {}}})
        kinds = (
            *("aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block"),
            *("aws_s3_bucket_ownership_controls", "aws_s3_bucket_lifecycle_configuration"),
            "aws_s3_bucket_server_side_encryption_configuration",
        )
        made = [f"{kind}.access_logs" for kind in kinds]
        assert deployed.planned() == dict.fromkeys(made, CREATE)
        deployed.apply()
        s3.put_object(Bucket=name, Key=f"AWSLogs/{emulator.account_id}/a.log.gz", Body=b"")

        deployed.edit(airflow={"web": {"access_logs": None}})
        assert deployed.planned() == dict.fromkeys(made, DELETE)
        deployed.apply()
        assert name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


class TestDatabase:
    def test_a_larger_database_is_there_at_once_if_the_file_says_so(self, deployed: Evolving, rds: Any) -> None:
        """With apply_immediately class and storage change during the apply."""
        deployed.edit(database={"instance_class": "db.m7g.large", "allocated_storage_gib": 40})
        planned = deployed.planned()
        assert planned.pop("aws_db_instance.metadata") == UPDATE
        assert planned.keys() <= {
            f"aws_cloudwatch_metric_alarm.database_{x}" for x in ("connections", "memory", "storage")
        }
        deployed.apply()
        database = only_database(rds)
        assert (database["DBInstanceClass"], database["AllocatedStorage"]) == ("db.m7g.large", 40)
        assert deployed.workspace.outputs()["database_changes"].startswith("at once; ")

    def test_storage_that_has_grown_is_never_taken_back(self, deployed: Evolving, emulator: Emulator, rds: Any) -> None:
        """The alarm follows what RDS has added, a limit below it is refused, and without a limit it stays."""
        rds.modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=55, ApplyImmediately=True)
        assert deployed.planned() == {"aws_cloudwatch_metric_alarm.database_storage": UPDATE}
        deployed.apply()
        alarms = client(emulator, "cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-database-storage"])
        assert alarms["MetricAlarms"][0]["Threshold"] == 55 * 1024**3 // 10

        with deployed.tentatively(database={"max_allocated_storage_gib": 50}):
            message = deployed.refusal()
        assert "database-storage: the storage has grown to 55 GiB" in message
        assert "Write 61 or more" in message

        deployed.content["database"]["max_allocated_storage_gib"] = None
        deployed.edit()
        change = deployed.plan_changes()["aws_db_instance.metadata"]
        assert (change["actions"], change["after"]["allocated_storage"]) == (UPDATE, 55)
        deployed.apply()
        assert only_database(rds)["AllocatedStorage"] == 55
        deployed.edit(database={"allocated_storage_gib": 60})
        deployed.planned()
        deployed.apply()
        assert only_database(rds)["AllocatedStorage"] == 60
        deployed.edit(database={"max_allocated_storage_gib": None, "allocated_storage_gib": 40})  # the default limit
        deployed.planned()
        deployed.apply()
        assert only_database(rds)["AllocatedStorage"] == 60

    def test_a_parameter_is_added_and_removed_in_place(self, deployed: Evolving, rds: Any) -> None:
        """Another PostgreSQL parameter changes the parameter group only, and goes back to its default."""
        deployed.edit(database={"parameters": {"log_min_duration_statement": "1000"}})
        assert deployed.planned() == {"aws_db_parameter_group.metadata": UPDATE}
        deployed.apply()
        assert user_parameters(rds)["log_min_duration_statement"] == "1000"
        deployed.edit(database={"parameters": None})
        assert deployed.planned() == {"aws_db_parameter_group.metadata": UPDATE}
        deployed.apply()
        assert user_parameters(rds) == {"rds.force_ssl": "1"}

    def test_a_change_waits_for_the_maintenance_window_if_the_file_says_so(
        self, deployed: Evolving, emulator: Emulator, rds: Any
    ) -> None:
        """Without apply_immediately the change is pending, the output says until when, and later it is there."""
        deployed.edit(database={"apply_immediately": False, "instance_class": "db.m7g.xlarge"})
        assert deployed.planned()["aws_db_instance.metadata"] == UPDATE
        deployed.workspace.terraform("apply", "-auto-approve", "-input=false")
        database = only_database(rds)
        assert database["DBInstanceClass"] == "db.m7g.large"
        assert database["PendingModifiedValues"]["DBInstanceClass"] == "db.m7g.xlarge"
        said = deployed.workspace.outputs()["database_changes"]
        assert said.startswith("in the maintenance window, sun:04:00-sun:05:00 UTC; ")
        assert emulator.run_maintenance_windows()
        assert only_database(rds)["DBInstanceClass"] == "db.m7g.xlarge"
        assert deployed.workspace.plan().returncode == 0


class TestSecrets:
    def test_a_revision_replaces_one_version_and_nothing_else(self, deployed: Evolving, emulator: Emulator) -> None:
        """Raising the revision of some secrets writes new values to those and touches nothing else."""
        raised = ("redis", "api", "jwt", "admin")
        before = current_secrets(emulator)
        deployed.edit(secrets={"revisions": dict.fromkeys(raised, 2)})
        planned = {address: sorted(actions) for address, actions in deployed.planned().items()}
        assert planned == {f"aws_secretsmanager_secret_version.{name}": ["create", "delete"] for name in raised}
        deployed.apply()
        after = current_secrets(emulator)
        assert {name for name in after if after[name] != before[name]} == {f"{NAME}/{name}" for name in raised}

    def test_the_database_gets_its_new_password_in_place(self, deployed: Evolving, emulator: Emulator) -> None:
        """The password's revision replaces the secret's version and updates the database with the value stored."""
        before = current_secrets(emulator)
        deployed.edit(secrets={"revisions": {"database": 2}}, database={"apply_immediately": True})
        planned = deployed.planned()
        assert planned.pop("aws_db_instance.metadata") == UPDATE
        assert list(planned) == ["aws_secretsmanager_secret_version.database"]
        deployed.apply()
        assert current_secrets(emulator)[f"{NAME}/database"] != before[f"{NAME}/database"]

    def test_a_fernet_key_joins_and_leaves(self, deployed: Evolving, emulator: Emulator) -> None:
        """A second key is a secret of its own; dropping the first later deletes that one only."""
        deployed.edit(secrets={"fernet_keys": [2, 1]})
        assert set(map(tuple, deployed.planned().values())) == {("create",)}
        deployed.apply()
        assert {f"{NAME}/fernet-1", f"{NAME}/fernet-2"} <= current_secrets(emulator).keys()
        assert len(deployed.workspace.outputs()["fernet_secret_arns"]) == 2
        deployed.edit(secrets={"fernet_keys": [2]})
        assert set(map(tuple, deployed.planned().values())) == {("delete",)}
        deployed.apply()
        assert f"{NAME}/fernet-1" not in current_secrets(emulator)


#: What is edited, the check that refuses it, and what its message names.
REPLACEMENTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "the database's range": ({"network": {"database_vpc_cidr": "10.9.0.0/24"}}, "database", "10.1.0.0/24"),
    "the cluster's range": ({"network": {"cluster_vpc_cidr": "10.8.0.0/16"}}, "cluster", "10.0.0.0/16"),
    "the services' range": ({"cluster": {"service_cidr": "172.21.0.0/16"}}, "cluster", "172.20.0.0/16"),
    "the order of the zones": ({"availability_zones": ["eu-west-1b", "eu-west-1a"]}, "cluster", "availability_zones"),
    "a zone is gone": ({"availability_zones": ["eu-west-1a", "eu-west-1c"]}, "cluster", "one is gone"),
    "the database's key": ({"database": {"kms_key_arn": KEY}}, "database", "the environment's own"),
    "the region": (
        {"region": "eu-central-1", "availability_zones": ["eu-central-1a", "eu-central-1b"]},
        "cluster",
        "region was eu-west-1",
    ),
}


class TestReplacement:
    @pytest.mark.parametrize("case", REPLACEMENTS)
    def test_what_would_replace_something_stateful_is_refused_at_plan(self, deployed: Evolving, case: str) -> None:
        """The plan ends with the named check, the old value and the switch that allows the replacement."""
        edits, what, named = REPLACEMENTS[case]
        with deployed.tentatively(**edits):
            message = deployed.refusal()
        assert message.count("-replacement: ") == 1
        assert f"{what}-replacement: " in message
        assert named in message
        assert f"{what}.allow_replacement: true" in message

    def test_the_file_can_allow_it(self, deployed: Evolving) -> None:
        """With allow_replacement the plan goes through and says that the database is replaced."""
        with deployed.tentatively(network={"database_vpc_cidr": "10.9.0.0/24"}, database={"allow_replacement": True}):
            planned = deployed.planned()
        assert set(planned["aws_db_instance.metadata"]) == {"create", "delete"}
        assert planned["terraform_data.database_as_deployed"] == UPDATE

    def test_another_zone_may_be_added(self, deployed: Evolving) -> None:
        """A third zone at the end adds subnets, moves none, and leaves cluster and database alone.

        The node group that doesn't name its zones gets the new one, which replaces it.
        """
        with deployed.tentatively(availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"]):
            planned = deployed.planned()
        subnets = {address: actions for address, actions in planned.items() if address.startswith("aws_subnet.")}
        assert subnets == {f"aws_subnet.{kind}_c": CREATE for kind in ("database", "private", "public")}
        assert not {"aws_eks_cluster.cluster", "aws_db_instance.metadata"} & planned.keys()
        assert sorted(planned["aws_eks_node_group.default"]) == ["create", "delete"]


def name_tag(name: str) -> dict[str, Any]:
    """EC2's filter by the tag Name."""
    return {"Name": "tag:Name", "Values": [f"{NAME}-{name}"]}


def default_version(eks: Any, addon: str, kubernetes_version: str) -> str:
    """EKS's default version of an add-on."""
    [found] = eks.describe_addon_versions(addonName=addon, kubernetesVersion=kubernetes_version)["addons"]
    [version] = [
        version["addonVersion"]
        for version in found["addonVersions"]
        if any(compatible["defaultVersion"] for compatible in version["compatibilities"])
    ]
    assert isinstance(version, str)
    return version


def only_database(rds: Any) -> dict[str, Any]:
    """The one database instance."""
    [database] = rds.describe_db_instances()["DBInstances"]
    assert isinstance(database, dict)
    return database


def user_parameters(rds: Any) -> dict[str, str]:
    """Parameters that were set, not PostgreSQL's defaults."""
    found = rds.describe_db_parameters(DBParameterGroupName=f"{NAME}-postgres17", Source="user")["Parameters"]
    return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found}


def current_secrets(emulator: Emulator) -> dict[str, str]:
    """Name -> current value."""
    secrets = client(emulator, "secretsmanager")
    names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
    return {name: secrets.get_secret_value(SecretId=name)["SecretString"] for name in names}
