"""The three steps of a Fernet rotation, on real rows."""

from __future__ import annotations

import pytest
from constructs.airflow.jobs.commands import ROTATE_FERNET

from tests.airflow.installation import Airflow, fernet_key
from tests.airflow.postgresql import PostgreSql

pytestmark = pytest.mark.slow

OLD, NEW = fernet_key("one"), fernet_key("two")
BOTH = f"{NEW},{OLD}"

WRITE = """
from airflow.models import Connection, Variable
from airflow.models.trigger import Trigger
from airflow.settings import Session
session = Session()
session.add(Connection(conn_id="kept", conn_type="http", password="p4ss", extra='{"token": "t0ken"}'))
session.add(Variable(key="kept", val="v4lue"))
session.add(Trigger(classpath="a.Trigger", kwargs={"until": "l8er"}))
session.commit()
answer = None
"""

#: What a process can read: the values that are there, or the kind of error.
READ = """
from airflow.models import Connection, Variable
from airflow.models.trigger import Trigger
from airflow.settings import Session
from sqlalchemy import select
def row(model, condition):
    return Session().scalar(select(model).where(condition))
def attempt(read):
    try:
        return read()
    except Exception as error:
        return type(error).__name__
answer = [
    attempt(lambda: row(Connection, Connection.conn_id == "kept").password),
    attempt(lambda: row(Connection, Connection.conn_id == "kept").extra_dejson["token"]),
    attempt(lambda: row(Variable, Variable.key == "kept").val),
    attempt(lambda: row(Trigger, Trigger.classpath == "a.Trigger").kwargs["until"]),
]
"""

ALL = ["p4ss", "t0ken", "v4lue", "l8er"]


def with_keys(airflow: Airflow, keys: str) -> Airflow:
    """Return Airflow with these keys, the first of which encrypts."""
    return airflow.with_(AIRFLOW__CORE__FERNET_KEY=keys)


@pytest.fixture(scope="module", autouse=True)
def _rows(job: Airflow) -> None:
    """A connection, a variable and a trigger, written with the old key."""
    with_keys(job, OLD).python(WRITE)


class TestRotation:
    def test_leaves_nothing_undecryptable_in_between(self, job: Airflow, server: PostgreSql) -> None:
        """Old key; both keys, the new one first; rotated; new key alone: what is stored can be read at each step.

        Before the rotation the new key alone reads nothing, after it the old one alone: the order matters.
        """
        assert "p4ss" not in server.query("SELECT password, extra FROM connection")
        assert with_keys(job, OLD).python(READ) == ALL
        assert not set(with_keys(job, NEW).python(READ)) & set(ALL)

        assert with_keys(job, BOTH).python(READ) == ALL

        rotated = with_keys(job, BOTH).run("bash", "-c", ROTATE_FERNET)
        assert rotated.returncode == 0, rotated.stderr
        assert with_keys(job, BOTH).python(READ) == ALL

        assert with_keys(job, NEW).python(READ) == ALL
        assert not set(with_keys(job, OLD).python(READ)) & set(ALL)

    def test_stops_where_a_key_is_missing(self, job: Airflow, server: PostgreSql) -> None:
        """A row that none of the keys opens ends the job with an error, and no row is changed."""
        before = server.query("SELECT password, extra FROM connection")
        stopped = with_keys(job, fernet_key("three")).run("bash", "-c", ROTATE_FERNET)
        assert stopped.returncode != 0
        assert server.query("SELECT password, extra FROM connection") == before
