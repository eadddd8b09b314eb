"""What gives a secret in clear away: its name, or its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

#: Ends of names. Most are those whose values Airflow masks in logs (`DEFAULT_SENSITIVE_FIELDS` of its secrets masker).
_ENDS = (
    *("password", "passwd", "passphrase", "pass", "pwd", "secret", "token", "bearer", "authorization", "dsn"),
    *("apikey", "api_key", "access_key", "secret_key", "private_key", "account_key", "service_key", "signing_key"),
    *("encryption_key", "shared_key", "master_key", "fernet_key", "auth_header", "basic_auth", "connection_string"),
    *("webhook_url", "keyfile_dict"),
)
_NAME = re.compile(rf"(?:^|_)(?:{'|'.join(_ENDS)})$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Text that only says where a secret is, or that is none: a path, an ARN, a variable, a template, a switch.
_REFERENCE = re.compile(
    r"|/.*|arn:.*|file:.*|\$\(\w+\)|\$\{\w+\}|\$\w+|\{\{.*|<.*>|\*+|true|false|yes|no|on|off|none|null",
    re.IGNORECASE | re.DOTALL,
)
#: A number of things, such as of tokens; a secret of digits has none of the names in `_TYPED`.
_COUNT = re.compile(r"\d{1,4}")
#: Names whose values people type, and so may be short: 1234.
_TYPED = re.compile(r"(?:^|_)(?:password|passwd|passphrase)$")
_URL = re.compile(r"://[^\s/@:?#'\"]*:(?P<password>[^\s@/?#'\"]+)@")
_TOKENS = {
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[opsu]_[A-Za-z0-9]{36}|github_pat_\w{22})"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20}"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[\w-]{10}|hooks\.slack\.com/services/T\w+/B\w+/\w"),
}
#: Code and configuration that gives a name a text in quotes.
_ASSIGNMENT = re.compile(
    r"\b(?P<name>[A-Za-z_]\w*)[\"']?\s{0,9}[:=]\s{0,9}(?P<quote>[\"'])(?P<value>[^\"'\n]{1,999})(?P=quote)"
)
#: Arguments of a URL that are looked at.
_MOST_ARGUMENTS = 1000


def names_a_secret(name: str) -> bool:
    """Whether a name says that its value is a secret: of a variable, an option, a key."""
    return bool(_NAME.search(_words(name)))


def in_clear(name: str, value: object) -> bool:
    """Whether a value is a secret by its name, and not only the place of one."""
    if not isinstance(value, str) or not names_a_secret(name) or _REFERENCE.fullmatch(value.strip()):
        return False
    return bool(_TYPED.search(_words(name))) or not _COUNT.fullmatch(value.strip())


def _words(name: str) -> str:
    return _HUMP.sub("_", name).replace("-", "_").lower()


def secret_in(text: str) -> str | None:
    """Return what secret a text has in it by its shape, such as "a URL with a password"; None if there is none."""
    if any(not _REFERENCE.fullmatch(url["password"]) for url in _URL.finditer(text)):
        return "a URL with a password"
    if "PRIVATE KEY-----" in text:
        return "a private key"
    return next((what for what, token in _TOKENS.items() if token.search(text)), None)


def secret_argument(text: str) -> str | None:
    """Return the name of a secret in a text of several values: JSON, or the arguments of a URL; None without one."""
    found = _secret_name(_json(text))
    if not found and "?" in text:
        arguments = dict(parse_qsl("&".join(text.partition("?")[2].split("&")[:_MOST_ARGUMENTS])))
        found = _secret_name({name: _json(value) or value for name, value in arguments.items()})
    return found


def assigned_secret(text: str) -> str | None:
    """Return the name that a text, such as code, gives a secret in clear; None without one."""
    return next(
        (found["name"] for found in _ASSIGNMENT.finditer(text) if in_clear(found["name"], found["value"])), None
    )


def secret_line(text: str) -> str | None:
    """Return the name that a line of a file, such as YAML or INI, gives a secret in clear; None without one."""
    for line in text.splitlines():
        name, _, value = line.replace("=", ":", 1).partition(":")
        if len(value.split()) == 1 and in_clear(name.strip(), value.strip().strip("'\"")):
            return name.strip()
    return None


def _json(text: str) -> object:
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _secret_name(value: object) -> str | None:
    if isinstance(value, list):
        return next((found for inner in value if (found := _secret_name(inner))), None)
    if not isinstance(value, Mapping):
        return None
    for name, inner in value.items():
        if in_clear(name, inner):
            return str(name)
        # Airflow takes the extra of a connection as JSON in JSON, too.
        if found := _secret_name(_json(inner) if isinstance(inner, str) else inner):
            return found
    return None
