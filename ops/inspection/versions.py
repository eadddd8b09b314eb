"""Which version of what runs, as the states know it, beside what the file asks for and what is known of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from constructs.providers.demanded import PROVIDERS
from constructs.settings.environment import Environment
from constructs.settings.loading.versions import brought, chosen, verdicts
from constructs.settings.sections.airflow.airflow import OFFICIAL_IMAGE
from constructs.versions.table import part
from constructs.versions.verdict import Verdict

from ops.state.reading import StackState

NOT_DEPLOYED = "not deployed"
#: Of providers, whose versions no state holds.
NOT_RECORDED = "not recorded"
#: Of what the table of versions knows nothing.
AS_EKS_CHOOSES = "as EKS chooses"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One thing that has a version."""

    what: str
    runs: str
    """As the state records it; `not deployed` where it doesn't."""

    wanted: str
    """As the environment file and the program say; empty where AWS, or this machine, chooses."""

    image: str = ""
    """The official image that brings it; the version is what that one has, whichever runs."""

    part: str = ""
    """Its key in the table of versions."""

    verdict: Verdict | None = None
    """What is known of the version that runs; of the wanted one where none does."""

    @property
    def differs(self) -> bool:
        """Whether a deploy would change it."""
        exact = self.runs == self.wanted or self.runs.startswith(f"{self.wanted}.")
        return bool(self.wanted) and self.runs not in (NOT_DEPLOYED, NOT_RECORDED) and not exact

    @property
    def judged(self) -> str:
        """The version that the verdict is on; empty where nothing is known of such a thing."""
        version = self.wanted if self.runs in (NOT_DEPLOYED, NOT_RECORDED) else self.runs
        return version if self.part and re.fullmatch(r"[0-9]+(\.[0-9]+)*", version) else ""

    def document(self) -> dict[str, Any]:
        """For JSON."""
        known = self.verdict.document() if self.verdict else None
        return {
            "what": self.what,
            "runs": self.runs,
            "wanted": self.wanted,
            "image": self.image or None,
            "differs": self.differs,
            "known": known,
        }


def versions(environment: Environment, infrastructure: StackState, platform: StackState, today: date) -> list[Version]:
    """Kubernetes, add-ons, PostgreSQL, Airflow, charts, Terraform and its providers, each with what is known of it."""
    found = [
        *_below(environment, infrastructure),
        *_above(environment, platform),
        *_in_the_image(environment, platform),
        *_terraform(infrastructure, platform),
        *_providers(environment),
    ]
    by_part = {verdict.part.key: verdict for verdict in verdicts(_by_part(found), today)}
    return [replace(version, verdict=by_part.get(version.part)) for version in found]


def _by_part(found: Sequence[Version]) -> dict[str, str]:
    return {version.part: version.judged for version in found if version.judged}


def _below(environment: Environment, state: StackState) -> Iterator[Version]:
    cluster, wanted = state.attributes("aws_eks_cluster.cluster"), chosen(environment)
    yield Version(what="Kubernetes", runs=_text(cluster, "version"), wanted=wanted["kubernetes"], part="kubernetes")
    database = state.attributes("aws_db_instance.metadata")
    running = "engine_version_actual" if database.get("engine_version_actual") else "engine_version"
    yield Version(what="PostgreSQL", runs=_text(database, running), wanted=wanted["postgresql"], part="postgresql")
    pinned: dict[str, str] = {str(name): text for name, text in environment.cluster.addons.items()}
    for instance in state.instances:
        if instance.type == "aws_eks_addon":
            name = str(instance.attributes.get("addon_name"))
            runs = _text(instance.attributes, "addon_version")
            yield Version(what=f"add-on {name}", runs=runs, wanted=pinned.get(name, ""))


def _above(environment: Environment, state: StackState) -> Iterator[Version]:
    published, wanted = {"version": state.outputs.get("airflow_version")}, chosen(environment)
    yield Version(what="Airflow", runs=_text(published, "version"), wanted=wanted["airflow"], part="airflow")
    releases: Mapping[str, tuple[str, str]] = {
        "airflow": ("Airflow's chart", "airflow-chart"),
        "load_balancer_controller": ("load balancer controller", "load-balancer-controller"),
        "keda": ("KEDA", "keda"),
        "karpenter": ("Karpenter", "karpenter"),
    }
    asked_for = {"keda": environment.airflow.autoscales, "karpenter": bool(environment.cluster.node_pools)}
    asked_for["load_balancer_controller"] = environment.airflow.web.has_balancer
    for address, (what, key) in releases.items():
        release = state.attributes(f"helm_release.{address}")
        if release or asked_for.get(address, True):
            yield Version(what=what, runs=_text(release, "version"), wanted=wanted.get(key, ""), part=key)


def _in_the_image(environment: Environment, state: StackState) -> Iterator[Version]:
    """Airflow's providers. Of an image of one's own nothing is known but what the official one of its version has."""
    wanted, running = environment.airflow.version, str(state.outputs.get("airflow_version") or "")
    runs = brought(running) if running else {}
    for key, version in brought(wanted).items():
        yield Version(
            what=part(key).name,
            runs=(runs.get(key) or NOT_RECORDED) if running else NOT_DEPLOYED,
            wanted=version,
            image=f"{OFFICIAL_IMAGE}:{wanted}",
            part=key,
        )


def _terraform(*states: StackState) -> Iterator[Version]:
    """The newest that has written a state; each of its runs may be another one."""
    written = [state.terraform_version for state in states if state.terraform_version]
    if written:
        yield Version(what="Terraform", runs=written[-1], wanted="", part="terraform")


def _providers(environment: Environment) -> Iterator[Version]:
    """As the file demands them of every run."""
    for name, demanded in environment.providers.model_dump().items():
        known = PROVIDERS[name].part
        yield Version(what=known.name, runs=NOT_RECORDED, wanted=demanded, part=known.key)


def _text(attributes: Any, name: str) -> str:
    return str(attributes.get(name) or NOT_DEPLOYED)
