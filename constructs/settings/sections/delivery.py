"""Section `delivery`: who deploys from GitHub Actions, for the app `bootstrap`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.arns import Arn
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

#: Who signs the tokens of GitHub Actions; also the end of the provider's ARN in IAM.
ISSUER = "token.actions.githubusercontent.com"

# GitHub: account names have 1 to 39 letters, digits and single hyphens inside; repository names 1 to 100 of these.
Repository = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
        allowed="a repository of GitHub as OWNER/NAME, such as acme/airflow",
        fix="write owner and name only; no https://github.com/ and no .git",
        longest=140,
    ),
]
# What GitHub takes beyond these it would write into the token in another form.
GitHubEnvironment = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
        allowed="the name of a GitHub environment: 1 to 100 letters, digits and _ . -, starting with a letter or digit",
        fix="write a name such as prod; environments are in the repository's settings",
        longest=100,
    ),
]
# Not what would let a pod hand itself more than that. Such a name has no wildcard before its colon.
PodAction = Annotated[
    str,
    Shape(
        r"(?!(?:account|iam|organizations):)[a-z0-9-]{2,40}:[A-Za-z][A-Za-z0-9]*\*?|(?!(?:account|iam|organizations):)"
        r"[a-z0-9-]{2,40}:\*",
        allowed="an action of IAM, or the start of some and *, such as glue:GetTable, athena:Get* or s3:*; none of "
        "account, iam and organizations",
        fix="name the actions that the policies of airflow.pod_policy_arns allow",
        longest=60,
    ),
]
NumericId = Annotated[int, Whole(1, 999_999_999_999_999)]
ProviderArn = Annotated[
    str,
    Arn(
        service="iam",
        # An enterprise may have an issuer of its own, by its name at the end.
        resource=r"oidc-provider/token\.actions\.githubusercontent\.com(?:/[A-Za-z0-9-]{1,100})?",
        kind="the OIDC provider of GitHub Actions in IAM",
        example=f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}",
        regional=False,
    ),
]


class DeliverySettings(Section):
    """The repository whose workflows plan and deploy this environment, each with a role of its own."""

    repository: Repository = Field(
        description="The GitHub repository whose workflows deploy this environment, OWNER/NAME in its own spelling."
    )
    owner_id: NumericId | None = Field(
        default=None,
        description="Number of the repository's owner, which GitHub writes into the tokens of repositories created "
        "after 2026-07-15: gh api repos/OWNER/NAME --jq .owner.id. Together with repository_id.",
    )
    repository_id: NumericId | None = Field(
        default=None, description="Number of the repository: gh api repos/OWNER/NAME --jq .id. Together with owner_id."
    )
    apply_environment: GitHubEnvironment | None = Field(
        default=None,
        description="The protected GitHub environment whose jobs may deploy. Default: the environment's name.",
    )
    plan_environment: GitHubEnvironment | None = Field(
        default=None,
        description="The GitHub environment whose jobs may plan, and read the environment's secrets for it. "
        "Default: <name>-plan.",
    )
    oidc_provider_arn: ProviderArn | None = Field(
        default=None,
        description="ARN of the account's OIDC provider of GitHub, of which there can be only one. Default: bootstrap "
        "makes it.",
    )
    pod_actions: Annotated[tuple[PodAction, ...], Count(0, 20, "actions")] = Field(
        default=(),
        description="Actions that the policies of airflow.pod_policy_arns allow to Airflow's pods, such as glue:* or "
        "athena:Get*. The permissions boundary lets nothing else through, whatever a policy says. At most 20.",
    )
    create_state_bucket: bool = Field(
        default=True,
        description="true: bootstrap makes state.bucket and, without state.kms_key_id, its key. false: both exist, "
        "for instance because another environment's bootstrap has made them.",
    )

    @property
    def issuer(self) -> str:
        """Who signs the tokens, as IAM's condition keys begin."""
        return self.oidc_provider_arn.partition(":oidc-provider/")[2] if self.oidc_provider_arn else ISSUER

    def subject(self, github_environment: str) -> str:
        """Return what GitHub's token says of a job in that GitHub environment of the repository."""
        repository = self.repository
        if self.owner_id and self.repository_id:
            owner, _, name = repository.partition("/")
            repository = f"{owner}@{self.owner_id}/{name}@{self.repository_id}"
        return f"repo:{repository}:environment:{github_environment}"

    @field_validator("repository_id")
    @classmethod
    def _goes_with_the_owners(cls, number: int | None, info: ValidationInfo) -> int | None:
        if "owner_id" in info.data and (number is None) != (info.data["owner_id"] is None):
            raise mistake(
                allowed="delivery.owner_id and delivery.repository_id, both or neither: GitHub writes both or none",
                fix="gh api repos/OWNER/NAME --jq '.owner.id, .id' shows both",
            )
        return number

    @field_validator("plan_environment")
    @classmethod
    def _is_another_one(cls, environment: str | None, info: ValidationInfo) -> str | None:
        name = facts.known().name
        if "apply_environment" not in info.data or name is None:
            return environment
        applying = info.data["apply_environment"] or name
        # GitHub itself doesn't tell names apart by case.
        if (environment or f"{name}-plan").lower() == applying.lower():
            raise mistake(
                allowed=f"another GitHub environment than the one that deploys, {applying}: plans run before anybody "
                "has approved anything",
                fix=f"write {applying}-plan, or leave plan_environment out",
            )
        return environment
