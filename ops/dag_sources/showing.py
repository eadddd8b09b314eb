"""Both sides of each source of DAGs, asked and told: its repository, and Airflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from ops.clients.airflow import AirflowApi
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.dag_sources.sources import Heard, lines, sources
from ops.frame.session import Session
from ops.preflight.repository import Answer, ask_repository, authorities_of
from ops.state.reading import read_state


def address(session: Session) -> str:
    """Return where Airflow is, as the state of `platform` knows it.

    Raises:
        OperationError: platform isn't deployed; or Airflow is at a forwarded port alone, where anything may listen.
    """
    with session.output.doing("reading the state of platform"):
        state = read_state(session.operated, "platform", session.aws)
    url = str(state.output("airflow_url"))
    if forward := state.outputs.get("port_forward_command"):
        raise OperationError(
            f"Airflow of {session.operated.name} is reached by a forwarded port alone (airflow.web.expose: none).",
            fix=f"while this runs: {forward}\n     python -m ops dags status --url {url}",
            exit_code=ExitCode.MISTAKE,
        )
    return url


def show_sources(session: Session, url: str, username: str, password: str) -> ExitCode:
    """Ask both, and print what they say; Airflow as a user who signs in by a password.

    Raises:
        OperationError: Airflow can't be asked.
    """
    airflow = session.operated.environment.airflow
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
    for name, repository in environment.airflow.dags.repositories.items():
        try:
            answers[name] = ask_repository(repository, session.aws, authorities, os.environ)
        except OperationError as refused:
            # Whoever may not read its token still wants to know what runs.
            answers[name] = Answer(error=refused.message)
    return answers
