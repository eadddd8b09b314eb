"""What IAM is asked for calls to S3: the log bucket and the states."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bootstrap.ledger import Ledger
from tests.bootstrap.operations import Operation
from tests.bootstrap.place import Place
from tests.security.policy_evaluator import Request

#: Operations whose action has another name than they have (Service Authorization Reference, "Amazon S3").
ACTIONS = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
#: Operations whose action has their own name.
NAMED_ALIKE = frozenset(
    {
        *("CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "DeleteObject", "GetObject", "PutObject"),
        *(
            f"GetBucket{what}"
            for what in ("Acl", "Logging", "OwnershipControls", "Policy", "RequestPayment", "Tagging")
        ),
        *("GetBucketVersioning", "GetBucketWebsite"),
        *(f"PutBucket{what}" for what in ("OwnershipControls", "Policy", "Tagging", "Versioning")),
    }
)
_KEY_ACTIONS = {"GetObject": "kms:Decrypt", "HeadObject": "kms:Decrypt", "PutObject": "kms:GenerateDataKey"}


def storage(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    """Everything that has to be allowed for one call to S3.

    Raises:
        KeyError: nothing is known of the operation.
    """
    del ledger
    name, parameters = operation.name, operation.parameters
    if name == "ListBuckets":
        yield Request(action="s3:ListAllMyBuckets")
        return
    key, bucket = parameters.get("Key"), f"arn:aws:s3:::{parameters['Bucket']}"
    action = name if name in NAMED_ALIKE else ACTIONS[name]
    yield Request(action=f"s3:{action}", resource=f"{bucket}/{key}" if key else bucket)
    if name == "CreateBucket" and parameters.get("ACL"):
        yield Request(action="s3:PutBucketAcl", resource=bucket)
    if key and operation.status == 404:
        # Who may not list a bucket is told 403 instead of 404.
        yield Request(action="s3:ListBucket", resource=bucket)
    elif key and name in _KEY_ACTIONS:
        yield Request(action=_KEY_ACTIONS[name], resource=place.state_key_arn)
