"""Versions in the environment file: their shape here, what is known of them in `constructs.versions`.

Any version is taken that has the shape and fits what it runs with, newer ones than this program knows among them: so
that no security fix waits for it. What is old or faulty is warned of (`constructs.settings.loading.versions`).
"""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.shapes import Shape, mistake
from constructs.versions.fit import misfits
from constructs.versions.table import proven
from constructs.versions.verdict import Kind
from pydantic import AfterValidator

#: Both charts are the project's own.
CHARTS = ("airflow-chart", "load-balancer-controller")


def refuse_misfit(subject: str, chosen: dict[str, str]) -> None:
    """Refuse the version of one part, among those that are chosen, that the others can't work with."""
    for remark in misfits({part: proven(part) for part in CHARTS} | chosen, subject):
        if remark.kind is Kind.UNFIT:
            raise mistake(allowed=remark.allowed, fix=remark.fix)


def _fits(part: str) -> AfterValidator:
    def fits(version: str) -> str:
        refuse_misfit(part, {part: version})
        return version

    return AfterValidator(fits)


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
