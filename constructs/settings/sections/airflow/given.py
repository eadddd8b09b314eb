"""What pods are given beside what Airflow needs: variables and files, in section `airflow`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from constructs.settings.sections.secrets import Revision, ShortSecretName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from pydantic import Field, ValidationInfo, field_validator

#: Of variables, of files, and of different secrets in both: the role that deploys names each secret in its policies.
MOST = 20

Component = Literal["api_server", "scheduler", "dag_processor", "triggerer", "workers", "task_pod"]
COMPONENTS: tuple[Component, ...] = ("api_server", "scheduler", "dag_processor", "triggerer", "workers", "task_pod")

VariableName = Annotated[
    str,
    Shape(
        r"[A-Za-z_][A-Za-z0-9_]{0,127}",
        allowed="the name of an environment variable: 1 to 128 letters, digits and _, not starting with a digit",
        fix="write a name such as SENTRY_DSN; an option of airflow.cfg is AIRFLOW__SECTION__OPTION",
        longest=128,
    ),
]
FileName = Annotated[
    str,
    Shape(
        r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?",
        allowed="1 to 40 lower-case letters, digits and hyphens inside, starting with a letter",
        fix="choose a name such as google-key: volume and secret are called so",
        longest=40,
    ),
]
_OURS = "dags|logs|config|pod_templates|airflow\\.cfg|webserver_config\\.py"
FilePath = Annotated[
    str,
    Shape(
        rf"(?!/opt/airflow/({_OURS})(/|$)|/(dev|proc|sys|tmp|bin|sbin|lib|lib64|boot|run|var/run)/|.*/\.{{1,2}}(/|$))"
        r"(/[A-Za-z0-9_.+@-]{1,100}){2,10}",
        allowed="an absolute path of 2 to 10 parts of letters, digits and _ . + @ -, where neither Airflow nor the "
        "system has files of its own",
        fix="write a path such as /opt/airflow/secrets/google.json",
        longest=400,
    ),
]
Text = Annotated[
    str,
    Shape(
        r"[^\u0000-\u0008\u000b-\u001f\u007f]*",
        allowed="text of at most 16384 characters; numbers, true and false in quotes",
        fix="put the value in quotes, or several lines below `value: |`",
        longest=16_384,
    ),
]
Key = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9_.-]{1,100}",
        allowed="a key of the JSON that the secret holds: 1 to 100 letters, digits and _ . -",
        fix="leave it out where the secret's text is the value itself",
        longest=100,
    ),
]


class GivenSettings(Section):
    """A value, or where it is in Secrets Manager, and the components that get it."""

    components: Annotated[tuple[Component, ...], Count(1, len(COMPONENTS), "components")] | None = Field(
        default=None,
        description="Which pods get it: `api_server`, `scheduler`, `dag_processor`, `triggerer`, `workers` (sets of "
        "workers, too), `task_pod`. Required with secret. Default: all of them.",
    )
    value: Text | None = Field(
        default=None, description="The text itself, which everybody may read. Exactly one of value and secret."
    )
    secret: ShortSecretName | None = Field(
        default=None,
        description="Name of a secret in Secrets Manager (this account and region) that holds it. It reaches the named "
        "components alone, and no state.",
    )
    key: Key | None = Field(
        default=None,
        description="Key of the JSON that the secret holds. Default: the secret's whole text. Needs secret.",
    )
    revision: Revision = Field(
        default=1,
        description="Raise by 1 when the value in the secret has changed: its pods are replaced. Needs secret.",
    )

    def reaches(self, component: str) -> bool:
        """Whether pods of a component get it."""
        return self.components is None or component in self.components

    @field_validator("secret")
    @classmethod
    def _is_the_one_source(cls, secret: str | None, info: ValidationInfo) -> str | None:
        if "value" not in info.data:
            return secret
        if (secret is None) is (info.data["value"] is None):
            raise mistake(
                allowed="exactly one of value and secret",
                fix="write value: for what everybody may read, secret: for the name of a secret in Secrets Manager",
                shown=False,
            )
        if secret is not None and "components" in info.data and info.data["components"] is None:
            raise mistake(
                allowed="a secret with its components: who reads it is said in so many words",
                fix="add components, such as [workers]",
                shown=False,
            )
        return secret

    @field_validator("key", "revision")
    @classmethod
    def _is_of_a_secret(cls, value: object, info: ValidationInfo) -> object:
        if (
            "secret" in info.data
            and info.data["secret"] is None
            and value != cls.model_fields[str(info.field_name)].default
        ):
            raise mistake(allowed="nothing without secret", fix="remove it, or name a secret")
        return value


class VariableSettings(GivenSettings):
    """An environment variable of Airflow's own containers."""

    name: VariableName = Field(description="Name of the variable, such as SENTRY_DSN or AIRFLOW__SMTP__SMTP_PASSWORD.")

    @property
    def slug(self) -> str:
        """The name as Kubernetes has names."""
        return self.name.lower().replace("_", "-").strip("-") or "x"


class FileSettings(GivenSettings):
    """A file that is there to read, in all containers of the pods."""

    name: FileName = Field(description="Name of the file's volume, such as google-key.")
    path: FilePath = Field(description="Where it is, such as /opt/airflow/secrets/google.json.")

    @property
    def slug(self) -> str:
        """The name, which is one of Kubernetes' already."""
        return self.name


Variables = Annotated[tuple[VariableSettings, ...], Count(0, MOST, "variables")]
Files = Annotated[tuple[FileSettings, ...], Count(0, MOST, "files")]


def refuse_alike(given: Sequence[VariableSettings] | Sequence[FileSettings]) -> None:
    """Refuse entries that would be one object in the cluster, or one file.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    slugs = [entry.slug for entry in given]
    paths = [entry.path for entry in given if isinstance(entry, FileSettings)]
    alike = [entry.name for entry in given if slugs.count(entry.slug) > 1]
    alike += [path for path in paths if paths.count(path) > 1]
    if alike:
        raise mistake(
            allowed="each name once, also but for case and underscores at the ends, and each path",
            fix="remove all but one; what differs by component goes into the image or the DAG",
            note=f"alike: {', '.join(dict.fromkeys(alike))}",
        )


def refuse_too_many_secrets(given: Sequence[GivenSettings]) -> None:
    """Refuse more different secrets than the roles of workflows can name.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    names = {entry.secret for entry in given if entry.secret}
    if len(names) > MOST:
        raise mistake(
            allowed=f"at most {MOST} different secrets in airflow.environment and airflow.files",
            fix="put what belongs together into one secret as JSON, and take single values out of it with key",
            note=f"{len(names)} secrets",
        )


def refuse_absent(given: Sequence[GivenSettings], absent: Collection[str], executor: str) -> None:
    """Refuse entries for components that there are none of.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    named = sorted({component for entry in given for component in entry.components or ()} & set(absent))
    if named:
        raise mistake(
            allowed=f"components that there are with airflow.executor {executor}: not {', '.join(named)}",
            fix="tasks run in workers with Celery, in task_pod with Kubernetes: name the one that there is",
            note=f"for {', '.join(named)}",
        )
