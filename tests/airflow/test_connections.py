"""Every URL that we generate, opened by the library that opens it in the cluster."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from constructs.airflow.certificates.rds_roots import root_certificates
from constructs.airflow.secrets.connections import broker_url, stats_url

from tests.airflow import pgbouncer, redis_server
from tests.airflow.conftest import local, through
from tests.airflow.installation import PROGRAMS, Airflow, synchronous_driver
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PASSWORD, USERNAME, PostgreSql
from tests.airflow.servers import server_folder

pytestmark = pytest.mark.slow

REDIS_PASSWORD = "R3dis"

#: Whether the connection that PostgreSQL sees is encrypted: through the pooler that is the pooler's.
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

#: What Airflow itself makes of its configuration, synchronous and asynchronous.
SYNCHRONOUS = f"""
from airflow import settings
from sqlalchemy import text
with settings.engine.connect() as connection:
    answer = [settings.engine.driver, connection.scalar(text({ENCRYPTED!r}))]
"""
ASYNCHRONOUS = f"""
import asyncio
from airflow import settings
from sqlalchemy import text
async def ask():
    async with settings.AsyncSession() as session:
        encrypted = await session.scalar(text({ENCRYPTED!r}))
    await settings.async_engine.dispose()
    return [settings.async_engine.driver, encrypted]
answer = asyncio.run(ask())
"""

#: Clients that each run one statement again and again, every time in a transaction of its own.
TRANSACTIONS = """
import asyncio
from airflow import settings
from sqlalchemy import text
async def client(number):
    answers = set()
    async with settings.AsyncSession() as session:
        for _ in range(25):
            answers.add(await session.scalar(text("SELECT key FROM variable WHERE key = :key OR :key = :key LIMIT 1"),
                                             {"key": f"client {number}"}))
            await session.commit()
    return sorted(answers)
async def all_clients():
    answers = await asyncio.gather(*(client(number) for number in range(8)))
    await settings.async_engine.dispose()
    return answers
answer = asyncio.run(all_clients())
"""

#: The same with psycopg 3, which prepares what it runs for the fifth time; and whether a server has such statements.
SYNCHRONOUS_TRANSACTIONS = """
from concurrent.futures import ThreadPoolExecutor
from airflow import settings
from sqlalchemy import text
def client(number):
    answers = set()
    with settings.engine.connect() as connection:
        for _ in range(25):
            answers.add(connection.scalar(text("SELECT key FROM variable WHERE key = :key OR :key = :key LIMIT 1"),
                                          {"key": f"client {number}"}))
            connection.commit()
        prepared = connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    return [*sorted(answers), prepared]
with ThreadPoolExecutor(8) as clients:
    found = list(clients.map(client, range(8)))
answer = [settings.engine.driver, sorted({key for key, _ in found}), any(prepared for _, prepared in found)]
"""

RESULTS = """
from airflow.providers.celery.executors.celery_executor_utils import app
app.backend.store_result("4711", {"done": True}, "SUCCESS")
answer = [app.conf.result_backend.split(":")[0], app.AsyncResult("4711").get(timeout=5)]
"""

STATISTICS = """
import psycopg2
connection = psycopg2.connect(URL)
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SHOW STATS")
column = [described[0] for described in cursor.description].index("database")
answer = sorted(row[column] for row in cursor.fetchall())
"""

RELOAD = """
import psycopg2
connection = psycopg2.connect(URL)
connection.autocommit = True
try:
    connection.cursor().execute("RELOAD")
    answer = "reloaded"
except psycopg2.Error as error:
    answer = str(error)
"""

CONNECT = """
import psycopg2
try:
    psycopg2.connect(URL, connect_timeout=5).cursor().execute("SELECT 1")
    answer = "connected"
except psycopg2.Error as error:
    answer = str(error)
"""

MESSAGES = """
from airflow.providers.celery.executors.celery_executor_utils import app
with app.connection_for_write() as connection:
    queue = connection.SimpleQueue("tests")
    queue.put({"number": 1})
    message = queue.get(timeout=5)
    message.ack()
    answer = [connection.transport.driver_name, message.payload]
"""


def with_url(code: str, url: str) -> str:
    """Return code that has the URL."""
    return f"URL = {url!r}\n{code}"


@pytest.fixture(scope="module")
def redis() -> Iterator[int]:
    """A Redis with a password, as the chart starts it; its port."""
    with server_folder() as folder, redis_server.running(folder, REDIS_PASSWORD) as port:
        yield port


class TestMetadataThroughThePooler:
    @pytest.fixture
    def asynchronous(self, preparing_pooler: PgBouncer, tmp_path: Path) -> Airflow:
        """Airflow behind a pooler that asyncpg and psycopg 3 can use."""
        return through(preparing_pooler, tmp_path)

    def test_is_opened_by_airflow(self, airflow: Airflow) -> None:
        """SQLAlchemy's own choice of driver; from the pooler on the connection is encrypted."""
        assert airflow.python(SYNCHRONOUS) == [synchronous_driver(), True]

    def test_is_opened_by_airflow_asynchronously(self, asynchronous: Airflow) -> None:
        """Airflow derives asyncpg's URL from the one that it is given, and asyncpg takes it."""
        assert asynchronous.python(ASYNCHRONOUS) == ["asyncpg", True]

    def test_keeps_prepared_statements_over_transactions(self, asynchronous: Airflow) -> None:
        """Clients of asyncpg each keep their statements, while they share server connections by the transaction.

        So with PgBouncer 1.21 or newer, as in the chart's image; an older one lends them sessions here.
        """
        assert asynchronous.python(TRANSACTIONS) == [["admin_password_version"]] * 8

    def test_keeps_prepared_statements_of_psycopg_3(self, asynchronous: Airflow) -> None:
        """What `postgresql://` means in an image with SQLAlchemy 2.1: threads that each keep their statements, too."""
        if not [*PROGRAMS.parent.glob("lib/python*/site-packages/psycopg")]:
            pytest.skip("This Airflow brings no psycopg 3.")
        name = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
        url = asynchronous.environment[name].replace("postgresql://", "postgresql+psycopg://")
        answer = asynchronous.with_(**{name: url}).python(SYNCHRONOUS_TRANSACTIONS)
        assert answer == ["psycopg", ["admin_password_version"], True]

    def test_is_checked_by_airflows_command(self, airflow: Airflow) -> None:
        """`airflow db check`, which pods wait with, succeeds; so does what they wait for migrations with."""
        for command in (("db", "check"), ("db", "check-migrations", "--migration-wait-timeout", "5")):
            result = airflow.run("airflow", *command)
            assert result.returncode == 0, result.stderr

    def test_refuses_a_wrong_password(self, airflow: Airflow) -> None:
        """The pooler authenticates its clients itself."""
        url = airflow.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace(PASSWORD, "Wr0ng")
        assert "authentication failed" in airflow.python(with_url(CONNECT, url))

    def test_is_closed_where_no_known_authority_vouches_for_the_server(
        self, server: PostgreSql, airflow: Airflow
    ) -> None:
        """With Amazon's certificates alone the tests' server is an impostor: the pooler lends no connection to it."""
        with server_folder() as folder, pgbouncer.running(folder, server, root_certificates("eu-west-1")) as wary:
            url = local(airflow.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], wary.port)
            assert airflow.python(with_url(CONNECT, url)) != "connected"
            assert "certificate verify failed" in wary.log.read_text()


class TestCeleryResults:
    def test_are_stored_through_the_pooler(self, airflow: Airflow) -> None:
        """The result backend is the metadata database by way of the pooler: what is stored can be read again."""
        with_celery = airflow.with_(AIRFLOW__CELERY__BROKER_URL=broker_url(password=REDIS_PASSWORD))
        assert with_celery.python(RESULTS) == ["db+postgresql", {"done": True}]


class TestStatistics:
    @pytest.fixture
    def url(self, pooler: PgBouncer) -> str:
        """What the metrics exporter opens."""
        return local(stats_url(username=USERNAME, password=PASSWORD), pooler.port)

    def test_are_shown(self, airflow: Airflow, url: str) -> None:
        """The exporter's user reads the statistics of the pool in use."""
        assert "airflow-metadata" in airflow.python(with_url(STATISTICS, url))

    def test_are_all_that_it_may_do(self, airflow: Airflow, url: str) -> None:
        """The same user can't administer the pooler."""
        assert "admin access needed" in airflow.python(with_url(RELOAD, url))


class TestDirectConnection:
    def test_is_opened_by_both_drivers(self, job: Airflow) -> None:
        """Straight to the database, by libpq's environment variables alone: both drivers encrypt."""
        assert job.python(SYNCHRONOUS) == [synchronous_driver(), True]
        assert job.python(ASYNCHRONOUS) == ["asyncpg", True]

    @pytest.mark.parametrize("driver", [SYNCHRONOUS, ASYNCHRONOUS], ids=["synchronous", "asyncpg"])
    def test_refuses_an_impostor(self, job: Airflow, tmp_path: Path, driver: str) -> None:
        """Both drivers verify the server's certificate."""
        amazon = tmp_path / "root.crt"
        amazon.write_text(root_certificates("eu-west-1"))
        attempt = textwrap.indent(driver, "    ")
        refused = f"try:\n{attempt}\nexcept Exception as error:\n    answer = str(error)"
        assert "certificate verify failed" in str(job.with_(PGSSLROOTCERT=str(amazon)).python(refused)).lower()


class TestBroker:
    def test_passes_messages_on(self, airflow: Airflow, redis: int) -> None:
        """Celery's own connection, as Airflow configures it, puts a message and gets it back."""
        url = local(broker_url(password=REDIS_PASSWORD), redis)
        assert airflow.with_(AIRFLOW__CELERY__BROKER_URL=url).python(MESSAGES) == ["redis", {"number": 1}]

    def test_refuses_a_wrong_password(self, airflow: Airflow, redis: int) -> None:
        """Redis knows nobody who doesn't know its password."""
        url = local(broker_url(password="Wr0ng"), redis)
        result = airflow.with_(AIRFLOW__CELERY__BROKER_URL=url).run("python", "-c", MESSAGES)
        assert result.returncode != 0
        assert "invalid username-password pair" in result.stderr
