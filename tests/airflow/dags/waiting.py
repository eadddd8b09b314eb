"""DAGs of the tests: `deferring` waits in the triggerer, `staying` on its worker until a file is there.

`choosing` is for the workers of another queue.
"""

import time
from datetime import timedelta
from pathlib import Path

from airflow.providers.standard.sensors.time_delta import WaitSensor
from airflow.sdk import dag, get_current_context, task

#: Whatever a test forgets ends by itself.
PATIENCE = 600


@dag(schedule=None, is_paused_upon_creation=False)
def deferring() -> None:
    """Leave the worker, and come back when a triggerer says so."""
    WaitSensor(task_id="wait", time_to_wait=timedelta(seconds=1), deferrable=True)


@dag(schedule=None, is_paused_upon_creation=False, params={"file": ""})
def staying() -> None:
    """Say a line, then wait for the file."""

    @task
    def wait() -> None:
        print("still here")
        file = Path(get_current_context()["params"]["file"])
        deadline = time.monotonic() + PATIENCE
        while not file.exists():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.2)

    wait()


@dag(schedule=None, is_paused_upon_creation=False)
def choosing() -> None:
    """Run where the queue `large` is taken from."""

    @task(queue="large")
    def choose() -> None:
        print("here")

    choose()


choosing()
deferring()
staying()
