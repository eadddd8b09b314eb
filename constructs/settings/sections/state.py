"""Section `state`: where Terraform keeps what it knows of the environment."""

from __future__ import annotations

from typing import Annotated, Literal

from constructs.settings.values import facts
from constructs.settings.values.arns import KmsKeyArnOfAnyRegion
from constructs.settings.values.regions import RegionName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Shape, Whole, fitting, mistake
from pydantic import Field, ValidationInfo, field_validator

# Without dots: a name with dots does not match the certificate of S3's host names. Reserved affixes:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BucketName = Annotated[
    str,
    Shape(
        r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        allowed="the name of an S3 bucket: 3 to 63 lower-case letters, digits and hyphens (no dots: they break TLS)",
        fix="write the name only, such as acme-terraform-state; no s3:// and no ARN",
    ),
]
KeyPrefix = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*",
        allowed="a path of letters, digits and - _ . ! * ' ( ), at most 200 characters, no slash at either end",
        fix="write a path such as airflow",
        longest=200,
    ),
]


def _required() -> tuple[str, ...]:
    """Return what backend s3 can't do without; a bucket that is made encrypts by itself, with the key made for it."""
    return ("bucket", "kms_key_id") if facts.known().state_bucket_is_made is False else ("bucket",)


class StateSettings(Section):
    """A file in the checkout, or an object in an S3 bucket that several people and CI share."""

    backend: Literal["local", "s3"] = Field(
        default="local",
        description="`local`: files below state/ in the checkout, for one person. `s3`: encrypted objects in a bucket, "
        "locked while in use, for a team.",
    )
    region: RegionName | None = Field(
        default=None, description="Region of the bucket. Default: the environment's region. Only with backend s3."
    )
    bucket: BucketName | None = Field(
        default=None,
        description="Name of the S3 bucket, which must exist already unless delivery makes it. Required with backend "
        "s3.",
    )
    kms_key_id: KmsKeyArnOfAnyRegion | None = Field(
        default=None,
        description="ARN of the KMS key that encrypts the state, of the same account and of the bucket's region. "
        "Required with backend s3, unless delivery makes the bucket: then the default is a key that is made with it.",
    )
    key_prefix: KeyPrefix = Field(
        default="airflow",
        description="Start of the objects' keys: <key_prefix>/<name>/<stack>.tfstate. At most 200 characters.",
    )
    lock_timeout_minutes: Annotated[int, Whole(0, 240, "minutes")] = Field(
        default=60,
        description="How old a lock on the state, of whose holder nothing is known, has to be before `recover` asks a "
        "person whether to remove it, in minutes, 0 to 240. Age alone removes no lock.",
    )

    @field_validator("backend")
    @classmethod
    def _is_shared_with_workflows(cls, backend: str) -> str:
        if backend == "local" and facts.known().delivered:
            raise mistake(
                allowed="s3: with section delivery workflows share the state, and a file in a checkout they don't have",
                fix="set state.backend: s3 and state.bucket, which `make bootstrap` makes; or remove section delivery",
            )
        return backend

    @field_validator("region", "bucket", "kms_key_id")
    @classmethod
    def _suits_backend(cls, value: str | None, info: ValidationInfo) -> str | None:
        backend = info.data.get("backend")
        if backend == "local" and value is not None:
            raise mistake(
                allowed=f"nothing while state.backend is local: state.{info.field_name} is for s3",
                fix=f"set state.backend: s3, or remove state.{info.field_name}",
            )
        if backend == "s3" and value is None and info.field_name in _required():
            raise mistake(
                allowed="a value: state.backend is s3",
                fix=f"add state.{info.field_name}, or set state.backend: local",
            )
        return value

    @field_validator("bucket")
    @classmethod
    def _is_no_log_bucket(cls, bucket: str | None) -> str | None:
        account = facts.known().account_id
        if bucket and account and fitting(rf"airflow-[a-z0-9-]+-(access)?logs-{account}", bucket, 63):
            raise mistake(
                allowed="a bucket of its own: this name is of an environment's bucket of logs, whose objects expire, "
                "and which goes with that environment",
                fix="name another one, such as acme-terraform-state",
                note="a log bucket",
            )
        return bucket

    @field_validator("kms_key_id")
    @classmethod
    def _is_of_the_buckets_region(cls, arn: str | None, info: ValidationInfo) -> str | None:
        region = info.data.get("region") or facts.known().region
        if arn and region and "region" in info.data and arn.split(":")[3] != region:
            raise mistake(
                allowed=f"the ARN of a KMS key of the bucket's region, {region}",
                fix="name a key of that region, or correct state.region",
                note=f"region {arn.split(':')[3]}",
            )
        return arn
