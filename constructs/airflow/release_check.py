"""The release as it would be deployed, where the chart is at hand: rendered, checked, and traced to the user's file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import yaml
from constructs.airflow.charts.airflow_chart import worker_name
from constructs.airflow.charts.rendering import Rendering, RenderingError
from constructs.airflow.user_values.helm_messages import without_values
from constructs.checks.rendered_release import Finding, findings
from constructs.settings.document.problems import EnvironmentFileError, Problem, key_path, printable
from constructs.settings.document.text import Document, Location

#: Workload -> the chart's values that it is made of.
COMPONENTS: Mapping[str, Location] = {
    "airflow-api-server": ("apiServer",),
    "airflow-scheduler": ("scheduler",),
    "airflow-dag-processor": ("dagProcessor",),
    "airflow-triggerer": ("triggerer",),
    "airflow-worker": ("workers", "celery"),
    "task": ("workers", "kubernetes"),
    "airflow-pgbouncer": ("pgbouncer",),
    "airflow-redis": ("redis",),
    "airflow-statsd": ("statsd",),
    "airflow-cleanup": ("cleanup",),
    "airflow-database-cleanup": ("databaseCleanup",),
}
_DEPRECATION = re.compile(r"DEPRECATION WARNING:\n((?:[ \t]+\S.*\n)*(?:[ \t]+\S.*)?)")
_RENAMED = re.compile(r"`([\w.]+)` has been renamed to `([\w.]+)`")


def check_release(
    text: str, chart: Path, *, document: Document, namespace: str, components: Collection[str]
) -> list[str]:
    """Render the chart with the values that Terraform hands to Helm; return what the chart warns of.

    Raises:
        EnvironmentFileError: the chart can't be rendered, or makes what Kubernetes or this cluster would refuse.
    """
    from helm_python import Chart, HelmError  # noqa: PLC0415  # Helm itself, read only where the chart is at hand

    values = yaml.load(text.replace("$${", "${").replace("%%{", "%{"), Loader=yaml.CSafeLoader)
    try:
        with Chart.load(chart) as loaded:
            rendering = Rendering(loaded, values, namespace)
    except (HelmError, RenderingError) as error:
        received = printable(without_values(str(error), document.values), longest=400)
        allowed, fix = "values that the chart's templates make objects of", "correct the value that the message names"
        raise EnvironmentFileError([Problem(document.file, None, "", received, allowed, fix)]) from error
    if problems := list(_problems(document, list(findings(rendering, components)))):
        raise EnvironmentFileError(sorted(problems, key=lambda problem: problem.line or 0))
    return list(_warnings(document, rendering.notes))


def _problems(document: Document, found: Sequence[Finding]) -> Iterator[Problem]:
    """One for each place in the file and remedy, whatever it affects."""
    groups: dict[tuple[Location, str, str], list[Finding]] = {}
    for finding in found:
        groups.setdefault((_location(document, finding), finding.allowed, finding.fix), []).append(finding)
    for (location, allowed, fix), together in groups.items():
        what = dict.fromkeys(": ".join(filter(None, (finding.place, finding.what))) for finding in together)
        workloads = list(dict.fromkeys(finding.workload for finding in together))
        others = f" and {len(workloads) - 1} more" if workloads[1:] else ""
        received = printable(f"in {workloads[0]}{others}: {', '.join(what)}", longest=600)
        yield Problem(document.file, document.line(location), key_path(location), received, allowed, fix)


def _location(document: Document, finding: Finding) -> Location:
    """Where in the file it most likely comes from; empty where nothing there has to do with it."""
    component = COMPONENTS.get(_chart_name(finding.workload), ())
    named = list(_places(document.values, finding))
    named.sort(key=lambda location: location[: len(component)] != component)
    around = [(*above, key) for above in (component, ()) for key in finding.keys]
    likely = (*named, *around, component, component[:1])
    return next((location for location in likely if location and location in document.lines), ())


def _chart_name(workload: str) -> str:
    """Sets of workers are made of what is said of the default ones."""
    return worker_name() if workload.startswith(f"{worker_name()}-") else workload


def _places(value: object, finding: Finding, above: Location = ()) -> Iterator[Location]:
    """Entries of lists by their name, and texts that match."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _places(inner, finding, (*above, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if finding.entry and isinstance(inner, Mapping) and inner.get("name") == finding.entry:
                yield (*above, position)
            yield from _places(inner, finding, (*above, position))
    elif finding.pattern and isinstance(value, str) and finding.pattern.search(value):
        yield above


def _warnings(document: Document, notes: str) -> Iterator[str]:
    """What the chart's notes say is going to go, with the line where the file has it."""
    for found in _DEPRECATION.finditer(notes):
        sentence = " ".join(found[1].split())
        renamed = _RENAMED.match(sentence)
        location = tuple(renamed[1].split(".")) if renamed else ()
        place = f"{document.file}:{document.line(location)}" if location in document.lines else document.file
        yield f"{place}: the chart warns: {sentence}"
