"""What a component of section `airflow` is: containers of a size, pods in a number, on nodes, with a priority."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Annotated

from constructs.settings.sections.airflow.autoscaling import AutoscalingSettings
from constructs.settings.sections.airflow.placed import Placed
from constructs.settings.values.quantities import CPU, MEMORY
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

#: A container may use so many times what it is guaranteed, and always a whole core: starting Python takes one.
CPU_LIMIT_FACTOR, LOWEST_CPU_LIMIT = 4, 1000

Cpu = Annotated[
    str,
    CPU,
    Field(description='Processor time that each container is guaranteed: cores ("1", "0.5") or thousandths ("250m").'),
]
Memory = Annotated[
    str,
    MEMORY,
    Field(description="Memory of each container, guaranteed and the most it gets, in Mi or Gi: beyond it is killed."),
]
Replicas = Annotated[int, Whole(1, 20, "replicas"), Field(description="How many pods, 1 to 20.")]


@dataclass(frozen=True)
class Demand:
    """What pods ask for together, in thousandths of a core and in mebibytes."""

    millicores: int = 0
    mebibytes: int = 0
    pods: int = 0

    def __add__(self, other: Demand) -> Demand:
        return Demand(self.millicores + other.millicores, self.mebibytes + other.mebibytes, self.pods + other.pods)

    def __mul__(self, count: int) -> Demand:
        return Demand(self.millicores * count, self.mebibytes * count, self.pods * count)

    @classmethod
    def most(cls, demands: Iterable[Demand]) -> Demand:
        """The largest amount of each part among some, at least one."""
        return cls(*map(max, zip(*map(astuple, demands), strict=True)))

    @classmethod
    def least(cls, demands: Iterable[Demand]) -> Demand:
        """The smallest amount of each part among some, at least one."""
        return cls(*map(min, zip(*map(astuple, demands), strict=True)))


class Component(Section):
    """What one container gets."""

    cpu: Cpu
    memory: Memory
    cpu_limit: Annotated[str, CPU] | None = Field(
        default=None,
        description="The most processor time that each container gets, beyond which it is slowed down; at least cpu. "
        "Default: four times cpu, at least 1 core.",
    )

    @property
    def resources(self) -> dict[str, dict[str, str]]:
        """Requests and limits as Kubernetes takes them; memory can't be overbooked, processor time can."""
        limit = self.cpu_limit or CPU.text(max(CPU_LIMIT_FACTOR * CPU.amount(self.cpu), LOWEST_CPU_LIMIT))
        return {
            "requests": {"cpu": self.cpu, "memory": self.memory},
            "limits": {"cpu": limit, "memory": self.memory},
        }

    @field_validator("cpu_limit")
    @classmethod
    def _is_not_below_cpu(cls, limit: str | None, info: ValidationInfo) -> str | None:
        cpu = info.data.get("cpu")
        if limit is not None and cpu is not None and CPU.amount(limit) < CPU.amount(cpu):
            raise mistake(
                allowed=f"cpu or more: {cpu} to {CPU.highest}",
                fix="raise it, or remove it for four times cpu",
                note=f"cpu is {cpu}",
            )
        return limit


class PodComponent(Placed, Component):
    """A component that is a pod of its own, not a container beside others."""


class ReplicatedComponent(PodComponent):
    """A component of which there may be several pods."""

    replicas: Replicas = 1

    def count(self, *, most: bool) -> int:  # noqa: ARG002  # where there is a choice, `AutoscaledComponent` takes it
        """Return how many pods there are: as few or as many as there may be."""
        return self.replicas


class AutoscaledComponent(ReplicatedComponent):
    """A component whose pods may be as many as there is work for."""

    autoscaling: AutoscalingSettings | None = Field(
        default=None,
        description="As many pods as there is work for, by KEDA, in place of `replicas`: min, max. Default: always as "
        "many as `replicas` says.",
    )

    @field_validator("autoscaling")
    @classmethod
    def _takes_the_place_of_replicas(
        cls, autoscaling: AutoscalingSettings | None, info: ValidationInfo
    ) -> AutoscalingSettings | None:
        default = cls.model_fields["replicas"].default
        if autoscaling is not None and info.data.get("replicas", default) != default:
            raise mistake(
                allowed="without replicas, which it takes the place of",
                fix="remove replicas, or autoscaling",
                note=f"replicas is {info.data['replicas']}",
            )
        return autoscaling

    def count(self, *, most: bool) -> int:
        """Return how many pods there are: as few or as many as there may be."""
        if self.autoscaling is None:
            return self.replicas
        return self.autoscaling.max if most else self.autoscaling.min
