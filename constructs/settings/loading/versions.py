"""What the rule for versions says of an environment: of what its file chooses, and of what comes with this program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from constructs.providers.demanded import PROVIDERS
from constructs.settings.environment import Environment
from constructs.settings.values.versions import CHARTS
from constructs.versions.fit import misfits
from constructs.versions.rule import judge
from constructs.versions.table import part as part_of
from constructs.versions.table import proven
from constructs.versions.verdict import Verdict


def chosen(environment: Environment) -> dict[str, str]:
    """Return the version of each part of the table that the environment has, charts of this program's included."""
    return {
        "kubernetes": environment.cluster.kubernetes_version,
        "postgresql": environment.database.engine_version,
        "airflow": environment.airflow.version,
        **{chart: proven(chart) for chart in CHARTS},
        **({"keda": proven("keda")} if environment.airflow.autoscales else {}),
        **({"karpenter": proven("karpenter")} if environment.cluster.node_pools else {}),
        **{PROVIDERS[name].part.key: version for name, version in environment.providers.model_dump().items()},
    }


def brought(version: str) -> Mapping[str, str]:
    """Return the version of each part that the official image of a version of Airflow has; empty where unknown."""
    images = part_of("airflow").images
    return next((image.brings for image in images if image.version == version), dict.fromkeys(images[0].brings, ""))


def known(environment: Environment) -> dict[str, str]:
    """Return what the environment has: what is chosen, and what the official image brings if it is that one."""
    airflow = environment.airflow
    image = {} if airflow.own_image else brought(airflow.version)
    return {**chosen(environment), **{key: version for key, version in image.items() if version}}


def verdicts(versions: dict[str, str], today: date) -> Iterator[Verdict]:
    """Return what is known of each of the versions, and of their fitting together."""
    for part, version in versions.items():
        verdict = judge(part, version, today)
        yield replace(verdict, remarks=(*verdict.remarks, *misfits(versions, part)))


def version_warnings(environment: Environment, today: date) -> Iterator[str]:
    """Return a sentence, its key first, for each version that is old, faulty or newer than what was tried."""
    for verdict in verdicts(known(environment), today):
        for remark in verdict.warnings:
            yield f"{verdict.subject}: {remark}"


def aging_versions(environment: Environment, today: date) -> Iterator[str]:
    """Return a sentence, its key first, for each version that ages without a change of the file, or soon will."""
    for verdict in verdicts(known(environment), today):
        for remark in verdict.aging:
            yield f"{verdict.subject}: {remark}"
