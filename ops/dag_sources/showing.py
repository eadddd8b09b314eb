"""Both sides of each source of DAGs, asked and told: its repository, and Airflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from ops.clients.airflow import AirflowApi
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.dag_sources.sources import Heard, lines, repositories_of, sources
from ops.frame.session import Session
from ops.preflight.repository import Answer, ask_repository, authorities_of
from ops.state.reading import read_state


def show_sources(session: Session, username: str, password: str) -> ExitCode:
    """Ask both, and print what they say; Airflow as a user who signs in by a password.

    Raises:
        OperationError: platform isn't deployed, or Airflow can't be asked.
    """
    airflow = session.operated.environment.airflow
    with session.output.doing("reading the state of platform"):
        url = str(read_state(session.operated, "platform", session.aws).output("airflow_url"))
    with session.output.doing(f"asking Airflow at {url}"):
        api = AirflowApi.signed_in(url, username, password)
        dags, errors = list(api.dags()), list(api.import_errors())
    with session.output.doing("asking the repositories"):
        heard = Heard(answers=_answers(session), dags=dags, errors=errors, at=datetime.now(UTC))
    found = sources(airflow.dags, airflow.image_reference, heard)
    for source in found:
        title, *rest = lines(source)
        session.output.say(title, style="bold")
        for line in rest:
            session.output.say(f"  {line}")
    session.output.result({"sources": [{**asdict(source), "is_behind": source.is_behind} for source in found]})
    return ExitCode.DECISION if any(each.is_behind or each.failures for each in found) else ExitCode.DONE


def _answers(session: Session) -> Mapping[str, Answer]:
    environment = session.operated.environment
    authorities = authorities_of(environment)
    answers = {}
    for name, (_, repository) in repositories_of(environment.airflow.dags).items():
        try:
            answers[name] = ask_repository(repository, session.aws, authorities, os.environ)
        except OperationError as refused:
            # Whoever may not read its token still wants to know what runs.
            answers[name] = Answer(error=refused.message)
    return answers
