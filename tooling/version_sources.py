"""What others say of versions: endoflife.date, Airflow's constraints, pip's own package index, EKS and RDS."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import boto3
import botocore.exceptions
import urllib3

#: Key of a part in the table -> what endoflife.date calls it.
PRODUCTS = {
    "airflow": "apache-airflow",
    "kubernetes": "amazon-eks",
    "postgresql": "amazon-rds-postgresql",
    "python": "python",
    "terraform": "terraform",
}
ENDOFLIFE = "https://endoflife.date"
#: Airflow's repository; the official image of a version is built with the constraints of its tag.
CONSTRAINTS = "https://raw.githubusercontent.com/apache/airflow"
SECONDS = 60
_STABLE = re.compile(r"[0-9]+(\.[0-9]+){1,2}")
_OK = 200


class SourceError(Exception):
    """A source doesn't answer, or answers something else."""


@dataclass(kw_only=True)
class Known:
    """What a source says of one line; None: nothing."""

    line: str
    released: date | None = None
    standard_until: date | None = None
    extended_until: date | None = None
    oldest: str | None = None
    versions: list[str] = field(default_factory=list)


def endoflife(product: str, address: str = ENDOFLIFE) -> list[Known]:
    """Return the lines of a product, as endoflife.date has them.

    Raises:
        SourceError: it doesn't answer, or answers something else.
    """
    url = f"{address}/api/{product}.json"
    try:
        return [_cycle(item) for item in json.loads(_read(url))]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{url}: {error}"
        raise SourceError(message) from error


def constraints(version: str, address: str = CONSTRAINTS) -> dict[str, str]:
    """Return the version of each package that the official image of a version of Airflow is built with.

    Raises:
        SourceError: they can't be read.
    """
    url = f"{address}/constraints-{version}/constraints-3.12.txt"
    lines = (line.partition("==") for line in _read(url).decode(errors="replace").splitlines())
    pinned = {name: version for name, _, version in lines if _STABLE.fullmatch(version)}
    if not pinned:
        message = f"{url} pins no package"
        raise SourceError(message)
    return pinned


def _read(url: str) -> bytes:
    try:
        answer = urllib3.request("GET", url, timeout=SECONDS, retries=urllib3.Retry(3, backoff_factor=1))
    except urllib3.exceptions.HTTPError as error:
        message = f"{url}: {error}"
        raise SourceError(message) from error
    if answer.status != _OK:
        message = f"{url} answers {answer.status}"
        raise SourceError(message)
    return answer.data


def _cycle(item: Mapping[str, Any]) -> Known:
    line, newest = str(item["cycle"]), str(item.get("latest") or "")
    return Known(
        line=line,
        released=_day(item.get("releaseDate")),
        standard_until=_day(item.get("eol")),
        extended_until=_day(item.get("extendedSupport")),
        versions=[newest] if _STABLE.fullmatch(newest) and newest.startswith(f"{line}.") else [],
    )


def _day(value: object) -> date | None:
    """The day; none where the source only says yes or no."""
    return date.fromisoformat(value) if isinstance(value, str) else None


def package(name: str) -> list[str]:
    """Return the released versions of a Python package, as pip's own index has them.

    Raises:
        SourceError: pip finds none.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "index", "versions", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        message = f"pip index versions {name}: {error}"
        raise SourceError(message) from error
    found = re.search(r"^Available versions: (.*)$", done.stdout, re.MULTILINE)
    if not found:
        message = f"pip index versions {name} names no versions"
        raise SourceError(message)
    return [version for version in found[1].split(", ") if _STABLE.fullmatch(version)]


def has_credentials() -> bool:
    """Whether AWS can be asked: credentials and a region are at hand."""
    session = boto3.Session()
    return bool(session.region_name and session.get_credentials())


def eks() -> list[Known]:
    """Return the versions of Kubernetes that EKS itself describes.

    Raises:
        SourceError: it can't be asked.
    """
    return [
        Known(
            line=item["clusterVersion"],
            standard_until=_utc(item.get("endOfStandardSupportDate")),
            extended_until=_utc(item.get("endOfExtendedSupportDate")),
            released=_utc(item.get("releaseDate")),
        )
        for item in _pages("eks", "describe_cluster_versions", "clusterVersions")
    ]


def rds() -> list[Known]:
    """Return the versions of PostgreSQL that RDS makes instances of.

    Raises:
        SourceError: it can't be asked.
    """
    lines: dict[str, list[str]] = {}
    for item in _pages("rds", "describe_db_engine_versions", "DBEngineVersions", Engine="postgres"):
        version = str(item["EngineVersion"])
        if _STABLE.fullmatch(version) and item.get("Status", "available") == "available":
            lines.setdefault(version.partition(".")[0], []).append(version)
    return [
        Known(line=line, versions=found, oldest=min(found, key=lambda each: int(each.rpartition(".")[2])))
        for line, found in lines.items()
    ]


def _pages(service: str, operation: str, key: str, **arguments: str) -> Iterator[Mapping[str, Any]]:
    try:
        client: Any = _session().client(service)
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        message = f"{service} {operation}: {error}"
        raise SourceError(message) from error


def _session() -> Any:
    return boto3.Session()


def _utc(moment: datetime | None) -> date | None:
    return moment.astimezone(UTC).date() if moment else None
