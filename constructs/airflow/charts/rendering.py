"""What the chart makes of values: its objects, and every pod that comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml
from constructs.airflow.charts.airflow_chart import RELEASE, TASK_PODS

if TYPE_CHECKING:
    from helm_python import Chart

NAMESPACE = "airflow"
NOTES = "NOTES.txt"

#: Kind -> where the pods' template is in an object of it.
POD_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}

#: The pod that the KubernetesExecutor starts for each task stands in Airflow's configuration.
TASK_POD = "pod_template_file.yaml"


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of a pod."""

    pod: str
    body: Mapping[str, Any]
    is_init: bool

    @property
    def name(self) -> str:
        """`airflow-scheduler/git-sync`."""
        return f"{self.pod}/{self.body['name']}"

    @property
    def variables(self) -> dict[str, str | None]:
        """Variable -> value, None where the value comes from elsewhere."""
        return {entry["name"]: entry.get("value") for entry in self.body.get("env") or ()}


class _Strict(yaml.CSafeLoader):
    """Refuses a map with the same key twice, of which Kubernetes would take one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Return the map if each key is in it once."""
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"twice in a map: {', '.join(sorted(twice))}", node.start_mark
            )
        return super().construct_mapping(node, deep)


class RenderingError(Exception):
    """What the chart makes of the values is no YAML that Kubernetes could read."""


def _documents(path: str, text: str) -> list[dict[str, Any]]:
    try:
        return [body for body in yaml.load_all(text, Loader=_Strict) if body]  # a CSafeLoader
    except yaml.MarkedYAMLError as error:
        raise RenderingError(f"{path}: {error.problem}") from error


class Rendering:
    """The objects of one rendering.

    Raises:
        RenderingError: it is no YAML.
        HelmError: the chart takes no such values.
    """

    def __init__(self, chart: Chart, values: Mapping[str, Any], namespace: str = NAMESPACE) -> None:
        rendered = chart.render(dict(values), name=RELEASE, namespace=namespace)
        self.notes = next(text for path, text in rendered.items() if path.endswith(NOTES))
        self.text = "\n---\n".join(text for _, text in sorted(rendered.items()))
        self.objects: list[dict[str, Any]] = [
            document
            for path, text in sorted(rendered.items())
            if not path.endswith(NOTES)
            for document in _documents(path, text)
        ]

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """Name -> object, of all objects of a kind."""
        return {body["metadata"]["name"]: body for body in self.objects if body["kind"] == kind}

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Name of the workload -> metadata and spec of its pods; those of tasks are called `task`, `task-<name>`."""
        templates = {}
        for body in self.objects:
            if body["kind"] in POD_TEMPLATES:
                template = body
                for step in POD_TEMPLATES[body["kind"]]:
                    template = template[step]
                templates[body["metadata"]["name"]] = template
        if self.task_pod:
            templates["task"] = self.task_pod
        further = self.named("ConfigMap").get(TASK_PODS, {"data": {}})["data"]
        return templates | {
            f"task-{file.removesuffix('.yaml')}": yaml.safe_load(text) for file, text in further.items()
        }

    @cached_property
    def task_pod(self) -> dict[str, Any] | None:
        """The pod of a task of the KubernetesExecutor."""
        text = self.named("ConfigMap")["airflow-config"]["data"].get(TASK_POD)
        pod: dict[str, Any] | None = yaml.safe_load(text) if text else None
        return pod

    @property
    def configuration(self) -> str:
        """The text of airflow.cfg."""
        return str(self.named("ConfigMap")["airflow-config"]["data"]["airflow.cfg"])

    @property
    def containers(self) -> list[Container]:
        """Every container of every pod, init containers too."""
        return [
            Container(pod=name, body=container, is_init=kind == "initContainers")
            for name, template in self.templates.items()
            for kind in ("initContainers", "containers")
            for container in template["spec"].get(kind) or ()
        ]

    def references(self, kind: str) -> set[str]:
        """Names of the objects of a kind, Secret or ConfigMap, that pods refer to."""
        return {name for template in self.templates.values() for name in references(template["spec"], kind)}


def references(value: Any, kind: str) -> Iterator[str]:
    """Names of the objects of a kind, Secret or ConfigMap, in `secretKeyRef`, `secretRef`, volumes and the like."""
    if isinstance(value, list):
        for inner in value:
            yield from references(inner, kind)
    if not isinstance(value, dict):
        return
    word = {"Secret": "secret", "ConfigMap": "configMap"}[kind]
    for name, inner in value.items():
        if name in {f"{word}KeyRef", f"{word}Ref", word} and isinstance(inner, dict):
            yield str(inner.get("secretName") or inner.get("name"))
        elif name == "imagePullSecrets" and kind == "Secret":
            yield from (str(entry["name"]) for entry in inner or ())
        else:
            yield from references(inner, kind)
