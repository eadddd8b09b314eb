"""S3: tags as newer AWS providers write and read them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.emulator import Emulator
from tests.emulator.client import aws_environment
from tests.emulator.conftest import Client

LOCATION = {"LocationConstraint": "eu-west-1"}


@pytest.fixture
def control(aws: Emulator) -> Iterator[Any]:
    """A client of S3 Control, which finds the endpoint as the variables say: its host begins with the account."""
    proxy = aws_environment(aws.endpoint, aws.region)["HTTP_PROXY"]
    made = boto3.client(
        "s3control",
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, proxies={"http": proxy}),
    )
    yield made
    made.close()


class TestBucketTags:
    def test_come_with_the_bucket(self, client: Client) -> None:
        """AWS provider 6.23 sends them with CreateBucket; a bucket without any has none."""
        s3 = client("s3")
        tags = [{"Key": "Project", "Value": "airflow"}, {"Key": "Empty", "Value": ""}]
        s3.create_bucket(Bucket="with-tags", CreateBucketConfiguration={**LOCATION, "Tags": tags})
        assert s3.get_bucket_tagging(Bucket="with-tags")["TagSet"] == tags
        s3.create_bucket(Bucket="with-one-tag", CreateBucketConfiguration={**LOCATION, "Tags": tags[:1]})
        assert s3.get_bucket_tagging(Bucket="with-one-tag")["TagSet"] == tags[:1]
        s3.create_bucket(Bucket="without-tags", CreateBucketConfiguration=LOCATION)
        with pytest.raises(s3.exceptions.ClientError, match="NoSuchTagSet"):
            s3.get_bucket_tagging(Bucket="without-tags")

    def test_are_read_and_changed_by_s3_control(self, aws: Emulator, client: Client, control: Any) -> None:
        """Both interfaces show the same tags, and the calls are recorded as S3 Control's."""
        s3 = client("s3")
        s3.create_bucket(Bucket="controlled", CreateBucketConfiguration=LOCATION)
        s3.put_bucket_tagging(Bucket="controlled", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
        bucket = {"AccountId": aws.account_id, "ResourceArn": "arn:aws:s3:::controlled"}
        assert control.list_tags_for_resource(**bucket)["Tags"] == [{"Key": "a", "Value": "1"}]
        control.tag_resource(**bucket, Tags=[{"Key": "b", "Value": "2"}])
        control.untag_resource(**bucket, TagKeys=["a"])
        assert s3.get_bucket_tagging(Bucket="controlled")["TagSet"] == [{"Key": "b", "Value": "2"}]
        assert [(call.service, call.action, call.status) for call in aws.calls()[-4:-1]] == [
            ("s3control", "ListTagsForResource", 200),
            ("s3control", "TagResource", 204),
            ("s3control", "UntagResource", 204),
        ]
