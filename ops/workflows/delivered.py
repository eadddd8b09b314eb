"""What a workflow has to know of an environment before it works on it, and why it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.placeholders import placeholders
from constructs.settings.loading.selection import ENVIRONMENTS
from constructs.stacks.labels import stack_labels

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page

Purpose = Literal["plan", "apply"]


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """Where a job has to run, and with which role."""

    environment: str
    github_environment: str
    role: str
    region: str
    account: str


def delivered(environment: Environment, purpose: Purpose, environ: Mapping[str, str], root: Path) -> Delivered:
    """Return what a job needs to plan or apply the environment of the checkout `root`.

    Raises:
        OperationError: no workflow can work on it, or none of this repository may.
    """
    if refused := objection(environment, environ):
        raise refused
    require_environments_apart(environment, root)
    names = stack_labels(environment, "infrastructure").names
    return Delivered(
        environment=environment.name,
        github_environment=environment.plan_environment if purpose == "plan" else environment.apply_environment,
        role=names.iam(f"role/{names.workflow_role(purpose)}"),
        region=environment.region,
        account=environment.account_id,
    )


def objection(environment: Environment, environ: Mapping[str, str]) -> OperationError | None:
    """Return why the workflows of this repository don't work on the environment; None if they do."""
    name, delivery = environment.name, environment.delivery
    if delivery is None:
        message, fix = (
            "has no section delivery: people deploy it, workflows don't",
            f"{Page.DELIVERY} says how to add it",
        )
    elif (here := environ.get("GITHUB_REPOSITORY", delivery.repository)).lower() != delivery.repository.lower():
        message, fix = f"is delivered from {delivery.repository}, and this is {here}", "correct delivery.repository"
    elif unfilled := placeholders(environment):
        message, fix = f"still has placeholders: {', '.join(unfilled)}", f"fill them in, as {Page.FILL_IN} says"
    else:
        return None
    return OperationError(f"{name} {message}.", fix=fix, exit_code=ExitCode.MISTAKE)


def require_environments_apart(environment: Environment, root: Path) -> None:
    """Let an environment pass that shares no GitHub environment with another one of the checkout, as plan and deploy.

    A file that has mistakes is passed over: no workflow works on it.

    Raises:
        OperationError: jobs that plan one would get the role that deploys the other.
    """
    for file in sorted((root / ENVIRONMENTS).glob("*.yaml")):
        try:
            other = load_environment(file)
        except EnvironmentFileError:
            continue
        if other.name != environment.name and (shared := _shared(environment, other)):
            raise OperationError(
                f"{environment.name} can't be told from {other.name}: the GitHub environment {shared} plans one of "
                "them and deploys the other, so that whoever may plan the one may deploy the other.",
                fix="name another one: delivery.plan_environment or delivery.apply_environment in either file",
                exit_code=ExitCode.MISTAKE,
            )


def _shared(one: Environment, other: Environment) -> str | None:
    """The GitHub environment that plans one and deploys the other; GitHub doesn't tell names apart by case."""
    if not one.delivery or not other.delivery:
        return None
    if one.delivery.repository.lower() != other.delivery.repository.lower():
        return None
    for planned, applied in ((one, other), (other, one)):
        if planned.plan_environment.lower() == applied.apply_environment.lower():
            return planned.plan_environment
    return None


def require_confirmation(environment: str, typed: str) -> None:
    """Let a destruction pass whose confirmation is the environment's name.

    Raises:
        OperationError: something else was typed, or nothing.
    """
    if typed != environment:
        raise OperationError(
            f"The confirmation is {typed!r}, and the environment is {environment!r}. Nothing was destroyed.",
            fix=f"run the workflow again and type {environment} into the field confirmation",
            exit_code=ExitCode.MISTAKE,
        )
