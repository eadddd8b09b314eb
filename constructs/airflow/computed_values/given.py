"""Values that give pods the variables and files of the environment file."""

from __future__ import annotations

from functools import reduce
from typing import Any

from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.written_secrets import revision_of
from constructs.airflow.user_values.owned_values import REVISION_PREFIX
from constructs.airflow.values.merge import merged
from constructs.airflow.values.places import at
from constructs.capacity.placement import PLACES
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.airflow.given import COMPONENTS, FileSettings, VariableSettings

#: Of the pods' group, which the image's user belongs to: nobody else reads it.
READABLE = 0o440


def given_values(airflow: AirflowSettings) -> dict[str, Any]:
    """Return them at each component's place; sets of workers have what the default workers have.

    Pods restart for another revision of what they get, and for another text of a file. Pods of tasks are new ones
    anyway.
    """
    parts = [at(place, _of(airflow, name)) for name, place in there(airflow).items()]
    return reduce(merged, parts, {})


def there(airflow: AirflowSettings) -> dict[str, tuple[str, ...]]:
    """Return the components that there are -> where the chart's values have them."""
    optional = {"workers": airflow.uses_celery, "task_pod": airflow.uses_kubernetes}
    return {name: PLACES[name] for name in COMPONENTS if optional.get(name, True)}


def _of(airflow: AirflowSettings, component: str) -> dict[str, Any]:
    variables = [each for each in airflow.environment if each.reaches(component)]
    files = [each for each in airflow.files if each.reaches(component)]
    given: list[VariableSettings | FileSettings] = [*variables, *files]
    revised: list[object] = [(each.name, each.secret, each.key, each.revision) for each in given if each.secret]
    revised += [(file.name, file.value) for file in files if file.value is not None]
    values: dict[str, Any] = {
        "env": [_variable(each) for each in variables],
        "extraVolumes": [_volume(each) for each in files],
        "extraVolumeMounts": [
            {"name": _volume_name(each), "mountPath": each.path, "subPath": secret_names.GIVEN_KEY, "readOnly": True}
            for each in files
        ],
    }
    if revised and component != "task_pod":
        values["podAnnotations"] = {f"{REVISION_PREFIX}given": str(revision_of(*revised))}
    return {name: value for name, value in values.items() if value}


def _variable(given: VariableSettings) -> dict[str, Any]:
    if given.secret is None:
        return {"name": given.name, "value": given.value}
    reference = {"name": secret_names.given_variable(given.slug), "key": secret_names.GIVEN_KEY}
    return {"name": given.name, "valueFrom": {"secretKeyRef": reference}}


def _volume(given: FileSettings) -> dict[str, Any]:
    key = secret_names.GIVEN_KEY if given.secret else given.name
    items = [{"key": key, "path": secret_names.GIVEN_KEY}]
    if given.secret is None:
        return {"name": _volume_name(given), "configMap": {"name": secret_names.GIVEN_FILES, "items": items}}
    source = {"secretName": secret_names.given_file(given.slug), "items": items, "defaultMode": READABLE}
    return {"name": _volume_name(given), "secret": source}


def _volume_name(given: FileSettings) -> str:
    return f"file-{given.name}"
