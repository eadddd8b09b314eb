"""What stands before the end of an environment: what goes and stays is said, what would refuse to go is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.destruction.refusals import full_buckets, full_repositories, protected_clusters, protected_databases
from ops.destruction.remains import OF_A_PARENT, goes, lost, stays
from ops.frame.session import Session
from ops.recovery.finding import Repair
from ops.recovery.survey import Survey, in_words
from ops.running.waiting_state import require_none
from ops.state.reading import StackState


class Gate:
    """The gate that one run of `destroy` goes through."""

    def __init__(self, session: Session) -> None:
        self._session, self._output = session, session.output

    def pass_through(self, states: Mapping[str, StackState], stacks: Sequence[str]) -> None:
        """Say what goes, what is lost and what stays of these stacks.

        Raises:
            OperationError: something would refuse to go, or stay behind unseen; says what is next.
        """
        for stack in reversed(stacks):
            state = states[stack]
            count = sum(state.by_type.values())
            self._list(f"{stack}: {count} objects go" if count else f"{stack}: nothing is recorded", goes(state))
        if "infrastructure" in stacks:
            for title, lines in (
                ("Lost for good:", lost(states["infrastructure"])),
                ("Stays:", stays(states["infrastructure"])),
            ):
                if lines:
                    self._list(title, lines)
        with self._output.doing("looking for what would refuse to go, and for what no state knows"):
            self._refuse(states, stacks)
            self._look_for_unrecorded(stacks)

    def _list(self, title: str, lines: Sequence[str]) -> None:
        for line in [title, *(f"  {line}" for line in lines)]:
            self._output.say(line)

    def _refuse(self, states: Mapping[str, StackState], stacks: Sequence[str]) -> None:
        """Deletion protection is the whole environment's; the rest concerns infrastructure alone."""
        below, clients = states["infrastructure"], self._session.aws.client
        found = protected_databases(below, clients)
        if found or (self._session.operated.environment.database.deletion_protection and not below.empty):
            message = found[0] if found else "database.deletion_protection is true in the environment file."
            raise _refusal(message, "set database.deletion_protection: false, python -m ops deploy, then destroy again")
        if "infrastructure" not in stacks:
            return
        if protected := protected_clusters(below, clients):
            environment = self._session.operated.environment
            where = f"--region {environment.region} --name {protected[0]}"
            fix = f"aws eks update-cluster-config {where} --no-deletion-protection, then destroy again"
            if environment.cluster.deletion_protection:
                fix = "set cluster.deletion_protection: false, python -m ops deploy, then destroy again"
            raise _refusal(f"The cluster {protected[0]} is protected against deletion.", fix)
        if full := full_buckets(below, clients):
            raise _refusal(
                f"The bucket {full[0]} holds logs, and AWS deletes no bucket that holds anything.",
                "set storage.empty_log_bucket_on_destroy: true and deploy, or empty it yourself",
            )
        if full := full_repositories(below, clients):
            where = f"--region {self._session.operated.environment.region} --repository-name {full[0]}"
            raise _refusal(
                f"The repository {full[0]} holds images, and AWS deletes none that does.",
                f"where nobody needs them any more: aws ecr delete-repository {where} --force; then destroy again",
            )
        if not states["platform"].empty and "platform" not in stacks:
            raise OperationError(
                "The stack platform still exists and would be left without its cluster. Nothing was destroyed.",
                fix="destroy both, without --stack; where the cluster is gone, also with --abandon-platform",
                page=Page.DESTROY_STOPPED,
                exit_code=ExitCode.MISTAKE,
            )

    def _look_for_unrecorded(self, stacks: Sequence[str]) -> None:
        """What no state knows would stay, and keep other things from going."""
        for stack in stacks:
            require_none(self._session.terraform(stack), stack)
            if stack == "platform":
                continue
            stopping = [
                item
                for item in Survey(self._session).look(stack).stopping
                if item.repair not in (Repair.RESTORE, Repair.UNTAINT) and item.terraform_type not in OF_A_PARENT
            ]
            if stopping:
                found = "\n".join(map(in_words, stopping))
                raise OperationError(
                    f"{stack}: there are objects that Terraform would not destroy. Nothing was destroyed.\n{found}",
                    fix="python -m ops recover, then destroy again",
                    page=Page.DESTROY_REFUSED,
                    exit_code=ExitCode.DECISION,
                )

    def ask(self, confirmed: str | None) -> None:
        """Have the environment's name typed; `confirmed` is what was typed already.

        Raises:
            OperationError: it is another name.
        """
        name = self._session.operated.name
        typed = confirmed or self._output.ask(f"Type the environment's name to destroy it ({name}): ").strip()
        if typed != name:
            raise OperationError(
                f"The name was not typed ({typed or 'nothing'}). Nothing was destroyed.",
                fix=f"type {name}; where nobody can be asked: --confirm {name}",
                exit_code=ExitCode.MISTAKE,
            )


def _refusal(why: str, fix: str) -> OperationError:
    return OperationError(
        f"{why} Nothing was destroyed.", fix=fix, page=Page.DESTROY_REFUSED, exit_code=ExitCode.MISTAKE
    )


def told(states: Mapping[str, StackState], stacks: Sequence[str]) -> dict[str, Any]:
    """Return what goes and what stays of these stacks, for programs."""
    below = states["infrastructure"] if "infrastructure" in stacks else None
    return {
        "objects": {stack: sum(states[stack].by_type.values()) for stack in stacks},
        "kinds": {stack: dict(states[stack].by_type) for stack in stacks},
        "lost": lost(below) if below else [],
        "stays": stays(below) if below else [],
    }
