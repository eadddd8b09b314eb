"""The proof about a role's user: all that it called was written down, and its policies allow all of it."""

from __future__ import annotations

from collections import Counter

from tests.security.policy_evaluator import allows
from tests.security.role_account import Actor


def refused(actor: Actor) -> list[str]:
    """What the role's own policies don't allow of what its user's calls ask for.

    Raises:
        AssertionError: the endpoint's log has other calls than those that were written down.
    """
    assert actor.operations, f"{actor.role} called nothing"
    assert Counter(actor.logged()) == Counter(actor.operations)
    documents = actor.account.documents(actor.role)
    return [
        f"{operation}: {request.action} on {request.resource} with {dict(request.context)}"
        for operation, request in actor.decisions
        if not allows(documents, request)
    ]
