"""Section `delivery`, and what it changes about others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment
from constructs.settings.loading.placeholders import placeholders

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

#: The smallest file that workflows deliver.
DELIVERED: dict[str, str | None] = {
    "delivery/repository": "acme/airflow",
    "state/backend": "s3",
    "state/bucket": "acme-state",
}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"


class TestDefaults:
    def test_only_the_repository_is_required(self, load: Load) -> None:
        """GitHub environments are named after the environment; bucket, key and provider are made."""
        environment = load(DELIVERED)
        assert (environment.plan_environment, environment.apply_environment) == ("test-plan", "test")
        assert environment.delivery is not None
        assert environment.delivery.create_state_bucket
        assert environment.delivery.oidc_provider_arn is None
        assert environment.state.kms_key_id is None

    def test_the_subject_is_that_of_githubs_tokens(self, load: Load) -> None:
        """The token of a job in a GitHub environment names repository and environment."""
        delivery = load(DELIVERED).delivery
        assert delivery is not None
        assert delivery.subject("test") == "repo:acme/airflow:environment:test"
        assert delivery.issuer == "token.actions.githubusercontent.com"

    def test_numbers_are_part_of_the_subject_of_newer_repositories(self, load: Load) -> None:
        """With the numbers of owner and repository the subject holds them, as GitHub writes it since 2026-07-15."""
        delivery = load({**DELIVERED, "delivery/owner_id": "12", "delivery/repository_id": "345"}).delivery
        assert delivery is not None
        assert delivery.subject("test") == "repo:acme@12/airflow@345:environment:test"

    def test_an_enterprises_issuer_is_the_providers(self, load: Load) -> None:
        """Of an enterprise with an issuer of its own, tokens and condition keys begin with it."""
        issuer = "token.actions.githubusercontent.com/acme"
        arn = f"arn:aws:iam::111122223333:oidc-provider/{issuer}"
        delivery = load({**DELIVERED, "delivery/oidc_provider_arn": arn}).delivery
        assert delivery is not None
        assert delivery.issuer == issuer

    def test_the_examples_repository_is_a_placeholder(self, load: Load) -> None:
        """The repository of the shipped example is reported as one to fill in."""
        assert "delivery.repository" in placeholders(load({**DELIVERED, "delivery/repository": "example/airflow"}))


class TestMistakes:
    @pytest.mark.parametrize(
        ("changes", "key", "fix"),
        [
            ({"delivery/repository": "https://github.com/acme/airflow"}, "delivery.repository", "owner and name only"),
            ({"delivery/repository": "acme/airflow.git"}, "delivery.repository", "owner and name only"),
            ({"delivery/repository": "airflow"}, "delivery.repository", "owner and name only"),
            ({"delivery/apply_environment": "a:b"}, "delivery.apply_environment", "write a name such as prod"),
            ({"delivery/plan_environment": "TEST"}, "delivery.plan_environment", "write test-plan"),
            (
                {"delivery/apply_environment": "test-plan", "delivery/plan_environment": "Test-Plan"},
                "delivery.plan_environment",
                "write test-plan-plan",
            ),
            ({"delivery/owner_id": "12"}, "delivery.repository_id", "gh api"),
            ({"delivery/repository_id": "12"}, "delivery.repository_id", "gh api"),
            ({"delivery/oidc_provider_arn": "arn:aws:iam::111122223333:oidc-provider/example.com"}, None, ""),
            ({"delivery/create_state_bucket": "false"}, "state.kms_key_id", "add state.kms_key_id"),
            ({"delivery/pod_actions": "['*']"}, "delivery.pod_actions[0]", "name the actions"),
            ({"delivery/pod_actions": "['iam:PassRole']"}, "delivery.pod_actions[0]", "name the actions"),
            ({"delivery/pod_actions": "['organizations:*']"}, "delivery.pod_actions[0]", "name the actions"),
            ({"delivery/pod_actions": "['*:Get']"}, "delivery.pod_actions[0]", "name the actions"),
            (
                {"airflow/pod_policy_arns": "['arn:aws:iam::aws:policy/AmazonAthenaFullAccess']"},
                "airflow.pod_policy_arns",
                "delivery.pod_actions",
            ),
        ],
    )
    def test_are_named_with_their_key_and_fix(
        self, problems: Problems, changes: dict[str, str | None], key: str | None, fix: str
    ) -> None:
        """Each mistake is one problem, at the key that it is about."""
        (problem,) = problems({**DELIVERED, **changes})
        assert problem.key == (key or "delivery.oidc_provider_arn")
        assert fix in problem.fix

    @pytest.mark.parametrize(
        ("backend", "key", "fix"),
        [("local", "state.backend", "set state.backend: s3"), ("s3", "state.bucket", "add state.bucket")],
    )
    def test_the_state_has_to_be_shared(self, problems: Problems, backend: str, key: str, fix: str) -> None:
        """A file in one checkout is nothing for workflows, and a bucket has to have a name."""
        (problem,) = problems({"delivery/repository": "acme/airflow", "state/backend": backend})
        assert problem.key == key
        assert fix in problem.fix

    def test_policies_of_pods_need_their_actions(self, load: Load) -> None:
        """With the actions named, policies for the pods are legal."""
        policy = "['arn:aws:iam::aws:policy/AmazonAthenaFullAccess']"
        changes = {
            "airflow/pod_policy_arns": policy,
            "delivery/pod_actions": "['athena:*', 'glue:GetTable', 's3:Get*']",
        }
        assert load({**DELIVERED, **changes}).airflow.pod_policy_arns

    def test_an_existing_bucket_needs_its_key(self, load: Load) -> None:
        """A bucket that is there already is named with the key that encrypts in it."""
        environment = load({**DELIVERED, "delivery/create_state_bucket": "false", "state/kms_key_id": KEY})
        assert environment.state.kms_key_id == KEY
