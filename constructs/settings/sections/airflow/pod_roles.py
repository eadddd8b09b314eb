"""Service accounts with a role of their own in section `airflow`, for pods that tasks start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from constructs.settings.sections.airflow.pod_policies import PodPolicies
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from pydantic import Field, field_validator

ServiceAccountName = Annotated[
    str,
    Shape(
        r"(?!airflow-|default$)[a-z]([a-z0-9-]{0,28}[a-z0-9])?",
        allowed="the name of a service account: 1 to 30 lower-case letters, digits and hyphens inside, starting with a "
        "letter; neither default nor airflow-..., which are Airflow's own",
        fix="choose a name such as reporting",
        longest=30,
    ),
]


class PodRoleSettings(Section):
    """What pods with a service account may do in AWS."""

    policy_arns: PodPolicies = Field(
        description="ARNs of IAM policies that pods with this service account get by EKS Pod Identity, 1 to 8: this "
        "account's own or AWS's. Nothing of what Airflow's own pods have is among it."
    )

    @field_validator("policy_arns")
    @classmethod
    def _are_some(cls, arns: tuple[str, ...]) -> tuple[str, ...]:
        if not arns:
            raise mistake(
                allowed="1 to 8 policies: pods without a role need no service account of their own",
                fix="add the ARN of a policy, or remove the role",
            )
        return arns


PodRoles = Annotated[Mapping[ServiceAccountName, PodRoleSettings], Count(0, 10, "roles")]
