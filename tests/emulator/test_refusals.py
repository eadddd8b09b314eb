"""What AWS refuses and stock moto accepts."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.arrangements import database, vpc
from tests.emulator.conftest import Client


def code_of(call: Any, **parameters: Any) -> str:
    """The code of the error that a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    code: str = refused.value.response["Error"]["Code"]
    return code


class TestNetwork:
    def test_order_of_destruction(self, client: Client) -> None:
        """Nothing goes while something needs it: gateway, elastic IP, subnet, VPC."""
        ec2 = client("ec2")
        vpc_id, (subnet_id, other_id) = vpc(client, "10.30.0.0/16")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = {"SubnetId": subnet_id, "AllocationId": address}
        assert code_of(ec2.create_nat_gateway, **nat) == "Gateway.NotAttached"
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        attachment = {"InternetGatewayId": gateway, "VpcId": vpc_id}
        ec2.attach_internet_gateway(**attachment)
        nat_id = ec2.create_nat_gateway(**nat)["NatGateway"]["NatGatewayId"]
        assert code_of(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
        assert code_of(ec2.detach_internet_gateway, **attachment) == "DependencyViolation"
        assert code_of(ec2.delete_subnet, SubnetId=subnet_id) == "DependencyViolation"
        ec2.delete_nat_gateway(NatGatewayId=nat_id)
        ec2.release_address(AllocationId=address)
        for each in (subnet_id, other_id):
            ec2.delete_subnet(SubnetId=each)
        assert code_of(ec2.delete_vpc, VpcId=vpc_id) == "DependencyViolation"
        ec2.detach_internet_gateway(**attachment)
        ec2.delete_vpc(VpcId=vpc_id)

    def test_peering(self, client: Client) -> None:
        """Overlapping networks do not peer; groups and options of the other side need an active peering."""
        ec2 = client("ec2")
        (one, _), (two, _), (same, _) = (
            vpc(client, "10.31.0.0/16"),
            vpc(client, "10.32.0.0/16"),
            vpc(client, "10.31.0.0/16"),
        )
        assert code_of(ec2.create_vpc_peering_connection, VpcId=one, PeerVpcId=same) == "OperationNotPermitted"
        peering = ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=two)["VpcPeeringConnection"]
        peering_id = peering["VpcPeeringConnectionId"]
        groups = [
            ec2.create_security_group(GroupName="g", Description="g", VpcId=each)["GroupId"] for each in (one, two)
        ]
        rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": groups[0]}]}
        ingress = {"GroupId": groups[1], "IpPermissions": [rule]}
        options = {
            "VpcPeeringConnectionId": peering_id,
            "RequesterPeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": True},
        }
        assert code_of(ec2.authorize_security_group_ingress, **ingress) == "InvalidGroup.NotFound"
        assert code_of(ec2.modify_vpc_peering_connection_options, **options) == "OperationNotPermitted"
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
        ec2.authorize_security_group_ingress(**ingress)
        ec2.modify_vpc_peering_connection_options(**options)

    def test_a_group_named_by_another_stays(self, client: Client) -> None:
        """A group that a rule of its VPC names cannot be deleted."""
        ec2 = client("ec2")
        vpc_id, _ = vpc(client, "10.33.0.0/16")
        named, naming = (
            ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"] for name in "ab"
        )
        rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": named, "Description": "why"}]}
        made = ec2.authorize_security_group_ingress(GroupId=naming, IpPermissions=[rule])["SecurityGroupRules"]
        assert made[0]["Description"] == "why"
        assert code_of(ec2.delete_security_group, GroupId=named) == "DependencyViolation"
        ec2.delete_security_group(GroupId=naming)
        ec2.delete_security_group(GroupId=named)

    def test_names_taken(self, client: Client) -> None:
        """What a second apply after an interrupted one runs into: routes, associations."""
        ec2 = client("ec2")
        vpc_id, (subnet_id, _) = vpc(client, "10.34.0.0/16")
        peer_id, _ = vpc(client, "10.35.0.0/16")
        peering = ec2.create_vpc_peering_connection(VpcId=vpc_id, PeerVpcId=peer_id)["VpcPeeringConnection"]
        table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        route = {
            "RouteTableId": table,
            "DestinationCidrBlock": "10.35.0.0/16",
            "VpcPeeringConnectionId": peering["VpcPeeringConnectionId"],
        }
        ec2.create_route(**route)
        assert code_of(ec2.create_route, **route) == "RouteAlreadyExists"
        association = {"RouteTableId": table, "SubnetId": subnet_id}
        ec2.associate_route_table(**association)
        assert code_of(ec2.associate_route_table, **association) == "Resource.AlreadyAssociated"


@pytest.fixture(scope="module")
def subnets(client: Client) -> list[str]:
    """Subnets in two zones."""
    return vpc(client, "10.40.0.0/16")[1]


class TestDatabase:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            pytest.param({"EngineVersion": "19"}, "Cannot find version 19", id="version"),
            pytest.param({"DBInstanceClass": "db.huge"}, "Invalid DB Instance class", id="class"),
            pytest.param({"MasterUsername": "admin"}, "reserved word", id="user"),
            pytest.param({"DBName": "air-flow"}, "must begin with a letter", id="name"),
            pytest.param({"MasterUserPassword": "with a space"}, "not a valid password", id="password"),
            pytest.param({"MaxAllocatedStorage": 21}, "at least 10% greater", id="storage"),
            pytest.param({"KmsKeyId": "alias/none", "StorageEncrypted": True}, "alias/none does not exist", id="key"),
            pytest.param({"VpcSecurityGroupIds": ["sg-none"]}, "Invalid security group", id="group"),
        ],
    )
    def test_settings(
        self, client: Client, subnets: list[str], request: pytest.FixtureRequest, settings: dict[str, Any], message: str
    ) -> None:
        """What RDS does not have is refused with RDS's reason."""
        with pytest.raises(ClientError, match=message):
            database(client, f"refused-{request.node.callspec.id}", subnets, **settings)

    def test_what_a_database_uses_stays(self, client: Client, subnets: list[str]) -> None:
        """Its subnets, subnet group and parameter group cannot be deleted; names are taken once."""
        rds = client("rds")
        group = {"DBParameterGroupName": "used", "DBParameterGroupFamily": "postgres17", "Description": "used"}
        rds.create_db_parameter_group(**group)
        made = database(client, "using", subnets, DBParameterGroupName="used")
        assert made["EngineVersion"].startswith("17.")
        assert code_of(rds.create_db_parameter_group, **group) == "DBParameterGroupAlreadyExists"
        assert code_of(rds.delete_db_parameter_group, DBParameterGroupName="used") == "InvalidDBParameterGroupState"
        assert code_of(rds.delete_db_subnet_group, DBSubnetGroupName="using") == "InvalidDBSubnetGroupStateFault"
        assert code_of(client("ec2").delete_subnet, SubnetId=subnets[0]) == "DependencyViolation"
        subnet_group = {"DBSubnetGroupName": "using", "DBSubnetGroupDescription": "twice", "SubnetIds": subnets}
        assert code_of(rds.create_db_subnet_group, **subnet_group) == "DBSubnetGroupAlreadyExists"

    def test_groups(self, client: Client, subnets: list[str]) -> None:
        """A subnet group spans zones, a parameter group fits the engine, a static parameter waits for a reboot."""
        rds = client("rds")
        one_zone = {"DBSubnetGroupName": "narrow", "DBSubnetGroupDescription": "narrow", "SubnetIds": subnets[:1]}
        assert code_of(rds.create_db_subnet_group, **one_zone) == "DBSubnetGroupDoesNotCoverEnoughAZs"
        rds.create_db_parameter_group(
            DBParameterGroupName="old", DBParameterGroupFamily="postgres16", Description="old"
        )
        with pytest.raises(ClientError, match="can't be used for this instance"):
            database(client, "misfit", subnets, DBParameterGroupName="old")
        static = {"ParameterName": "max_connections", "ParameterValue": "200", "ApplyMethod": "immediate"}
        with pytest.raises(ClientError, match="cannot use immediate apply method for static parameter"):
            rds.modify_db_parameter_group(DBParameterGroupName="old", Parameters=[static])


class TestSecretsAndLogs:
    def test_the_name_of_a_deleted_secret_is_taken(self, client: Client) -> None:
        """Until the recovery window is over."""
        secrets = client("secretsmanager")
        secrets.create_secret(Name="deleted-once")
        secrets.delete_secret(SecretId="deleted-once", RecoveryWindowInDays=7)
        with pytest.raises(ClientError, match="already scheduled for deletion"):
            secrets.create_secret(Name="deleted-once")

    def test_a_log_group_needs_a_key_that_logs_may_use(self, client: Client) -> None:
        """A key whose policy does not name the Logs service is refused, one that does is taken."""
        kms, logs = client("kms"), client("logs")
        key = kms.create_key()["KeyMetadata"]
        with pytest.raises(ClientError, match=r"its policy does not name logs\.eu-west-1\.amazonaws\.com"):
            logs.create_log_group(logGroupName="encrypted", kmsKeyId=key["Arn"])
        statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
        named = {**statement, "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [named]})
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy)
        logs.create_log_group(logGroupName="encrypted", kmsKeyId=key["Arn"])


class TestBuckets:
    def test_tls_only_policy_and_emptying(self, client: Client) -> None:
        """Requests here count as TLS, and a versioned bucket with delete markers can be emptied."""
        s3 = client("s3")
        s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket="tls-only", VersioningConfiguration={"Status": "Enabled"})
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        s3.put_object(Bucket="tls-only", Key="log", Body=b"1")
        s3.delete_object(Bucket="tls-only", Key="log")
        listed = s3.list_object_versions(Bucket="tls-only")
        versions = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in (*listed["Versions"], *listed["DeleteMarkers"])
        ]
        s3.delete_objects(Bucket="tls-only", Delete={"Objects": versions})
        s3.delete_bucket(Bucket="tls-only")
        assert "tls-only" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    def test_second_lock_is_refused(self, client: Client) -> None:
        """The state backend's lock file is written where there is none, or not at all."""
        s3 = client("s3")
        s3.create_bucket(Bucket="locks", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        lock = {"Bucket": "locks", "Key": "state.tflock", "Body": b"mine", "IfNoneMatch": "*"}
        s3.put_object(**lock)
        assert code_of(s3.put_object, **lock) == "PreconditionFailed"
