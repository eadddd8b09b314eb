"""What several tests of the emulator need to exist before they can ask for more."""

import json
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]


def role(client: Client, name: str, service: str) -> str:
    """Makes a role that a service can assume; returns its ARN."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    return arn


def vpc(client: Client, cidr: str) -> tuple[str, list[str]]:
    """Makes a VPC with a subnet in each of two zones; returns its id and theirs."""
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    prefix = cidr.rsplit(".", 2)[0]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"{prefix}.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")
        for number, zone in ((0, "a"), (1, "b"))
    ]
    return vpc_id, [subnet["Subnet"]["SubnetId"] for subnet in subnets]


def cluster(client: Client, name: str, subnet_ids: list[str], **settings: Any) -> dict[str, Any]:
    """Makes an EKS cluster in API mode without add-ons; returns its description."""
    description: dict[str, Any] = client("eks").create_cluster(
        **{
            "name": name,
            "version": "1.34",
            "roleArn": role(client, f"{name}-cluster", "eks.amazonaws.com"),
            "resourcesVpcConfig": {"subnetIds": subnet_ids},
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "bootstrapSelfManagedAddons": False,
            **settings,
        }
    )["cluster"]
    return description


def database(client: Client, name: str, subnet_ids: list[str], **settings: Any) -> dict[str, Any]:
    """Makes a PostgreSQL instance in its own subnet group; returns its description."""
    rds = client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=subnet_ids)
    description: dict[str, Any] = rds.create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "DBSubnetGroupName": name,
            "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres",
            "EngineVersion": "17",
            "AllocatedStorage": 20,
            "MasterUsername": "airflow",
            "MasterUserPassword": "correct-horse",
            **settings,
        }
    )["DBInstance"]
    return description
