"""An environment with node pools: what comes to it, under which addresses, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.settings.loading.environment_file import load_environment

from main import ROOT, synthesize
from ops.pictures.architecture import architecture
from ops.pictures.stacks import Stacks
from tests.synth.environments import STACKS, read
from tests.synth.freeze import address_lines, frozen

HERE = Path(__file__).parent
#: Addresses that node pools bring.
ADDED = {stack: HERE / f"addresses-node-pools-{stack}.txt" for stack in STACKS}
POOLS = {
    "tasks": {
        "instance_families": ["m7g", "m6g"],
        "capacity_types": ["spot", "on_demand"],
        "limits": {"cpu": 64, "memory": "256Gi"},
        "taints": [{"key": "workload", "value": "tasks", "effect": "NO_SCHEDULE"}],
    }
}


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dev environment with a pool that its workers run on."""
    folder = tmp_path_factory.mktemp("pools")
    content = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
    content["cluster"]["node_pools"] = POOLS
    content["airflow"].setdefault("components", {})["workers"] = {"node_pool": "tasks"}
    file = folder / "dev.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    synthesize(load_environment(file), folder / "out")
    return folder / "out"


class TestAddresses:
    @pytest.mark.parametrize("stack", STACKS)
    def test_are_those_that_states_in_use_know(self, outdir: Path, outdirs: dict[str, Path], stack: str) -> None:
        """Node pools add these, and take nothing away."""
        before, now = (set(address_lines(read(folder, stack))) for folder in (outdirs["dev"], outdir))
        assert before <= now
        assert sorted(now - before) == frozen(ADDED[stack])

    def test_of_what_was_there_only_the_subnets_change(self, outdir: Path, outdirs: dict[str, Path]) -> None:
        """They get the tag by which Karpenter finds them."""
        before, now = (read(folder).document["resource"] for folder in (outdirs["dev"], outdir))
        changed = {
            f"{kind}.{name}"
            for kind, named in before.items()
            for name, resource in named.items()
            if now[kind][name] != resource
        }
        assert changed == {name for name in (f"aws_subnet.private_{zone}" for zone in "abc") if name in changed}
        assert changed
        for name in now["aws_subnet"]:
            tags = now["aws_subnet"][name]["tags"]
            assert tags.get("karpenter.sh/discovery") == ("airflow-dev" if name.startswith("private_") else None)


class TestOrder:
    def test_pools_are_there_before_airflow_and_go_after_it(self, outdir: Path) -> None:
        """On destroy no pod holds a node, and Karpenter is there to end them."""
        releases: dict[str, Any] = read(outdir, "platform").resources("helm_release")
        assert "helm_release.node_pools" in releases["airflow"]["depends_on"]
        assert releases["node_pools"]["depends_on"] == ["helm_release.karpenter"]

    def test_the_chart_of_the_pools_is_in_the_checkout(self, outdir: Path) -> None:
        """Seen from the folder that Terraform runs in."""
        chart = read(outdir, "platform").resources("helm_release")["node_pools"]["chart"]
        assert (outdir / "stacks" / "platform" / chart).resolve() == ROOT / "helm" / "node-pools"


class TestWorkers:
    def test_are_sent_to_the_pool_and_not_moved_while_they_work(self, outdir: Path) -> None:
        """Its label, its taint, and Karpenter's word that it leaves a pod where it is."""
        [text] = read(outdir, "platform").resources("helm_release")["airflow"]["values"]
        values = yaml.safe_load(text)["workers"]["celery"]
        assert values["nodeSelector"] == {"karpenter.sh/nodepool": "tasks"}
        assert values["tolerations"] == [
            {"key": "workload", "operator": "Equal", "value": "tasks", "effect": "NoSchedule"}
        ]
        assert values["podAnnotations"]["karpenter.sh/do-not-disrupt"] == "true"


def test_is_on_the_picture_of_the_architecture(outdir: Path) -> None:
    """With what it may grow to."""
    boxes = architecture(Stacks.read(outdir)).root.all()
    [pool] = [box for box in boxes if box.title == "node pool tasks"]
    assert pool.lines == ["by Karpenter, up to 64 of cpu and 256Gi of memory"]
