"""How Airflow runs tasks."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from constructs.settings.values.shapes import closest, mistake
from pydantic import PlainValidator, WithJsonSchema

ExecutorName = Literal["CeleryExecutor", "KubernetesExecutor", "CeleryExecutor,KubernetesExecutor"]
EXECUTORS: tuple[str, ...] = get_args(ExecutorName)
#: Names of Airflow 2, and what to write today.
GONE = {
    "CeleryKubernetesExecutor": "CeleryExecutor,KubernetesExecutor",
    "LocalKubernetesExecutor": "KubernetesExecutor",
    "SequentialExecutor": "CeleryExecutor",
    "DebugExecutor": "CeleryExecutor",
}


def _check(value: object) -> str:
    if isinstance(value, str) and value in EXECUTORS:
        return value
    allowed = f'"{EXECUTORS[0]}", "{EXECUTORS[1]}" or "{EXECUTORS[2]}" (the first of the two is the default of tasks)'
    if isinstance(value, str) and value in GONE:
        raise mistake(allowed=allowed, fix=f"write {GONE[value]}", note="gone from Airflow 3")
    if value == "LocalExecutor":
        raise mistake(
            allowed=allowed,
            fix="write CeleryExecutor (workers that are always there) or KubernetesExecutor (a pod per task)",
            note="its tasks are processes of the scheduler's pod and end with it, at every deploy",
        )
    if isinstance(value, list) and (joined := ",".join(map(str, value))) in EXECUTORS:
        raise mistake(allowed=allowed, fix=f'write them as Airflow does, as one text: "{joined}"', note="a list")
    nearest = closest(value, EXECUTORS) if isinstance(value, str) else None
    raise mistake(allowed=allowed, fix=f"did you mean {nearest}?" if nearest else f"write {EXECUTORS[0]}")


Executor = Annotated[
    ExecutorName,
    PlainValidator(_check, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "enum": list(EXECUTORS)}),
]
