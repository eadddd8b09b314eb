"""The order of a deploy, as its picture has it: nothing waits that need not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from constructs.checks.proofs import failures
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from ops.pictures.order import Order
from ops.pictures.schedule import FROM_STATE, Schedule, Step
from ops.pictures.stacks import Stacks
from tests.synth.environments import NAMES, arguments
from tests.synth.test_node_pools import POOLS
from tests.terraform.workspace import environment_file

STATE = "data.terraform_remote_state.infrastructure"
#: Name -> sections of dev with what has a place of its own in the order.
LARGER: Mapping[str, Mapping[str, Any]] = {
    "KEDA": {"airflow": {"components": {"workers": {"autoscaling": {"min": 1, "max": 4}}}}},
    "node pools, two Fernet keys": {
        "cluster": {"node_pools": POOLS},
        "airflow": {"components": {"workers": {"node_pool": "tasks"}}},
        "secrets": {"fernet_keys": [2, 1]},
    },
}


@pytest.fixture(scope="module")
def environments(outdirs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stacks]:
    """Both stacks of the shipped environments and of larger ones."""
    folders = dict(outdirs)
    for name, sections in LARGER.items():
        folder = tmp_path_factory.mktemp("larger")
        folders[name] = folder / "out"
        synthesize(load_environment(environment_file("dev", folder, **sections)), folders[name])
    return {name: Stacks.read(folder) for name, folder in folders.items()}


def drawn(stacks: Stacks) -> list[tuple[SynthesizedStack, Step]]:
    """Each step that has a bar or leads to one and waits for another, with its stack: the edges of the picture."""
    order = Order(stacks)
    steps = dict.fromkeys(step for bar in (*order.bars, *order.critical) for step in order.chain(bar) if step.waits_for)
    own = set(stacks.platform.addresses)
    return [(stacks.platform if step.address in own else stacks.infrastructure, step) for step in steps]


def led_to(schedule: Schedule, address: str) -> set[str]:
    """What something waits for, directly or by others."""
    found, left = set[str](), [address]
    while left:
        further = schedule.reasons(left.pop()).keys() - found
        found |= further
        left += further
    return found


@pytest.mark.parametrize("name", [*NAMES, *LARGER])
class TestNoEdgeIsAvoidable:
    def test_without_one_that_is_written_a_proof_fails(self, environments: dict[str, Stacks], name: str) -> None:
        """Each edge by `depends_on` keeps the rule that the picture names, and no other edge says the same."""
        written = 0
        for stack, step in drawn(environments[name]):
            copy, first = SynthesizedStack(stack.name, stack.text), str(step.waits_for)
            block = copy.blocks[step.address]
            if first not in block.get("depends_on", ()):
                continue
            block["depends_on"].remove(first)
            without = SynthesizedStack(stack.name, json.dumps(copy.document))
            rule = step.why.removeprefix("else ")
            assert rule
            assert f"{step.address} does not wait for {first}: {rule}" in list(failures(without))
            assert first not in led_to(Schedule(without), step.address)
            written += 1
        assert written >= len(["add-ons", "cluster or nodes", "job", "release", "load balancer"])

    def test_one_that_follows_from_a_reference_names_it(self, environments: dict[str, Stacks], name: str) -> None:
        """The picture says which attribute is needed, and for which argument; without references there is no edge."""
        for stack, step in drawn(environments[name]):
            copy, first = SynthesizedStack(stack.name, stack.text), str(step.waits_for)
            document, block = copy.document, copy.blocks[step.address]
            if step.address == STATE or first in block.get("depends_on", ()):
                continue
            named = re.fullmatch(r"needs its (.+?) \((.+)\)", step.why)
            assert named, step
            argument = named[2].removesuffix(" of the provider").rpartition(".")[2]
            places = [block, *document.get("provider", {}).get(step.address.partition("_")[0], ())]
            valued = [value for path, value in arguments(places) if path[-1] == argument]
            assert any(f"{first}.{named[1]}" in str(value) for value in valued), step
            text = re.sub(rf"(?<![\w.]){re.escape(first)}(?=[.\"}}])(?!\")", "known", json.dumps(places))
            block.clear()
            block.update(json.loads(text)[0])
            document.get("provider", {})[step.address.partition("_")[0]] = json.loads(text)[1:]
            without = SynthesizedStack(stack.name, json.dumps(document))
            assert first not in Schedule(without).reasons(step.address)

    def test_the_stacks_follow_each_other_for_the_outputs(self, environments: dict[str, Stacks], name: str) -> None:
        """What `platform` reads of the state are attributes of what `infrastructure` makes, or names with these."""
        stacks = environments[name]
        [(_, step)] = [(stack, step) for stack, step in drawn(stacks) if step.address == STATE]
        assert step.why == FROM_STATE
        assert step.waits_for in stacks.infrastructure.addresses
        read_outputs = set(re.findall(rf"{STATE}\.outputs\.([a-z_]+)", stacks.platform.text))
        made = {output for output, body in stacks.infrastructure.document["output"].items() if "${" in str(body)}
        assert read_outputs
        assert {"cluster_endpoint", "database_host"} <= read_outputs & made


class TestOrder:
    @pytest.mark.parametrize("name", [*NAMES, *LARGER])
    def test_begins_nothing_before_what_it_waits_for(self, environments: dict[str, Stacks], name: str) -> None:
        """Platform after all of infrastructure; everything else when the last of its needs is there."""
        order = Order(environments[name])
        for step in order.steps.values():
            before = order.steps.get(step.waits_for or "")
            assert step.begins == (before.ends if before else 0)

    def test_the_critical_path_leads_through_cluster_and_database(self, environments: dict[str, Stacks]) -> None:
        """Without a gap, from the beginning to the end."""
        order = Order(environments["prod"])
        addresses = [step.address for step in order.critical]
        slow = ["aws_eks_cluster.cluster", "aws_db_instance.metadata", "helm_release.airflow"]
        assert [address for address in addresses if address in slow] == slow
        assert sum(step.seconds for step in order.critical) == order.seconds

    def test_the_picture_says_why_each_waits(self, environments: dict[str, Stacks]) -> None:
        """Of the critical path in words below; of each bar where the pointer rests; an arrow for each that waits."""
        order = Order(environments["prod"])
        root = ET.fromstring(order.svg())  # noqa: S314  # ours
        texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert [f"{step.address} {step.why}" for step in order.critical] == texts[-len(order.critical) :]
        tips = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
        assert "aws_eks_addon.coredns waits for aws_eks_node_group.default: else it would time out as DEGRADED" in tips
        arrows = [path for path in root.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "link"]
        waiting = [bar for bar in order.bars if any(step in order.bars for step in order.chain(bar)[:-1])]
        assert len(arrows) == len(waiting) > 0
