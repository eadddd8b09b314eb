"""On which nodes pods of section `airflow` run, and which of them give way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from constructs.settings.sections.node_groups import NodeGroupName
from constructs.settings.sections.node_pools import NodePoolName
from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import closest, mistake
from pydantic import Field, ValidationInfo, field_validator

#: What a component may have of `priority`; without one it has Kubernetes' 0.
Priority = Literal["high", "low"]


class Placed(Section):
    """Pods that may be sent to a node group or a node pool, and may have a priority."""

    #: Whether all of Airflow stands still, or loses what runs, while these pods are away: AWS takes spot nodes away
    #: with two minutes' notice, and all of one type together.
    carries_the_rest: ClassVar[bool] = False

    node_group: NodeGroupName | None = Field(
        default=None,
        description="The one of cluster.node_groups whose nodes these pods run on; its taints are tolerated. Default: "
        "every group that has no taint, or what helm/values.yaml says.",
    )
    node_pool: NodePoolName | None = Field(
        default=None,
        description="The one of cluster.node_pools whose nodes these pods run on, instead of a node_group; its taints "
        "are tolerated.",
    )
    priority: Priority | None = Field(
        default=None,
        description="`high`: where there is no room, pods of lower priority make way. `low`: they make way for all "
        "others. Default: neither.",
    )

    @property
    def place(self) -> str | None:
        """The node group or node pool that the file names."""
        return self.node_group or self.node_pool

    @field_validator("node_group")
    @classmethod
    def _is_there_and_stays(cls, name: str | None) -> str | None:
        return cls._placed(name, facts.known().node_groups, "node group", "capacity_type: on_demand")

    @field_validator("node_pool")
    @classmethod
    def _is_the_one_place(cls, name: str | None, info: ValidationInfo) -> str | None:
        group = info.data.get("node_group")
        if name is not None and group is not None:
            raise mistake(
                allowed="either node_group or node_pool: no node is of both",
                fix="remove one of them",
                note=f"node_group is {group}",
            )
        return cls._placed(name, facts.known().node_pools, "node pool", "capacity_types: [on_demand]")

    @classmethod
    def _placed(
        cls, name: str | None, there: Mapping[str, facts.NodeGroup] | None, what: str, on_demand: str
    ) -> str | None:
        if name is None or there is None:
            return name
        key = f"cluster.{what.replace(' ', '_')}s"
        nearest = closest(name, there)
        if name not in there:
            raise mistake(
                allowed=f"one of {key}: {', '.join(there)}" if there else f"nothing: there is no {key}",
                fix=f"did you mean {nearest}?" if nearest else f"name one of these, or add the {what[5:]} to the file",
            )
        if cls.carries_the_rest and there[name].is_spot:
            others = [other for other, known in there.items() if not known.is_spot]
            raise mistake(
                allowed=f"a {what} with {on_demand}: AWS takes spot nodes away with two minutes' "
                "notice, and without these pods no task runs on any node",
                fix=f"name one of {', '.join(others)}"
                if others
                else f"add a {what} with {on_demand}, or leave the key out",
                note=f"{name} is spot",
            )
        return name
