"""What somebody changes by hand is seen by the next plan and repaired by the next apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.terraform.account import client
from tests.terraform.evolving import Evolving
from tests.terraform.toolchain import ROOT, Toolchain
from tests.terraform.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "airflow-dev"

#: The part of the stack that is changed by hand; what only takes long to create is left out.
TARGETS = (
    "aws_db_parameter_group.metadata",
    "aws_default_security_group.cluster",
    "aws_eks_addon.coredns",
    "aws_route.private_a_database",
    "aws_s3_bucket_public_access_block.logs",
    "aws_security_group.database",
)


@pytest.fixture(scope="module")
def deployed(toolchain: Toolchain, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Evolving:
    """The part of the dev environment, deployed."""
    folder = tmp_path_factory.mktemp("drift")
    file = folder / "dev.yaml"
    file.write_bytes((ROOT / "environments" / "dev.yaml").read_bytes())
    environment = Evolving(Workspace(toolchain, folder, file, emulator.environment()), targets=TARGETS)
    environment.deploy()
    return environment


def by_address(address: str) -> list[dict[str, Any]]:
    """EC2's filter for the object that the address in the state manages."""
    return [{"Name": "tag:Address", "Values": [address]}]


def open_to_everybody(aws: Emulator, address: str) -> None:
    """Let the whole Internet into a security group on PostgreSQL's port."""
    ec2 = client(aws, "ec2")
    [group] = ec2.describe_security_groups(Filters=by_address(address))["SecurityGroups"]
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=5432, ToPort=5432, CidrIp="0.0.0.0/0"
    )


def add_a_rule_to_the_database(aws: Emulator) -> None:
    """A rule in the database's security group."""
    open_to_everybody(aws, "aws_security_group.database")


def add_a_rule_to_the_default_group(aws: Emulator) -> None:
    """A rule in the cluster VPC's default security group."""
    open_to_everybody(aws, "aws_default_security_group.cluster")


def remove_a_tag(aws: Emulator) -> None:
    """The tag that leads to the line which manages the VPC."""
    ec2 = client(aws, "ec2")
    [vpc] = ec2.describe_vpcs(Filters=by_address("aws_vpc.cluster"))["Vpcs"]
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "Address"}])


def delete_an_addon(aws: Emulator) -> None:
    """The cluster's DNS."""
    client(aws, "eks").delete_addon(clusterName=NAME, addonName="coredns")


def change_a_parameter(aws: Emulator) -> None:
    """TLS is no longer enforced."""
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    client(aws, "rds").modify_db_parameter_group(DBParameterGroupName=f"{NAME}-postgres17", Parameters=[parameter])


def delete_a_route(aws: Emulator) -> None:
    """The way from the nodes of one zone to the database."""
    ec2 = client(aws, "ec2")
    [table] = ec2.describe_route_tables(Filters=by_address("aws_route_table.private_a"))["RouteTables"]
    ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="10.1.0.0/24")


def open_the_bucket(aws: Emulator) -> None:
    """The log bucket may be made public again."""
    client(aws, "s3").delete_public_access_block(Bucket=f"{NAME}-logs-{aws.account_id}")


#: What is done by hand -> what the plan does about it.
DRIFTS: dict[Callable[[Emulator], None], dict[str, list[str]]] = {
    add_a_rule_to_the_database: {"aws_security_group.database": ["update"]},
    add_a_rule_to_the_default_group: {"aws_default_security_group.cluster": ["update"]},
    remove_a_tag: {"aws_vpc.cluster": ["update"]},
    delete_an_addon: {"aws_eks_addon.coredns": ["create"]},
    change_a_parameter: {"aws_db_parameter_group.metadata": ["update"]},
    delete_a_route: {"aws_route.private_a_database": ["create"]},
    open_the_bucket: {"aws_s3_bucket_public_access_block.logs": ["create"]},
}


class TestDrift:
    @pytest.mark.parametrize("by_hand", DRIFTS, ids=lambda function: function.__name__)
    def test_it_is_seen_and_repaired(
        self, deployed: Evolving, emulator: Emulator, by_hand: Callable[[Emulator], None]
    ) -> None:
        """The plan names exactly what was touched; after the apply nothing is left to do."""
        by_hand(emulator)
        assert deployed.planned() == DRIFTS[by_hand]
        deployed.apply()

    def test_tags_of_others_stay_where_the_file_ignores_them(self, deployed: Evolving, emulator: Emulator) -> None:
        """Three services' objects get a tag: no drift where `ignore_tags` names it, removed where nothing does."""
        ec2, tag = client(emulator, "ec2"), [{"Key": "map-migrated", "Value": "mig1"}]
        [vpc] = ec2.describe_vpcs(Filters=by_address("aws_vpc.cluster"))["Vpcs"]
        ec2.create_tags(Resources=[vpc["VpcId"]], Tags=tag)
        group = f"arn:aws:rds:eu-west-1:{emulator.account_id}:pg:{NAME}-postgres17"
        client(emulator, "rds").add_tags_to_resource(ResourceName=group, Tags=tag)
        client(emulator, "iam").tag_role(RoleName=f"{NAME}-node", Tags=tag)
        for ignored in ({"keys": ["map-migrated"]}, {"key_prefixes": ["map-"]}):
            with deployed.tentatively(ignore_tags=ignored):
                assert deployed.planned() == {}
        touched = ("aws_vpc.cluster", "aws_db_parameter_group.metadata", "aws_iam_role.node")
        assert deployed.planned() == {address: ["update"] for address in touched}
        deployed.apply()

    def test_the_database_is_closed_again(self, deployed: Evolving, emulator: Emulator) -> None:
        """After the repairs only the cluster's security group is let in, and TLS is enforced."""
        assert deployed.planned() == {}
        groups = client(emulator, "ec2").describe_security_groups(Filters=by_address("aws_security_group.database"))
        [permission] = groups["SecurityGroups"][0]["IpPermissions"]
        assert permission["IpRanges"] == []
        cluster = client(emulator, "eks").describe_cluster(name=NAME)["cluster"]["resourcesVpcConfig"]
        assert [pair["GroupId"] for pair in permission["UserIdGroupPairs"]] == [cluster["clusterSecurityGroupId"]]
