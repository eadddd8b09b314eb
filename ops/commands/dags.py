"""`python -m ops dags`: `check` imports DAG files before they get anywhere, `status` says what of them Airflow runs."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import example
from ops.commands.password import USER, read_password
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.console.wording import counted
from ops.dag_check.findings import Findings
from ops.dag_check.installing import Installation
from ops.dag_check.places import Place, docker_answers, in_image, in_python
from ops.dag_sources.showing import address, show_sources
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate

#: What an image of one's own has beside Airflow.
REQUIREMENTS = Path("image") / "requirements.txt"

Folder = Annotated[Path | None, typer.Argument(help="Folder of the DAG files; default: dags/.", show_default=False)]
WithoutDocker = Annotated[
    bool, typer.Option("--without-docker", help="Install the same Airflow into the checkout, though Docker is there.")
]
Python = Annotated[
    Path | None,
    typer.Option("--python", help="Python of an environment that has this Airflow already.", show_default=False),
]
Constraints = Annotated[
    str, typer.Option("--constraints", help="File or URL of Airflow's constraints, where GitHub is not reached.")
]

Url = Annotated[
    str, typer.Option("--url", help="Where Airflow is; default: where platform has it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Look at DAG files before they get anywhere, and at what of them Airflow runs.",
        epilog=example("dags check --env prod"),
        no_args_is_help=True,
    )
    group.command("check", epilog=example("dags check --env prod"))(check)
    group.command("status", epilog=example("dags status --env prod"))(status)
    app.add_typer(group, name="dags")


def check(  # noqa: PLR0913  # options of the command line
    folder: Folder = None,
    env: EnvName = None,
    env_file: EnvFile = None,
    *,
    without_docker: WithoutDocker = False,
    python: Python = None,
    constraints: Constraints = "",
    as_json: AsJson = False,
) -> None:
    """Import each DAG file as the DAG processor does, in the environment's image, or without Docker in its Airflow.

    What a file needs of Airflow's variables and connections while it is parsed is given as AIRFLOW_VAR_... and
    AIRFLOW_CONN_.... Exit code 2: a file has a mistake, or two have one dag_id.
    """

    def work(session: Session) -> ExitCode:
        dags = (folder or session.operated.root / "dags").absolute()
        if not dags.is_dir():
            raise OperationError(
                f"There is no folder {dags}.", fix="name the folder of your DAG files", exit_code=ExitCode.MISTAKE
            )
        place = choose(session, dags, python=python, without_docker=without_docker, constraints=constraints)
        with session.output.doing(f"importing DAG files in {place.words}"):
            findings = Findings.of(place.run())
        return show(session, dags, place, findings)

    operate(work, env=env, env_file=env_file, as_json=as_json)


def status(env: EnvName = None, env_file: EnvFile = None, *, url: Url = "", as_json: AsJson = False) -> None:
    """Say for each source of DAGs which commit runs and which is the newest, and what can't be imported.

    Asks the repositories with the credentials that the environment file names, and Airflow as its user admin. Exit code
    3: a newer commit is not running yet, or a file can't be imported.
    """

    def work(session: Session) -> ExitCode:
        return show_sources(session, url or address(session), USER, read_password(session))

    operate(work, env=env, env_file=env_file, as_json=as_json)


def choose(session: Session, folder: Path, *, python: Path | None, without_docker: bool, constraints: str) -> Place:
    """Return where the files are imported, with Airflow there.

    Raises:
        OperationError: it can't be had.
    """
    environ = os.environ
    if python:
        return in_python(python.absolute(), folder, environ, lacks="name an environment that has Airflow")
    environment = session.operated.environment
    if not without_docker and docker_answers(environ):
        return in_image(environment, folder, environ)
    requirements = session.operated.root / REQUIREMENTS
    installation = Installation(
        root=session.operated.root,
        version=environment.airflow.version,
        requirements=requirements if requirements.is_file() else None,
        constraints=constraints,
    )
    with session.output.doing(f"installing Airflow {installation.version} for the check"):
        installation.make(environ)
    return in_python(installation.python, folder, environ, lacks=f"remove {installation.folder}, and check again")


def show(session: Session, folder: Path, place: Place, findings: Findings) -> ExitCode:
    """Say what is wrong, line by line, and how many DAGs there are.

    Raises:
        OperationError: the Airflow there is another one than the environment's.
    """
    version, output = session.operated.environment.airflow.version, session.output
    if findings.airflow != version:
        raise OperationError(
            f"{place.words} has Airflow {findings.airflow}, and airflow.version is {version}.",
            fix="name another Python, or build the image from that version",
            exit_code=ExitCode.MISTAKE,
        )
    for mistake in findings.mistakes:
        output.say(str(mistake))
    if any("No module named" in mistake.message for mistake in findings.mistakes):
        output.warn(f"A package that is missing belongs in {REQUIREMENTS}: {Page.IMAGE}")
    if any("_NOT_FOUND" in mistake.message for mistake in findings.mistakes):
        output.warn("Variables and connections that are read at each parse: AIRFLOW_VAR_<NAME>=... before the command.")
    counts = {"file": findings.files, "DAG": len(findings.dags), "mistake": len(findings.mistakes)}
    output.say(
        ", ".join(counted(number, what) for what, number in counts.items()) + ": "
        f"imported from {folder} in Airflow {findings.airflow}, Python {findings.python}, of {place.words}."
    )
    output.result({"place": place.words, "folder": str(folder), **asdict(findings)})
    return ExitCode.MISTAKE if findings.mistakes else ExitCode.DONE
