"""A task that waits without a worker, to copy from: a deferrable sensor. Started by hand.

`wait` gives its place on the worker back, waits in the triggerer with thousands of others, and ends a minute after the
run began, or after the parameter `wait_seconds`. Then `go_on` runs.

Other sensors of Airflow wait the same way: `S3KeySensor(..., deferrable=True)` for an object in a bucket,
`ExternalTaskSensor(..., deferrable=True)` for a run of another DAG.
"""

from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import DAG, Param

with DAG(
    dag_id="sample_sensor",
    description="Waits without a worker, then goes on.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    params={"wait_seconds": Param(60, type="integer", minimum=0, maximum=3600)},
    default_args={"owner": "data-platform", "retries": 1, "retry_delay": timedelta(minutes=1)},
    tags=["sample"],
):
    wait = DateTimeSensorAsync(
        task_id="wait",
        # A fixed moment, reckoned from the run: a task that is tried again does not begin to wait anew.
        target_time="{{ dag_run.run_after + macros.timedelta(seconds=params.wait_seconds) }}",
    )
    go_on = BashOperator(task_id="go_on", bash_command='echo "On a worker again: $(hostname)"')

    wait >> go_on
