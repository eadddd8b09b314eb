"""AWS as the commands call it, and its errors in words for people."""

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

from ops.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.exit_codes import ExitCode
from ops.wording import one_line

#: Seconds.
CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60

_SIGN_IN = "sign in (aws sso login, aws configure) or set AWS_PROFILE; `aws sts get-caller-identity` has to work"
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.ProfileNotFound,
    exceptions.ConfigParseError,
    exceptions.InvalidConfigError,
    exceptions.MetadataRetrievalError,
)
_REFUSED_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_PERMISSION = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "Forbidden",
        "UnauthorizedOperation",
    }
)
_NOT_FOUND = re.compile(r"^404$|NotFound|NoSuch|DoesNotExist")


def error_code(error: Exception) -> str:
    """AWS's name of an error that a client raised; empty for any other error."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def explain(error: Exception, doing: str) -> OperationError:
    """The error of a call to AWS, as people need it; `doing` says what was asked, `read the cluster`."""
    if isinstance(error, _NO_CREDENTIALS):
        return OperationError(f"No AWS credentials: {error}", fix=_SIGN_IN, exit_code=ExitCode.MISTAKE)
    if not isinstance(error, exceptions.ClientError):
        return UnreachableError(
            f"AWS was not reached, to {doing}: {one_line(error)}",
            fix="check network, proxy (HTTPS_PROXY) and the region's name, and try again",
        )
    code, message = error_code(error), error.response.get("Error", {}).get("Message", "")
    said = f"{code}: {one_line(message)}" if message else code
    if code in _REFUSED_CREDENTIALS:
        return OperationError(
            f"AWS does not accept the credentials ({said}).",
            fix=f"{_SIGN_IN}; a region that is not enabled for the account refuses valid ones, too",
            exit_code=ExitCode.MISTAKE,
        )
    if code in _NO_PERMISSION:
        return NoPermissionError(
            f"No permission to {doing} ({error.operation_name}: {said}).",
            fix=f"use a role that is allowed {error.operation_name}, or have it allowed to yours",
        )
    if _NOT_FOUND.search(code):
        return NotFoundError(f"AWS knows nothing to {doing} ({said}).")
    return OperationError(f"AWS refused to {doing} ({error.operation_name}: {said}).")


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
                exit_code=ExitCode.MISTAKE,
            )
        return identity

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """All items of a list or describe call, page by page."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page[key]
