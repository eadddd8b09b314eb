"""Sizes of Airflow's components, and the quantities that they are written in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.component import Component
from constructs.settings.sections.airflow.components import ComponentsSettings, TaskPod, Workers
from constructs.settings.values.instance_memory import default_max_connections
from constructs.settings.values.quantities import CPU, MEMORY

ROOT = Path(__file__).parents[5]
Load = Callable[[dict[str, str | None]], Environment]


class TestQuantity:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [("250m", "250m"), ("1000m", "1"), ("1500m", "1500m"), ("0.5", "500m"), ("1.5", "1500m"), ("2", "2")],
    )
    def test_processor_time_is_kept_as_kubernetes_shows_it(self, written: str, kept: str) -> None:
        """So that what a cluster answers is what was sent, and a second plan is empty."""
        assert CPU.check(written) == kept

    @pytest.mark.parametrize(
        ("written", "kept"), [("512Mi", "512Mi"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("2Gi", "2Gi")]
    )
    def test_memory_is_kept_as_kubernetes_shows_it(self, written: str, kept: str) -> None:
        """The largest unit in which it is a whole number."""
        assert MEMORY.check(written) == kept

    def test_amounts_are_of_the_smallest_unit(self) -> None:
        """Thousandths of a core, mebibytes."""
        assert (CPU.amount("250m"), CPU.amount("2")) == (250, 2000)
        assert (MEMORY.amount("512Mi"), MEMORY.amount("2Gi")) == (512, 2048)


class TestComponent:
    def test_with_default_configuration(self) -> None:
        """Memory is never more than what is guaranteed; processor time may be four times as much."""
        assert Workers().resources == {
            "requests": {"cpu": "400m", "memory": "2Gi"},
            "limits": {"cpu": "1600m", "memory": "2Gi"},
        }

    def test_with_custom_configuration(self) -> None:
        """A limit that is written is the limit."""
        assert TaskPod(cpu="2", memory="4Gi", cpu_limit="2").resources == {
            "requests": {"cpu": "2", "memory": "4Gi"},
            "limits": {"cpu": "2", "memory": "4Gi"},
        }

    def test_every_container_may_use_a_whole_core(self) -> None:
        """Python that starts on a fraction of one takes longer than probes wait."""
        sizes = ComponentsSettings()
        for name in type(sizes).model_fields:
            component: Component = getattr(sizes, name)
            assert CPU.amount(component.resources["limits"]["cpu"]) >= 1000, name

    def test_one_key_leaves_the_others_at_their_default(self, load: Load) -> None:
        """A map in the file names what differs."""
        workers = load({"airflow/components/workers": "{replicas: 5}"}).airflow.components.workers
        assert (workers.replicas, workers.cpu, workers.memory, workers.concurrency) == (5, "400m", "2Gi", 8)


class TestDefaultMaxConnections:
    @pytest.mark.parametrize(("memory_gib", "connections"), [(1.0, 112), (4.0, 450), (8.0, 901), (64.0, 5000)])
    def test_is_rds_formula(self, memory_gib: float, connections: int) -> None:
        """LEAST(memory / 9531392, 5000), as RDS's default parameter groups have it."""
        assert default_max_connections(memory_gib) == connections
