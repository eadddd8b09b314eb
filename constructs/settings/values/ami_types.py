"""The machine images of node groups: which of EKS's fits which instance types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from constructs.settings.values.shapes import mistake

#: As EKS names them (API reference, `amiType`), as far as provider 5.100 takes them and Airflow runs on them.
AmiType = Literal[
    "AL2023_ARM_64_STANDARD",
    "AL2023_x86_64_STANDARD",
    "AL2023_ARM_64_NVIDIA",
    "AL2023_x86_64_NVIDIA",
    "AL2023_x86_64_NEURON",
    "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_ARM_64_NVIDIA",
    "BOTTLEROCKET_x86_64_NVIDIA",
]
Architecture = Literal["arm64", "x86_64"]
Accelerator = Literal["NVIDIA", "Neuron"]

#: Families of instances by what they accelerate with (EKS user guide, "Use EKS-optimized accelerated AMIs for GPU
#: instances"). g4ad has GPUs of AMD, and neither it nor dl, f and vt has an image of EKS's with its drivers.
_FAMILIES: dict[Accelerator, re.Pattern[str]] = {
    "NVIDIA": re.compile(r"(?!g4ad\.)(?:g|gr|p)[0-9].*"),
    "Neuron": re.compile(r"(?:inf|trn)[0-9].*"),
}
#: Accelerator -> ends of the names of images that have its drivers. Bottlerocket's plain one has those of Neuron.
_IMAGES: dict[Accelerator, tuple[str, ...]] = {
    "NVIDIA": ("AL2023_{}_NVIDIA", "BOTTLEROCKET_{}_NVIDIA"),
    "Neuron": ("AL2023_{}_NEURON", "BOTTLEROCKET_{}"),
}
_NAMES: dict[Architecture, str] = {"arm64": "ARM_64", "x86_64": "x86_64"}


def accelerator_of(instance_type: str) -> Accelerator | None:
    """Return what an EC2 instance type accelerates with, by its family; None for nothing that EKS has drivers for."""
    return next((kind for kind, family in _FAMILIES.items() if family.fullmatch(instance_type)), None)


def check_ami_type(ami_type: AmiType | None, instance_types: Sequence[str], architecture: Architecture) -> None:
    """Let an image pass that runs on all of a group's instance types and has their drivers.

    None is the plain Amazon Linux 2023. By its name it passes for accelerated types, too: drivers may be the user's.

    Raises:
        PydanticCustomError: the mistake, for the report.
    """
    name = _NAMES[architecture]
    if ami_type is None:
        _refuse_without_drivers(instance_types, name)
        return
    if f"_{name}" not in ami_type:
        raise mistake(
            allowed=f"an image for {architecture}, such as AL2023_{name}_STANDARD",
            fix="name another image, or other instance types",
            note=f"{instance_types[0]} is {architecture}",
        )
    for accelerator in _FAMILIES:
        others = [each for each in instance_types if accelerator_of(each) != accelerator]
        if ami_type.endswith(f"_{accelerator.upper()}") and others:
            raise mistake(
                allowed=f"an image with drivers of {accelerator} only where all instance types have such devices",
                fix=f"remove ami_type, or make a second node group for {', '.join(others)}",
                note=f"without such devices: {', '.join(others)}",
            )


def _refuse_without_drivers(instance_types: Sequence[str], name: str) -> None:
    for each in instance_types:
        if accelerator := accelerator_of(each):
            fitting = [image.format(name) for image in _IMAGES[accelerator]]
            raise mistake(
                allowed=f"{' or '.join(fitting)}: {each} has {accelerator} devices, and the image that a group gets "
                "without ami_type has no drivers for them",
                fix=f"write ami_type: {fitting[0]}; or AL2023_{name}_STANDARD, if you bring the drivers yourself",
            )
