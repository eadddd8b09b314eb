"""Pods and their addresses on the nodes of section `cluster`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

_EITHER = "remove warm_prefix_target or warm_ip_target"


class PodsSettings(Section):
    """How many pods a node may have, and how many addresses it keeps ready for them."""

    prefix_delegation: bool = Field(
        default=False,
        description="true: network interfaces get ranges of 16 addresses instead of single ones, so that a node may "
        "have up to 110 pods, 250 with 30 vCPUs or more; an m7g.large has 29 otherwise. Each node keeps 16 addresses "
        "of its subnet or more. A change replaces all nodes, a third of them at a time.",
    )
    warm_prefix_target: Annotated[int, Whole(1, 16, "ranges")] | None = Field(
        default=None,
        description="Ranges of 16 free addresses that each node keeps ready, 1 to 16; with prefix_delegation only. "
        "Default: EKS's, 1.",
    )
    warm_ip_target: Annotated[int, Whole(1, 250, "addresses")] | None = Field(
        default=None,
        description="Free addresses that each node keeps ready instead, 1 to 250, where addresses are few: each "
        "pod may then have to wait for a call to EC2. Default: EKS's way, a whole interface or range.",
    )
    minimum_ip_target: Annotated[int, Whole(1, 250, "addresses")] | None = Field(
        default=None,
        description="Addresses that each node has at least, used or free, 1 to 250; beside warm_ip_target only.",
    )

    @property
    def environment(self) -> dict[str, str]:
        """Variables of the VPC CNI (its README: ENABLE_PREFIX_DELEGATION, WARM_PREFIX_TARGET and the others)."""
        targets = {
            "WARM_PREFIX_TARGET": self.warm_prefix_target,
            "WARM_IP_TARGET": self.warm_ip_target,
            "MINIMUM_IP_TARGET": self.minimum_ip_target,
        }
        delegated = {"ENABLE_PREFIX_DELEGATION": "true"} if self.prefix_delegation else {}
        return delegated | {name: str(target) for name, target in targets.items() if target is not None}

    @field_validator("warm_prefix_target")
    @classmethod
    def _has_prefixes(cls, target: int | None, info: ValidationInfo) -> int | None:
        if target is not None and info.data.get("prefix_delegation") is False:
            raise mistake(
                allowed="nothing without cluster.pods.prefix_delegation: true: there are no ranges to keep ready",
                fix="add prefix_delegation: true, or write warm_ip_target, the number of single addresses",
            )
        return target

    @field_validator("warm_ip_target")
    @classmethod
    def _is_the_one_target(cls, target: int | None, info: ValidationInfo) -> int | None:
        prefixes = info.data.get("warm_prefix_target")
        if target is not None and prefixes is not None:
            raise mistake(
                allowed="nothing beside cluster.pods.warm_prefix_target, which would then have no effect",
                fix=_EITHER,
                note=f"warm_prefix_target is {prefixes}",
            )
        return target

    @field_validator("minimum_ip_target")
    @classmethod
    def _can_grow(cls, target: int | None, info: ValidationInfo) -> int | None:
        if target is not None and "warm_ip_target" in info.data and info.data["warm_ip_target"] is None:
            raise mistake(
                allowed="nothing without cluster.pods.warm_ip_target: once so many addresses are used, a node would "
                "get no more",
                fix="add warm_ip_target, such as 2",
            )
        return target
