"""On which nodes pods of section `airflow` run, and which of them give way."""

from __future__ import annotations

from typing import ClassVar, Literal

from constructs.settings.sections.node_groups import NodeGroupName
from constructs.settings.values import facts
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import closest, mistake
from pydantic import Field, field_validator

#: What a component may have of `priority`; without one it has Kubernetes' 0.
Priority = Literal["high", "low"]


class Placed(Section):
    """Pods that may be sent to a node group, and may have a priority."""

    #: Whether all of Airflow stands still, or loses what runs, while these pods are away: AWS takes spot nodes away
    #: with two minutes' notice, and all of one type together.
    carries_the_rest: ClassVar[bool] = False

    node_group: NodeGroupName | None = Field(
        default=None,
        description="The one of cluster.node_groups whose nodes these pods run on; its taints are tolerated. Default: "
        "every group that has no taint, or what helm/values.yaml says.",
    )
    priority: Priority | None = Field(
        default=None,
        description="`high`: where there is no room, pods of lower priority make way. `low`: they make way for all "
        "others. Default: neither.",
    )

    @field_validator("node_group")
    @classmethod
    def _is_there_and_stays(cls, name: str | None) -> str | None:
        groups = facts.known().node_groups
        if name is None or groups is None:
            return name
        nearest = closest(name, groups)
        if name not in groups:
            raise mistake(
                allowed=f"one of cluster.node_groups: {', '.join(groups)}",
                fix=f"did you mean {nearest}?" if nearest else "name one of these, or add the group to the file",
            )
        if cls.carries_the_rest and groups[name].is_spot:
            others = [group for group, known in groups.items() if not known.is_spot]
            raise mistake(
                allowed="a node group with capacity_type: on_demand: AWS takes spot nodes away with two minutes' "
                "notice, and without these pods no task runs on any node",
                fix=f"name one of {', '.join(others)}"
                if others
                else "add a node group with capacity_type: on_demand, or leave the key out",
                note=f"{name} is spot",
            )
        return name
