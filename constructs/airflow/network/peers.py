"""Who opens connections and who takes them: Airflow's pods, other pods, addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses
from typing import Literal, NamedTuple

from constructs.airflow.secrets.pgbouncer_configuration import LISTEN_PORT

#: Ports as the chart sets them. A service has its pods' ports, as VPC CNI requires: it decides before the address of a
#: service becomes one of a pod (EKS user guide, "Limit Pod traffic with Kubernetes network policies").
API_SERVER_PORT = 8080
PGBOUNCER_PORT = LISTEN_PORT
PGBOUNCER_METRICS_PORT = 9127
REDIS_PORT = 6379
STATSD_PORT = 9125
STATSD_METRICS_PORT = 9102
WORKER_LOG_PORT = 8793
TRIGGERER_LOG_PORT = 8794

#: Where the EKS Pod Identity agent of each node hands out AWS credentials.
POD_IDENTITY_AGENT = "169.254.170.23/32"

#: The node's own credentials and user data. Nobody reaches it.
INSTANCE_METADATA = "169.254.169.254/32"

#: Addresses that are not on the Internet: RFC 1918, RFC 6598, link-local.
NOT_PUBLIC = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")


class Port(NamedTuple):
    """A port, of TCP unless said otherwise."""

    number: int
    protocol: Literal["TCP", "UDP"] = "TCP"


@dataclass(frozen=True)
class Pods:
    """Pods of the release or one of our jobs, by their label `component`."""

    component: str


@dataclass(frozen=True)
class OtherPods:
    """Pods that are not Airflow's: those with the labels, in one namespace or in any."""

    name: str
    namespace: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Range:
    """Addresses, less those that lie within them and are not meant."""

    cidr: str
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Addresses:
    """Whatever has one of the addresses."""

    name: str
    ranges: tuple[Range, ...]


Peer = Pods | OtherPods | Addresses

API_SERVER = Pods("api-server")
SCHEDULER = Pods("scheduler")
DAG_PROCESSOR = Pods("dag-processor")
TRIGGERER = Pods("triggerer")
WORKER = Pods("worker")  #: of Celery, and the task pods of the KubernetesExecutor
PGBOUNCER = Pods("pgbouncer")
REDIS = Pods("redis")
STATSD = Pods("statsd")
DATABASE_JOB = Pods("database-job")
FERNET_JOB = Pods("fernet-job")
DATABASE_CLEANUP = Pods("database-cleanup")
POD_CLEANUP = Pods("airflow-cleanup-pods")

AIRFLOW = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, WORKER)

#: Where people's own code runs: DAG files and their callbacks, triggers, tasks. These have git-sync, too.
PEOPLES_CODE = (DAG_PROCESSOR, TRIGGERER, WORKER)

DNS = OtherPods("DNS", "kube-system", (("k8s-app", "kube-dns"),))
KEDA_NAMESPACE = "keda"  #: of KEDA's release
#: Its operator, by the label of its chart.
KEDA = OtherPods("KEDA", KEDA_NAMESPACE, (("app", "keda-operator"),))
METRICS_SCRAPER = OtherPods("metrics scraper")


def internet() -> Addresses:
    """Return all addresses that are on the Internet."""
    return Addresses("Internet", (Range("0.0.0.0/0", NOT_PUBLIC),))


def kubernetes_api(service_cidr: str, private_subnet_cidrs: Iterable[str]) -> Addresses:
    """Return where the Kubernetes API is: its service's address, and its own, in the private subnets."""
    return Addresses("Kubernetes API", ranges([f"{IPv4Network(service_cidr)[1]}/32", *private_subnet_cidrs]))


def ranges(cidrs: Iterable[str]) -> tuple[Range, ...]:
    """Return ranges without exceptions."""
    return tuple(Range(cidr) for cidr in cidrs)


def within_range(cidr: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return those of the others that lie within the range, neighbours joined; none if together they are the range."""
    outer = IPv4Network(cidr)
    smaller = (network for network in map(IPv4Network, others) if network.subnet_of(outer) and network != outer)
    inner = list(collapse_addresses(smaller))
    return () if inner == [outer] else tuple(map(str, inner))
