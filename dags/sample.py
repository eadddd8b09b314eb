"""A first DAG to copy from: three tasks in a row, started by hand.

`start` does nothing, `greet` runs a command, `end` does nothing.
"""

from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG(
    dag_id="sample",
    description="Says hello from a worker.",
    doc_md=__doc__,
    # Runs when somebody starts it. A schedule such as "@daily" goes with a fixed `start_date`, in the past and with a
    # time zone: pendulum.datetime(2026, 1, 1, tz="UTC").
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"owner": "data-platform", "retries": 1, "retry_delay": timedelta(minutes=1)},
    tags=["sample"],
):
    start = EmptyOperator(task_id="start")
    greet = BashOperator(task_id="greet", bash_command='echo "Hello from $(hostname), run {{ run_id }}"')
    end = EmptyOperator(task_id="end")

    start >> greet >> end
