"""Values that make further templates for pods of tasks, of which a task chooses one by the path of its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from constructs.airflow.charts.airflow_chart import TASK_PODS
from constructs.airflow.computed_values.placement import pod_values
from constructs.capacity.placement import NodesSettings
from constructs.settings.sections.airflow.airflow import AirflowSettings

#: Where the scheduler, which makes the pods, has the files.
FOLDER = "/opt/airflow/task_pods"

#: The chart makes one template, of `workers.kubernetes`. Each further one is made from the same file of the chart, with
#: single values of `workers.kubernetes` replaced as a whole: it has all that the default one has.
_TEMPLATES = """\
{{- range $name, $own := fromJson `%s` }}
{{- $kubernetes := deepCopy $.Values.workers.kubernetes }}
{{- range $key, $value := $own }}{{ $_ := set $kubernetes $key $value }}{{ end }}
{{- $workers := set (deepCopy $.Values.workers) "kubernetes" $kubernetes }}
{{- $values := set (deepCopy $.Values) "workers" $workers }}
{{- $chart := dict "Chart" $.Chart "Release" $.Release "Template" $.Template "Capabilities" $.Capabilities }}
{{ $name }}.yaml: |-
  {{- tpl ($.Files.Get "files/pod-template-file.kubernetes-helm-yaml") (set $chart "Values" $values) | nindent 2 }}
{{- end }}
"""


def task_pod_values(airflow: AirflowSettings, nodes: Mapping[str, NodesSettings]) -> dict[str, Any]:
    """Return them, and the volume by which the scheduler reads the templates; nothing where the file names none.

    A ConfigMap that is mounted as a folder follows its object without a restart.
    """
    if not airflow.task_pod_templates:
        return {}
    own = {
        name: {"resources": each.resources, **pod_values(each, nodes)}
        for name, each in airflow.task_pod_templates.items()
    }
    volume = {"name": "task-pods", "configMap": {"name": TASK_PODS}}
    mount = {"name": "task-pods", "mountPath": FOLDER, "readOnly": True}
    return {
        # As a hook, the chart's default, it would outlive the release.
        "extraConfigMaps": {TASK_PODS: {"useHelmHooks": False, "data": _TEMPLATES % json.dumps(own)}},
        "scheduler": {"extraVolumes": [volume], "extraVolumeMounts": [mount]},
    }
