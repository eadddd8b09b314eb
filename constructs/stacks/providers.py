"""The AWS provider of an environment's stacks."""

from __future__ import annotations

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderIgnoreTags
from constructs.settings.environment import Environment


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
