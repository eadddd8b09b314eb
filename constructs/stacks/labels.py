"""The labels of an environment's stacks."""

from __future__ import annotations

from constructs.naming.labels import Labels
from constructs.naming.names import Names
from constructs.settings.environment import Environment
from constructs.settings.values.terraform_text import terraform_literal


def stack_labels(environment: Environment, stack: str) -> Labels:
    """Return names and tags of the stack called `stack`, the user's tags free of Terraform's templates."""
    names = Names(environment=environment.name, region=environment.region, account_id=environment.account_id)
    return Labels(
        names=names,
        stack=stack,
        user_tags={terraform_literal(key): terraform_literal(text) for key, text in environment.tags.items()},
        # Workflows may make roles with it only.
        permissions_boundary=names.permissions_boundary if environment.delivery else None,
    )
