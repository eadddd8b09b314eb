"""What boto3 raises, in words for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from botocore import exceptions

from ops.console.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.console.exit_codes import ExitCode
from ops.console.pages import Page
from ops.console.wording import one_line

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
#: What AWS says where it takes the caller's clock for wrong; for most services it stands in the message alone.
_WRONG_CLOCK = re.compile(
    r"^Request(TimeTooSkewed|Expired|InTheFuture)$|Signature (expired|not yet current)|time too skewed", re.IGNORECASE
)
_BUSY = re.compile(
    r"^5\d\d$|SlowDown|Throttl|LimitExceeded$|TooManyRequests|Unavailable|InternalError|InternalFailure|InternalServer"
)
_NOT_FOUND = re.compile(r"^404$|NotFound|NoSuch|DoesNotExist")


def error_code(error: Exception) -> str:
    """AWS's name of an error that a client raised; empty for any other error."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def explain(error: Exception, doing: str) -> OperationError:
    """The error of a call to AWS, as people need it; `doing` says what was asked, `read the cluster`."""
    if isinstance(error, _NO_CREDENTIALS):
        return OperationError(
            f"No AWS credentials: {error}", fix=_SIGN_IN, page=Page.CREDENTIALS, exit_code=ExitCode.MISTAKE
        )
    if not isinstance(error, exceptions.ClientError):
        return UnreachableError(
            f"AWS was not reached, to {doing}: {one_line(error)}",
            fix="check network, proxy (HTTPS_PROXY) and the region's name, and try again",
        )
    return _refused(error, doing)


def _refused(error: exceptions.ClientError, doing: str) -> OperationError:
    """The error of a call that AWS has answered."""
    code, message = error_code(error), error.response.get("Error", {}).get("Message", "")
    said = f"{code}: {one_line(message)}" if message else code
    if _WRONG_CLOCK.search(code) or _WRONG_CLOCK.search(message):
        return OperationError(
            f"This machine's clock is wrong{_skew(error)}: AWS does not accept what it signs ({said}).",
            fix="set the clock (timedatectl set-ntp true; a virtual machine that slept: restart its time service); "
            "the credentials are not the cause",
            exit_code=ExitCode.MISTAKE,
        )
    if code in _REFUSED_CREDENTIALS:
        return OperationError(
            f"AWS does not accept the credentials ({said}).",
            fix=f"{_SIGN_IN}; a region that is not enabled for the account refuses valid ones, too",
            page=Page.CREDENTIALS,
            exit_code=ExitCode.MISTAKE,
        )
    if code in _NO_PERMISSION:
        return NoPermissionError(
            f"No permission to {doing} ({error.operation_name}: {said}).",
            fix=f"use a role that is allowed {error.operation_name}, or have it allowed to yours",
            page=Page.CREDENTIALS,
        )
    if _NOT_FOUND.search(code):
        return NotFoundError(f"AWS knows nothing to {doing} ({said}).")
    return _not_done(error, code, said, doing)


def _not_done(error: exceptions.ClientError, code: str, said: str, doing: str) -> OperationError:
    """The error of a call that was neither forbidden nor about nothing."""
    if _BUSY.search(code):
        return OperationError(
            f"AWS is busy, or fails, and did not {doing} ({error.operation_name}: {said}).",
            fix="wait some minutes, then run it again; outages: https://health.aws.amazon.com/health/status",
        )
    return OperationError(
        f"AWS refused to {doing} ({error.operation_name}: {said}).",
        fix=f"remove the cause that AWS names, then run it again (AWS's API reference: {error.operation_name})",
    )


def _skew(error: exceptions.ClientError) -> str:
    """How far this machine's clock is from that of who answered, where the answer tells."""
    date = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        ahead = datetime.now(UTC) - parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return ""
    minutes = round(abs(ahead.total_seconds()) / 60)
    return f", {minutes} min {'ahead of' if ahead.total_seconds() > 0 else 'behind'} AWS's"
