"""Proves an installation from inside its tasks: start it by hand after a deploy or an upgrade, it takes two minutes.

| task | what it shows when it succeeds |
|---|---|
| `variable` | a task writes, reads and deletes a Variable through the API server |
| `send`, `receive` | an XCom goes from one task to another |
| `pgbouncer` | the connection pooler accepts connections and speaks PostgreSQL |
| `write_log`, `find_log` | a task's log is in the log bucket, and a task may read it there |
| `deferred` | a task leaves its worker, waits in the triggerer and comes back |

Every task stands alone: the one that fails names the part that is broken, its log says how.
"""

import logging
import socket
import struct
import time
from datetime import timedelta

from airflow.providers.standard.sensors.time_delta import WaitSensor
from airflow.sdk import Variable, dag, get_current_context, task

log = logging.getLogger(__name__)

#: Message of PostgreSQL's protocol that asks whether the server speaks TLS: its length and its code.
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
#: Logs are uploaded after their task has ended, so the next task may be early.
LOG_WAIT_SECONDS = 120
LOG_POLL_SECONDS = 5


@task
def variable() -> None:
    """Write a Variable, read it back, delete it."""
    run_id = get_current_context()["run_id"]
    key = f"verify_installation_{run_id}"
    Variable.set(key, run_id, description="Of the DAG verify_installation, which deletes it.")
    try:
        read = Variable.get(key)
    finally:
        Variable.delete(key)
    if read != run_id:
        raise ValueError(f"wrote {run_id!r}, read {read!r}")


@task
def send() -> dict[str, str]:
    """Return something that only this run knows."""
    return {"run_id": get_current_context()["run_id"]}


@task
def receive(sent: dict[str, str]) -> None:
    """Check that it has arrived."""
    expected = {"run_id": get_current_context()["run_id"]}
    if sent != expected:
        raise ValueError(f"expected {expected}, received {sent}")


@task
def pgbouncer() -> None:
    """Connect to the pooler and ask it whether it speaks TLS: any PostgreSQL server answers with one letter."""
    host, _, port = get_current_context()["params"]["pgbouncer"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(SSL_REQUEST)
        answer = connection.recv(1)
    if answer not in {b"S", b"N"}:
        raise ValueError(f"{host}:{port} answered {answer!r}: that is no PostgreSQL server")
    log.info("%s:%s answered %r", host, port, answer)


@task
def write_log() -> str:
    """Log a line that no other run logs, and return where it will be found."""
    context = get_current_context()
    instance = context["ti"]
    log.info(marker(context["run_id"]))
    return f"dag_id={instance.dag_id}/run_id={instance.run_id}/task_id={instance.task_id}/"


@task
def find_log(folder: str) -> None:
    """Find that line in the bucket that the configuration names."""
    # Imported here: boto3 is slow to load, and every parse of this file would load it.
    from airflow.configuration import conf
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    if not conf.getboolean("logging", "remote_logging"):
        raise ValueError("remote logging is off: logging.remote_logging in Airflow's configuration")
    base = conf.get("logging", "remote_base_log_folder").rstrip("/")
    hook = S3Hook(aws_conn_id=conf.get("logging", "remote_log_conn_id"))
    bucket, prefix = hook.parse_s3_url(f"{base}/{folder}")
    line = marker(get_current_context()["run_id"])
    deadline = time.monotonic() + LOG_WAIT_SECONDS
    while True:
        keys = hook.list_keys(bucket_name=bucket, prefix=prefix) or []
        if any(line in hook.read_key(key, bucket_name=bucket) for key in keys):
            log.info("found in s3://%s/%s", bucket, prefix)
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"not found within {LOG_WAIT_SECONDS} s under s3://{bucket}/{prefix}, where {keys} are")
        time.sleep(LOG_POLL_SECONDS)


def marker(run_id: str) -> str:
    """Return the line that `write_log` logs."""
    return f"verify_installation: a line of {run_id}"


@dag(
    description="Proves an installation from inside its tasks.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    # A part that hangs is a part that fails. No retries: what works at the second try only is worth knowing.
    default_args={"owner": "data-platform", "retries": 0, "execution_timeout": timedelta(minutes=5)},
    params={"pgbouncer": "airflow-pgbouncer:6543"},
    tags=["platform"],
)
def verify_installation() -> None:
    """Lay out the tasks: five proofs beside each other, two of them of two tasks."""
    variable()
    receive(send())
    pgbouncer()
    find_log(write_log())
    WaitSensor(task_id="deferred", time_to_wait=timedelta(seconds=10), deferrable=True)


verify_installation()
