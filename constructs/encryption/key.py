"""A KMS key with an alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs.identity.policy import Statement, policy_document
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyProps:
    """Inputs of `EncryptionKey`."""

    name: str
    description: str
    statements: Sequence[Statement] = ()
    """Who may use the key beside those whom the account's IAM policies allow."""

    deletion_window_in_days: int = 30


class EncryptionKey(Component):
    """A symmetric KMS key, rotated every year, with the alias `airflow-dev-<name>`.

    Deleting it takes effect after the window; until then it can be restored, and so can what it encrypts.
    """

    def __init__(self, scope: Scope, id_: str, props: EncryptionKeyProps) -> None:
        super().__init__(scope, id_)
        # Without this statement nobody could manage the key any more (KMS developer guide, "Default key policy").
        account = Statement(
            sid="AccountPolicies",
            actions=["kms:*"],
            resources=["*"],
            principals={"AWS": self.names.account_root},
        )
        key = self.add(
            KmsKey,
            props.name,
            description=props.description,
            enable_key_rotation=True,
            deletion_window_in_days=props.deletion_window_in_days,
            policy=policy_document(account, *props.statements),
        )
        self.add(KmsAlias, props.name, name=f"alias/{self.names.of(props.name)}", target_key_id=key.key_id)
        self.arn: str = key.arn
