"""Section `storage`: the bucket of task logs, and the key of claims' volumes."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.arns import KmsKeyArn
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

Days = Annotated[int, Whole(1, 3650, "days")]


class StorageSettings(Section):
    """How long task logs live, whether destroying the environment deletes them, and the key of claims' volumes."""

    volume_kms_key_arn: KmsKeyArn | None = Field(
        default=None,
        description="ARN of the KMS key, of this account and region, for the volumes of Kubernetes claims, such as "
        "redis' is; for those that are made from then on. Its policy must leave access to IAM, as the default does. "
        "Default: the account's key for EBS, which has to be named here where it is not AWS's own.",
    )

    log_expiration_days: Days = Field(default=90, description="Task logs are deleted after this many days, 1 to 3650.")
    log_infrequent_access_days: Annotated[int, Whole(30, 3650, "days")] | None = Field(
        default=None,
        description="Task logs move to the cheaper storage class for rare access after this many days, 30 (S3's least) "
        "to 3650, before they expire. null: they stay. Objects under 128 KB never move.",
    )
    noncurrent_version_expiration_days: Days = Field(
        default=30, description="Overwritten or deleted versions of a log are kept for this many days, 1 to 3650."
    )
    empty_log_bucket_on_destroy: bool = Field(
        default=False,
        description="true: destroying the environment deletes all task logs. "
        "false: destroy stops at a bucket that is not empty.",
    )

    @field_validator("log_infrequent_access_days")
    @classmethod
    def _moves_before_it_expires(cls, days: int | None, info: ValidationInfo) -> int | None:
        expires = info.data.get("log_expiration_days")
        if days is not None and expires is not None and days >= expires:
            raise mistake(
                allowed="fewer days than storage.log_expiration_days, or null",
                fix="remove it, or raise storage.log_expiration_days",
                note=f"log_expiration_days is {expires}",
            )
        return days
