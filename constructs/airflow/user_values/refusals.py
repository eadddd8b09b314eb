"""Values of the user's file that are the stack's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs.airflow.user_values.dead_ends import dead_end_below
from constructs.airflow.user_values.owned_values import is_flat_worker, owned_below, owner_of
from constructs.airflow.user_values.owners import Owner
from constructs.settings.document.problems import Problem, key_path, kind_of
from constructs.settings.document.text import Document, Location


def refusals(document: Document, values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Yield each value that is the stack's, and what would take such a value away with the map around it."""
    for name, value in values.items():
        path = (*above, name)
        owner = owner_of(path)
        is_map = isinstance(value, Mapping)
        if is_map and is_flat_worker(path) and (owned_below(path) or dead_end_below(path, value)):
            # Its parts have different owners.
            yield from refusals(document, value, path)
        elif owner:
            yield refusal(document, path, owner)
        elif is_map:
            yield from refusals(document, value, path)
        elif owned_below(path):
            yield Problem(
                document.file,
                document.line(path),
                key_path(path),
                kind_of(value),
                "a map: parts of it are the stack's",
                "remove it, or write single names below it",
            )


def refusal(document: Document, path: Location, owner: Owner) -> Problem:
    """Return what a person is told of a value that is the stack's."""
    return Problem(
        document.file,
        document.line(path),
        key_path(path),
        "a value that is not this file's",
        f"nothing: {owner.why}",
        owner.instead,
    )
