"""Secrets Manager and KMS."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ops.unrecorded.account import Account, Client, tag_mapping, unless
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

_CURRENT = "AWSCURRENT"

#: What KMS answers about a key that isn't the caller's to look at, as the key's own policy decides that, or that is
#: gone since it was listed.
_NOT_OURS = frozenset({"AccessDeniedException", "NotFoundException"})


def tagged(account: Account) -> Iterator[Found]:
    """Secrets and KMS keys that carry the stack's tags and are not scheduled for deletion."""
    by_name = [{"Key": "name", "Values": [f"{account.prefix}/"]}]
    for secret in account.list("secretsmanager", "list_secrets", "SecretList", Filters=by_name):
        if address := account.address("aws_secretsmanager_secret", tag_mapping(secret.get("Tags"))):
            yield Found(address, secret["ARN"], f"secret {secret['Name']} carries the tag Address")
    kms = account.client("kms")
    for listed in account.list("kms", "list_keys", "Keys"):
        if address := unless(_NOT_OURS, partial(_key_address, account, kms, listed["KeyId"]), None):
            yield Found(address, listed["KeyId"], f"key {listed['KeyId']} carries the tag Address")


def _key_address(account: Account, kms: Client, identifier: str) -> str | None:
    key = kms.describe_key(KeyId=identifier)["KeyMetadata"]
    if key["KeyManager"] != "CUSTOMER" or key["KeyState"] == "PendingDeletion":
        return None
    tags = list(account.list("kms", "list_resource_tags", "Tags", KeyId=identifier))
    return account.address("aws_kms_key", tag_mapping(tags, key="TagKey", value="TagValue"))


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """The current version of each secret, and the aliases by which keys are known; neither carries tags."""
    manager = account.client("secretsmanager")
    for address, version in declared.each("aws_secretsmanager_secret_version"):
        for secret in declared.values(version["secret_id"]):
            stages = manager.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
            for number in sorted(number for number, names in stages.items() if _CURRENT in names):
                yield Found(address, f"{secret}|{number}", f"{secret.rpartition(':')[2]} has the version {number}")
    aliases = {item["AliasName"]: item for item in account.list("kms", "list_aliases", "Aliases")}
    for address, alias in declared.each("aws_kms_alias"):
        for name in declared.values(alias["name"]):
            if existing := aliases.get(name):
                yield Found(address, name, f"{name} names the key {existing.get('TargetKeyId')}")
