"""Section `database`: PostgreSQL on RDS, Airflow's metadata database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from constructs.settings.values.arns import KmsKeyArn, SnapshotArn, TopicArn
from constructs.settings.values.instance_memory import default_max_connections, memory_gib
from constructs.settings.values.logs import LogRetention
from constructs.settings.values.parameters import ParameterName, ParameterValue, refuse_our_own, refuse_value
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, Whole, mistake, mistakes_in
from constructs.settings.values.versions import EngineVersion
from constructs.settings.values.windows import BackupWindow, MaintenanceWindow, overlap
from constructs.versions.table import proven
from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema, field_validator

#: The largest max_connections has seven digits (RDS user guide): a number of hundreds can't be reckoned with.
MOST_DIGITS = 7
MAX_CONNECTIONS = "max_connections"

#: Those whose root certificates ship with the project (constructs/airflow/certificates), in every region.
CertificateAuthority = Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"]
InstanceClass = Annotated[
    str,
    Shape(
        r"db\.(t[3-9][a-z]*\.(micro|small|medium|large|2?xlarge)|[mr]([5-9]|1[0-9])[a-z]*\.(large|([1-9][0-9]*)?xlarge))",
        allowed="an RDS instance class of a burstable (t), general purpose (m) or memory optimized (r) family, "
        "db.<family>.<size>, such as db.t4g.medium or db.m7g.large",
        fix="look the class up: aws rds describe-orderable-db-instance-options --engine postgres",
        longest=40,
    ),
]
EmailAddress = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9._+'-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*",
        allowed="an e-mail address of letters, digits and ._+'-, such as airflow-alarms@example.com",
        fix="write one address in each entry of the list",
        longest=254,
    ),
]
_SNAPSHOT_NAME = Shape(
    r"[A-Za-z][A-Za-z0-9:-]{0,254}",
    allowed=f"the name of an RDS snapshot, or its ARN, such as {SnapshotArn.example}",
    fix="copy it from: aws rds describe-db-snapshots",
)


def plain_number(parameter: str) -> int | None:
    """The value of a parameter as a number; None for an expression of RDS's, or none that can be reckoned with."""
    return int(parameter) if parameter.isdecimal() and len(parameter) <= MOST_DIGITS else None


def _check_snapshot(value: object) -> str:
    return (SnapshotArn if isinstance(value, str) and value.startswith("arn:") else _SNAPSHOT_NAME).check(value)


class DatabaseSettings(Section):
    """One PostgreSQL instance in a VPC of its own."""

    engine_version: EngineVersion = Field(
        default=proven("postgresql"),
        description='PostgreSQL version in quotes: "16" or newer, or with a minor version, "17.10". Without one RDS '
        "takes its newest and follows it in the maintenance window. A new major version, from which there is no way "
        "back, needs apply_immediately.",
    )
    instance_class: InstanceClass = Field(
        default="db.t4g.medium", description="RDS instance class, db.<family>.<size>."
    )
    kms_key_arn: KmsKeyArn | None = Field(
        default=None,
        description="ARN of the KMS key, of this account and region, for storage and snapshots. Read when the database "
        "is created. Default: a key of the environment's own, which is deleted 30 days after it, and with it the "
        "final snapshot can't be read any more.",
    )
    allocated_storage_gib: Annotated[int, Whole(20, 65536, "GiB")] = Field(
        default=20,
        description="Storage to begin with, in GiB, 20 to 65536. What it has grown to stays: it never shrinks.",
    )
    max_allocated_storage_gib: Annotated[int, Whole(22, 65536, "GiB")] | None = Field(
        default=100,
        description="RDS lets the storage grow up to this, in GiB: at least 10 % more than allocated_storage_gib. "
        "null: it does not grow by itself, and keeps what it has grown to.",
    )
    multi_az: bool = Field(
        default=False, description="A standby in another zone takes over when one fails. Doubles the price."
    )
    certificate_authority: CertificateAuthority = Field(
        default="rds-ca-rsa2048-g1",
        description="Who signs the server's certificate. Clients trust each of the three, so a change needs "
        "nothing of them. The default is valid to 2061, the other two to 2121; in some regions a year longer.",
    )
    backup_retention_days: Annotated[int, Whole(1, 35, "days")] = Field(
        default=7, description="How far back the database can be restored to any second, in days, 1 to 35."
    )
    backup_window: BackupWindow = Field(
        default="02:00-03:00",
        description="When the daily backup starts, UTC, HH:MM-HH:MM, at least 30 minutes, "
        "apart from the maintenance window.",
    )
    maintenance_window: MaintenanceWindow = Field(
        default="sun:04:00-sun:05:00",
        description="When RDS may apply changes and updates, UTC, ddd:HH:MM-ddd:HH:MM, at least 30 minutes.",
    )
    apply_immediately: bool = Field(
        default=False,
        description="true: a change is made at once, which may restart the database. false: in the maintenance window. "
        "Neither restarts it for static parameters.",
    )
    deletion_protection: bool = Field(
        default=True, description="RDS refuses to delete the database while this is true."
    )
    allow_replacement: bool = Field(
        default=False,
        description="true: a change that replaces the database, and loses what is in it, is carried out. "
        "false: it is refused when it is planned.",
    )
    final_snapshot: bool = Field(
        default=True,
        description="A last snapshot is taken when the database is deleted. false: all data is gone then.",
    )
    restore_from_snapshot: (
        Annotated[
            str,
            PlainValidator(_check_snapshot, json_schema_input_type=str),
            WithJsonSchema({"type": "string", "maxLength": 2048}),
        ]
        | None
    ) = Field(
        default=None,
        description="Name or ARN of an RDS snapshot (same region) that the database starts from. Read when "
        "the database is created, ignored afterwards. It has to be encrypted, of a database that this project made, "
        "of engine_version's major version, and no larger than allocated_storage_gib.",
    )
    log_retention_days: LogRetention = Field(
        default=30, description="How long CloudWatch Logs keeps PostgreSQL's logs, in days."
    )
    log_statements_slower_than_ms: Annotated[int, Whole(1, 3_600_000, "milliseconds")] | None = Field(
        default=None,
        description="PostgreSQL logs every statement that takes longer, in milliseconds. null: it logs none for that.",
    )
    parameters: Annotated[
        Mapping[Annotated[ParameterName, AfterValidator(refuse_our_own)], ParameterValue], Count(0, 100, "parameters")
    ] = Field(
        default={},
        description="PostgreSQL parameters beside the project's own: name to value, values as text. Those that "
        "PostgreSQL reads only at its start, max_connections among them, wait for its next restart, whatever "
        "apply_immediately says: `python -m ops restart-database`.",
    )
    alarm_topic_arn: TopicArn | None = Field(
        default=None,
        description="ARN of an SNS topic of yours, of this account and region, that alarms are sent to. If it is "
        "encrypted, its key has to let cloudwatch.amazonaws.com use it.",
    )
    alarm_emails: Annotated[tuple[EmailAddress, ...], Count(0, 10, "addresses")] = Field(
        default=(),
        description="Who is told of alarms, at most 10 e-mail addresses: an SNS topic of the environment's own is made "
        "for them, and AWS asks each for a confirmation first. []: nobody, on purpose.",
    )

    @property
    def alarms_are_told(self) -> bool:
        """Whether somebody hears of the alarms, or the file says that nobody has to."""
        return self.alarm_topic_arn is not None or "alarm_emails" in self.model_fields_set

    @property
    def memory_gib(self) -> float:
        """Memory of the instance class, in GiB: connections and alarms are reckoned from it."""
        return memory_gib(self.instance_class)

    @property
    def max_connections(self) -> int:
        """How many connections PostgreSQL takes: the parameter where it is a plain number, else RDS's default."""
        chosen = plain_number(self.parameters.get(MAX_CONNECTIONS, ""))
        return default_max_connections(self.memory_gib) if chosen is None else chosen

    @field_validator("parameters")
    @classmethod
    def _are_values_of_rds(cls, parameters: Mapping[str, str]) -> Mapping[str, str]:
        if wrong := mistakes_in(parameters, refuse_value):
            raise wrong
        return parameters

    @field_validator("alarm_emails")
    @classmethod
    def _are_different(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        alike = [one for one in addresses if [other.lower() for other in addresses].count(one.lower()) > 1]
        if alike:
            raise mistake(
                allowed="each address once, whatever its case: a mailbox would get every alarm twice",
                fix="remove one of them",
                note=f"alike: {', '.join(alike)}",
            )
        return addresses

    @field_validator("max_allocated_storage_gib")
    @classmethod
    def _leaves_room(cls, most: int | None, info: ValidationInfo) -> int | None:
        allocated = info.data.get("allocated_storage_gib")
        if most is not None and allocated is not None and most * 10 < allocated * 11:
            least = -(-allocated * 11 // 10)
            raise mistake(
                allowed=f"at least 10 % more than allocated_storage_gib (RDS's rule): {least} GiB or more; or null",
                fix=f"write {least} or more, or null for storage that does not grow",
                note=f"allocated_storage_gib is {allocated}",
            )
        return most

    @field_validator("maintenance_window")
    @classmethod
    def _is_apart(cls, window: str, info: ValidationInfo) -> str:
        backup = info.data.get("backup_window")
        if backup and overlap(backup, window):
            raise mistake(
                allowed="a time apart from backup_window (RDS's rule)",
                fix="move one of the two windows",
                note=f"overlaps backup_window, {backup}",
            )
        return window
