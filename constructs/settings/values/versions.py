"""Versions in the environment file: their shape here, what is known of them in `constructs.versions`.

Any version is taken that has the shape and fits what it runs with, newer ones than this program knows among them: so
that no security fix waits for it. What is old or faulty is warned of (`constructs.settings.loading.versions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from constructs.settings.values import facts
from constructs.settings.values.shapes import Shape, mistake
from constructs.versions.fit import misfits
from constructs.versions.table import part as part_of
from constructs.versions.table import proven
from constructs.versions.verdict import Kind
from pydantic import AfterValidator

#: Both charts are the project's own.
CHARTS = ("airflow-chart", "load-balancer-controller")


def refuse_misfit(subject: str, chosen: Mapping[str, str], *, note: str = "") -> None:
    """Refuse the version of one part, among those that are chosen, that the others can't work with."""
    for remark in misfits({**{part: proven(part) for part in CHARTS}, **chosen}, subject):
        if remark.kind is Kind.UNFIT:
            raise mistake(allowed=remark.allowed, fix=remark.fix, note=note)


def _fits(part: str) -> AfterValidator:
    def fits(version: str) -> str:
        refuse_misfit(part, {part: version})
        facts.note(f"{part}_version", version)
        return version

    return AfterValidator(fits)


def _fits_what_is_below(version: str) -> str:
    known = facts.known()
    below = {"kubernetes": known.kubernetes_version, "postgresql": known.postgresql_version}
    refuse_misfit("airflow", {"airflow": version})
    for part, other in below.items():
        if other:
            refuse_misfit(part, {"airflow": version, part: other}, note=f"with {part_of(part).name} {other}")
    facts.note("airflow_version", version)
    return version


KubernetesVersion = Annotated[
    str,
    Shape(
        r"1\.[1-9][0-9]",
        allowed=f'a Kubernetes version in quotes, such as "{proven("kubernetes")}", which the project is tested with',
        fix=f'write "{proven("kubernetes")}"',
        longest=4,
    ),
    _fits("kubernetes"),
]
EngineVersion = Annotated[
    str,
    Shape(
        r"[1-9][0-9](\.[1-9]?[0-9])?",
        allowed='a PostgreSQL version in quotes: a major version such as "17", or one with its minor version such as '
        '"17.10"',
        fix=f'write "{proven("postgresql")}"',
        longest=5,
    ),
    _fits("postgresql"),
]
AirflowVersion = Annotated[
    str,
    Shape(
        r"[1-9]\.(0|[1-9][0-9]?)\.(0|[1-9][0-9]?)",
        allowed=f'a version of Airflow in quotes, such as "{proven("airflow")}", which the project is tested with',
        fix=f'write "{proven("airflow")}"',
        longest=7,
    ),
    AfterValidator(_fits_what_is_below),
]
