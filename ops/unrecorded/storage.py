"""S3: buckets and what is set on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ops.unrecorded.account import Account, tag_mapping, unless
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

#: What S3 answers where nothing is set.
_NOT_SET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


def named(account: Account, declared: Declared) -> Iterator[Found]:
    """Declared buckets that exist in this account and carry the stack's tags, or none yet.

    A bucket gets its tags by a second call (seen with AWS provider 5.100), so one may stand there without any.
    """
    s3 = account.client("s3")
    existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for address, bucket in declared.each("aws_s3_bucket"):
        for name in existing.intersection(declared.values(bucket["bucket"])):
            tags = _tags(s3, name)
            if not tags:
                yield Found(address, name, f"bucket {name} has the declared name and no tags")
            elif account.address("aws_s3_bucket", tags) == address:
                yield Found(address, name, f"bucket {name} carries the tag Address")


def _tags(s3: Any, bucket: str) -> dict[str, str]:
    return unless(("NoSuchTagSet",), lambda: tag_mapping(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]), {})


def _encrypted_by_us(s3: Any, bucket: str) -> bool:
    """Whether the encryption is another than the one that every bucket is born with (S3 user guide, "SSE-S3")."""
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return any(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256" for rule in rules)


#: Whether something is set on a bucket. AWS itself sets the ownership controls and the public access block of each new
#: bucket (S3 user guide, "Default settings for new buckets"): these two are found wherever the bucket is.
_SETTINGS: Mapping[str, Callable[[Any, str], bool]] = {
    "aws_s3_bucket_lifecycle_configuration": lambda s3, bucket: bool(
        s3.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules")
    ),
    "aws_s3_bucket_ownership_controls": lambda s3, bucket: bool(s3.get_bucket_ownership_controls(Bucket=bucket)),
    "aws_s3_bucket_policy": lambda s3, bucket: bool(s3.get_bucket_policy(Bucket=bucket)),
    "aws_s3_bucket_public_access_block": lambda s3, bucket: bool(s3.get_public_access_block(Bucket=bucket)),
    "aws_s3_bucket_server_side_encryption_configuration": _encrypted_by_us,
    "aws_s3_bucket_versioning": lambda s3, bucket: "Status" in s3.get_bucket_versioning(Bucket=bucket),
}


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """Settings of the stack's buckets, which are resources of their own to Terraform."""
    s3 = account.client("s3")
    for terraform_type, is_set in _SETTINGS.items():
        for address, arguments in declared.each(terraform_type):
            for bucket in _buckets(declared, arguments["bucket"]):
                if unless(_NOT_SET, partial(is_set, s3, bucket), instead=False):
                    yield Found(address, bucket, f"it is set on bucket {bucket}")


def _buckets(declared: Declared, argument: str) -> list[str]:
    """Existing buckets that an argument refers to."""
    known = {bucket for address, _ in declared.each("aws_s3_bucket") for bucket in declared.objects.get(address, ())}
    return [bucket for bucket in declared.values(argument) if bucket in known]
