"""`python -m ops picture`: an environment as it was synthesized, drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.frame.session import EnvFile, EnvName, Session, operate
from ops.pictures.architecture import architecture
from ops.pictures.matrix import flowchart, matrix
from ops.pictures.mermaid import mermaid
from ops.pictures.order import Order
from ops.pictures.reach import Reach
from ops.pictures.resource_map import resource_map
from ops.pictures.stacks import Stacks
from ops.pictures.svg import Drawing


class Subject(StrEnum):
    """What is seen on a picture."""

    ARCHITECTURE = "architecture"
    NETWORK = "network"
    REACH = "reach"
    ORDER = "order"


#: Subject -> how it becomes SVG, and how Mermaid.
DRAWN: Mapping[Subject, tuple[Callable[[Stacks], str], Callable[[Stacks], str]]] = {
    Subject.ARCHITECTURE: (
        lambda stacks: Drawing(architecture(stacks)).svg(),
        lambda stacks: mermaid(architecture(stacks)),
    ),
    Subject.NETWORK: (
        lambda stacks: Drawing(resource_map(stacks)).svg(),
        lambda stacks: mermaid(resource_map(stacks)),
    ),
    Subject.REACH: (lambda stacks: matrix(Reach(stacks)), lambda stacks: flowchart(Reach(stacks))),
    Subject.ORDER: (lambda stacks: Order(stacks).svg(), lambda stacks: Order(stacks).mermaid()),
}

AsMermaid = Annotated[bool, typer.Option("--mermaid", help="For Markdown, in place of SVG.")]
What = Annotated[
    Subject,
    typer.Argument(
        help="architecture: all at a glance; network: VPCs, subnets, route tables; reach: who reaches what, by which "
        "rule; order: what a deploy waits for.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("picture", epilog=example("picture network --env prod"))(picture)


def picture(subject: What, env: EnvName = None, env_file: EnvFile = None, *, as_mermaid: AsMermaid = False) -> None:
    """Draw an environment, on stdout: `python -m ops picture network > network.svg`. Synthesizes, and asks nobody."""
    operate(lambda session: draw(session, subject, as_mermaid=as_mermaid), env=env, env_file=env_file, as_json=False)


def draw(session: Session, subject: Subject, *, as_mermaid: bool) -> ExitCode:
    """Synthesize, and print the picture.

    Raises:
        OperationError: the environment can't be synthesized.
    """
    operated = session.operated
    with session.output.doing(SYNTHESIZING):
        synthesize(operated)
    svg, markdown = DRAWN[subject]
    stacks = Stacks.read(operated.outdir)
    session.output.value((markdown if as_mermaid else svg)(stacks).removesuffix("\n"))
    return ExitCode.DONE
