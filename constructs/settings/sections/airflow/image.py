"""An image of one's own in section `airflow`."""

from __future__ import annotations

import re
from typing import Annotated

from constructs.settings.sections.secrets import Revision, SecretName
from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import PORT, Shape, mistake
from pydantic import Field, ValidationInfo, field_validator

#: A version of Airflow in a tag: 3.3.2-1, v3.3.2, slim-3.3.2-python3.12.
_VERSION = re.compile(r"(?<![0-9.])[23]\.[0-9]{1,2}\.[0-9]{1,2}(?!\.?[0-9])")
_NAME = "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
#: https://pkg.go.dev/github.com/distribution/reference: no tag, no digest.
ImageRepository = Annotated[
    str,
    Shape(
        rf"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:{PORT})?/)?"
        rf"{_NAME}(/{_NAME})*",
        allowed="the name of an image with its registry, without tag and digest, at most 255 characters, ports up "
        "to 65535, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/airflow",
        fix="write what stands before the colon or the @; the rest goes to airflow.image.tag or airflow.image.digest",
        longest=255,
    ),
]
ImageTag = Annotated[
    str,
    Shape(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
        allowed="the tag of an image: 1 to 128 letters, digits and _ . -",
        fix="write a tag such as 3.3.2-1; numbers in quotes",
        longest=128,
    ),
]
ImageDigest = Annotated[
    str,
    Shape(
        "sha256:[0-9a-f]{64}",
        allowed="the digest of an image: sha256: and 64 hexadecimal digits",
        fix="copy it from the registry: docker buildx imagetools inspect ... shows it",
        longest=71,
    ),
]


#: What stands in place of a repository's name for the environment's own one.
MANAGED = "managed"


class ManagedRepository(str):
    """Name of the environment's own repository in ECR, with its registry: `infrastructure` makes it."""

    __slots__ = ()


def versions_in(tag: str) -> tuple[str, ...]:
    """Return what in a tag looks like a version of Airflow."""
    return tuple(_VERSION.findall(tag))


class ImageSettings(Section):
    """An image built from apache/airflow of the same version. All its text is free of templates by its shape."""

    repository: ImageRepository = Field(
        description="Name of the image with its registry, without tag: the image is built FROM apache/airflow of "
        "airflow.version. `managed`: a repository of the environment's own in ECR, airflow-<environment>, is made; "
        "without tag and digest pods go on with the official image."
    )
    tag: ImageTag | None = Field(
        default=None,
        description="Tag of the image. A tag that is written anew under the same name restarts nothing: use new ones. "
        "Exactly one of tag and digest; with `managed` there may be none.",
    )
    digest: ImageDigest | None = Field(
        default=None, description="Digest of the image, sha256:.... Exactly one of tag and digest."
    )
    pull_secret_name: SecretName | None = Field(
        default=None,
        description="Name of a secret in Secrets Manager (this account and region) that holds the registry's login as "
        'Docker\'s configuration: {"auths": {"<registry>": {"auth": "<base64>"}}}. Not needed for ECR of this account.',
    )
    pull_secret_revision: Revision = Field(
        default=1, description="Raise by 1 when the login in that secret has changed."
    )

    @property
    def reference(self) -> str:
        """The image as Kubernetes takes it: repository:tag or repository@digest."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"

    @property
    def is_managed(self) -> bool:
        """Whether the stack makes the repository."""
        return isinstance(self.repository, ManagedRepository)

    @property
    def is_chosen(self) -> bool:
        """Whether tag or digest says which image of the repository the pods run."""
        return bool(self.tag or self.digest)

    @property
    def named_versions(self) -> tuple[str, ...]:
        """What in the tag looks like a version of Airflow; a digest says nothing."""
        return versions_in(self.tag or "")

    @field_validator("repository")
    @classmethod
    def _is_made_under_its_name(cls, repository: str) -> str:
        known = facts.known()
        if repository != MANAGED:
            return repository
        end = "amazonaws.com.cn" if known.partition == "aws-cn" else "amazonaws.com"
        return ManagedRepository(f"{known.account_id}.dkr.ecr.{known.region}.{end}/airflow-{known.name}")

    @field_validator("pull_secret_name")
    @classmethod
    def _is_for_another_registry(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and isinstance(info.data.get("repository"), ManagedRepository):
            raise mistake(
                allowed="nothing while airflow.image.repository is managed: nodes pull from there by their role",
                fix="remove airflow.image.pull_secret_name",
            )
        return name

    @field_validator("tag")
    @classmethod
    def _says_no_other_version(cls, tag: str | None) -> str | None:
        known, named = facts.known(), versions_in(tag or "")
        version = known.airflow_version
        if version and named and version not in named and known.airflow_version_is_written is False:
            raise mistake(
                allowed=f"a tag of airflow.version, which the release is made for: {version}, the default; or "
                "airflow.version beside it",
                fix=f'write airflow.version: "{named[0]}" if the image is built from that, "{version}" if from this',
                note=f"it says {named[0]}",
            )
        return tag

    @field_validator("digest")
    @classmethod
    def _is_the_other_of_two(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if "tag" not in info.data:
            return digest
        tag = info.data["tag"]
        if digest is None and tag is None:
            if isinstance(info.data.get("repository"), ManagedRepository):
                return digest
            raise mistake(
                allowed="airflow.image.tag or airflow.image.digest: one of the two says which image it is",
                fix="add airflow.image.tag, such as 3.3.2-1",
            )
        if digest is not None and tag is not None:
            raise mistake(
                allowed="nothing while airflow.image.tag is there: one of the two says which image it is",
                fix="remove airflow.image.tag or airflow.image.digest",
                note=f"airflow.image.tag is {tag}",
            )
        if digest and facts.known().airflow_version_is_written is False:
            raise mistake(
                allowed="a digest beside airflow.version: nothing else says which Airflow the image holds",
                fix=f'write airflow.version: "{facts.known().airflow_version}", or the version that it is built from',
            )
        return digest
