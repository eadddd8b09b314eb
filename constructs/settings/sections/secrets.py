"""Section `secrets`: which revision of each secret is in use. No secret itself is ever written here."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, Whole, fitting, mistake
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, field_validator

Revision = Annotated[int, Whole(1, 1_000_000)]
#: What an environment generates for itself is called so in Secrets Manager, below airflow-<name>/.
_GENERATED = r"(?:database|redis|api|jwt|admin|fernet-[0-9]+)"


def _refuse_our_own(name: str) -> str:
    prefix, _, last = name.partition("/")
    if prefix == f"airflow-{facts.known().name}" and fitting(_GENERATED, last, 512):
        raise mistake(
            allowed="the name of a secret of your own: this one is generated for this environment, which "
            "writes it anew when it is rotated",
            fix="make a secret of your own and name that, such as airflow/git-token",
        )
    return name


#: Of a secret that the user has made; the project's own are named by the project.
SecretName = Annotated[
    str,
    Shape(
        "[A-Za-z0-9/_+=.@-]{1,512}",
        allowed="the name of a secret in AWS Secrets Manager: 1 to 512 letters, digits and / _ + = . @ -",
        fix="write the name only, such as airflow/git-token: neither its ARN nor the secret itself",
        longest=512,
        shown=False,
    ),
    AfterValidator(_refuse_our_own),
]
#: The same where an environment may name many: the role that deploys names each of them in its own policies.
ShortSecretName = Annotated[
    str,
    Shape(
        "[A-Za-z0-9/_+=.@-]{1,128}",
        allowed="the name of a secret in AWS Secrets Manager: here 1 to 128 letters, digits and / _ + = . @ -",
        fix="write the name only, such as acme/sentry: neither its ARN nor the secret itself",
        longest=128,
        shown=False,
    ),
    AfterValidator(_refuse_our_own),
]


class SecretRevisions(Section):
    """The revision of each secret that Terraform makes; raising one by 1 rotates that secret."""

    database: Revision = Field(default=1, description="The database's password. Raise by 1 to rotate.")
    redis: Revision = Field(default=1, description="The password of the task queue (Redis). Raise by 1 to rotate.")
    api: Revision = Field(default=1, description="The API server's secret key. Raise by 1 to rotate.")
    jwt: Revision = Field(default=1, description="The key that signs API tokens (JWT). Raise by 1 to rotate.")
    admin: Revision = Field(default=1, description="The admin user's password. Raise by 1 to rotate and reset it.")
    scaler: Revision = Field(
        default=1,
        description="The password of KEDA's role in the database, there with autoscaling. Raise by 1 to rotate.",
    )


def _check_recovery_window(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and (value == 0 or 7 <= value <= 30):  # noqa: PLR2004
        return value
    allowed = "0 (deleted at once) or a whole number from 7 to 30 days"
    raise mistake(allowed=allowed, fix="write 7, or 0 for an environment that is made and destroyed often")


class SecretsSettings(Section):
    """Rotation of the secrets in AWS Secrets Manager and what happens to them on destroy."""

    revisions: SecretRevisions = Field(
        default_factory=SecretRevisions, description="The revision of each secret, whole numbers from 1; default 1."
    )
    fernet_keys: Annotated[tuple[Revision, ...], Count(1, 2, "Fernet key numbers")] = Field(
        default=(1,),
        description="Numbers of the Fernet keys in use, newest first. To rotate: [2, 1] and deploy, which encrypts all "
        "connections and variables with key 2; then [2] and deploy again.",
    )
    recovery_window_days: Annotated[
        int,
        PlainValidator(_check_recovery_window, json_schema_input_type=int),
        WithJsonSchema({"type": "integer", "anyOf": [{"const": 0}, {"minimum": 7, "maximum": 30}]}),
    ] = Field(
        default=7,
        description="How long a deleted secret can be brought back, in days: 7 to 30, or 0 for deleted at once. "
        "Until then its name cannot be used again.",
    )

    @field_validator("fernet_keys")
    @classmethod
    def _newest_first(cls, keys: tuple[int, ...]) -> tuple[int, ...]:
        if list(keys) != sorted(keys, reverse=True):
            raise mistake(
                allowed="the newest key first: the larger number, then the smaller",
                fix=f"write {sorted(keys, reverse=True)}",
            )
        return keys
