"""Who reaches what, as pictures tell it: of the shipped environments, and of one that lists what may be reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from ops.pictures.matrix import flowchart, matrix
from ops.pictures.places import DATABASE, DNS, KUBERNETES, POD_IDENTITY, PRIVATE, PUBLIC
from ops.pictures.reach import LOAD_BALANCER, PROXY, Reach
from ops.pictures.stacks import Stacks
from ops.pictures.svg import WIDTH
from tests.synth.environments import NAMES
from tests.terraform.workspace import environment_file

SVG = "{http://www.w3.org/2000/svg}"
POLICY = "kubernetes_network_policy_v1"
AIRFLOW = {
    "executor": "KubernetesExecutor",
    "dags": {
        "repository": "git@github.com:example/dags.git",
        "ssh_key_secret_name": "dags",
        "known_hosts": "github.com ssh-ed25519 AAAA",
    },
    "task_egress": ["10.20.0.0/16:5432", "0.0.0.0/0:8443"],
    "egress": {
        "api_server": ["192.168.7.0/24:636", "10.20.0.0/16:443"],
        "scheduler": ["10.0.0.0/8:4317"],
        "triggerer": ["10.20.30.0/24:9000"],
    },
}
AUTOSCALING = {"components": {"workers": {"autoscaling": {"min": 1, "max": 4}}}}
OWN_INGRESS = {"web": {"expose": "service", "host_name": "airflow.example.com", "trusted_proxy_cidrs": ["10.0.0.0/18"]}}


def reach_of(folder: Path) -> Reach:
    """What is reached, by the JSON in an output folder."""
    return Reach(Stacks.read(folder))


@pytest.fixture(scope="module")
def shipped(outdirs: dict[str, Path]) -> dict[str, Reach]:
    """Of each environment."""
    return {name: reach_of(folder) for name, folder in outdirs.items()}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], Reach]:
    """Of dev with another section `airflow`."""

    def synthesized(airflow: dict[str, Any]) -> Reach:
        folder = tmp_path_factory.mktemp("changed")
        synthesize(load_environment(environment_file("dev", folder, airflow=airflow)), folder / "out")
        return reach_of(folder / "out")

    return synthesized


@pytest.fixture(scope="module")
def listed(changed: Callable[[dict[str, Any]], Reach]) -> Reach:
    """Of an environment whose pods reach what its file lists."""
    return changed(AIRFLOW)


class TestShipped:
    @pytest.mark.parametrize("name", NAMES)
    def test_only_these_reach_the_database(self, shipped: dict[str, Reach], name: str) -> None:
        """PgBouncer and the two jobs, at its port; nobody's task."""
        ways = [way for way in shipped[name].by_pair.values() if way.target == DATABASE]
        assert {way.source for way in ways} == {"pgbouncer", "database-job", "fernet-job"}
        assert [way.ports for way in ways] == [["5432"]] * 3

    def test_each_way_names_the_rules_of_both_sides(self, shipped: dict[str, Reach]) -> None:
        """The source's policy, and the target's, or the database's security group."""
        ways = {pair: way.rules for pair, way in shipped["prod"].by_pair.items()}
        assert ways["worker", "redis"] == (f"{POLICY}.worker", f"{POLICY}.redis")
        assert ways["pgbouncer", DATABASE] == (f"{POLICY}.pgbouncer", "aws_security_group.database")
        assert ways[LOAD_BALANCER, "api-server"] == (f"{POLICY}.api_server",)
        assert ways["scheduler", PUBLIC] == (f"{POLICY}.scheduler",)

    def test_the_load_balancer_reaches_the_web_ui_alone(self, shipped: dict[str, Reach]) -> None:
        """At its port."""
        ways = [way for way in shipped["dev"].by_pair.values() if way.source == LOAD_BALANCER]
        assert [(way.target, way.ports) for way in ways] == [("api-server", ["8080"])]

    def test_everything_holds_what_no_rule_names(self, shipped: dict[str, Reach]) -> None:
        """With task_egress `any` tasks reach the Kubernetes API and private networks; Airflow's own pods don't."""
        found = shipped["prod"].by_pair
        assert {target: found["worker", target].ports for target in (KUBERNETES, PRIVATE, PUBLIC)} == {
            KUBERNETES: ["443"],
            PRIVATE: ["all"],
            PUBLIC: ["all"],
        }
        assert {("scheduler", KUBERNETES), ("scheduler", PRIVATE)}.isdisjoint(found)

    def test_what_everybody_may_scrape_tasks_reach_too(self, shipped: dict[str, Reach]) -> None:
        """With `scraping`: pods of other namespaces, and those of Airflow's whose own policy lets everything out."""
        found = shipped["prod"].by_pair
        assert found["any pod", "statsd"].ports == ["9102"]
        assert found["worker", "pgbouncer"].ports == ["6543", "9127"]
        assert found["scheduler", "pgbouncer"].ports == ["6543"]
        assert not any(source == "any pod" for source, _ in shipped["dev"].by_pair)


class TestListed:
    @pytest.mark.parametrize(
        ("source", "target", "ports"),
        [
            ("worker", "10.20.0.0/16", ["5432"]),
            ("worker", "10.20.30.0/24", ["5432"]),
            ("triggerer", "10.20.30.0/24", ["5432", "9000"]),
            ("api-server", "192.168.7.0/24", ["636"]),
            ("api-server", "10.20.30.0/24", ["443"]),
            ("scheduler", "10.0.0.0/8", ["4317"]),
            ("scheduler", KUBERNETES, ["443"]),
            ("api-server", KUBERNETES, ["443"]),
            ("worker", DNS, ["53"]),
            ("worker", POD_IDENTITY, ["80"]),
        ],
    )
    def test_ranges_of_the_file_and_the_kubernetes_api_are_reached(
        self, listed: Reach, source: str, target: str, ports: list[str]
    ) -> None:
        """By whom the file names, and by who may reach a range around them."""
        assert listed.by_pair[source, target].ports == ports

    @pytest.mark.parametrize(
        ("source", "target"),
        [("worker", KUBERNETES), ("worker", "192.168.7.0/24"), ("worker", "10.0.0.0/8"), ("pgbouncer", PUBLIC)],
    )
    def test_what_is_not_listed_is_refused(self, listed: Reach, source: str, target: str) -> None:
        """A dot stands there."""
        assert (source, target) not in listed.by_pair
        assert listed.is_decided(source, target)

    def test_several_ways_of_one_pair_are_all_drawn(self, listed: Reach) -> None:
        """HTTPS, Git by SSH and a listed port, on both kinds of picture; each rule once."""
        way = listed.by_pair["worker", PUBLIC]
        assert way.ports == ["22", "443", "8443"]
        assert way.rules == (f"{POLICY}.worker",)
        assert "|22, 443, 8443|" in flowchart(listed)
        root = ET.fromstring(matrix(listed))  # noqa: S314  # ours
        [cell] = [
            group
            for group in root.iter(f"{SVG}g")
            if (group.findtext(f"{SVG}title") or "").startswith(f"worker to {PUBLIC}:")
        ]
        assert [text.text for text in cell.iter(f"{SVG}text")] == way.ports

    def test_task_pods_are_said_to_be_held_to_nothing(self, listed: Reach, shipped: dict[str, Reach]) -> None:
        """EKS applies policies to pods that a Deployment or the like owns."""
        words = "EKS holds them to no policy of their own"
        assert words in matrix(listed)
        assert words not in matrix(shipped["prod"])

    def test_a_picture_of_many_ranges_grows(self, changed: Callable[[dict[str, Any]], Reach]) -> None:
        """Ports stay readable, and apart."""
        many = changed({"task_egress": [f"10.20.{number}.0/24:5432" for number in range(30)]})
        root = ET.fromstring(matrix(many))  # noqa: S314  # ours
        width = float(root.get("viewBox", "").split()[2])
        assert width > WIDTH
        cells = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "subnet"]
        assert all(float(cell.get("width", 0)) > 40 for cell in cells)
        assert all(float(cell.get("x", 0)) + float(cell.get("width", 0)) <= width for cell in cells)


class TestOthers:
    def test_keda_asks_pgbouncer_alone(self, changed: Callable[[dict[str, Any]], Reach]) -> None:
        """Under the name of its pods."""
        ways = [way for way in changed(AUTOSCALING).by_pair.values() if way.source == "keda-operator"]
        assert [(way.target, way.ports) for way in ways] == [("pgbouncer", ["6543"])]

    def test_a_proxy_of_ones_own_is_no_load_balancer(self, changed: Callable[[dict[str, Any]], Reach]) -> None:
        """Its pods have addresses of the nodes' subnets, and so have tasks."""
        found = changed(OWN_INGRESS)
        assert found.by_pair[PROXY, "api-server"].ports == ["8080"]
        assert LOAD_BALANCER not in found.sources
