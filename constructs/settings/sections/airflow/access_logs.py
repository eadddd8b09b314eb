"""The access logs of the web UI's load balancer, in section `airflow.web`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.sections.state import BucketName
from constructs.settings.sections.storage import Days
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Shape, mistake
from pydantic import Field, ValidationInfo, field_validator

DEFAULT_DAYS = 90

Prefix = Annotated[
    str,
    Shape(
        r"(?!.*AWSLogs)[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*",
        allowed="a path of letters, digits and - _ . ! * ' ( ), at most 200 characters, no slash at either end; "
        "AWSLogs is what the load balancer itself puts behind it",
        fix="write a path such as airflow/dev",
        longest=200,
    ),
]


class AccessLogsSettings(Section):
    """Where the load balancer writes a line for each request: a bucket of the project's, or one that exists."""

    enabled: bool = Field(
        default=True,
        description="false: the load balancer stops writing, and the bucket stays. A load balancer that has begun to "
        "write goes on until this has been deployed; then access_logs may be removed.",
    )
    bucket: BucketName | None = Field(
        default=None,
        description="Name of a bucket of the environment's region, encrypted by SSE-S3, whose policy lets "
        "logdelivery.elasticloadbalancing.amazonaws.com write. Default: one that is made.",
    )
    prefix: Prefix | None = Field(
        default=None, description="Start of the objects' keys in that bucket. Only with bucket. Default: none."
    )
    expiration_days: Days | None = Field(
        default=None,
        description=f"Logs in the bucket that is made are deleted after this many days, 1 to 3650, by default "
        f"{DEFAULT_DAYS}. Not with bucket.",
    )

    @field_validator("prefix")
    @classmethod
    def _is_of_a_named_bucket(cls, prefix: str | None, info: ValidationInfo) -> str | None:
        if prefix is not None and "bucket" in info.data and info.data["bucket"] is None:
            raise mistake(
                allowed="nothing without airflow.web.access_logs.bucket: a bucket that is made holds these logs alone",
                fix="remove it, or name a bucket",
            )
        return prefix

    @field_validator("expiration_days")
    @classmethod
    def _is_of_our_bucket(cls, days: int | None, info: ValidationInfo) -> int | None:
        if days is not None and info.data.get("bucket") is not None:
            raise mistake(
                allowed="nothing with airflow.web.access_logs.bucket: that bucket's own rules say when objects expire",
                fix="remove it, or airflow.web.access_logs.bucket",
            )
        return days
