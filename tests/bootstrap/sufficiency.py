"""Whether the roles of workflows suffice for what has been called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from constructs.checks.synthesized import SynthesizedStack

from tests.bootstrap.asked import asked
from tests.bootstrap.ledger import Ledger
from tests.bootstrap.operations import Operation, operations
from tests.bootstrap.place import Place
from tests.bootstrap.recorder import Recorder
from tests.security.policy_evaluator import Document, Request, allows

STATE_KEY = "${aws_kms_key.state.arn}"


def documents(stack: SynthesizedStack, purpose: str, state_key_arn: str) -> list[Document]:
    """The policies that the role `plan` or `apply` has, after the synthesized stack."""
    policies = stack.resources("aws_iam_policy")
    attached = [
        attachment["policy_arn"].split(".")[1]
        for attachment in stack.resources("aws_iam_role_policy_attachment").values()
        if attachment["role"] == f"${{aws_iam_role.{purpose}.name}}"
    ]
    return [json.loads(policies[name]["policy"].replace(STATE_KEY, state_key_arn)) for name in attached]


def boundary(stack: SynthesizedStack) -> Document:
    """The boundary of the roles that workflows make."""
    document: Document = json.loads(stack.resources("aws_iam_policy")["boundary"]["policy"])
    return document


def questions(operations: Iterable[Operation], place: Place) -> Iterator[tuple[Operation, Request]]:
    """Each call, with everything that has to be allowed for it."""
    ledger = Ledger()
    for operation in operations:
        for request in asked(operation, ledger, place):
            yield operation, request
        ledger.note(operation)


def refused(policies: list[Document], asked_for: Iterable[tuple[Operation, Request]]) -> list[str]:
    """What the policies don't allow, each once."""
    different = {
        (request.action, request.resource, *sorted(request.context.items())): (operation, request)
        for operation, request in asked_for
    }
    return sorted(
        f"{operation.service}:{operation.name}: {request.action} on {request.resource} with {dict(request.context)}"
        for operation, request in different.values()
        if not allows(policies, request)
    )


@dataclass(frozen=True)
class WorkflowRoles:
    """The roles of an environment's workflows, and every call that was made there, from the first on."""

    bootstrap: SynthesizedStack
    recorder: Recorder
    place: Place

    @property
    def calls(self) -> int:
        """How many there were."""
        return len(self.recorder.exchanges())

    def asked(self, *, since: int = 0) -> list[tuple[Operation, Request]]:
        """Every call from one on, with what IAM asks for it."""
        calls = operations(self.recorder.exchanges())
        of_interest = set(map(id, calls[since:]))
        return [(call, request) for call, request in questions(calls, self.place) if id(call) in of_interest]

    def policies(self, purpose: str) -> list[Document]:
        """The policies of the role `plan` or `apply`."""
        return documents(self.bootstrap, purpose, self.place.state_key_arn)
