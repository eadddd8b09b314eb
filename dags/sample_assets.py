"""Two DAGs that meet at an asset, to copy from.

| DAG | when it runs | what it does |
|---|---|---|
| `sample_asset_producer` | when somebody starts it | says that the asset `sample_orders` is new, of how many rows |
| `sample_asset_consumer` | after that, and each Monday at 6:00 UTC | logs what is new |

Neither names the other: whatever makes the asset starts whoever waits for it. The consumer has a schedule and so is
paused until somebody wants it. Once unpaused it runs for the last Monday, then as the table says; what the producer
made before is not its business.
"""

import logging
from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, get_current_context, task

log = logging.getLogger(__name__)

#: A name. One with a place is Asset("orders", uri="s3://bucket/orders"): nothing is read there, it is a name, too.
ORDERS = Asset("sample_orders")
DEFAULTS = {"owner": "data-platform", "retries": 1, "retry_delay": timedelta(minutes=1)}


@task(outlets=[ORDERS])
def produce(rows: int) -> None:
    """Make the data here. The asset is new when this task succeeds; whoever is started by it gets `extra`."""
    get_current_context()["outlet_events"][ORDERS].extra = {"rows": rows}


@task
def consume() -> None:
    """Log what has started this run: events of the asset, several where they came at once, none on a Monday."""
    events = get_current_context()["triggering_asset_events"][ORDERS]
    for event in events:
        log.info("%s rows are new, of the run %s", event.extra["rows"], event.source_run_id)
    if not events:
        log.info("It is Monday: nothing new has started this run.")


@dag(
    description="Says that an asset is new, and starts what waits for it.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args=DEFAULTS,
    tags=["sample"],
)
def sample_asset_producer() -> None:
    """One task."""
    produce(rows=3)


@dag(
    description="Runs when an asset is new, and once a week.",
    doc_md=__doc__,
    # Of several assets: `a & b` waits for both, `a | b` for one of them; without a time: schedule=[ORDERS].
    schedule=AssetOrTimeSchedule(assets=[ORDERS], timetable=CronTriggerTimetable("0 6 * * 1", timezone="UTC")),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    is_paused_upon_creation=True,
    default_args=DEFAULTS,
    tags=["sample"],
)
def sample_asset_consumer() -> None:
    """One task."""
    consume()


sample_asset_producer()
sample_asset_consumer()
