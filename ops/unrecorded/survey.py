"""The search itself: what exists, minus what the state knows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.labels import Labels

from ops.unrecorded import (
    cluster,
    database,
    identity,
    images,
    interruptions,
    monitoring,
    network,
    notification,
    secrets,
    storage,
)
from ops.unrecorded.account import Account, Clients
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found, Unrecorded
from ops.unrecorded.recorded import Recorded

_TAGGED = (network, cluster, database, identity, monitoring, secrets)
_NAMED = (identity, images, interruptions, notification, storage)
_WITH_CHILDREN = (network, cluster, identity, images, interruptions, notification, secrets, storage)


def find_unrecorded(stack: SynthesizedStack, recorded: Recorded, clients: Clients, labels: Labels) -> list[Unrecorded]:
    """Every object in AWS that belongs to the stack and that the state does not know, sorted by address.

    Objects with tags are found by these, also when the stack doesn't declare them any more; objects without, by what
    the stack declares of them and by their parents, which have tags. An address whose recorded object is another one
    appears too: then the object is there twice. Reads only. `labels` are the stack's.
    """
    account = Account(cache(clients), labels)
    found = [item for service in _TAGGED for item in service.tagged(account)]
    found += [item for service in _NAMED for item in service.named(account, Declared(stack, {}))]
    declared = Declared(stack, _objects(found))
    found += [item for service in _WITH_CHILDREN for item in service.children(account, declared)]
    return sorted(
        Unrecorded(item.address, item.import_id, item.evidence)
        for item in found
        if not recorded.knows(item.address, item.import_id)
    )


def _objects(found: Iterable[Found]) -> dict[str, frozenset[str]]:
    """Address -> import IDs of what exists."""
    objects: dict[str, set[str]] = {}
    for item in found:
        objects.setdefault(item.address, set()).add(item.import_id)
    return {address: frozenset(identifiers) for address, identifiers in objects.items()}
