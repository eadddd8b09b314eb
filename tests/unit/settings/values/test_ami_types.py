"""Which machine image fits which instance types."""

from __future__ import annotations

from typing import get_args

import pytest
from constructs.settings.sections.node_groups import NodeGroupSettings
from constructs.settings.values.ami_types import AmiType, accelerator_of
from pydantic import ValidationError


class TestAccelerators:
    @pytest.mark.parametrize(
        "family",
        [
            *("p6-b300", "p6-b200", "p5", "p5e", "p5en", "p4d", "p4de", "p3", "p3dn", "p6e-gb200", "g5g"),
            *("g7e", "gr6", "g6", "g6e", "g6f", "gr6f", "g5", "g4dn"),
        ],
    )
    def test_nvidia(self, family: str) -> None:
        """Every family of EKS's table of NVIDIA images."""
        assert accelerator_of(f"{family}.xlarge") == "NVIDIA"

    @pytest.mark.parametrize("family", ["inf1", "inf2", "trn1", "trn1n", "trn2"])
    def test_neuron(self, family: str) -> None:
        """Inferentia and Trainium."""
        assert accelerator_of(f"{family}.2xlarge") == "Neuron"

    @pytest.mark.parametrize("family", ["m7g", "c7gn", "g4ad", "dl1", "i4g", "t4g", "im4gn", "vt1", "u-6tb1"])
    def test_none(self, family: str) -> None:
        """What computes with its processors, and what EKS has no drivers for: AMD's GPUs among it."""
        assert accelerator_of(f"{family}.xlarge") is None


class TestImages:
    @pytest.mark.parametrize(
        ("types", "ami_type"),
        [
            (("m7g.large",), None),
            (("g4ad.xlarge",), None),
            (("m7i.large", "m6i.large"), "BOTTLEROCKET_x86_64"),
            (("g5.xlarge", "p5.48xlarge"), "AL2023_x86_64_NVIDIA"),
            (("g5g.xlarge",), "BOTTLEROCKET_ARM_64_NVIDIA"),
            (("p6e-gb200.36xlarge",), "AL2023_ARM_64_NVIDIA"),
            (("inf2.xlarge",), "AL2023_x86_64_NEURON"),
            (("inf2.xlarge",), "BOTTLEROCKET_x86_64"),
            (("g5.xlarge",), "AL2023_x86_64_STANDARD"),
        ],
    )
    def test_fitting(self, types: tuple[str, ...], ami_type: AmiType | None) -> None:
        """Of the architecture and with the drivers; the plain one also by its name: drivers may be the user's."""
        assert NodeGroupSettings(instance_types=types, ami_type=ami_type).ami_type == ami_type

    @pytest.mark.parametrize(
        ("types", "ami_type"),
        [
            (("g5.xlarge",), None),
            (("m7i.large", "g5.xlarge"), None),
            (("trn1.2xlarge",), None),
            (("m7i.large",), "AL2023_x86_64_NVIDIA"),
            (("m7i.large", "g5.xlarge"), "AL2023_x86_64_NVIDIA"),
            (("g5.xlarge",), "AL2023_x86_64_NEURON"),
            (("g5g.xlarge",), "AL2023_x86_64_NVIDIA"),
            (("m7i.large",), "BOTTLEROCKET_ARM_64"),
        ],
    )
    def test_unfitting(self, types: tuple[str, ...], ami_type: AmiType | None) -> None:
        """No drivers where they are needed, drivers for what isn't there, another architecture: each is refused."""
        with pytest.raises(ValidationError) as refused:
            NodeGroupSettings(instance_types=types, ami_type=ami_type)
        (error,) = refused.value.errors()
        assert error["loc"] == ("ami_type",)

    def test_every_image_serves_some_type(self) -> None:
        """No name on offer that could never be chosen."""
        types = ("m7g.large", "m7i.large", "g5g.xlarge", "g5.xlarge", "inf2.xlarge")
        usable = set()
        for ami_type in get_args(AmiType):
            for kind in types:
                try:
                    usable.add(NodeGroupSettings(instance_types=(kind,), ami_type=ami_type).ami_type)
                except ValidationError:
                    continue
        assert usable == set(get_args(AmiType))
