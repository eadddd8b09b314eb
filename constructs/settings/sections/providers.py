"""Section `providers`: the versions of Terraform's providers."""

from __future__ import annotations

from typing import Annotated

from constructs.providers.demanded import AWS, HELM, KUBERNETES
from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Shape
from pydantic import Field, field_validator

_ANY = "(?:0|[1-9][0-9]{0,3})"
AwsProviderVersion = Annotated[
    str,
    Shape(
        rf"(?:5\.[1-9][0-9]{{2}}|6\.(?:1[3-9]|[2-9][0-9]|[1-9][0-9]{{2}}))\.{_ANY}",
        allowed="a version of the AWS provider, in quotes: 5.100.0 or newer of 5.x, 6.13.0 or newer of 6.x; an older "
        "6.x can't read what 5.x has written of flow logs and launch templates",
        fix=f'write a version such as "{AWS.proven}", on which all has been run, or "6.25.0"',
        longest=20,
    ),
]
HelmProviderVersion = Annotated[
    str,
    Shape(
        rf"3\.(?:1\.[1-9][0-9]{{0,3}}|(?:[2-9]|[1-9][0-9]{{1,2}})\.{_ANY})",
        allowed="a version of the Helm provider, in quotes: 3.1.1 or newer of 3.x",
        fix=f'write a version such as "{HELM.proven}", on which all has been run',
        longest=20,
    ),
]
KubernetesProviderVersion = Annotated[
    str,
    Shape(
        rf"2\.(?:3[89]|[4-9][0-9]|[1-9][0-9]{{2}})\.{_ANY}",
        allowed="a version of the Kubernetes provider, in quotes: 2.38.0 or newer of 2.x",
        fix=f'write a version such as "{KUBERNETES.proven}", on which all has been run',
        longest=20,
    ),
]


class ProvidersSettings(Section):
    """Which version of each provider Terraform takes: exactly that one."""

    aws: AwsProviderVersion = Field(
        default=AWS.proven,
        description="Version of the AWS provider, in quotes: 5.100.0 or newer of 5.x, 6.13.0 or newer of 6.x. There is "
        "no way back from 6.x to 5.x.",
    )
    helm: HelmProviderVersion = Field(
        default=HELM.proven, description="Version of the Helm provider, in quotes: 3.1.1 or newer of 3.x."
    )
    kubernetes: KubernetesProviderVersion = Field(
        default=KUBERNETES.proven,
        description="Version of the Kubernetes provider, in quotes: 2.38.0 or newer of 2.x.",
    )

    @field_validator("aws")
    @classmethod
    def _note(cls, version: str) -> str:
        facts.note("aws_provider", version)
        return version
