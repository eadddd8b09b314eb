"""Roles of pods that tasks start."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

POLICY = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"


def test_a_service_account_with_policies(load: Load) -> None:
    """Its policies are among those that the role for applying may attach."""
    airflow = load({"airflow/pod_roles": f"{{reporting: {{policy_arns: ['{POLICY}']}}}}"}).airflow
    assert airflow.pod_roles["reporting"].policy_arns == (POLICY,)
    assert airflow.all_policy_arns == [POLICY]
    assert airflow.allow_pod_launching is False


@pytest.mark.parametrize(
    ("roles", "key", "allowed"),
    [
        ("{Reporting: {policy_arns: [x]}}", "airflow.pod_roles.Reporting", "the name of a service account"),
        ("{airflow-worker: {policy_arns: [x]}}", "airflow.pod_roles.airflow-worker", "Airflow's own"),
        ("{default: {policy_arns: [x]}}", "airflow.pod_roles.default", "neither default"),
        ("{reporting: {}}", "airflow.pod_roles.reporting.policy_arns", ""),
        ("{reporting: {policy_arns: []}}", "airflow.pod_roles.reporting.policy_arns", "1 to 8 policies"),
        ("{reporting: {policy_arns: [x]}}", "airflow.pod_roles.reporting.policy_arns[0]", "the ARN of an IAM policy"),
    ],
)
def test_mistakes(problems: Problems, roles: str, key: str, allowed: str) -> None:
    """Names of Airflow's own accounts, roles without policies, and what is no ARN."""
    found = {problem.key: problem for problem in problems({"airflow/pod_roles": roles})}
    assert allowed in found[key].allowed


def test_no_more_policies_than_can_be_named(problems: Problems) -> None:
    """With those of Airflow's own pods at most 14 different ones."""
    names = [f"'arn:aws:iam::111122223333:policy/p{number}'" for number in range(15)]
    changes: dict[str, str | None] = {
        "airflow/pod_policy_arns": f"[{', '.join(names[:8])}]",
        "airflow/pod_roles": f"{{a: {{policy_arns: [{', '.join(names[8:])}]}}}}",
    }
    (problem,) = problems(changes)
    assert (problem.key, "15 policies" in problem.received) == ("airflow.pod_roles", True)
