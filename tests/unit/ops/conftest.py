"""A small stack, and an account in which parts of it exist; each test has an environment of its own there."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.labels import Labels
from constructs.naming.names import Names

from ops.clients.aws import Aws
from ops.state.bucket_lock import BucketLock
from ops.state.location import StateObject
from ops.unrecorded.finding import Unrecorded
from ops.unrecorded.recorded import Recorded
from ops.unrecorded.survey import find_unrecorded
from tests.emulator import Emulator

_NUMBERS = itertools.count(1)


def stack(names: Names) -> SynthesizedStack:
    """A resource of each way in which objects are found."""
    resources: dict[str, dict[str, dict[str, Any]]] = {
        "aws_vpc": {"cluster": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": {"private_a": {"vpc_id": "${aws_vpc.cluster.id}"}},
        "aws_route_table": {"private_a": {"vpc_id": "${aws_vpc.cluster.id}"}},
        "aws_route": {
            "private_a_internet": {
                "route_table_id": "${aws_route_table.private_a.id}",
                "destination_cidr_block": "0.0.0.0/0",
            }
        },
        "aws_route_table_association": {
            "private_a": {
                "route_table_id": "${aws_route_table.private_a.id}",
                "subnet_id": "${aws_subnet.private_a.id}",
            }
        },
        "aws_iam_role": {"node": {"name": names.of("node")}},
        "aws_iam_role_policy": {"node": {"name": "node", "role": "${aws_iam_role.node.id}"}},
        "aws_iam_role_policy_attachment": {
            "node_worker": {
                "role": "${aws_iam_role.node.name}",
                "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            }
        },
        "aws_kms_key": {"logs": {}},
        "aws_kms_alias": {"logs": {"name": f"alias/{names.of('logs')}", "target_key_id": "${aws_kms_key.logs.key_id}"}},
        "aws_secretsmanager_secret": {"redis": {"name": names.secret("redis")}},
        "aws_secretsmanager_secret_version": {"redis": {"secret_id": "${aws_secretsmanager_secret.redis.id}"}},
        "aws_ecr_repository": {"images": {"name": names.image_repository}},
        "aws_ecr_lifecycle_policy": {"images": {"repository": "${aws_ecr_repository.images.name}", "policy": "{}"}},
        "aws_sns_topic": {"alarms": {"name": names.alarm_topic}},
        "aws_sns_topic_subscription": {
            "alarms_a": {"topic_arn": "${aws_sns_topic.alarms.arn}", "protocol": "email", "endpoint": "a@acme.org"}
        },
        "aws_iam_instance_profile": {"node": {"name": names.karpenter_node}},
        "aws_sqs_queue": {"karpenter": {"name": names.karpenter_queue}},
        "aws_sqs_queue_policy": {"karpenter": {"queue_url": "${aws_sqs_queue.karpenter.id}"}},
        "aws_cloudwatch_event_rule": {"spot": {"name": names.of("karpenter", "spot")}},
        "aws_cloudwatch_event_target": {
            "spot": {"rule": "${aws_cloudwatch_event_rule.spot.name}", "target_id": "karpenter"}
        },
        "aws_s3_bucket": {"logs": {"bucket": names.log_bucket}},
        "aws_s3_bucket_versioning": {"logs": {"bucket": "${aws_s3_bucket.logs.id}"}},
        "aws_s3_bucket_server_side_encryption_configuration": {"logs": {"bucket": "${aws_s3_bucket.logs.id}"}},
    }
    return SynthesizedStack("infrastructure", json.dumps({"resource": resources}))


class TrialAccount:
    """An emulated account, and an environment in it."""

    def __init__(self, aws: Emulator) -> None:
        self._aws = aws
        self.names = Names(environment=f"trial-{next(_NUMBERS)}", region=aws.region, account_id=aws.account_id)
        self._labels = Labels(names=self.names, stack="infrastructure")

    def client(self, service: str) -> Any:
        """A client of the account."""
        create: Any = boto3.client  # the stubs want the service as a literal
        return create(
            service,
            endpoint_url=self._aws.endpoint,
            region_name=self._aws.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def tags(self, address: str, **changes: str) -> dict[str, str]:
        """Tags of a resource of the stack, some of them changed."""
        return {**self._labels.tags(address), **changes}

    def pairs(self, address: str, **changes: str) -> list[dict[str, str]]:
        """The same as most services take them."""
        return [{"Key": key, "Value": value} for key, value in self.tags(address, **changes).items()]

    def tagged(self, kind: str, address: str, **changes: str) -> list[dict[str, Any]]:
        """The same as EC2 takes them with a creating call."""
        return [{"ResourceType": kind, "Tags": self.pairs(address, **changes)}]

    def find(self, **recorded: str) -> dict[str, str]:
        """Address -> import ID of what the state doesn't know, which knows `recorded` (`aws_vpc__cluster="vpc-1"`)."""
        return {item.address: item.import_id for item in self.find_all(**recorded)}

    def find_with(self, **clients: Any) -> dict[str, str]:
        """The same where the state knows nothing, with clients for some of the services."""
        found = find_unrecorded(
            stack(self.names),
            Recorded({}),
            lambda service: clients.get(service) or self.client(service),
            self._labels,
        )
        return {item.address: item.import_id for item in found}

    def find_all(self, **recorded: str) -> list[Unrecorded]:
        """The same with evidence, and with addresses that exist twice."""
        known = Recorded({name.replace("__", "."): identifier for name, identifier in recorded.items()})
        return find_unrecorded(stack(self.names), known, self.client, self._labels)


@pytest.fixture(scope="session")
def aws() -> Iterator[Emulator]:
    """The account."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def bucket(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BucketLock:
    """The lock on a state of the account, in a bucket of its own, which nobody holds."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    location = StateObject(f"states-{next(_NUMBERS)}", "airflow/dev/infrastructure.tfstate", aws.region)
    account = Aws(aws.region, aws.account_id)
    account.client("s3").create_bucket(
        Bucket=location.bucket, CreateBucketConfiguration={"LocationConstraint": aws.region}
    )
    said: list[str] = []
    return BucketLock(
        stack="infrastructure", location=location, aws=account, folder=tmp_path / "state", environ={}, warn=said.append
    )


def write(bucket: BucketLock, content: Mapping[str, Any]) -> None:
    """Put a lock there, as somebody else does."""
    location = bucket.location
    body = json.dumps(content).encode()
    bucket.aws.client("s3").put_object(Bucket=location.bucket, Key=location.lock_key, Body=body)


@pytest.fixture
def account(aws: Emulator) -> TrialAccount:
    """The account with an environment of which nothing exists."""
    return TrialAccount(aws)
