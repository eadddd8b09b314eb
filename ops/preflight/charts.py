"""The Helm charts that a deploy would install, fetched and compared before Terraform fetches them itself."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.airflow.charts.chart_source import CONTROLLER_KEY, ChartSource, chart_sources
from constructs.settings.environment import Environment

from ops.clients import charts
from ops.console.errors import OperationError, UnreachableError
from ops.environment.scratch_folder import scratch_folder
from ops.preflight.check import Check, ok, problem, unknown

SUBJECT = "Helm chart"


def check_charts(environment: Environment) -> Iterator[Check]:
    """Whether each repository and registry hands out the released chart; of charts on disk synth and Terraform ask."""
    airflow = environment.airflow
    pools = bool(environment.cluster.node_pools)
    for key, source in chart_sources(airflow.chart, autoscales=airflow.autoscales, node_pools=pools).items():
        if key == CONTROLLER_KEY and not airflow.web.has_balancer:
            continue
        if not source.is_path:
            yield _check(f"airflow.chart.{key}", source)


def _check(key: str, source: ChartSource) -> Check:
    with scratch_folder() as folder:
        try:
            charts.fetch(source, folder)
        except UnreachableError as silent:
            return unknown(SUBJECT, silent.message, f"{key} names where it comes from")
        except OperationError as other:
            return problem(SUBJECT, other.message, f"{other.fix} in {key}")
        except OSError as refused:
            said = f"{source.chart.name} {source.chart.version} cannot be kept on this machine to compare it: {refused}"
            return unknown(SUBJECT, said, "free space there, or let TMPDIR name a folder that can be written")
    what = f"{source.chart.name} {source.chart.version}"
    if not source.chart.is_known:
        fix = f"look yourself: helm pull {source.source} --version {source.chart.version}"
        return unknown(SUBJECT, f"{what} is there; its digest is not known to this project, so nobody compares it", fix)
    return ok(SUBJECT, f"{what} is the released one")
