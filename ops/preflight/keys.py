"""The KMS keys that volumes are encrypted with: the account's default for EBS, and those that the file names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.preflight.check import Check, ok, problem

EBS, NAMED = "default key for EBS", "KMS keys"

#: What EC2 answers where nobody has chosen another default (EBS user guide, "Encryption by default").
AWS_MANAGED = "alias/aws/ebs"


def check_default(environment: Environment, aws: Aws) -> Check:
    """Whether the volumes of claims can be made: where no key is named EBS takes the account's default one.

    AWS's own key every role of the account may use; one of the customer's has to be named, or the driver may not.
    """
    if environment.storage.volume_kms_key_arn:
        return ok(EBS, "not used for claims: storage.volume_kms_key_arn names another key")
    with readable("ask for the account's default key for EBS"):
        default = str(aws.client("ec2").get_ebs_default_kms_key_id()["KmsKeyId"])
    if default.endswith(AWS_MANAGED):
        return ok(EBS, "AWS's own, aws/ebs")
    with readable(f"look at the key {default}"):
        found = aws.client("kms").describe_key(KeyId=default)["KeyMetadata"]
    return judge_default(found, has_claims=environment.airflow.uses_celery)


def judge_default(key: Mapping[str, Any], *, has_claims: bool) -> Check:
    """What a default key for EBS, as KMS describes it, means for the volumes of claims."""
    arn = key["Arn"]
    if key["KeyManager"] == "AWS":
        return ok(EBS, "AWS's own, aws/ebs")
    if not has_claims:
        return ok(EBS, f"{arn}; claims of your own would need storage.volume_kms_key_arn")
    return problem(
        EBS,
        f"it is the account's own {arn}: the EBS CSI driver may not use it, and redis would get no volume",
        f"set storage.volume_kms_key_arn: {arn}; its key policy has to leave access to IAM, and to let Auto Scaling's "
        "service-linked role use it for the nodes' volumes",
    )


def check_named(environment: Environment, aws: Aws) -> Iterator[Check]:
    """Whether the keys that the file names are there and can encrypt; nothing where it names none."""
    named = {
        "database.kms_key_arn": environment.database.kms_key_arn,
        "cluster.node_volume_kms_key_arn": environment.cluster.node_volume_kms_key_arn,
        "storage.volume_kms_key_arn": environment.storage.volume_kms_key_arn,
    }
    for setting, arn in named.items():
        if arn is None:
            continue
        try:
            with readable(f"look at the key {arn}"):
                found = aws.client("kms").describe_key(KeyId=arn)["KeyMetadata"]
        except NotFoundError:
            yield problem(NAMED, f"{setting}: there is no {arn}", f"make the key, or correct {setting}")
        else:
            yield judge_named(setting, found)


def judge_named(setting: str, key: Mapping[str, Any]) -> Check:
    """What a key that the file names, as KMS describes it, is worth for encryption."""
    if key["KeyState"] != "Enabled":
        return problem(
            NAMED,
            f"{setting}: {key['Arn']} is {key['KeyState']}, not Enabled",
            f"enable it (aws kms cancel-key-deletion first, where that is pending), or correct {setting}",
        )
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return problem(
            NAMED,
            f"{setting}: {key['Arn']} is of kind {key['KeySpec']}, and EBS and RDS want a symmetric one",
            f"name a key of kind SYMMETRIC_DEFAULT in {setting}",
        )
    return ok(NAMED, f"{setting} is enabled")
