"""The providers of an environment's stacks: the versions that they demand, and what the AWS provider is told."""

from __future__ import annotations

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderIgnoreTags
from constructs.providers.demanded import required_providers
from constructs.settings.environment import Environment


def demand_providers(stack: TerraformStack, environment: Environment) -> None:
    """Let the stack demand exactly the environment's versions, whatever the bindings were made for."""
    versions = environment.providers.model_dump()
    for name, demanded in required_providers(stack.node.id, versions).items():
        stack.add_override(f"terraform.required_providers.{name}", demanded)


def aws_provider(stack: TerraformStack, environment: Environment, region: str) -> None:
    """Give the stack its AWS provider: one region, the environment's account alone, and others' tags left alone.

    What the provider ignores it neither plans nor removes, so that plans, `status --drift` and `recover`, which all ask
    it, see nothing of them.
    """
    ignored = environment.ignore_tags
    AwsProvider(
        stack,
        "aws",
        region=region,
        allowed_account_ids=[environment.account_id],
        ignore_tags=[
            AwsProviderIgnoreTags(keys=list(ignored.keys) or None, key_prefixes=list(ignored.key_prefixes) or None)
        ]
        if ignored.keys or ignored.key_prefixes
        else None,
    )
