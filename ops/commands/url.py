"""`python -m ops url`: the address of Airflow's web interface."""

from __future__ import annotations

import typer

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.state.reading import read_state


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("url", epilog=example("url --env prod"))(url)


def url(env: EnvName = None, env_file: EnvFile = None, *, as_json: AsJson = False) -> None:
    """Print the address of Airflow's web interface, and with airflow.sign_in the callback URL."""
    operate(print_url, env=env, env_file=env_file, as_json=as_json)


def print_url(session: Session) -> ExitCode:
    """Print the address that the state of `platform` knows, and the callback URL, which the file says before a deploy.

    Raises:
        OperationError: the state can't be read, or platform isn't deployed.
    """
    callback = session.operated.environment.airflow.callback_url
    if callback:
        session.output.warn(f"Callback URL of the client at the identity provider: {callback}")
    with session.output.doing("reading the state of platform"):
        state = read_state(session.operated, "platform", session.aws)
    address = str(state.output("airflow_url"))
    session.output.value(address)
    document = {"url": address, "load_balancer": state.outputs.get("load_balancer_host_name")}
    if forward := state.outputs.get("port_forward_command"):
        session.output.warn(f"It is there while this runs (kubectl: python -m ops kubeconfig):\n  {forward}")
        document["port_forward"] = forward
    if callback:
        document["callback"] = callback
    session.output.result(document)
    return ExitCode.DONE
