"""What a killed run has made without writing it down, and what others have made under the same names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.labels import Labels
from constructs.settings.sections.delivery import DeliverySettings

from ops.clients.aws import Aws, readable
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.stack_clients.terraform import Terraform
from ops.unrecorded import identity, secrets, storage
from ops.unrecorded.account import Account, tag_mapping
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found
from ops.unrecorded.recorded import Recorded

#: Lies beside the stack from the search to the next one.
IMPORTS = "killed-run-imports.tf.json"


def adopt(terraform: Terraform, aws: Aws, labels: Labels, delivery: DeliverySettings, output: Output) -> None:
    """Have the next plan import what carries the stack's tags and is in no state: a killed run has made it.

    Settings of the bucket and attachments of policies are not looked for: making them again changes nothing.

    Raises:
        OperationError: something under one of the stack's names is somebody else's; or AWS or Terraform failed.
    """
    imports = terraform.folder / IMPORTS
    imports.unlink(missing_ok=True)
    recorded = Recorded.read(terraform.state_pull())
    with readable("look for what an earlier run has made"):
        stack = SynthesizedStack.read(terraform.folder)
        found = [item for item in _found(stack, aws, labels) if item.address not in recorded.import_ids]
        known = {item.address for item in found}.union(recorded.import_ids)
        if refusal := _in_the_way(stack, aws, known, delivery):
            raise refusal
    if not found:
        return
    for item in sorted(found):
        output.say(f"Left by a killed run: {item.address} ({item.evidence})")
    blocks = [{"to": item.address, "id": item.import_id} for item in found]
    imports.write_text(json.dumps({"import": blocks}), encoding="utf-8")


def _found(stack: SynthesizedStack, aws: Aws, labels: Labels) -> list[Found]:
    account, declared = Account(cache(aws.client), labels), Declared(stack, {})
    roles = [labels.names.workflow_role(purpose) for purpose in ("plan", "apply")]
    found = [*identity.tagged(account, roles), *secrets.tagged(account), *storage.named(account, declared)]
    keys = {item.import_id for item in found if item.address.startswith("aws_kms_key.")}
    aliases = {alias["AliasName"]: alias.get("TargetKeyId") for alias in account.list("kms", "list_aliases", "Aliases")}
    found += [item for item in secrets.children(account, declared) if aliases.get(item.import_id) in keys]
    found += [*_policies(account), *_provider(account)]
    return [item for item in found if item.address in stack.addresses]


def _policies(account: Account) -> Iterator[Found]:
    for policy in account.list("iam", "list_policies", "Policies", Scope="Local"):
        if not policy["PolicyName"].startswith(f"{account.prefix}-"):
            continue
        tags = account.list("iam", "list_policy_tags", "Tags", PolicyArn=policy["Arn"])
        if address := account.address("aws_iam_policy", tag_mapping(list(tags))):
            yield Found(address, policy["Arn"], f"policy {policy['PolicyName']} carries the tag Address")


def _provider(account: Account) -> Iterator[Found]:
    for arn in _providers(account.client("iam")):
        tags = account.list("iam", "list_open_id_connect_provider_tags", "Tags", OpenIDConnectProviderArn=arn)
        if address := account.address("aws_iam_openid_connect_provider", tag_mapping(list(tags))):
            yield Found(address, arn, f"{arn.rpartition(':')[2]} carries the tag Address")


def _providers(iam: object) -> list[str]:
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]  # type: ignore[attr-defined]  # boto3's
    return [str(provider["Arn"]) for provider in listed]


def _in_the_way(
    stack: SynthesizedStack, aws: Aws, known: set[str], delivery: DeliverySettings
) -> OperationError | None:
    """What exists already, is not the stack's, and can't be there twice."""
    if "aws_iam_openid_connect_provider.github" in set(stack.addresses) - known:
        for arn in _providers(aws.client("iam")):
            if arn.endswith(f":oidc-provider/{delivery.issuer}"):
                return OperationError(
                    f"The account has GitHub's OIDC provider already, and there can be only one: {arn}",
                    fix=f"use it: add oidc_provider_arn: {arn} to section delivery",
                    exit_code=ExitCode.MISTAKE,
                )
    for address, bucket in Declared(stack, {}).each("aws_s3_bucket"):
        existing = {each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]}
        if address not in known and bucket["bucket"] in existing:
            return OperationError(
                f"The bucket {bucket['bucket']} exists already, and this environment's bootstrap has not made it.",
                fix="name another one (state.bucket); or use it as it is, with state.kms_key_id and "
                "create_state_bucket: false in section delivery",
                exit_code=ExitCode.MISTAKE,
            )
    return None
