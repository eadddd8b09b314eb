"""The pictures of the shipped environments, drawn from their JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from constructs.checks.synthesized import SynthesizedStack

from ops.commands.picture import DRAWN, Subject
from ops.pictures.architecture import architecture
from ops.pictures.stacks import Stacks
from ops.pictures.svg import WIDTH
from programs.own_tools import ROOT
from tests.synth.environments import NAMES

NODES = "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def environments(outdirs: dict[str, Path]) -> dict[str, Stacks]:
    """Both stacks of each."""
    return {name: Stacks.read(folder) for name, folder in outdirs.items()}


@pytest.mark.parametrize("subject", Subject)
class TestEachPicture:
    def test_in_the_documents_is_current(self, environments: dict[str, Stacks], subject: Subject) -> None:
        """Drawn from prod: python -m ops picture SUBJECT --env prod > docs/pictures/SUBJECT.svg."""
        committed = (ROOT / "docs/pictures" / f"{subject}.svg").read_text(encoding="utf-8")
        assert DRAWN[subject][0](environments["prod"]) == committed

    @pytest.mark.parametrize("name", NAMES)
    def test_has_all_words_inside(self, environments: dict[str, Stacks], name: str, subject: Subject) -> None:
        """Nothing is cut off at an edge, and nothing is fetched from elsewhere."""
        text = DRAWN[subject][0](environments[name])
        assert "href" not in text
        assert "url(http" not in text
        root = ET.fromstring(text)  # noqa: S314  # ours
        for rect in root.iter(f"{SVG}rect"):
            x, width = float(rect.get("x", 0)), float(rect.get("width", 0))
            assert x >= 0
            assert x + width <= WIDTH + 0.01

    @pytest.mark.parametrize("name", NAMES)
    def test_is_mermaid_too(self, environments: dict[str, Stacks], name: str, subject: Subject) -> None:
        """Each box that a link names is there."""
        head, *lines = DRAWN[subject][1](environments[name]).splitlines()
        assert head.startswith("gantt" if subject is Subject.ORDER else "flowchart")
        boxes = set(re.findall(r"^\s+(?:subgraph )?(b\d+)\[", "\n".join(lines), re.MULTILINE))
        linked = re.findall(r"^  (b\d+) -->(?:\|[^|]*\|)? (b\d+)$", "\n".join(lines), re.MULTILINE)
        assert {name for pair in linked for name in pair} <= boxes
        assert bool(linked) == (subject is not Subject.ORDER)


class TestArchitecture:
    def test_shows_what_the_file_says(self, environments: dict[str, Stacks]) -> None:
        """Versions, sizes, numbers of pods, who comes in."""
        words = "".join(ET.fromstring(DRAWN[Subject.ARCHITECTURE][0](environments["prod"])).itertext())  # noqa: S314
        for said in (
            "from 203.0.113.0/24",
            "EKS cluster, Kubernetes 1.35",
            "3 to 6 nodes, m7g.xlarge",
            "version 17, db.m7g.large, standby in a second zone, encrypted, backups for 35 days",
            "peering: 5432, from the nodes' security group alone",
            "no gateway, no route to the Internet",
            "by 3 NAT gateways",
        ):
            assert said in words

    @pytest.mark.parametrize(
        ("rules", "said"),
        [
            ([{"security_groups": [NODES, "${aws_security_group.other.id}"]}], "5432, from {other} and {nodes}"),
            ([{"cidr_blocks": ["10.0.0.0/8"], "to_port": 5439}], "5432-5439, from 10.0.0.0/8 alone"),
            (
                [{"security_groups": [NODES]}, {"protocol": "-1", "self": True}],
                "5432, from {nodes}; every port, from self",
            ),
            ([{"protocol": "udp", "security_groups": [NODES]}], "udp 5432, from {nodes} alone"),
            ([], "nothing"),
        ],
    )
    def test_says_of_the_peering_what_the_security_group_lets_in(
        self, environments: dict[str, Stacks], rules: list[dict[str, object]], said: str
    ) -> None:
        """Whatever its rules are, and however many."""
        infrastructure = environments["dev"].infrastructure
        document = json.loads(infrastructure.text)
        rule = {"protocol": "tcp", "from_port": 5432, "to_port": 5432}
        document["resource"]["aws_security_group"]["database"]["ingress"] = [rule | each for each in rules]
        changed = SynthesizedStack(infrastructure.name, json.dumps(document))
        links = architecture(Stacks(changed, environments["dev"].platform)).links
        words = said.format(nodes="the nodes' security group", other="aws_security_group.other")
        assert f"peering: {words}" in [link.words for link in links]
