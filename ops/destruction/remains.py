"""What goes with a destroy and what stays after it: read from the state, which is what Terraform destroys by.

A switch in the environment file counts only once it is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from ops.state.reading import StackState

#: Parts of another object, which go with it. Terraform only forgets most of them when it destroys them, so that after a
#: destroy that was interrupted they are there as long as their parent is.
OF_A_PARENT = frozenset(
    {
        "aws_default_security_group",
        "aws_ecr_lifecycle_policy",
        "aws_eks_access_policy_association",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_sqs_queue_policy",
        "aws_vpc_peering_connection_options",
    }
)


#: Kinds that hold data -> the attribute that names one for people. Keys are told of by `stays`.
HOLD_DATA: Mapping[str, str] = {
    "aws_cloudwatch_log_group": "name",
    "aws_db_instance": "identifier",
    "aws_ecr_repository": "name",
    "aws_eks_cluster": "name",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name",
}

#: Columns of a text of many words.
WIDTH = 110
#: A space at which no line is broken.
_TOGETHER = "\N{NO-BREAK SPACE}"


def each(state: StackState, terraform_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Address and attributes of the recorded objects of a type; of one without attributes nothing can be said."""
    for instance in state.instances:
        if instance.type == terraform_type and not instance.deposed and instance.attributes:
            yield instance.address, instance.attributes


def goes(state: StackState) -> list[str]:
    """Lines about all that is recorded: what holds data by its names, the rest counted by kind."""
    lines = [
        f"{kind}: {', '.join(names)}"
        for kind, key in HOLD_DATA.items()
        if (names := sorted(str(attributes[key]) for _, attributes in each(state, kind)))
    ]
    rest = ", ".join(
        f"{count}{_TOGETHER}{kind}" for kind, count in sorted(state.by_type.items()) if kind not in HOLD_DATA
    )
    wrapped = wrap(rest, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [*lines, *(line.replace(_TOGETHER, " ") for line in wrapped)]


def lost(state: StackState) -> list[str]:
    """Data that goes for good."""
    lines = [
        f"the database {database['identifier']} and its backups, without a final snapshot (database.final_snapshot)"
        for _, database in each(state, "aws_db_instance")
        if database.get("skip_final_snapshot")
    ]
    lines += [
        f"all {_logs(bucket)} in the bucket {bucket['bucket']} (storage.empty_log_bucket_on_destroy)"
        for _, bucket in each(state, "aws_s3_bucket")
        if bucket.get("force_destroy")
    ]
    now = [secret["name"] for _, secret in each(state, "aws_secretsmanager_secret") if not _window(secret)]
    if now:
        lines.append(f"{len(now)} secrets, at once ({', '.join(sorted(now))})")
    return lines


def stays(state: StackState) -> list[str]:
    """What is left in the account on purpose, and for how long."""
    lines = [
        f"final snapshot {database['final_snapshot_identifier']} of the database, until somebody deletes it; "
        "it costs storage"
        for _, database in each(state, "aws_db_instance")
        if not database.get("skip_final_snapshot") and database.get("final_snapshot_identifier")
    ]
    days: dict[int, list[str]] = {}
    for _, secret in each(state, "aws_secretsmanager_secret"):
        if _window(secret):
            days.setdefault(_window(secret), []).append(secret["name"])
    lines += [
        f"{len(names)} secrets for {window} days, then gone ({', '.join(sorted(names))}); a deploy under the same name "
        "brings them back and writes new values"
        for window, names in sorted(days.items())
    ]
    for address, key in each(state, "aws_kms_key"):
        window = key.get("deletion_window_in_days") or 30
        lines.append(f"key {key['key_id']} ({address}) for {window} days; what it encrypted can't be read afterwards")
    return lines


def _logs(bucket: Mapping[str, Any]) -> str:
    return "access logs" if "-accesslogs-" in bucket["bucket"] else "task logs"


def _window(secret: Mapping[str, Any]) -> int:
    return int(secret.get("recovery_window_in_days") or 0)
