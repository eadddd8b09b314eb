"""A secret that Terraform generates and never stores."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import Token
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs.encryption.key import EncryptionKey
from constructs.naming.component import Component, Ephemeral, Scope


@dataclass(frozen=True, kw_only=True)
class GeneratedSecretProps:
    """Inputs of `GeneratedSecret`."""

    name: str
    """Name in the state and, after the environment's prefix and with hyphens, in Secrets Manager."""

    description: str
    key: EncryptionKey
    revision: int = 1
    """Raising it writes a new value."""

    length: int = 32
    """Letters and digits: such a value needs no escaping in a URL."""

    base64: bool = False
    """Store the Base64 of the characters; of 32 letters and digits it is always URL-safe, as a Fernet key has to be."""

    recovery_window_days: int = 7
    """How long a deleted secret can be restored and its name stays taken; 0 deletes at once."""


class GeneratedSecret(Component):
    """A secret of letters and digits from Secrets Manager's generator, encrypted with the environment's key.

    The value passes from an ephemeral block into a write-only argument: no plan, state or output holds it.
    """

    def __init__(self, scope: Scope, id_: str, props: GeneratedSecretProps) -> None:
        super().__init__(scope, id_)
        self._name = props.name
        secret = self.add(
            SecretsmanagerSecret,
            props.name,
            name=self.names.secret(props.name.replace("_", "-")),
            description=props.description,
            kms_key_id=props.key.arn,
            recovery_window_in_days=props.recovery_window_days,
        )
        password = Ephemeral(
            self,
            "aws_secretsmanager_random_password",
            props.name,
            {
                "password_length": props.length,
                "exclude_punctuation": True,
                # Excludes nothing. But an ephemeral block with known arguments is opened by every plan, and this one is
                # not known before the secret exists: the first plan needs no call to AWS.
                "exclude_characters": f"${{substr({secret.fqn}.arn, 0, 0)}}",
            },
        )
        value = password.attribute("random_password")
        self._version = self.add(
            SecretsmanagerSecretVersion,
            props.name,
            secret_id=secret.id,
            secret_string_wo=f"${{base64encode({value[2:-1]})}}" if props.base64 else value,
            secret_string_wo_version=props.revision,
        )
        self.arn: str = secret.arn
        self.version_id: str = self._version.version_id

    def version_number(self) -> float:
        """Token for a number that is another one for every version stored, for `..._wo_version` arguments."""
        return Token.as_number(f"${{parseint(substr(sha1({self._version.fqn}.version_id), 0, 7), 16)}}")

    def stored_value(self) -> str:
        """Expression for the value as Secrets Manager stores it, for a write-only argument.

        Reading it back rather than passing on what was generated: an apply that stops in between and is repeated uses
        the stored value too.
        """
        stored = Ephemeral(
            self,
            "aws_secretsmanager_secret_version",
            self._name,
            {"secret_id": self._version.secret_id, "version_id": self._version.version_id},
        )
        return stored.attribute("secret_string")
