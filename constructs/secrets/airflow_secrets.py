"""The secrets of an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.naming.component import Component, Scope
from constructs.secrets.generated_secret import GeneratedSecret, GeneratedSecretProps

DESCRIPTIONS = {
    "database": "Password of the database's owner",
    "redis": "Password of the Celery broker",
    "api": "Secret key of Airflow's api-server: signs sessions",
    "jwt": "Secret with which Airflow's components sign their tokens",
    "admin": "Password of the user admin of Airflow's web UI",
}

#: The one that only autoscaling has.
SCALER = "scaler"

#: Secrets that sign get 64 characters; passwords 32 (190 bits), which every client and URL takes.
LENGTHS = {"api": 64, "jwt": 64}


@dataclass(frozen=True, kw_only=True)
class AirflowSecretsProps:
    """Inputs of `AirflowSecrets`."""

    revisions: Mapping[str, int]
    """Secret -> revision, for each of `DESCRIPTIONS` and the scaler's."""

    scaler: bool = False
    """Whether KEDA asks the database."""

    fernet_keys: Sequence[int] = (1,)
    """Numbers of the Fernet keys, newest first; Airflow encrypts with the first and decrypts with all."""

    recovery_window_days: int = 7


class AirflowSecrets(Component):
    """One generated secret per purpose, and one per Fernet key, all under the prefix `airflow-dev/`.

    A Fernet key is never overwritten but followed by the next number, as what it encrypted would be lost.
    """

    def __init__(self, scope: Scope, id_: str, props: AirflowSecretsProps) -> None:
        super().__init__(scope, id_)
        key = EncryptionKey(self, "key", EncryptionKeyProps(name="secrets", description="Secrets of the environment"))
        self._key = key
        self._recovery_window_days = props.recovery_window_days
        self.by_purpose = {
            name: self._secret(name, text, props.revisions[name], LENGTHS.get(name, 32))
            for name, text in DESCRIPTIONS.items()
        }
        if props.scaler:
            text = "Password of the role that KEDA counts tasks with"
            self.by_purpose[SCALER] = self._secret(SCALER, text, props.revisions[SCALER])
        self.fernet_keys = [
            self._secret(f"fernet_{number}", f"Fernet key {number} of Airflow's connections and variables", base64=True)
            for number in props.fernet_keys
        ]

    def _secret(
        self, name: str, description: str, revision: int = 1, length: int = 32, *, base64: bool = False
    ) -> GeneratedSecret:
        return GeneratedSecret(
            self,
            name,
            GeneratedSecretProps(
                name=name,
                description=description,
                key=self._key,
                revision=revision,
                length=length,
                base64=base64,
                recovery_window_days=self._recovery_window_days,
            ),
        )
