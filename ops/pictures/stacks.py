"""What pictures read of the two stacks' JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from constructs.checks.reachability import Network, reference_name
from constructs.checks.synthesized import SynthesizedStack

from ops.environment.operated import STACKS


@dataclass(frozen=True)
class Stacks:
    """Both stacks of an environment, as they were synthesized."""

    infrastructure: SynthesizedStack
    platform: SynthesizedStack

    @classmethod
    def read(cls, outdir: Path) -> Stacks:
        """Read both in an output folder (`cdktf.out/<environment>`)."""
        return cls(*(SynthesizedStack.read(outdir / "stacks" / stack) for stack in STACKS))

    @cached_property
    def network(self) -> Network:
        """Routes, subnets and rules."""
        return Network(self.infrastructure)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of Airflow's release; what is known at apply only stands as an expression."""
        merged: dict[str, Any] = {}
        for text in self.platform.resources("helm_release")["airflow"]["values"]:
            merged.update(yaml.load(text, Loader=yaml.CSafeLoader))
        return merged

    @property
    def executor(self) -> str:
        """How tasks run, `CeleryExecutor,KubernetesExecutor`."""
        return str(self.values.get("executor"))

    @cached_property
    def node_pools(self) -> Sequence[Mapping[str, Any]]:
        """Karpenter's NodePools."""
        release = self.platform.resources("helm_release").get("node_pools", {"values": []})
        objects = [body for text in release["values"] for body in yaml.load(text, Loader=yaml.CSafeLoader)["objects"]]
        return [body for body in objects if body["kind"] == "NodePool"]

    def one(self, terraform_type: str) -> Mapping[str, Any]:
        """Return the only resource of a type in `infrastructure`."""
        [found] = self.infrastructure.resources(terraform_type).values()
        return found

    def subnets_of(self, vpc: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield name and arguments of a VPC's subnets, by zone."""
        subnets = self.infrastructure.resources("aws_subnet")
        for name in sorted(subnets, key=lambda name: (str(subnets[name]["availability_zone"]), name)):
            if reference_name(subnets[name]["vpc_id"], "aws_vpc") == vpc:
                yield name, subnets[name]

    def cidr(self, vpc: str) -> str:
        """Return the range of a VPC."""
        return str(self.infrastructure.resources("aws_vpc")[vpc]["cidr_block"])
