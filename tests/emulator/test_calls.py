"""The record of calls, and calls that the emulator does not know."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.emulator import Emulator
from tests.emulator.conftest import Client, client_of


def last_actions(aws: Emulator, number: int) -> list[tuple[str, str, int]]:
    """Service, action and status of the last calls."""
    return [(call.service, call.action, call.status) for call in aws.calls()[-number:]]


class TestRecord:
    def test_names_service_and_action_in_every_protocol(self, aws: Emulator, client: Client) -> None:
        """EC2, query, JSON, REST-JSON and REST-XML, by boto3's names of the services."""
        client("ec2").describe_vpcs()
        client("iam").list_roles()
        client("kms").list_keys()
        client("eks").list_clusters()
        client("s3").create_bucket(Bucket="named", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client("s3").put_object(Bucket="named", Key="a/b", Body=b"")
        client("s3").get_bucket_versioning(Bucket="named")
        client("cloudwatch").describe_alarms()
        assert last_actions(aws, 8) == [
            ("ec2", "DescribeVpcs", 200),
            ("iam", "ListRoles", 200),
            ("kms", "ListKeys", 200),
            ("eks", "ListClusters", 200),
            ("s3", "CreateBucket", 200),
            ("s3", "PutObject", 200),
            ("s3", "GetBucketVersioning", 200),
            ("cloudwatch", "DescribeAlarms", 200),
        ]

    def test_tells_terraform_apart(self, aws: Emulator, client: Client) -> None:
        """By the user agent."""
        sts = client("sts")
        sts.get_caller_identity()
        assert not aws.calls()[-1].terraform
        terraform = client_of(aws, "sts", user_agent="APN/1.0 HashiCorp/1.0 Terraform/1.11.4")
        terraform.get_caller_identity()
        terraform.close()
        assert aws.calls()[-1].terraform

    def test_writes_json_lines(self, tmp_path: Path) -> None:
        """The log file holds what `calls` returns, the errors' text included."""
        log = tmp_path / "calls.jsonl"
        with Emulator(log=log) as aws:
            eks = client_of(aws, "eks")
            with pytest.raises(ClientError):
                eks.describe_cluster(name="missing")
            eks.close()
            (call,) = aws.calls()
        record = json.loads(log.read_text())
        assert (record["service"], record["action"], record["status"]) == ("eks", "DescribeCluster", 404)
        assert "No cluster found for name: missing" in call.error


class TestUnknownCalls:
    @pytest.mark.parametrize(
        ("service", "operation", "parameters"),
        [
            pytest.param("eks", "describe_insight", {"clusterName": "a", "id": "b"}, id="rest-json"),
            pytest.param("ec2", "describe_instance_topology", {}, id="ec2"),
            pytest.param("rds", "describe_source_regions", {}, id="query"),
            pytest.param("kms", "describe_custom_key_stores", {}, id="json"),
        ],
    )
    def test_is_refused_once_and_for_all(
        self, aws: Emulator, client: Client, service: str, operation: str, parameters: dict[str, str]
    ) -> None:
        """501 in the shape of the protocol: the SDKs give up at once and show the reason."""
        with pytest.raises(ClientError, match=f"The emulator does not implement {service}:") as refused:
            getattr(client(service), operation)(**parameters)
        assert refused.value.response["Error"]["Code"] == "NotImplemented"
        assert aws.calls()[-1].status == 501

    def test_an_unsigned_request_is_no_call(self, aws: Emulator) -> None:
        """What no service can be told of is refused, too, instead of being taken for S3."""
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{aws.endpoint}/bucket/key")
        refused.value.close()
        assert refused.value.code == 501


class TestBearerToken:
    def test_presigned_caller_identity_is_answered(self, aws: Emulator, client: Client) -> None:
        """What `aws eks get-token` signs, a GET of STS with the signature in the query, is no S3 request."""
        url = client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
            assert b"<Account>111122223333</Account>" in answer.read()
        assert last_actions(aws, 1) == [("sts", "GetCallerIdentity", 200)]
