"""Templates beside the default one for the pods of the KubernetesExecutor's tasks, in section `airflow`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from constructs.settings.sections.airflow.components import TaskPod
from constructs.settings.values.shapes import Count, Shape

TaskPodName = Annotated[
    str,
    Shape(
        r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?",
        allowed="1 to 20 lower-case letters, digits and hyphens inside, starting with a letter",
        fix="choose a name such as large",
        longest=20,
    ),
]

TaskPods = Annotated[Mapping[TaskPodName, TaskPod], Count(0, 20, "templates")]
