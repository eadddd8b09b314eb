"""Values of the shipped environment files that only their user can know, and so has to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from constructs.settings.document.problems import key_path
from constructs.settings.document.text import Location
from constructs.settings.environment import Environment

#: AWS's own example account, which nobody has.
PLACEHOLDER_ACCOUNT = "111122223333"
#: Key path -> what it says in the shipped files.
PLACEHOLDER_TEXTS: dict[Location, str] = {
    ("state", "bucket"): "example-terraform-state",
    ("delivery", "repository"): "example/airflow",
    ("airflow", "dags", "repository"): "https://github.com/example/airflow-dags.git",
    ("airflow", "web", "host_name"): "airflow.example.com",
    ("airflow", "web", "hosted_zone_id"): "Z00000000EXAMPLE",
}
#: RFC 2606: a domain for documentation, where nobody reads mail.
PLACEHOLDER_MAIL = "@example.com"
#: RFC 5737: ranges for documentation, routed nowhere.
PLACEHOLDER_RANGES = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))


def placeholders(environment: Environment) -> list[str]:
    """Return the key paths whose value is still a placeholder: `account_id`, `cluster.administrators[0]`, ..."""
    return [
        key_path(location) for location, text in _texts(environment.model_dump(), ()) if _is_placeholder(location, text)
    ]


def _texts(value: object, location: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        yield location, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*location, key))
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from _texts(inner, (*location, position))


def _is_placeholder(location: Location, text: str) -> bool:
    if "public_access_cidrs" in location or "allowed_cidrs" in location:
        return any(IPv4Network(text).subnet_of(documentation) for documentation in PLACEHOLDER_RANGES)
    if "alarm_emails" in location:
        return text.lower().endswith(PLACEHOLDER_MAIL)
    if location == ("account_id",) or text.startswith("arn:"):
        return PLACEHOLDER_ACCOUNT in text
    return PLACEHOLDER_TEXTS.get(location) == text
