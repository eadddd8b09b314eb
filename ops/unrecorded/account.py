"""The AWS account as the search sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from constructs.naming.labels import Labels

from ops.clients.aws_refusals import error_code

#: A client as boto3 makes them: methods named after AWS's operations, `get_paginator`, `exceptions.ClientError`.
Client = Any

#: Service in boto3's spelling -> its client, for the region of the environment: `session.client` for instance.
Clients = Callable[[str], Client]

ADDRESS = "Address"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Account:
    """An account, and whose objects are looked for in it."""

    client: Clients
    labels: Labels

    @property
    def prefix(self) -> str:
        """Start of every name of the environment."""
        return self.labels.names.prefix

    def address(self, terraform_type: str, tags: Mapping[str, str]) -> str | None:
        """The address that an object's tags carry; None where they are another stack's, or copied from a parent.

        Snapshots, for instance, carry the tags of their database: the address has to be of the type that was asked for.
        """
        if any(tags.get(key) != value for key, value in self.labels.constant_tags.items()):
            return None
        address = tags.get(ADDRESS, "")
        return address if address.startswith(f"{terraform_type}.") else None

    def list(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """All items of a list or describe call, page by page."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page[key]


def unless(codes: Collection[str], ask: Callable[[], Answer], instead: Answer) -> Answer:
    """Return what AWS answers; `instead` where it refuses with one of these codes.

    Raises:
        ClientError: it refuses with another one.
    """
    try:
        return ask()
    except ClientError as error:
        if error_code(error) not in codes:
            raise
        return instead


def tag_mapping(tags: list[dict[str, str]] | None, *, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags by name, from the list of pairs that most services answer."""
    return {tag[key]: tag[value] for tag in tags or []}
