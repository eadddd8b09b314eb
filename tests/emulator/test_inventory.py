"""The list of everything that exists."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.emulator.arrangements import cluster, role, vpc
from tests.emulator.conftest import client_of

RANDOM_ID = re.compile(r"\b(vpc|subnet|sg|rtb|igw|nat|eipalloc|pcx|fl|lt|eni|a)-[0-9a-f]{8,}|[0-9a-f]{8}-[0-9a-f]{4}-")


class TestInventory:
    @pytest.fixture
    def empty(self) -> Iterator[Emulator]:
        """An account of its own."""
        with Emulator() as aws:
            yield aws

    def test_is_empty_stable_and_empty_again(self, empty: Emulator) -> None:
        """AWS's own defaults are no things of ours, ids are not in it, and what is deleted is not in it."""
        made: dict[str, Any] = {}

        def client(service: str) -> Any:
            return made.setdefault(service, made.get(service) or client_of(empty, service))

        assert empty.inventory() == []
        _, subnets = vpc(client, "10.60.0.0/16")
        cluster(client, "listed", subnets)
        role(client, "pods", "pods.eks.amazonaws.com")
        client("iam").attach_role_policy(
            RoleName="pods", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
        )
        key = client("kms").create_key(Description="ours")["KeyMetadata"]["KeyId"]
        client("secretsmanager").create_secret(Name="kept")
        first, second = empty.inventory(), empty.inventory()
        assert first == second == sorted(first)
        assert not [line for line in first if RANDOM_ID.search(line)]
        assert "eu-west-1 eks:cluster listed 1.34" in first
        assert "eu-west-1 ec2:security-group eks-cluster-sg-listed" in first
        assert "iam:role-policy-attachment pods arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" in first
        assert "eu-west-1 kms:key ours Enabled" in first

        client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        client("secretsmanager").delete_secret(SecretId="kept", RecoveryWindowInDays=7)
        client("eks").delete_cluster(name="listed")
        client("iam").detach_role_policy(
            RoleName="pods", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
        )
        for name in ("pods", "listed-cluster"):
            client("iam").delete_role(RoleName=name)
        for subnet in subnets:
            client("ec2").delete_subnet(SubnetId=subnet)
        for network in client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]:
            client("ec2").delete_vpc(VpcId=network["VpcId"])
        assert empty.inventory() == ["eu-west-1 secretsmanager:secret kept scheduled for deletion"]
        for each in made.values():
            each.close()
