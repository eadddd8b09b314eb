"""Who may talk to whom in Airflow's namespace, on which port and why. What is not listed is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

from constructs.airflow.network.peers import (
    AIRFLOW,
    API_SERVER,
    API_SERVER_PORT,
    DATABASE_CLEANUP,
    DATABASE_JOB,
    DNS,
    FERNET_JOB,
    INSTANCE_METADATA,
    KEDA,
    METRICS_SCRAPER,
    NOT_PUBLIC,
    PEOPLES_CODE,
    PGBOUNCER,
    PGBOUNCER_METRICS_PORT,
    PGBOUNCER_PORT,
    POD_CLEANUP,
    POD_IDENTITY_AGENT,
    REDIS,
    REDIS_PORT,
    SCHEDULER,
    STATSD,
    STATSD_METRICS_PORT,
    STATSD_PORT,
    TRIGGERER,
    TRIGGERER_LOG_PORT,
    WORKER,
    WORKER_LOG_PORT,
    Addresses,
    Peer,
    Port,
    Range,
    internet,
    kubernetes_api,
    ranges,
    within_range,
)
from constructs.settings.sections.airflow.egress import MOST_PORTS


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Lets each of the sources open connections to the destination."""

    sources: tuple[Peer, ...]
    destination: Peer
    ports: tuple[Port, ...]
    """None at all means every port."""

    why: str


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """What the rules follow from. All ranges are known when the stack is synthesized."""

    uses_celery: bool
    uses_kubernetes: bool
    proxy_cidrs: Sequence[str]
    """Subnets that the load balancer stands in, or ranges of other proxies; none: only a forwarded port is served."""

    proxy: str = "load balancer"

    private_subnet_cidrs: Sequence[str]
    """Subnets that the Kubernetes API has its addresses in."""

    database_subnet_cidrs: Sequence[str]
    service_cidr: str
    database_port: int = 5432
    git_ports: Sequence[int] = (443,)
    """Ports of the DAG repositories: 443, 22 or what their URLs say; none where the DAGs are in the image."""

    task_egress: Literal["any"] | Sequence[str] = "any"
    """What people's code may reach: everything, or ranges with a port (`10.0.0.0/8:5432`)."""

    autoscaling: bool = False
    launches_pods: bool = False
    """Whether tasks and triggers start pods."""

    api_server_egress: Sequence[str] = ()
    scheduler_egress: Sequence[str] = ()
    triggerer_egress: Sequence[str] = ()
    """What these may reach beside: ranges with a port."""

    scraping: bool = False
    database_cleanup: bool = False
    pod_cleanup: bool = False
    """Whether the chart's job runs that deletes finished pods of the KubernetesExecutor."""


def rules(facts: NetworkFacts) -> list[Rule]:
    """Return all connections that Airflow takes in these circumstances."""
    return [*_within(facts), *_into(facts), *_out_of(facts), *_peoples_code(facts), *_egress(facts)]


def _within(facts: NetworkFacts) -> list[Rule]:
    cleanup = (DATABASE_CLEANUP,) if facts.database_cleanup else ()
    found = [
        Rule(
            sources=(*AIRFLOW, *cleanup),
            destination=PGBOUNCER,
            ports=(Port(PGBOUNCER_PORT),),
            why="metadata database; Celery's workers keep their results there",
        ),
        # The triggerer and the dag-processor run the Task Execution API in their own process (Airflow 3.2).
        Rule(
            sources=(WORKER,),
            destination=API_SERVER,
            ports=(Port(API_SERVER_PORT),),
            why="Task Execution API: state, variables, connections and XComs of tasks",
        ),
        Rule(
            sources=(API_SERVER,),
            destination=TRIGGERER,
            ports=(Port(TRIGGERER_LOG_PORT),),
            why="logs of deferred tasks, live",
        ),
        Rule(sources=AIRFLOW, destination=STATSD, ports=(Port(STATSD_PORT, "UDP"),), why="metrics"),
    ]
    if facts.uses_celery:
        found += [
            Rule(sources=(SCHEDULER, WORKER), destination=REDIS, ports=(Port(REDIS_PORT),), why="Celery's broker"),
            Rule(
                sources=(API_SERVER,),
                destination=WORKER,
                ports=(Port(WORKER_LOG_PORT),),
                why="logs of running tasks, live",
            ),
        ]
    return found


def _into(facts: NetworkFacts) -> list[Rule]:
    balancer = Addresses(facts.proxy, ranges(facts.proxy_cidrs))
    found: list[Rule] = []
    if facts.proxy_cidrs:
        found.append(
            Rule(
                sources=(balancer,), destination=API_SERVER, ports=(Port(API_SERVER_PORT),), why="web interface and API"
            )
        )
    if facts.autoscaling:
        found.append(
            Rule(
                sources=(KEDA,),
                destination=PGBOUNCER,
                ports=(Port(PGBOUNCER_PORT),),
                why="how many tasks wait or run, for autoscaling",
            )
        )
    if facts.scraping:
        for exporter, port in ((STATSD, STATSD_METRICS_PORT), (PGBOUNCER, PGBOUNCER_METRICS_PORT)):
            found.append(
                Rule(sources=(METRICS_SCRAPER,), destination=exporter, ports=(Port(port),), why="metrics, by scraping")
            )
    return found


def _out_of(facts: NetworkFacts) -> list[Rule]:
    cleanup = (DATABASE_CLEANUP,) if facts.database_cleanup else ()
    pod_cleanup = (POD_CLEANUP,) if facts.uses_kubernetes and facts.pod_cleanup else ()
    database = Addresses("database", ranges(facts.database_subnet_cidrs))
    found = [
        Rule(
            sources=(*AIRFLOW, PGBOUNCER, DATABASE_JOB, FERNET_JOB, *cleanup, *pod_cleanup),
            destination=DNS,
            ports=(Port(53, "UDP"), Port(53)),
            why="host names",
        ),
        Rule(
            sources=(PGBOUNCER, DATABASE_JOB, FERNET_JOB),
            destination=database,
            ports=(Port(facts.database_port),),
            why="PostgreSQL; everybody else goes through PgBouncer",
        ),
        Rule(
            sources=AIRFLOW,
            destination=Addresses("Pod Identity agent", ranges([POD_IDENTITY_AGENT])),
            ports=(Port(80),),
            why="AWS credentials",
        ),
        Rule(
            sources=(API_SERVER, SCHEDULER),
            destination=internet(),
            ports=(Port(443),),
            why="task logs in S3, Secrets Manager, login providers",
        ),
    ]
    if facts.uses_kubernetes:
        found.append(
            Rule(
                sources=(SCHEDULER, API_SERVER, *pod_cleanup),
                destination=kubernetes_api(facts.service_cidr, facts.private_subnet_cidrs),
                ports=(Port(443),),
                why="KubernetesExecutor: the scheduler makes task pods, the api-server reads their logs"
                + (", the cleanup job deletes finished ones" if pod_cleanup else ""),
            )
        )
    if facts.launches_pods:
        found.append(
            Rule(
                sources=(WORKER, TRIGGERER),
                destination=kubernetes_api(facts.service_cidr, facts.private_subnet_cidrs),
                ports=(Port(443),),
                why="allow_pod_launching: tasks start pods, triggers wait for them",
            )
        )
    return found


def _peoples_code(facts: NetworkFacts) -> list[Rule]:
    """Return what DAG files, triggers and tasks may reach, beside what Airflow itself takes.

    There is one rule for 0.0.0.0/0 with one set of exceptions for these pods, on purpose: VPC CNI takes the exceptions
    of all rules for a range together, so that those of one would cut down what another one lets through.
    """
    if facts.task_egress == "any":
        refused = [INSTANCE_METADATA, *facts.database_subnet_cidrs]
        everything = Addresses("everything else", (Range("0.0.0.0/0", within_range("0.0.0.0/0", refused)),))
        why = "task_egress is `any`: all but the node's metadata service and the metadata database"
        return [Rule(sources=PEOPLES_CODE, destination=everything, ports=(), why=why)]
    different = {entry.rpartition(":")[2] for entry in facts.task_egress}
    if len(different) > MOST_PORTS:
        raise ValueError(
            f"task_egress may name at most {MOST_PORTS} different ports (VPC CNI holds no more); got {len(different)}"
        )
    ports = {Port(443): "task logs in S3, Secrets Manager, the DAG repository"}
    for number in facts.git_ports:
        ports.setdefault(Port(number), "the DAG repository")
    return [
        *(Rule(sources=PEOPLES_CODE, destination=internet(), ports=(port,), why=why) for port, why in ports.items()),
        *(_listed(entry, facts, PEOPLES_CODE, "task_egress") for entry in facts.task_egress),
    ]


def _egress(facts: NetworkFacts) -> list[Rule]:
    """What the file lets single components reach."""
    return [
        _listed(entry, facts, (component,), f"egress.{setting}")
        for setting, component, listed in (
            ("api_server", API_SERVER, facts.api_server_egress),
            ("scheduler", SCHEDULER, facts.scheduler_egress),
            ("triggerer", TRIGGERER, facts.triggerer_egress),
        )
        for entry in listed
    ]


def _listed(entry: str, facts: NetworkFacts, sources: tuple[Peer, ...], setting: str) -> Rule:
    cidr, _, port = entry.rpartition(":")
    network = IPv4Network(cidr)
    if network.subnet_of(IPv4Network("169.254.0.0/16")):
        raise ValueError(
            f"{setting} may not name link-local addresses, where nodes keep their credentials; got {entry!r}: remove it"
        )
    # A range that is wider than the private ones means the Internet; private ones are listed on their own.
    destination = Addresses(cidr, (Range(cidr, within_range(cidr, [*NOT_PUBLIC, *facts.database_subnet_cidrs])),))
    return Rule(sources=sources, destination=destination, ports=(Port(int(port)),), why=f"listed in {setting}")
