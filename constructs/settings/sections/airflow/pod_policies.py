"""Policies of the user's for pods of Airflow."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.arns import PolicyArn
from constructs.settings.values.shapes import Count, mistake
from pydantic import AfterValidator


def _pass_the_boundary(arns: tuple[str, ...]) -> tuple[str, ...]:
    if arns and facts.known().bounded_pods:
        raise mistake(
            allowed="none without delivery.pod_actions: with section delivery a boundary bounds the pods, and lets "
            "through what is listed there",
            fix="add what these policies allow to delivery.pod_actions, for instance [glue:*]",
        )
    return arns


#: IAM attaches ten to a role, and some room is left.
PodPolicies = Annotated[tuple[PolicyArn, ...], Count(0, 8, "policies"), AfterValidator(_pass_the_boundary)]
