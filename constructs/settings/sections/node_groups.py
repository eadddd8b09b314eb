"""The node groups of section `cluster`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from constructs.settings.values import facts
from constructs.settings.values.ami_types import AmiType, check_ami_type
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, Shape, Whole, mistake
from constructs.settings.values.zones import ZoneName
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

#: <family><generation><attributes>.<size>. AWS adds families every few months, so the shape is checked, not a list.
INSTANCE_TYPE = re.compile(
    r"(?:[a-z]+|u-[0-9]+tb)(?P<generation>[0-9]+)(?P<attributes>[a-z]*(?:-[a-z0-9]+)?)"
    r"\.(?:nano|micro|small|medium|large|xlarge|[1-9][0-9]*xlarge|metal(?:-[0-9]+xl)?)"
)

NodeGroupName = Annotated[
    str,
    Shape(
        r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?",
        allowed="1 to 20 lower-case letters, digits and hyphens inside, starting with a letter",
        fix="choose a name such as default",
        longest=20,
    ),
]
InstanceType = Annotated[
    str,
    Shape(
        re.sub(r"\?P<\w+>", "?:", INSTANCE_TYPE.pattern),
        allowed="an EC2 instance type, <family>.<size>, such as m7g.large (checked: its shape and a size that exists)",
        fix="look the type up: aws ec2 describe-instance-types",
        longest=40,
    ),
]
LABEL_NAME = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
DNS_NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
LabelKey = Annotated[
    str,
    Shape(
        rf"({DNS_NAME}/)?{LABEL_NAME}",
        allowed="a Kubernetes label key: [prefix/]name of letters, digits, - _ . inside; at most 63 characters, as EKS "
        "takes no longer one",
        fix="write a key such as team or example.com/team",
        longest=63,
    ),
]
LabelValue = Annotated[
    str,
    Shape(
        LABEL_NAME,
        allowed="a Kubernetes label value: at most 63 letters, digits, - _ . inside; EKS takes no empty one",
        fix="write a short word; numbers, true, false, yes and no in quotes",
        longest=63,
    ),
]
TaintValue = Annotated[
    str,
    Shape(
        f"({LABEL_NAME})?",
        allowed="the value of a Kubernetes taint: at most 63 letters, digits, - _ . inside; may be empty",
        fix="write a short word; numbers, true, false, yes and no in quotes",
        longest=63,
    ),
]
_RESERVED = re.compile(r"([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io)/.*|eks\.amazonaws\.com/.*")


def refuse_reserved(key: str) -> str:
    """Let a label key pass that is neither EKS's nor Kubernetes' own."""
    if _RESERVED.fullmatch(key):
        raise mistake(
            allowed="a label key outside eks.amazonaws.com/, kubernetes.io/ and k8s.io/, which EKS and Kubernetes keep",
            fix="use a prefix of your own, such as example.com/",
        )
    return key


def refuse_strange_zone(zone: str) -> str:
    """Let a zone pass that is one of the environment's."""
    zones = facts.known().availability_zones
    if zones is not None and zone not in zones:
        raise mistake(
            allowed=f"one of the environment's availability_zones: {', '.join(zones)}",
            fix="remove it here, or add it to availability_zones at the top of the file",
        )
    return zone


_AS_KUBERNETES_WRITES = {
    "NoSchedule": "NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
}
TaintEffect = Annotated[
    Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"],
    BeforeValidator(lambda value: _AS_KUBERNETES_WRITES.get(value, value) if isinstance(value, str) else value),
    WithJsonSchema({"type": "string", "enum": [*_AS_KUBERNETES_WRITES.values(), *_AS_KUBERNETES_WRITES]}),
]


class TaintSettings(Section):
    """Keeps pods that do not tolerate it off the nodes of a group."""

    key: LabelKey = Field(description="Key of the taint, a Kubernetes label key.")
    value: TaintValue = Field(default="", description="Value of the taint, at most 63 characters; may be empty.")
    effect: TaintEffect = Field(
        description="NO_SCHEDULE: no new pods. NO_EXECUTE: running pods leave, too. PREFER_NO_SCHEDULE: better not. "
        "As Kubernetes writes them, NoSchedule, will do."
    )

    @property
    def repels(self) -> bool:
        """Whether it keeps pods away that do not tolerate it, instead of asking them to go elsewhere."""
        return self.effect != "PREFER_NO_SCHEDULE"

    @property
    def kubernetes_effect(self) -> str:
        """The effect as Kubernetes writes it."""
        return next(written for written, effect in _AS_KUBERNETES_WRITES.items() if effect == self.effect)


def refuse_same_taints(taints: tuple[TaintSettings, ...]) -> tuple[TaintSettings, ...]:
    """Let taints pass that differ in key or effect."""
    kinds = [(taint.key, taint.effect) for taint in taints]
    twice = sorted({f"{key} {effect}" for key, effect in kinds if kinds.count((key, effect)) > 1})
    if twice:
        raise mistake(
            allowed="one taint of each key and effect: Kubernetes refuses nodes with two",
            fix="remove all but one of them",
            note=f"twice: {', '.join(twice)}",
        )
    return taints


class NodeGroupSettings(Section):
    """Nodes of one kind that EKS starts, repairs and updates."""

    instance_types: Annotated[tuple[InstanceType, ...], Count(1, 20, "instance types")] = Field(
        default=("m7g.large",),
        description="EC2 instance types, 1 to 20, all arm64 or all x86_64. Several of one size make spot reliable.",
    )
    ami_type: AmiType | None = Field(
        default=None,
        description="EKS's machine image of the nodes: Amazon Linux 2023 or Bottlerocket, plain or with drivers of "
        "NVIDIA or Neuron. Default: plain Amazon Linux 2023; for instance types with such devices it has to be named. "
        "NVIDIA's device plugin, without which Kubernetes sees no GPU, comes with Bottlerocket only. A change replaces "
        "the group.",
    )
    min_size: Annotated[int, Whole(0, 450, "nodes")] = Field(
        default=2, description="Fewest nodes, 0 to 450; also how many the group starts with."
    )
    max_size: Annotated[int, Whole(1, 450, "nodes")] = Field(
        default=4, description="Most nodes, 1 to 450; at least min_size."
    )
    capacity_type: Literal["on_demand", "spot"] = Field(
        default="on_demand",
        description="`on_demand`, or `spot`: much cheaper, but AWS may take a node away with two minutes' notice.",
    )
    volume_size_gib: Annotated[int, Whole(20, 16384, "GiB")] = Field(
        default=50,
        description="Root volume of each node, in GiB, 20 to 16384; with Bottlerocket the one for images and pods.",
    )
    labels: Annotated[
        Mapping[Annotated[LabelKey, AfterValidator(refuse_reserved)], LabelValue], Count(0, 50, "labels")
    ] = Field(default={}, description="Kubernetes labels of the nodes. Values are text.")
    workload: LabelValue | None = Field(
        default=None,
        description="What the nodes are for, such as tasks: becomes their label `workload`, which pods select.",
    )
    taints: Annotated[tuple[TaintSettings, ...], Count(0, 50, "taints")] = Field(
        default=(), description="Kubernetes taints of the nodes."
    )
    node_repair: bool = Field(default=True, description="EKS replaces nodes that stay unhealthy.")
    availability_zones: (
        Annotated[tuple[Annotated[ZoneName, AfterValidator(refuse_strange_zone)], ...], Count(1, 6, "zones")] | None
    ) = Field(default=None, description="Zones of this group, some of the environment's. Default: all of them.")

    @property
    def architecture(self) -> Literal["arm64", "x86_64"]:
        """The processors of all of the group's instance types."""
        return architecture_of(self.instance_types[0])

    @property
    def is_spot(self) -> bool:
        """Whether AWS may take its nodes away."""
        return self.capacity_type == "spot"

    @property
    def node_labels(self) -> dict[str, str]:
        """All labels that the file gives the group's nodes."""
        return ({"workload": self.workload} if self.workload else {}) | dict(self.labels)

    @property
    def repels_pods(self) -> bool:
        """Whether a taint keeps ordinary pods, add-ons among them, off the group's nodes."""
        return any(taint.repels for taint in self.taints)

    @field_validator("instance_types")
    @classmethod
    def _have_one_architecture(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        arm = [kind for kind in types if architecture_of(kind) == "arm64"]
        other = [kind for kind in types if kind not in arm]
        if arm and other:
            raise mistake(
                allowed="instance types of one architecture: a group has one machine image",
                fix="make a second node group for the others",
                note=f"arm64: {', '.join(arm)}; x86_64: {', '.join(other)}",
            )
        return types

    @field_validator("ami_type")
    @classmethod
    def _fits_the_types(cls, ami_type: AmiType | None, info: ValidationInfo) -> AmiType | None:
        types = info.data.get("instance_types")
        if types:
            check_ami_type(ami_type, types, architecture_of(types[0]))
        return ami_type

    @field_validator("taints")
    @classmethod
    def _differ(cls, taints: tuple[TaintSettings, ...]) -> tuple[TaintSettings, ...]:
        return refuse_same_taints(taints)

    @field_validator("max_size")
    @classmethod
    def _is_not_below_min(cls, most: int, info: ValidationInfo) -> int:
        fewest = info.data.get("min_size")
        if fewest is not None and most < fewest:
            raise mistake(
                allowed=f"min_size or more, {fewest} to 450",
                fix=f"raise max_size to {fewest}, or lower min_size",
                note=f"min_size is {fewest}",
            )
        return most


def architecture_of(instance_type: str) -> Literal["arm64", "x86_64"]:
    """Return the architecture that an EC2 instance type's name tells: a `g` after the generation is Graviton, arm64."""
    parts = INSTANCE_TYPE.fullmatch(instance_type)
    if parts is None:
        message = f"{instance_type!r} is no EC2 instance type"
        raise ValueError(message)
    graviton = "g" in parts["attributes"] or instance_type.startswith("a1.")
    return "arm64" if graviton else "x86_64"
