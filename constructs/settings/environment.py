"""The whole environment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.cluster import ClusterSettings
from constructs.settings.sections.database import DatabaseSettings
from constructs.settings.sections.delivery import DeliverySettings
from constructs.settings.sections.network import NetworkSettings
from constructs.settings.sections.providers import ProvidersSettings
from constructs.settings.sections.secrets import SecretsSettings
from constructs.settings.sections.state import StateSettings
from constructs.settings.sections.storage import StorageSettings
from constructs.settings.sections.tags import MOST_TAGS, IgnoreTagsSettings, OwnTagKey, TagValue
from constructs.settings.values import facts
from constructs.settings.values.regions import RegionName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from constructs.settings.values.zones import ZoneName
from pydantic import Field, ModelWrapValidatorHandler, ValidationInfo, field_validator, model_validator

EnvironmentName = Annotated[
    str,
    Shape(
        r"(?!.{21})[a-z][a-z0-9]*(-[a-z0-9]+)*",
        allowed="1 to 20 lower-case letters, digits and single hyphens inside, starting with a letter",
        fix="choose a name such as dev",
        longest=20,
    ),
]
AccountId = Annotated[
    str,
    Shape(
        r"[0-9]{12}",
        allowed='the 12 digits of an AWS account, in quotes: "111122223333"',
        fix="aws sts get-caller-identity --query Account shows yours; keep the quotes and leading zeros",
        longest=12,
    ),
]


class Environment(Section):
    """One environment of Airflow on AWS, as its file describes it.

    The order of the fields matters: a value is compared with what stands above it (`facts`).
    """

    name: EnvironmentName = Field(
        description="Name of the environment: 1 to 20 lower-case letters, digits and single hyphens inside, starting "
        "with a letter. Part of every resource's name: unique in the account and the same as the file's name."
    )
    region: RegionName = Field(description="AWS region, such as eu-west-1.")
    account_id: AccountId = Field(
        description="The AWS account, 12 digits in quotes. Terraform refuses to work in any other one."
    )
    availability_zones: Annotated[tuple[ZoneName, ...], Count(2, 6, "availability zones")] = Field(
        description="2 to 6 availability zones of the region. Add new ones at the end, and never remove one. A new "
        "zone replaces the node groups that do not name their zones."
    )
    delivery: DeliverySettings | None = Field(
        default=None,
        description="Deployment from GitHub Actions: at least `repository`. What it needs in AWS is made once by "
        "`make bootstrap`. Default: nobody but people deploys.",
    )
    state: StateSettings = Field(
        default_factory=StateSettings, description="Where Terraform keeps what it knows of the environment."
    )
    providers: ProvidersSettings = Field(
        default_factory=ProvidersSettings,
        description="Versions of Terraform's providers; the defaults are those on which the whole cycle has been run.",
    )
    tags: Annotated[Mapping[OwnTagKey, TagValue], Count(0, MOST_TAGS, "tags")] = Field(
        default={},
        description="Tags for every resource, nodes and volumes among them, at most 36, beside the project's own. "
        "Values are text.",
    )
    ignore_tags: IgnoreTagsSettings = Field(
        default_factory=IgnoreTagsSettings,
        description="Tags that others put on the resources (auto-taggers, migration programs): they stay.",
    )
    network: NetworkSettings = Field(
        default_factory=NetworkSettings, description="Address ranges, NAT gateways, flow logs."
    )
    cluster: ClusterSettings = Field(description="The Kubernetes cluster and its nodes.")
    database: DatabaseSettings = Field(
        default_factory=DatabaseSettings, description="PostgreSQL, Airflow's metadata database."
    )
    storage: StorageSettings = Field(
        default_factory=StorageSettings, description="The bucket of task logs, the key of claims' volumes."
    )
    airflow: AirflowSettings = Field(
        description="Airflow in the cluster: at least `dags` (its repository) and `web` (its address, and for whom)."
    )
    secrets: SecretsSettings = Field(
        default_factory=SecretsSettings, description="Revisions of the secrets; never a secret itself."
    )

    @property
    def state_region(self) -> str:
        """The region of the state's bucket."""
        return self.state.region or self.region

    @property
    def apply_environment(self) -> str:
        """The GitHub environment that deploys."""
        return (self.delivery and self.delivery.apply_environment) or self.name

    @property
    def plan_environment(self) -> str:
        """The GitHub environment that plans."""
        return (self.delivery and self.delivery.plan_environment) or f"{self.name}-plan"

    @model_validator(mode="wrap")
    @classmethod
    def _with_facts(cls, values: Any, validate: ModelWrapValidatorHandler[Environment]) -> Environment:
        token = facts.current.set(facts.Facts())
        try:
            return validate(values)
        finally:
            facts.current.reset(token)

    @field_validator("tags")
    @classmethod
    def _differ_in_more_than_case(cls, tags: Mapping[str, str]) -> Mapping[str, str]:
        folded = [key.casefold() for key in tags]
        alike = sorted(key for key in tags if folded.count(key.casefold()) > 1)
        if alike:
            raise mistake(
                allowed="keys that differ in more than upper and lower case, which IAM does not tell apart",
                fix="remove all but one of them",
                note=f"alike: {', '.join(alike)}",
            )
        facts.note("tag_keys", tuple(tags))
        return tags

    @field_validator("database")
    @classmethod
    def _note_connections(cls, database: DatabaseSettings) -> DatabaseSettings:
        facts.note("max_connections", database.max_connections)
        return database

    @field_validator("delivery")
    @classmethod
    def _note_delivery(cls, delivery: DeliverySettings | None) -> DeliverySettings | None:
        facts.note("delivered", delivery is not None)
        facts.note("bounded_pods", delivery is not None and not delivery.pod_actions)
        facts.note("state_bucket_is_made", delivery is not None and delivery.create_state_bucket)
        return delivery

    @field_validator("name", "region", "account_id", "availability_zones")
    @classmethod
    def _note(cls, value: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        facts.note(str(info.field_name), value)
        return value
