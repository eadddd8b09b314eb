"""AWS as the commands call it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from ops.clients.aws_refusals import explain
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page

#: Seconds.
CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60


@contextmanager
def readable(doing: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into `OperationError`s (`explain`)."""
    try:
        yield
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        raise explain(error, doing) from error


@dataclass(frozen=True)
class Identity:
    """Who calls, as STS says."""

    account: str
    arn: str

    @property
    def principal(self) -> str:
        """The user or role behind the session, as an access entry names it.

        `arn:aws:iam::1:role/ci` of `arn:aws:sts::1:assumed-role/ci/session`. STS leaves out a role's path, so that a
        role is to be compared by account and name (`same_principal`).
        """
        found = re.fullmatch(r"arn:([\w-]+):sts::(\d+):assumed-role/([^/]+)/.*", self.arn)
        return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else self.arn

    def is_among(self, arns: Iterable[str]) -> bool:
        """Whether one of the ARNs of IAM is the caller's."""
        return any(same_principal(self.principal, arn) for arn in arns)


def same_principal(one: str, other: str) -> bool:
    """Whether two ARNs of IAM name the same user or role; paths don't count, names are unique in an account."""
    return _without_path(one) == _without_path(other)


def _without_path(arn: str) -> tuple[str, ...]:
    head, _, resource = arn.rpartition(":")
    parts = resource.split("/")
    return (head, parts[0], parts[-1])


@dataclass(frozen=True)
class Aws:
    """The account in the region of the environment."""

    region: str
    account_id: str
    """The account that the environment file names."""

    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held while a client is made: boto3's clients may be shared between threads, its sessions may not."""

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of boto3, made once.

        Raises:
            OperationError: the configuration of AWS on this machine can't be used.
        """
        key = (service, region or self.region)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._made(*key)
            return self._clients[key]

    def _made(self, service: str, region: str) -> Any:
        config = Config(connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
        with readable(f"use {service}"):
            try:
                return self._session.client(service, region_name=region, config=config)
            except ValueError as invalid:  # boto3's word for an endpoint that is no URL
                raise OperationError(
                    f"AWS can't be called: {invalid}",
                    fix="correct or unset AWS_ENDPOINT_URL",
                    exit_code=ExitCode.MISTAKE,
                ) from invalid

    @cached_property
    def _session(self) -> Any:
        return boto3.Session(region_name=self.region)

    def identity(self) -> Identity:
        """Who calls; asked once.

        Raises:
            OperationError: no credentials, refused ones, or no network.
        """
        return self._identity

    @cached_property
    def _identity(self) -> Identity:
        with readable("ask who calls"):
            answer = self.client("sts").get_caller_identity()
        return Identity(str(answer["Account"]), str(answer["Arn"]))

    def require_account(self) -> Identity:
        """Who calls; the account is the environment's.

        Raises:
            OperationError: as `identity`, or the credentials belong to another account.
        """
        identity = self.identity()
        if identity.account != self.account_id:
            raise OperationError(
                f"The credentials belong to account {identity.account} ({identity.arn}), the environment to "
                f"{self.account_id}. Nothing was done.",
                fix="set AWS_PROFILE to a profile of that account, or correct account_id in the environment file",
                page=Page.CREDENTIALS,
                exit_code=ExitCode.MISTAKE,
            )
        return identity

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """All items of a list or describe call, page by page."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page[key]
