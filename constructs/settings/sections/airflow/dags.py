"""Where the DAGs come from, in section `airflow`: one Git repository, several, or the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from constructs.settings.sections.airflow.git import BY_HTTPS, BY_SSH, GitSettings, RepositoryUrl
from constructs.settings.sections.secrets import Revision, ShortSecretName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, mistake
from pydantic import Field, ValidationInfo, field_validator

#: Where the official image has its DAGs (`[core] dags_folder`, as the chart sets it without git-sync).
IMAGE_FOLDER = "/opt/airflow/dags"
#: Airflow's name for the bundle of one folder: the image's, or git-sync's.
FOLDER_BUNDLE = "dags-folder"
#: Of bundles: the DAG processor asks each repository in turn, and each has a secret of its own.
MOST_BUNDLES = 10
#: Of all bundles: beside those of task_egress, more than the nodes' network holds would not fit (`egress.MOST_PORTS`).
MOST_PORTS_OF_BUNDLES = 3

BundleName = Annotated[
    str,
    Shape(
        rf"(?!{FOLDER_BUNDLE}$)[a-z]([a-z0-9-]{{0,28}}[a-z0-9])?",
        allowed="1 to 30 lower-case letters, digits and hyphens inside, starting with a letter; not "
        f"{FOLDER_BUNDLE}, which is Airflow's name for the image's own",
        fix="choose a name such as team-a: Airflow shows it beside each DAG",
        longest=30,
    ),
]


class BundleSettings(GitSettings):
    """A repository that Airflow itself fetches, as a bundle (GitDagBundle)."""

    place: ClassVar[str] = "airflow.dags.bundles.<name>"

    repository: RepositoryUrl = Field(
        description="URL of the bundle's Git repository: https://host/path, ssh://user@host/path or git@host:path, "
        "without credentials in it."
    )
    token_secret_name: ShortSecretName | None = Field(default=None, description=BY_HTTPS)
    ssh_key_secret_name: ShortSecretName | None = Field(default=None, description=BY_SSH)


Bundles = Annotated[Mapping[BundleName, BundleSettings], Count(0, MOST_BUNDLES, "bundles")]


class SourceSettings(Section):
    """Which way the DAGs come; looked at before what belongs to one of the ways."""

    source: Literal["git_sync", "bundles", "image"] = Field(
        default="git_sync",
        description="Where the DAGs are: `git_sync` fetches `repository` beside Airflow; `bundles`: Airflow itself "
        f"fetches one or several repositories; `image`: in airflow.image, at {IMAGE_FOLDER}, and a new image is how "
        "they change.",
    )


class DagsSettings(GitSettings, SourceSettings):
    """What is fetched, by whom, and how it gets in; or that nothing is fetched."""

    place: ClassVar[str] = "airflow.dags"

    credentials_revision: Revision = Field(
        default=1, description="Raise by 1 when a token or a key in its secret has changed."
    )
    bundles: Bundles = Field(
        default_factory=dict,
        description="Required with source: bundles: the repositories by name, which Airflow shows beside each DAG. At "
        "most 10.",
    )
    image_too: bool = Field(
        default=False,
        description=f"true, with source: bundles: the DAGs in airflow.image, at {IMAGE_FOLDER}, are there as well.",
    )

    @property
    def uses_git_sync(self) -> bool:
        """Whether git-sync fetches them, in a container beside Airflow's."""
        return self.source == "git_sync"

    @property
    def needs_own_image(self) -> bool:
        """Whether DAGs are looked for in the image."""
        return self.source == "image" or self.image_too

    @property
    def repositories(self) -> Mapping[str, GitSettings]:
        """What is fetched, by whomever: Airflow's name for it -> repository."""
        return {FOLDER_BUNDLE: self} if self.uses_git_sync else self.bundles

    @property
    def private_bundles(self) -> Mapping[str, BundleSettings]:
        """The bundles whose repository is reached with credentials."""
        return {name: bundle for name, bundle in self.bundles.items() if bundle.credentials_secret}

    @property
    def credentials_secrets(self) -> Sequence[str]:
        """Names of the secrets that the repositories are reached by, each once."""
        names = (each.credentials_secret for each in self.repositories.values())
        return list(dict.fromkeys(name for name in names if name))

    @field_validator("repository")
    @classmethod
    def _is_there_to_be_fetched(cls, repository: str | None, info: ValidationInfo) -> str | None:
        if repository is None and info.data.get("source") == "git_sync":
            raise mistake(
                allowed="the URL of a Git repository, as airflow.dags.source is git_sync",
                fix="write it, such as https://github.com/example/airflow-dags.git; or airflow.dags.source: image, if "
                f"the DAGs are in your image at {IMAGE_FOLDER}",
            )
        return repository

    @field_validator(*GitSettings.model_fields, "credentials_revision")
    @classmethod
    def _is_of_git_sync(cls, value: object, info: ValidationInfo) -> object:
        name, source = str(info.field_name), info.data.get("source")
        if value == cls.model_fields[name].default:
            return value
        if source == "image":
            raise mistake(
                allowed="nothing while airflow.dags.source is image: nothing is fetched",
                fix=f"remove airflow.dags.{name}, or airflow.dags.source",
            )
        if source == "bundles" and name != "credentials_revision":
            raise mistake(
                allowed="nothing while airflow.dags.source is bundles: each bundle has its own",
                fix=f"write it as airflow.dags.bundles.<name>.{name}, or remove airflow.dags.source",
            )
        return value

    @field_validator("bundles")
    @classmethod
    def _are_what_is_fetched(cls, bundles: Any, info: ValidationInfo) -> Any:
        source = info.data.get("source")
        if source == "bundles" and not bundles:
            raise mistake(
                allowed="at least one bundle, as airflow.dags.source is bundles",
                fix="add one: a name, and below it repository: https://github.com/example/airflow-dags.git",
            )
        if source in {"git_sync", "image"} and bundles:
            raise mistake(
                allowed=f"nothing while airflow.dags.source is {source}",
                fix="write airflow.dags.source: bundles, or remove airflow.dags.bundles",
                shown=False,
            )
        if len({each.port for each in bundles.values()}) > MOST_PORTS_OF_BUNDLES:
            raise mistake(
                allowed=f"repositories at no more than {MOST_PORTS_OF_BUNDLES} different ports: network policies have "
                "room for as many",
                fix="write https://host/path for port 443, ssh://user@host/path for 22",
                shown=False,
            )
        return bundles

    @field_validator("image_too")
    @classmethod
    def _goes_with_bundles(cls, image_too: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if image_too and info.data.get("source") in {"git_sync", "image"}:
            raise mistake(
                allowed="true with airflow.dags.source: bundles alone: git-sync puts its own in the image's place",
                fix="remove airflow.dags.image_too, or write airflow.dags.source: bundles",
            )
        return image_too


def repository_key(name: str) -> str:
    """Return where the environment file has a repository, by Airflow's name for it."""
    return DagsSettings.place if name == FOLDER_BUNDLE else f"{DagsSettings.place}.bundles.{name}"
