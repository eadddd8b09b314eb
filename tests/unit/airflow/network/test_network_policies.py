"""Network policies of Airflow's namespace."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import product
from typing import Any

import pytest
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1
from constructs.airflow.network.network_policies import NetworkPolicies, NetworkPoliciesProps
from constructs.airflow.network.peers import NOT_PUBLIC
from constructs.naming.component import Component

from tests.unit.airflow.policy_evaluator import Party, Policies
from tests.unit.trial_stack import TrialStack

NAMESPACE = "airflow"
COMPONENTS = (
    *("api-server", "scheduler", "dag-processor", "triggerer", "worker", "pgbouncer", "redis", "statsd"),
    *("database-job", "fernet-job", "database-cleanup", "airflow-cleanup-pods", "stranger"),
)
PEOPLES_CODE = ("dag-processor", "triggerer", "worker")

PARTIES = (
    *(
        Party(name, f"10.0.0.{n}", NAMESPACE, {"tier": "airflow", "release": "airflow", "component": name})
        for n, name in enumerate(COMPONENTS, start=10)
    ),
    Party("DNS", "10.0.64.50", "kube-system", {"k8s-app": "kube-dns"}),
    Party("another kube-system pod", "10.0.64.51", "kube-system", {"k8s-app": "metrics-server"}),
    Party("scraper", "10.0.64.52", "monitoring", {"app": "prometheus"}),
    Party("namesake", "10.0.64.53", "elsewhere", {"tier": "airflow", "release": "airflow", "component": "worker"}),
    Party("load balancer", "10.0.192.9"),
    Party("Kubernetes API", "172.20.0.1"),
    Party("Kubernetes API's interface", "10.0.127.9"),
    Party("another service", "172.20.0.2"),
    Party("rest of the VPC", "10.0.208.9"),
    Party("database", "10.1.0.70"),
    Party("rest of the database's VPC", "10.1.0.140"),
    Party("company", "192.168.7.7"),
    Party("Internet", "198.51.100.7"),
    Party("Pod Identity agent", "169.254.170.23"),
    Party("instance metadata", "169.254.169.254"),
)
BY_NAME = {party.name: party for party in PARTIES}

PORTS = [("TCP", port) for port in (22, 25, 53, 80, 443, 5432, 6379, 6543, 8080, 8793, 8794, 9102, 9127)]
PORTS += [("UDP", port) for port in (53, 9125)]

DNS = {"DNS:53", "DNS:53/UDP"}
#: What all of Airflow's own components take.
COMMON = {"pgbouncer:6543", "statsd:9125/UDP", "Pod Identity agent:80", "Internet:443", *DNS}
DATABASE = {"database:5432", *DNS}
ALL_PORTS = {f"{port}{'/UDP' if protocol == 'UDP' else ''}" for protocol, port in PORTS}

NOTHING_LISTED: tuple[str, ...] = ()


#: Celery, and tasks that may reach nothing of their own.
ARGUMENTS: dict[str, Any] = {
    "namespace": NAMESPACE,
    "uses_celery": True,
    "uses_kubernetes": False,
    "proxy_cidrs": ["10.0.192.0/21", "10.0.200.0/21"],
    "private_subnet_cidrs": ["10.0.0.0/18", "10.0.64.0/18"],
    "database_subnet_cidrs": ["10.1.0.0/26", "10.1.0.64/26"],
    "service_cidr": "172.20.0.0/16",
    "task_egress": NOTHING_LISTED,
}


def policies(stack: TrialStack, **changes: Any) -> Policies:
    """Deploy the policies."""
    NetworkPolicies(stack, "network-policies", NetworkPoliciesProps(**ARGUMENTS | changes))
    return Policies(stack.synthesized().resources("kubernetes_network_policy_v1"), NAMESPACE, PARTIES)


def who_reaches(connections: dict[str, set[str]], what: str) -> set[str]:
    """Return all sources of connections to a party and port."""
    return {source for source, reached in connections.items() if what in reached}


@pytest.fixture(scope="module")
def connections() -> dict[str, set[str]]:
    """Who reaches what with both executors, scraping, cleanup, and tasks that may reach anything."""
    found = policies(TrialStack(), uses_kubernetes=True, scraping=True, database_cleanup=True, task_egress="any")
    return found.connections(PORTS)


class TestAllConnections:
    def test_celery(self, stack: TrialStack) -> None:
        """With Celery and tasks that have nothing listed, these connections exist and no other."""
        assert {who: what for who, what in policies(stack).connections(PORTS).items() if what} == {
            "api-server": COMMON | {"worker:8793", "triggerer:8794"},
            "scheduler": COMMON | {"redis:6379"},
            "dag-processor": COMMON,
            "triggerer": COMMON,
            "worker": COMMON | {"redis:6379", "api-server:8080"},
            "pgbouncer": DATABASE,
            "database-job": DATABASE,
            "fernet-job": DATABASE,
            "load balancer": {"api-server:8080"},
        }

    def test_kubernetes(self, stack: TrialStack) -> None:
        """With Kubernetes alone there is no broker and no worker's log server, but the Kubernetes API for two."""
        api = {"Kubernetes API:443", "Kubernetes API's interface:443"}
        found = policies(stack, uses_celery=False, uses_kubernetes=True).connections(PORTS)
        # Pods have their addresses in the same subnets as the API: the namespace's own refuse it on their side.
        others = {f"{party.name}:443" for party in PARTIES if party.address.startswith("10.0.64.")}
        assert {who: what for who, what in found.items() if what} == {
            "api-server": COMMON | {"triggerer:8794"} | api | others,
            "scheduler": COMMON | api | others,
            "dag-processor": COMMON,
            "triggerer": COMMON,
            "worker": COMMON | {"api-server:8080"},
            "pgbouncer": DATABASE,
            "database-job": DATABASE,
            "fernet-job": DATABASE,
            "load balancer": {"api-server:8080"},
        }


class TestWithEverything:
    def test_database(self, connections: dict[str, set[str]]) -> None:
        """The database is reached by PgBouncer and the two jobs, on its port alone."""
        assert who_reaches(connections, "database:5432") == {"pgbouncer", "database-job", "fernet-job"}
        assert {what for reached in connections.values() for what in reached if what.startswith("database:")} == {
            "database:5432"
        }

    def test_instance_metadata(self, connections: dict[str, set[str]]) -> None:
        """Nobody reaches the node's credentials, on any port."""
        assert not [
            what for reached in connections.values() for what in reached if what.startswith("instance metadata")
        ]

    def test_web_server(self, connections: dict[str, set[str]]) -> None:
        """The api-server is reached by the balancer's subnets and by workers, which use its Task Execution API."""
        assert who_reaches(connections, "api-server:8080") == {"load balancer", "worker"}

    def test_pgbouncer(self, connections: dict[str, set[str]]) -> None:
        """Everything that holds the metadata connection reaches the pooler, and nothing else does."""
        airflow = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
        assert who_reaches(connections, "pgbouncer:6543") == airflow | {"database-cleanup"}

    def test_redis(self, connections: dict[str, set[str]]) -> None:
        """The scheduler sends tasks, workers take them."""
        assert who_reaches(connections, "redis:6379") == {"scheduler", "worker"}

    def test_kubernetes_api(self, connections: dict[str, set[str]]) -> None:
        """Beside people's code, which may reach anything here, the scheduler and the api-server do."""
        assert who_reaches(connections, "Kubernetes API:443") == {"scheduler", "api-server", *PEOPLES_CODE}

    def test_aws_credentials(self, connections: dict[str, set[str]]) -> None:
        """Pods with a role reach the agent that hands out its credentials."""
        airflow = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
        assert who_reaches(connections, "Pod Identity agent:80") == airflow

    def test_scraping(self, connections: dict[str, set[str]]) -> None:
        """The two exporters are scraped from any other namespace."""
        assert {"statsd:9102", "pgbouncer:9127"} == connections["scraper"]

    def test_database_cleanup(self, connections: dict[str, set[str]]) -> None:
        """The job that prunes the metadata goes through PgBouncer and nowhere else."""
        assert connections["database-cleanup"] == {"pgbouncer:6543", *DNS}

    def test_pod_cleanup(self, stack: TrialStack) -> None:
        """The chart's job that deletes finished task pods reaches what the api-server does of the Kubernetes API."""
        found = policies(stack, uses_kubernetes=True, pod_cleanup=True).connections(PORTS)["airflow-cleanup-pods"]
        assert {"Kubernetes API:443", "Kubernetes API's interface:443", *DNS} <= found
        assert {place.rpartition(":")[2] for place in found} == {"443", "53", "53/UDP"}
        assert "Internet:443" not in found

    def test_pod_cleanup_takes_a_kubernetes_executor(self, stack: TrialStack) -> None:
        """Without one the chart has no such job, whatever the user's file says."""
        assert policies(stack, pod_cleanup=True).connections(PORTS)["airflow-cleanup-pods"] == set()

    def test_a_namesake_elsewhere_reaches_nothing(self, connections: dict[str, set[str]]) -> None:
        """Labels count within the namespace only."""
        assert connections["namesake"] == connections["scraper"]

    @pytest.mark.parametrize("component", ["redis", "statsd", "stranger"])
    def test_some_reach_nothing(self, connections: dict[str, set[str]], component: str) -> None:
        """Redis, the exporter and pods that nobody knows open no connection at all."""
        assert not connections[component]

    def test_strangers_are_not_reached(self, connections: dict[str, set[str]]) -> None:
        """A pod without a policy of its own is closed on both sides."""
        assert not [what for reached in connections.values() for what in reached if what.startswith("stranger")]

    def test_without_scraping(self, stack: TrialStack) -> None:
        """The exporters' ports are closed unless they are to be scraped."""
        assert not policies(stack).connections(PORTS)["scraper"]


class TestTaskEgress:
    @pytest.mark.parametrize("component", PEOPLES_CODE)
    def test_any(self, stack: TrialStack, component: str) -> None:
        """With `any` people's code reaches every address and port outside, but for the metadata and the database."""
        connections = policies(stack, task_egress="any").connections(PORTS)
        outside = [party.name for party in PARTIES if party.namespace is None]
        reached = {
            name: {what.rpartition(":")[2] for what in connections[component] if what.rpartition(":")[0] == name}
            for name in outside
        }
        assert reached == {name: set() if name in {"instance metadata", "database"} else ALL_PORTS for name in outside}

    @pytest.mark.parametrize("component", ["api-server", "scheduler"])
    def test_any_is_for_peoples_code(self, stack: TrialStack, component: str) -> None:
        """The components that run none of it keep to what they take."""
        assert not {"Internet:80", "company:443"} & policies(stack, task_egress="any").connections(PORTS)[component]

    @pytest.mark.parametrize("component", PEOPLES_CODE)
    def test_listed(self, stack: TrialStack, component: str) -> None:
        """Listed ranges are reached on their ports, beside what Airflow itself takes."""
        listed = ("192.168.7.0/24:5432", "198.51.100.7/32:25")
        found = policies(stack, task_egress=listed).connections(PORTS)[component]
        assert {what for what in found if BY_NAME[what.rpartition(":")[0]].namespace is None} == {
            "Internet:443",
            "Pod Identity agent:80",
            "company:5432",
            "Internet:25",
        }

    @pytest.mark.parametrize("component", ["api-server", "scheduler", "triggerer"])
    def test_listed_for_one_component(self, stack: TrialStack, component: str) -> None:
        """What `airflow.egress` names for one is reached by that one alone."""
        setting = f"{component.replace('-', '_')}_egress"
        found = policies(stack, **{setting: ("192.168.7.0/24:9200", "198.51.100.7/32:25")})
        reached = found.connections([*PORTS, ("TCP", 9200)])
        assert who_reaches(reached, "company:9200") == {component}
        assert who_reaches(reached, "Internet:25") == {component}

    def test_who_starts_pods_asks_the_kubernetes_api(self, stack: TrialStack) -> None:
        """Workers and the triggerer where the file lets tasks start pods; nobody else."""
        found = policies(stack, launches_pods=True).connections(PORTS)
        assert who_reaches(found, "Kubernetes API:443") == {"worker", "triggerer"}

    def test_a_wide_range_means_the_internet(self, stack: TrialStack) -> None:
        """A range around the private ones leaves them out: they are listed on their own."""
        found = policies(stack, task_egress=("0.0.0.0/0:80", "192.168.0.0/16:80")).connections(PORTS)["worker"]
        assert {what for what in found if what.endswith(":80")} == {
            "Internet:80",
            "company:80",
            "Pod Identity agent:80",
        }

    def test_the_database_is_left_out_of_a_range_around_it(self, stack: TrialStack) -> None:
        """Who lists all private addresses doesn't list the metadata database."""
        found = policies(stack, task_egress=("10.0.0.0/8:5432",)).connections(PORTS)["worker"]
        assert "database:5432" not in found
        assert "rest of the database's VPC:5432" in found

    def test_the_database_itself_can_be_listed(self, stack: TrialStack) -> None:
        """Its very subnets are reached by who names them."""
        found = policies(stack, task_egress=("10.1.0.0/25:5432",)).connections(PORTS)["worker"]
        assert "database:5432" in found

    @pytest.mark.parametrize("entry", ["169.254.169.254/32:80", "169.254.0.0/16:80"])
    def test_link_local_addresses_are_refused(self, stack: TrialStack, entry: str) -> None:
        """Nobody can list the instance metadata."""
        with pytest.raises(ValueError, match="link-local"):
            policies(stack, task_egress=(entry,))

    def test_too_many_ports_are_refused(self, stack: TrialStack) -> None:
        """VPC CNI holds 24 ports per range: with more it would enforce something else than what is written."""
        with pytest.raises(ValueError, match="at most 20 different ports"):
            policies(stack, task_egress=tuple(f"192.168.7.0/24:{port}" for port in range(1000, 1021)))

    @pytest.mark.parametrize(("port", "reached"), [(22, {"Internet:22"}), (443, set())])
    def test_git_over_ssh(self, stack: TrialStack, port: int, reached: set[str]) -> None:
        """A DAG repository on another port than 443 is reached by those with git-sync."""
        connections = policies(stack, git_ports=[port]).connections(PORTS)
        for component in PEOPLES_CODE:
            assert {what for what in connections[component] if what.endswith(":22")} == reached
        assert "Internet:22" not in connections["scheduler"]


class TestOnVpcCni:
    @pytest.mark.parametrize(
        "task_egress",
        [
            "any",
            NOTHING_LISTED,
            ("0.0.0.0/0:80", "0.0.0.0/0:25", "10.0.0.0/8:5432", "10.1.0.128/25:22", "192.168.7.7/32:6379"),
            ("8.0.0.0/5:80", "128.0.0.0/1:25", "10.0.0.0/16:8080", "10.1.0.64/26:5432", "172.16.0.0/12:22"),
        ],
        ids=["any", "nothing", "wide ranges", "overlapping ranges"],
    )
    @pytest.mark.parametrize("git_port", [443, 22])
    def test_reads_the_policies_as_kubernetes_means_them(
        self, stack: TrialStack, task_egress: Any, git_port: int
    ) -> None:
        """The agent's table, in which exceptions of one rule may close what another opens, comes to the same result."""
        found = policies(stack, task_egress=task_egress, git_ports=[git_port], uses_kubernetes=True)
        for source in (party for party in PARTIES if party.namespace == NAMESPACE):
            lets_out = found.vpc_cni(source)
            for destination, port in product(PARTIES, PORTS):
                allowed = found._side_allows(source, "Egress", destination, port)
                assert lets_out(destination, port) is allowed, (source, destination, port)

    def test_the_check_sees_what_it_is_for(self) -> None:
        """Two rules for one range with different exceptions: Kubernetes lets the connection out, the agent doesn't."""
        everywhere = {"cidr": "0.0.0.0/0"}
        ports = [{"protocol": "TCP", "port": "443"}]
        spec = {
            "pod_selector": {},
            "policy_types": ["Ingress", "Egress"],
            "egress": [
                {"to": [{"ip_block": {**everywhere, "except": list(NOT_PUBLIC)}}], "ports": ports},
                {"to": [{"ip_block": everywhere}]},
            ],
        }
        found = Policies({"two_rules": {"spec": spec}}, NAMESPACE, PARTIES)
        worker, company = BY_NAME["worker"], BY_NAME["company"]
        assert found.allows(worker, company, ("TCP", 5432))
        assert not found.vpc_cni(worker)(company, ("TCP", 5432))

    def test_exceptions_lie_within_their_range(self, stack: TrialStack) -> None:
        """Kubernetes refuses an exception that is the range itself or lies outside."""
        policies(stack, task_egress=("0.0.0.0/0:80", "10.1.0.0/25:5432", "172.0.0.0/8:22"))
        for policy in stack.synthesized().resources("kubernetes_network_policy_v1").values():
            for rule in policy["spec"].get("egress", []):
                for block in (peer["ip_block"] for peer in rule["to"] if "ip_block" in peer):
                    around = IPv4Network(block["cidr"])
                    inside = [IPv4Network(cidr) for cidr in block.get("except", [])]
                    assert all(cidr.subnet_of(around) and cidr != around for cidr in inside)


class TestObjects:
    def test_names(self, stack: TrialStack) -> None:
        """One policy that denies, one per component that exists."""
        policies(stack)
        assert stack.names_of("kubernetes_network_policy_v1") == {
            "default_deny",
            "api_server",
            "scheduler",
            "dag_processor",
            "triggerer",
            "worker",
            "pgbouncer",
            "redis",
            "statsd",
            "database_job",
            "fernet_job",
        }

    def test_default_deny(self, stack: TrialStack) -> None:
        """All pods, both directions, no rule."""
        policies(stack)
        assert stack.resource("kubernetes_network_policy_v1.default_deny")["spec"] == {
            "pod_selector": {},
            "policy_types": ["Ingress", "Egress"],
        }

    def test_reasons_stand_beside_the_rules(self, stack: TrialStack) -> None:
        """Whoever describes a policy in the cluster reads what each of its rules is for."""
        policies(stack)
        metadata = stack.resource("kubernetes_network_policy_v1.redis")["metadata"]
        assert metadata["name"] == "airflow-redis"
        assert metadata["annotations"] == {"reasons": "from scheduler, worker, TCP 6379: Celery's broker"}

    def test_are_what_pods_wait_for(self, stack: TrialStack) -> None:
        """All policies are there to depend on."""
        resources = NetworkPolicies(stack, "network-policies", NetworkPoliciesProps(**ARGUMENTS)).resources
        Component(stack, "pods").add(NamespaceV1, "pods", metadata={"name": "pods"}, depends_on=resources)
        waits = stack.resource("kubernetes_namespace_v1.pods")["depends_on"]
        expected = {f"kubernetes_network_policy_v1.{name}" for name in stack.names_of("kubernetes_network_policy_v1")}
        assert set(waits) == expected
