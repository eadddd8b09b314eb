"""Why values of the chart are not the user's, and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """Why a value is not the user's, and what to do instead."""

    why: str
    instead: str


def setting(key: str, why: str = "the stack computes it from the environment file") -> Owner:
    """Return the owner of what a setting below `airflow` decides."""
    return Owner(why, f"remove it; the setting is airflow.{key} in environments/<name>.yaml")


#: Start of the advice for what Airflow 3 calls otherwise.
RENAMED = "write it as apiServer."


def only_moves(instead: str) -> bool:
    """Whether the advice is to write the same elsewhere, so that what is wrong within would be wrong there, too."""
    return instead == FLAT_WORKERS.instead or instead.startswith(RENAMED)


SECRET = Owner(
    "the stack makes this secret in the cluster itself; in these values it would stand in Terraform's state",
    "remove it; the values of all secrets are in AWS Secrets Manager",
)
ELSEWHERE = Owner(
    "a secret in these values would stand in Terraform's state",
    "make the Kubernetes secret in another way, and name it where it is used (secret, extraEnvFrom, volumes)",
)


def named_secret(key: str, content: str) -> Owner:
    """Return the owner of a secret that the chart also takes by the name of a Kubernetes secret."""
    return Owner(ELSEWHERE.why, f"make a Kubernetes secret with {content}, and write its name into {key}")


JOB = Owner(
    "a job of the stack's own does this: the chart's cannot be changed within five minutes, and makes a user "
    "admin/admin (docs/decisions/0016-database-job.md)",
    "remove it",
)
DATABASE = Owner("the metadata database is the stack's, on RDS, behind PgBouncer", "remove it; see section database")
QUEUE = Owner(
    "the queue of tasks is the stack's redis, and its URL a secret that the stack makes in the cluster",
    "remove it; airflow.executor in environments/<name>.yaml says whether there is one",
)
NAMES = Owner(
    "permissions in AWS, network policies and URLs rely on the names that the chart gives by default", "remove it"
)
WEB = Owner("the load balancer is the stack's, not the chart's", "remove it; the setting is airflow.web")
VOLUME = Owner("logs are in S3 and DAGs come from Git: the queue's volume is the only one", "remove it")
LOGS = Owner("task logs go to the stack's bucket", "remove it")
PROXY = Owner("the web server trusts the stack's load balancer, and it alone", "remove it")
FLOWER = Owner("it would show and control the workers to everybody who reaches it, without a login", "remove it")
REVISIONS = Owner("annotations of this prefix restart pods when a secret changes", "choose another name")
SCRAPING = Owner("the stack annotates what Prometheus scrapes", "remove it; the setting is airflow.scraping")
FLAT_WORKERS = Owner(
    "chart 1.22 keeps this place for compatibility, and its later versions don't",
    "write it below workers.celery, or below workers.kubernetes for the pods of the KubernetesExecutor",
)
WORKER_SETS = Owner(
    "which role in AWS the pods of a set have is the stack's to say, and each set has a budget of its own",
    "remove it; sets of workers are airflow.workers in environments/<name>.yaml",
)
REGION = Owner(
    "the stack sets the region of the environment file",
    "remove it; for another region set region_name in the task's hook or in its connection",
)
AWS_CONNECTION = Owner(
    "task logs are written and read with this connection, by the pods' own role", "give yours another name"
)
AWS_CREDENTIALS = Owner(
    "EKS Pod Identity gives the pods their role, and AWS's libraries would take this in its place",
    "remove it; what DAGs may do in AWS is the setting airflow.pod_policy_arns in environments/<name>.yaml",
)
CONFIGURATION_FILE = Owner(
    "airflow.cfg, with what the stack computes in it, is where the chart puts it", "remove it; options go below config"
)
AUTH_MANAGER = Owner(
    "users, roles and tokens are FAB's: the first user, airflow.sign_in and the accounts of programs are made by it. "
    "Airflow's SimpleAuthManager is for development: no roles of one's own, passwords in clear in a file of each pod",
    "remove it; people sign in by the company's identity provider with airflow.sign_in in environments/<name>.yaml",
)
LISTENS = Owner(
    "the load balancer, probes and network policies rely on the ports of the chart, without TLS inside the cluster",
    "remove it",
)
PODS = Owner(
    "whoever starts pods reads every secret of the namespace, so it is on with a KubernetesExecutor only, or where the "
    "environment says so",
    "remove it; to start pods from DAGs set airflow.allow_pod_launching: true, or for a pod for each task "
    "airflow.executor: CeleryExecutor,KubernetesExecutor, in environments/<name>.yaml",
)
ALWAYS = Owner("Airflow is not complete without it", "remove it")
IMAGE = setting("image")
DAGS = setting("dags")
CLEANUP = setting("cleanup")
