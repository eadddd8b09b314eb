"""What AWS and Terraform accept as names, tags and labels.

These are the services' own rules: botocore's service models, the user guides where those have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

from tests.property.templates import pieces

#: The longest value that AWS makes up for something that a name is put together from (`sg-` and 17 digits).
_UNKNOWN = "sg-" + "0" * 17

#: (resource type, argument) -> the whole of what is allowed.
NAMES = {
    ("aws_iam_role", "name"): r"[\w+=,.@-]{1,64}",
    ("aws_iam_role", "description"): r"[\u0020-\u007e\u00a1-\u00ff]{0,1000}",
    ("aws_iam_role_policy", "name"): r"[\w+=,.@-]{1,128}",
    ("aws_eks_cluster", "name"): r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}",
    ("aws_eks_node_group", "node_group_name"): r"[0-9A-Za-z][A-Za-z0-9_-]{0,62}",
    ("aws_eks_pod_identity_association", "namespace"): r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
    ("aws_launch_template", "name"): r"[a-zA-Z0-9()./_-]{3,128}",
    ("aws_db_instance", "identifier"): r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]",
    ("aws_db_instance", "final_snapshot_identifier"): r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]",
    ("aws_db_subnet_group", "name"): r"[a-z0-9 ._-]{1,255}",
    ("aws_db_parameter_group", "name"): r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]",
    ("aws_ecr_repository", "name"): r"[a-z0-9]+(?:[._-][a-z0-9]+)*",
    ("aws_s3_bucket", "bucket"): r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    ("aws_kms_alias", "name"): r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}",
    ("aws_secretsmanager_secret", "name"): r"[A-Za-z0-9/_+=.@-]{1,512}",
    ("aws_cloudwatch_log_group", "name"): r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}",
    ("aws_security_group", "name"): r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
    ("aws_security_group", "description"): r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
    ("aws_cloudwatch_metric_alarm", "alarm_name"): r"[ -~]{1,255}",
    ("aws_sns_topic", "name"): r"[A-Za-z0-9_-]{1,256}",
}
#: Terraform: "must start with a letter or underscore and may contain only letters, digits, underscores, and dashes".
_TERRAFORM_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_TAG_KEY, _TAG_VALUE, _MOST_TAGS = 128, 256, 50
#: EKS takes keys and values of at most 63 characters; a label's value may not be empty, a taint's may.
_LABEL, _TAINT_VALUE = r".{1,63}", r".{0,63}"
#: IAM's default quota of managed policies per role.
_MOST_ATTACHMENTS = 10


def beyond_limits(stack: SynthesizedStack) -> list[str]:
    """Everything in the stack that Terraform or AWS would refuse for its name, tags or labels."""
    return [*_terraform_names(stack), *_names(stack), *_tags(stack), *_node_groups(stack), *_attachments(stack)]


def _with_unknowns(template: str) -> str:
    return "".join(piece.text if piece.kind == "literal" else _UNKNOWN for piece in pieces(template))


def _terraform_names(stack: SynthesizedStack) -> Iterator[str]:
    for address in stack.addresses:
        if not re.fullmatch(_TERRAFORM_NAME, address.rpartition(".")[2]):
            yield f"{address} is no address"


def _names(stack: SynthesizedStack) -> Iterator[str]:
    for (terraform_type, argument), pattern in NAMES.items():
        for name, resource in stack.resources(terraform_type).items():
            value = resource.get(argument)
            if value is not None and not re.fullmatch(pattern, _with_unknowns(value)):
                yield f"{terraform_type}.{name}: {argument} {value!r}"


def _tags(stack: SynthesizedStack) -> Iterator[str]:
    for terraform_type, named in stack.document["resource"].items():
        for name, resource in named.items():
            tags: dict[str, str] = resource.get("tags") or {}
            place = f"{terraform_type}.{name}: tags"
            if len(tags) > _MOST_TAGS:
                yield f"{place}: {len(tags)}"
            if len({key.casefold() for key in tags}) < len(tags):
                yield f"{place}: IAM takes two keys that differ in case for one: {sorted(tags)}"
            for key, value in tags.items():
                if not 1 <= len(key) <= _TAG_KEY or len(value) > _TAG_VALUE or key.casefold().startswith("aws:"):
                    yield f"{place}: {key!r} {value!r}"


def _node_groups(stack: SynthesizedStack) -> Iterator[str]:
    for name, group in stack.resources("aws_eks_node_group").items():
        labels: dict[str, str] = group.get("labels") or {}
        pairs = [(key, value, _LABEL) for key, value in labels.items()]
        taints: list[dict[str, Any]] = group.get("taint") or []
        pairs += [(taint["key"], taint.get("value") or "", _TAINT_VALUE) for taint in taints]
        for key, value, pattern in pairs:
            if not re.fullmatch(_LABEL, key) or not re.fullmatch(pattern, value):
                yield f"aws_eks_node_group.{name}: label or taint {key!r} {value!r}"


def _attachments(stack: SynthesizedStack) -> Iterator[str]:
    attachments = stack.resources("aws_iam_role_policy_attachment").values()
    roles = [attachment["role"] for attachment in attachments]
    for role in sorted(set(roles)):
        if roles.count(role) > _MOST_ATTACHMENTS:
            yield f"{role}: {roles.count(role)} policies attached"
