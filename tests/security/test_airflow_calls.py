"""Airflow's pods: what the S3 task log handler calls is allowed, and only in this environment's bucket."""

from __future__ import annotations

from io import BytesIO

import pytest
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.security.policy_evaluator import Request, allows
from tests.security.proof import refused
from tests.security.role_account import Actor, RoleAccount

BUCKET = "airflow-dev-logs-111122223333"
KEY = "dag_id=example/run_id=manual__1/task_id=print/attempt=1.log"

#: From this size on boto3 uploads in parts; S3Hook leaves the threshold at its default.
MULTIPART_BYTES = 8 * 1024 * 1024


@pytest.fixture
def pods(account: RoleAccount) -> Actor:
    """A pod of Airflow."""
    return account.act_as("airflow")


def upload(pods: Actor, log: bytes, bucket: str = BUCKET) -> None:
    """As `S3RemoteLogIO.write`: look for an earlier part, read it, write both (apache-airflow-providers-amazon)."""
    s3 = pods.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=KEY)
        earlier = s3.get_object(Bucket=bucket, Key=KEY)["Body"].read()
    except ClientError:
        earlier = b""
    # `S3Hook.load_string`, with the transfer settings of the task log handler.
    s3.upload_fileobj(BytesIO(earlier + log), bucket, KEY, Config=TransferConfig(use_threads=False))


def read(pods: Actor) -> bytes:
    """As `S3RemoteLogIO.read`: list what starts with the log's name, read each."""
    s3 = pods.client("s3")
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=KEY)
    keys = [item["Key"] for page in listed for item in page["Contents"]]
    return b"".join(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys)


class TestTaskLogs:
    def test_are_written_appended_and_read(self, pods: Actor) -> None:
        """The first part of a log, a second one and reading it back are allowed, with all that S3 asks of the key."""
        upload(pods, b"first\n")
        upload(pods, b"second\n")
        assert read(pods) == b"first\nsecond\n"
        assert refused(pods) == []
        assert {"s3:ListBucket", "kms:Decrypt", "kms:GenerateDataKey"} <= {d.request.action for d in pods.decisions}

    def test_may_be_long(self, pods: Actor) -> None:
        """A log that boto3 uploads in parts is allowed, too."""
        upload(pods, b"x" * (MULTIPART_BYTES + 1))
        assert ("s3", "CompleteMultipartUpload") in pods.operations
        assert refused(pods) == []

    def test_that_fail_half_way_are_cleaned_up(self, pods: Actor, account: RoleAccount) -> None:
        """When a part of a long log doesn't arrive, boto3 may remove the others."""
        account.aws.fail("s3", "UploadPart", nth=2, times=9, code="InvalidRequest", status=400)
        with pytest.raises((ClientError, S3UploadFailedError)):
            upload(pods, b"x" * (2 * MULTIPART_BYTES + 1))
        account.aws.clear_faults()
        assert ("s3", "AbortMultipartUpload") in pods.operations
        assert refused(pods) == []


class TestElsewhere:
    def test_another_bucket_is_refused(self, pods: Actor, account: RoleAccount) -> None:
        """The same calls on the bucket of another environment are all refused, and so is its key."""
        other = BUCKET.replace("dev", "dev-2")
        account.make_bucket(other, account.objects["aws_kms_key.logs.arn"])
        upload(pods, b"text", other)
        asked = {decision.request.action for decision in pods.decisions}
        assert asked == {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "kms:GenerateDataKey"}
        assert len(refused(pods)) == len(pods.decisions)

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/{KEY}"),
            ("s3:DeleteObjectVersion", f"arn:aws:s3:::{BUCKET}/{KEY}"),
            ("s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}"),
            ("s3:ListAllMyBuckets", "*"),
            (
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow-dev/admin-x",
            ),
            ("rds:DescribeDBInstances", "arn:aws:rds:eu-west-1:111122223333:db:airflow-dev"),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/airflow-dev-cluster"),
        ],
        ids=["delete", "delete-version", "policy", "buckets", "secret", "database", "role"],
    )
    def test_what_pods_do_not_need_is_refused(self, account: RoleAccount, action: str, resource: str) -> None:
        """Neither deleting logs nor reading secrets through AWS nor becoming another role."""
        assert not allows(account.documents("airflow"), Request(action=action, resource=resource))

    @pytest.mark.parametrize("encrypted", ["true", "false"])
    def test_the_bucket_refuses_plain_http(self, account: RoleAccount, encrypted: str) -> None:
        """What the role may do over TLS, the bucket's own policy denies without it."""
        documents = [*account.documents("airflow"), account.bucket_policy()]
        request = Request(
            action="s3:GetObject",
            resource=f"arn:aws:s3:::{BUCKET}/{KEY}",
            context={"aws:SecureTransport": encrypted},
            principal={"AWS": "arn:aws:sts::111122223333:assumed-role/airflow-dev-airflow/pod"},
        )
        assert allows(documents, request) is (encrypted == "true")
