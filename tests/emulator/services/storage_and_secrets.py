"""S3 and Secrets Manager: what differs from moto."""

from typing import Any, NoReturn

import xmltodict  # type: ignore[import-untyped]  # what moto reads it by
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.models import FakeDeleteMarker
from moto.s3.responses import S3Response
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.references import require_key


@difference(IAMPolicyStatement, "is_action_permitted", "requests to this endpoint stand for TLS requests")
def take_for_tls(original: Replacement, statement: Any, *args: Any, **options: Any) -> Any:
    """Ignores statements on TLS and on an object's encryption: moto overlooks conditions and would forbid all."""
    policy = statement._statement
    denies_plain = policy.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") in ("false", False)
    if policy.get("Effect") == "Deny" and (denies_plain or _denies_other_encryption(policy)):
        return PermissionResult.NEUTRAL
    return original(statement, *args, **options)


def _denies_other_encryption(policy: dict[str, Any]) -> bool:
    keys = policy.get("Condition", {}).get("StringNotEquals", {})
    return any(key.startswith("s3:x-amz-server-side-encryption") for key in keys)


@difference(S3Response, "_bucket_response_put", "S3 takes tags with CreateBucket, as AWS provider 6.23 sends them")
def tag_at_creation(original: Replacement, response: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
    """Gives a new bucket the tags of its configuration."""
    answer = original(response, request, bucket_name, querystring)
    if not querystring and response.body:
        configuration = xmltodict.parse(response.body, force_list=("Tag",)).get("CreateBucketConfiguration") or {}
        if tags := (configuration.get("Tags") or {}).get("Tag"):
            response.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] or "" for tag in tags})
    return answer


@difference(FakeDeleteMarker, "dispose", "moto calls it while a versioned bucket is emptied, and there is none")
def dispose_of_nothing(original: Replacement | None, marker: Any, *args: Any, **options: Any) -> None:
    """Does nothing: a delete marker has no content."""


@difference(SecretsManagerBackend, "create_secret", "Secrets Manager refuses a KMS key that does not exist")
def require_secret_key(original: Replacement, backend: Any, *args: Any, **options: Any) -> Any:
    """Refuses an unknown key."""

    def refuse(reason: str) -> NoReturn:
        raise InvalidRequestException(reason)

    if key_id := options.get("kms_key_id"):
        require_key(backend.account_id, backend.region_name, key_id, refuse)
    return original(backend, *args, **options)


@difference(SecretsManagerBackend, "create_secret", "AWS names the deletion as the reason that a name is taken")
def refuse_name_of_deleted(original: Replacement, backend: Any, *args: Any, **options: Any) -> Any:
    """Refuses the name of a secret scheduled for deletion with the error that AWS gives."""
    name = options["name"]
    if name in backend.secrets and backend.secrets[name].is_deleted():
        raise InvalidRequestException(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
    return original(backend, *args, **options)
