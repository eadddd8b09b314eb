"""Many environments in one process, many node groups in one environment, many zones."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

from main import ROOT, synthesize
from tests.property.mistakes import yaml_text
from tests.synth.environments import files, in_own_process
from tooling.measuring import process_tree, proportional_bytes

MANY = 50
#: What is added to a process by an environment: jsii's Node process keeps every construct that was ever made, a good
#: megabyte per environment; nothing can take it out again. More would be a leak of ours.
MOST_BYTES_PER_ENVIRONMENT = 3_000_000
ENVIRONMENTS_BETWEEN_MEASUREMENTS = 20

SYNTHESIZE_ONE = """
import sys
from pathlib import Path
import main
from constructs.settings.loading.environment_file import load_environment
main.synthesize(load_environment(Path(sys.argv[1])), Path(sys.argv[2]))
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an environment file with a number of zones and node groups and return its path."""

    def write_file(name: str, *, zones: int = 2, node_groups: int = 1) -> Path:
        group = {"instance_types": ["m7g.large"], "labels": {"team": "data"}}
        values: dict[str, Any] = {
            "name": name,
            "region": "us-east-1",
            "account_id": "111122223333",
            "availability_zones": [f"us-east-1{letter}" for letter in "abcdef"[:zones]],
            "network": {"nat_gateways": "one_per_zone"},
            "cluster": {
                "administrators": ["arn:aws:iam::111122223333:role/platform-engineers"],
                "endpoint": {"public_access_cidrs": ["203.0.113.0/24"]},
                "node_groups": {f"group-{chr(ord('a') + number)}": group for number in range(node_groups)},
            },
            "airflow": {
                "dags": {"repository": "https://github.com/acme/dags.git"},
                "web": {"allowed_cidrs": ["203.0.113.0/24"], "unencrypted_http": True},
            },
        }
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml_text(values), encoding="utf-8")
        return file

    return write_file


def _numbered(write: Write, number: int) -> Path:
    """One of many environments; each has its own zones and node groups, so that what leaks from one shows."""
    return write(f"e-{number}", zones=2 + number % 5, node_groups=1 + number % 3)


def _size(environment: Environment, outdir: Path) -> int:
    """Bytes of the JSON."""
    synthesize(environment, outdir)
    return (outdir / "stacks" / "infrastructure" / "cdk.tf.json").stat().st_size


class TestManyEnvironments:
    @pytest.mark.parametrize("count", [1, 10, pytest.param(MANY, marks=pytest.mark.slow)])
    def test_do_not_influence_each_other(self, write: Write, tmp_path: Path, count: int) -> None:
        """The last and the eighth (where there are so many) are to the byte what a process of their own writes."""
        together = tmp_path / "together" / "folder"
        for number in range(count):
            synthesize(load_environment(_numbered(write, number)), together.with_name(f"e-{number}"))
        for number in sorted({min(7, count - 1), count - 1}):
            # At the same depth: the path of the state is relative to the folder.
            alone = tmp_path / "alone" / f"e-{number}"
            file = _numbered(write, number)
            done = in_own_process("-c", SYNTHESIZE_ONE, str(file), str(alone), PYTHONPATH=str(ROOT))
            assert done.returncode == 0, done.stderr
            assert files(together.with_name(f"e-{number}")) == files(alone)

    @pytest.mark.slow
    @pytest.mark.skipif(sys.platform != "linux", reason="Memory of a process tree is measured by Linux's /proc.")
    def test_memory_grows_by_what_jsii_keeps_and_no_more(self, write: Write, tmp_path: Path) -> None:
        """Python and both Node processes together grow by less than 3 MB per environment, once they are warm.

        Measured: proportional set size (PSS) of the process tree, twenty environments apart, Python's garbage
        collected; Node collects its own when it likes.
        """
        environment = load_environment(write("memory"))

        def synthesize_some() -> int:
            for _ in range(ENVIRONMENTS_BETWEEN_MEASUREMENTS):
                synthesize(environment, tmp_path / "out")
            gc.collect()
            return sum(proportional_bytes(process) for process in process_tree(os.getpid()))

        warm, later = synthesize_some(), synthesize_some()
        assert later - warm <= ENVIRONMENTS_BETWEEN_MEASUREMENTS * MOST_BYTES_PER_ENVIRONMENT


class TestSize:
    def test_grows_by_the_same_for_each_node_group(self, write: Write, tmp_path: Path) -> None:
        """From 1 to 20 node groups each adds as many bytes as the one before it, to one percent."""
        counts = (1, 2, 3, 10, 20)
        sizes = [_size(load_environment(write("dev", node_groups=count)), tmp_path / "out") for count in counts]
        pairs = pairwise(zip(counts, sizes, strict=True))
        steps = [(size - before) / (count - fewer) for (fewer, before), (count, size) in pairs]
        assert max(steps) <= min(steps) * 1.01, steps

    def test_grows_by_the_same_for_each_zone(self, write: Write, tmp_path: Path) -> None:
        """From 2 to 6 zones each adds as many bytes as the one before it, to two percent (addresses vary in length)."""
        sizes = [_size(load_environment(write("dev", zones=count)), tmp_path / "out") for count in range(2, 7)]
        steps = [after - before for before, after in pairwise(sizes)]
        assert max(steps) <= min(steps) * 1.02, steps
