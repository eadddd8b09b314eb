"""Which version of what runs, as the states know it, beside what the environment file asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from constructs.airflow.charts import airflow_chart as chart
from constructs.settings.environment import Environment

from ops.state.reading import StackState

NOT_DEPLOYED = "not deployed"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One thing that has a version."""

    what: str
    runs: str
    """As the state records it; `not deployed` where it doesn't."""

    wanted: str
    """As the environment file and the program say; empty where AWS chooses."""

    @property
    def differs(self) -> bool:
        """Whether a deploy would change it."""
        exact = self.runs == self.wanted or self.runs.startswith(f"{self.wanted}.")
        return bool(self.wanted) and self.runs != NOT_DEPLOYED and not exact

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "differs": self.differs}


def versions(environment: Environment, infrastructure: StackState, platform: StackState) -> list[Version]:
    """Kubernetes, add-ons, PostgreSQL, Airflow and the charts."""
    return [*_below(environment, infrastructure), *_above(environment, platform)]


def _below(environment: Environment, state: StackState) -> Iterator[Version]:
    cluster = state.attributes("aws_eks_cluster.cluster")
    wanted = environment.cluster.kubernetes_version
    yield Version(what="Kubernetes", runs=_text(cluster, "version"), wanted=wanted)
    database = state.attributes("aws_db_instance.metadata")
    running = "engine_version_actual" if database.get("engine_version_actual") else "engine_version"
    yield Version(what="PostgreSQL", runs=_text(database, running), wanted=str(environment.database.engine_version))
    pinned: dict[str, str] = {str(name): text for name, text in environment.cluster.addons.items()}
    for instance in state.instances:
        if instance.type == "aws_eks_addon":
            name = str(instance.attributes.get("addon_name"))
            runs = _text(instance.attributes, "addon_version")
            yield Version(what=f"add-on {name}", runs=runs, wanted=pinned.get(name, ""))


def _above(environment: Environment, state: StackState) -> Iterator[Version]:
    published = {"version": state.outputs.get("airflow_version")}
    yield Version(what="Airflow", runs=_text(published, "version"), wanted=environment.airflow.version)
    release = state.attributes("helm_release.airflow")
    yield Version(what="Airflow's chart", runs=_text(release, "version"), wanted=chart.VERSION)


def _text(attributes: Any, name: str) -> str:
    return str(attributes.get(name) or NOT_DEPLOYED)
