"""What is kept, and how: the log bucket, keys, secrets, log groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.dangers.policies import OWN_ACCOUNT, widened_policy
from ops.dangers.resource_change import ResourceChange, at
from ops.dangers.rules import (
    Rule,
    changed,
    given,
    given_up,
    gone,
    lowered,
    not_any_more,
    switched_off,
    switched_on,
)
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")

#: Where a lifecycle rule says after how many days something is deleted.
_EXPIRY = {
    "expiration.days": "objects are deleted after fewer days",
    "noncurrent_version_expiration.noncurrent_days": "former versions are deleted after fewer days",
}


def _lifecycle(change: ResourceChange) -> Iterator[Danger]:
    """Rules that delete sooner, or delete what none deleted."""
    if not change.has_both:
        return
    before, after = _rules(change.was("rule")), _rules(change.becomes("rule"))
    for name, rule in after.items():
        old = before.get(name)
        for path, what in _EXPIRY.items():
            days, was = at(rule, path) or 0, at(old, path) or 0
            if isinstance(days, int) and isinstance(was, int) and days and (not was or days < was):
                yield danger(Kind.WEAKENS, f"{name}: {what}", was, days)
        if old is not None and at(rule, "filter") != at(old, "filter"):
            yield danger(Kind.WEAKENS, f"{name}: other objects are deleted", at(old, "filter"), at(rule, "filter"))


def _rules(rules: Any) -> dict[str, Any]:
    """The rules that are switched on, by name."""
    listed = rules if isinstance(rules, list) else []
    return {str(rule.get("id")): rule for rule in listed if rule.get("status") == "Enabled"}


_ENCRYPTION = "rule.apply_server_side_encryption_by_default"

BUCKET: dict[str, tuple[Rule, ...]] = {
    "aws_s3_bucket": (
        switched_on("force_destroy", "destroying the environment deletes all that is in the bucket", Kind.WEAKENS),
    ),
    "aws_s3_bucket_public_access_block": (
        *(switched_off(name, f"{name}: the bucket can be made public", Kind.OPENS, created=True) for name in _BLOCKS),
        gone("the bucket can be made public", Kind.OPENS),
    ),
    "aws_s3_bucket_ownership_controls": (
        not_any_more("rule.object_ownership", "BucketOwnerEnforced", "access lists of objects count", Kind.OPENS),
        gone("access lists of objects count", Kind.OPENS, actions=(Action.DESTROY,)),
    ),
    "aws_s3_bucket_policy": (
        widened_policy("policy", "the bucket's policy"),
        gone("what the bucket's policy denied is denied no more", Kind.OPENS),
    ),
    "aws_s3_bucket_versioning": (
        not_any_more(
            "versioning_configuration.status", "Enabled", "what is overwritten or deleted is gone", Kind.WEAKENS
        ),
        gone("what is overwritten or deleted is gone", Kind.WEAKENS),
    ),
    "aws_s3_bucket_lifecycle_configuration": (_lifecycle,),
    "aws_s3_bucket_server_side_encryption_configuration": (
        not_any_more(f"{_ENCRYPTION}.sse_algorithm", "aws:kms", "objects are encrypted without a key", Kind.WEAKENS),
        changed(f"{_ENCRYPTION}.kms_master_key_id", "another key encrypts the objects", Kind.WEAKENS),
        gone("objects are encrypted with a key of S3's only", Kind.WEAKENS),
    ),
}

IMAGES: dict[str, tuple[Rule, ...]] = {
    "aws_ecr_repository": (
        not_any_more("image_tag_mutability", "IMMUTABLE", "a tag can become another image", Kind.WEAKENS),
        switched_off("image_scanning_configuration.scan_on_push", "images are scanned no more"),
        switched_on("force_delete", "destroying the environment deletes all images", Kind.WEAKENS),
    ),
    "aws_ecr_lifecycle_policy": (changed("policy", "other images are deleted", Kind.WEAKENS),),
}

SECRETS: dict[str, tuple[Rule, ...]] = {
    "aws_kms_key": (
        widened_policy("policy", "the key's policy", trusted=(OWN_ACCOUNT, "Service:logs.*.amazonaws.com")),
        switched_off("enable_key_rotation", "the key is renewed no more"),
        lowered("deletion_window_in_days", "a deleted key can be had back for fewer days"),
        switched_off("is_enabled", "nothing that the key encrypts can be read", Kind.INTERRUPTS),
    ),
    "aws_secretsmanager_secret": (
        lowered("recovery_window_in_days", "a deleted secret can be had back for fewer days"),
        changed("kms_key_id", "another key encrypts the secret", Kind.WEAKENS),
        widened_policy("policy", "the secret's policy"),
        given("replica", "the secret is copied to another region", Kind.OPENS),
    ),
    "aws_secretsmanager_secret_policy": (
        widened_policy("policy", "the secret's policy"),
        gone("what the secret's policy denied is denied no more", Kind.OPENS),
    ),
    "aws_secretsmanager_secret_version": (
        gone("the secret gets a new value, and what uses it restarts", Kind.INTERRUPTS, actions=(Action.REPLACE,)),
        gone("the secret loses its value", Kind.INTERRUPTS, actions=(Action.DESTROY,)),
    ),
}

WATCHING: dict[str, tuple[Rule, ...]] = {
    "aws_cloudwatch_log_group": (
        lowered("retention_in_days", "logs are kept for fewer days", for_ever=(0, None)),
        given_up("kms_key_id", "logs are encrypted without the environment's key"),
        switched_off("skip_destroy", "destroying the environment deletes the logs"),
    ),
}
