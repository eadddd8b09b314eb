"""Tags of the user's own on every resource, and others' that are left alone."""

from __future__ import annotations

from typing import Annotated
from unicodedata import category

from constructs.settings.document.problems import printable
from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from pydantic import AfterValidator, Field

#: Keys that the project sets on every resource.
OWN_KEYS = ("Name", "Project", "Environment", "ManagedBy", "Stack", "Address")
#: Keys that it sets on subnets beside those: by them load balancers find theirs.
SUBNET_KEYS = ("kubernetes.io/role/elb", "kubernetes.io/role/internal-elb")
#: EC2 takes 50 on the volume of a claim: beside the user's five of ours, by its class (all but `Name`, which is the
#: driver's there), and nine of the EBS CSI driver's (its page "Tagging").
MOST_TAGS = 36
#: RDS's own rule (API reference, "Tag") goes for values, too.
AWS_PREFIXES = ("aws:", "rds:")
#: Tags by which controllers in the cluster find what is theirs, in lower case. With one of its own among the user's
#: the EBS CSI driver doesn't start (its `validateExtraTags`).
MEANINGFUL = (
    *("kubernetes.io", "k8s.io/", "node.k8s.amazonaws.com/", "cluster.k8s.amazonaws.com/", "eks:"),
    *("elbv2.k8s.aws/", "ingress.k8s.aws/", "service.k8s.aws/", "gateway.k8s.aws/"),
    *("ebs.csi.aws.com/", "csivolumename", "csivolumesnapshotname", "kubernetescluster"),
)
#: IAM and RDS take no other characters; EC2 alone would take any (letters, digits and spaces of every script).
_CHARACTERS = "letters, digits, spaces and _ . : / = + - @"
_PATTERN = r"[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff\u3040-\ud7ff _.:/=+\-@]"


def _refuse_reserved(key: str) -> str:
    taken = {own.lower() for own in OWN_KEYS}
    if key.lower() in taken or key.lower().startswith(AWS_PREFIXES):
        raise mistake(
            allowed=f"a key of your own: {', '.join(OWN_KEYS)} are the project's, aws:... is AWS's, rds:... RDS's",
            fix="choose another key",
        )
    return _refuse_other_characters(key)


def _refuse_other_characters(text: str) -> str:
    other = [character for character in text if character not in "_.:/=+-@" and category(character)[0] not in "LNZ"]
    if other:
        raise mistake(
            allowed=f"{_CHARACTERS}; of other scripts letters and digits only, no symbols, no accents apart",
            fix="remove them; IAM and RDS refuse them",
            note=f"neither letter nor digit: {printable(''.join(other))}",
        )
    return text


def _refuse_reserved_value(value: str) -> str:
    if value.lower().startswith(AWS_PREFIXES):
        raise mistake(
            allowed="a value that begins with neither aws: nor rds:, which RDS keeps for AWS",
            fix="write another value",
        )
    return _refuse_other_characters(value)


def _refuse_meaningful(key: str) -> str:
    if key.lower().startswith(MEANINGFUL):
        raise mistake(
            allowed="a key that means nothing to Kubernetes, its load balancers and its volumes: on every resource it "
            "would have them take subnets, security groups and volumes that are not theirs",
            fix="remove it; the subnets have those tags that they need",
        )
    return key


TagKey = Annotated[
    str,
    Shape(
        f"{_PATTERN}{{1,128}}",
        allowed=f"the key of an AWS tag: 1 to 128 {_CHARACTERS}",
        fix="choose a key such as CostCenter",
        longest=128,
    ),
    AfterValidator(_refuse_reserved),
]
TagValue = Annotated[
    str,
    Shape(
        f"{_PATTERN}{{0,256}}",
        allowed=f"the value of an AWS tag: at most 256 {_CHARACTERS}",
        fix="remove the other characters; IAM and RDS refuse them. Numbers, true, false, yes and no go in quotes",
        longest=256,
    ),
    AfterValidator(_refuse_reserved_value),
]
#: Of a tag that the project sets, not one that it leaves alone.
OwnTagKey = Annotated[TagKey, AfterValidator(_refuse_meaningful)]


def _refuse_the_files(key: str) -> str:
    if key in (facts.known().tag_keys or ()):
        raise mistake(
            allowed="a key that `tags` doesn't have: what is ignored is never set", fix="remove one of the two"
        )
    if key in SUBNET_KEYS:
        raise mistake(
            allowed=f"a key that the project doesn't set: {' and '.join(SUBNET_KEYS)} are on its subnets, and what is "
            "ignored is never set",
            fix="remove it",
        )
    return key


def _refuse_prefix_of_ours(prefix: str) -> str:
    hidden = [key for key in (*OWN_KEYS, *SUBNET_KEYS, *(facts.known().tag_keys or ())) if key.startswith(prefix)]
    if hidden:
        raise mistake(
            allowed=f"a prefix that no key of the project or of `tags` begins with: {', '.join(hidden)} "
            "would be ignored, too",
            fix="write a longer prefix, such as auto-",
        )
    return prefix


TagKeyPrefix = Annotated[
    str,
    Shape(
        f"{_PATTERN}{{1,128}}",
        allowed=f"the start of a tag's key: 1 to 128 {_CHARACTERS}",
        fix="choose a prefix such as map-",
        longest=128,
    ),
    AfterValidator(_refuse_prefix_of_ours),
]


class IgnoreTagsSettings(Section):
    """Tags that others put on the environment's resources: deploys neither remove them nor report them as drift."""

    keys: Annotated[tuple[Annotated[TagKey, AfterValidator(_refuse_the_files)], ...], Count(0, 50, "keys")] = Field(
        default=(), description="Keys of such tags, at most 50: map-migrated. Upper and lower case count."
    )
    key_prefixes: Annotated[tuple[TagKeyPrefix, ...], Count(0, 50, "prefixes")] = Field(
        default=(), description="Starts of their keys, at most 50: auto-tag/ means every key that begins so."
    )
