"""Writes the table of versions anew, from public sources, and shows the difference. Run by `make versions`.

Lines, their dates and the newest versions come from endoflife.date, from the index that pip is configured for, and from
EKS and RDS where there are credentials and a region of AWS; what Airflow's images bring, from its constraints. What was
tested, needs and faults are people's, and stay. A source that doesn't answer leaves its facts, and their day, as they
are. In a workflow of GitHub's a pull request is opened with what is new.
"""

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import argparse
import difflib
import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import jsonschema
from constructs.versions.table import FILE, SCHEMA, order, within

from ops.clients.github import GitHub
from tooling.version_sources import (
    CONSTRAINTS,
    ENDOFLIFE,
    PRODUCTS,
    Known,
    SourceError,
    constraints,
    eks,
    endoflife,
    has_credentials,
    package,
    rds,
)
from tooling.virtual_environments import ROOT

HEAD = (
    "# What is known of versions, with dates and sources. docs/decisions/0025-versions-with-dates.md has the rule.\n"
    "# No comment below: it would be lost.\n"
)
BRANCH, TITLE = "versions", "Versions, as they are known today"
Document = dict[str, dict[str, Any]]
Lines = Sequence[Mapping[str, Any]]


def written(document: Document) -> str:
    """The table as text: one line for each value, and for each entry of a list of maps."""
    text = [HEAD]
    for section, entries in document.items():
        for key, values in entries.items():
            text += ["", f"[{section}.{key}]", *(f"{name} = {_value(value)}" for name, value in values.items())]
    return "\n".join(text).replace("\n\n\n", "\n\n") + "\n"


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case dict():
            return f"{{ {', '.join(f'{key} = {_value(each)}' for key, each in value.items())} }}"
        case [dict(), *_]:
            return "".join(["[\n", *(f"  {_value(each)},\n" for each in value), "]"])
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def merge(
    lines: Sequence[Mapping[str, Any]], known: Iterable[Known], *, new_lines: bool = True
) -> list[dict[str, Any]]:
    """The lines of a part with what a source knows of them; older ones than the table has are left out of it."""
    merged = {line["line"]: dict(line) for line in lines}
    oldest = min(merged, key=order)
    for one in known:
        if order(one.line) < order(oldest) or (one.line not in merged and not new_lines):
            continue
        line = merged.setdefault(one.line, {"line": one.line})
        newest = max((*one.versions, *filter(None, [line.get("newest")])), key=order, default=None)
        says = {
            "released": one.released,
            "standard_until": one.standard_until,
            "extended_until": one.extended_until,
            "oldest": one.oldest,
            "newest": newest,
        }
        line |= {name: value for name, value in says.items() if value is not None}
    order_of_keys = ("line", "released", "standard_until", "extended_until", "oldest", "newest")
    return [
        {name: merged[line][name] for name in order_of_keys if name in merged[line]}
        for line in sorted(merged, key=order, reverse=True)
    ]


def of_package(lines: Lines, versions: Iterable[str]) -> list[Known]:
    """A package's versions by the lines of its part; a version beyond them is of a new line, its major version."""
    found: dict[str, list[str]] = {}
    for version in versions:
        line = next((line["line"] for line in lines if within(version, line["line"])), version.partition(".")[0])
        found.setdefault(line, []).append(version)
    return [Known(line=line, versions=each) for line, each in found.items()]


def with_images(airflow: Mapping[str, Any]) -> list[str]:
    """The versions of Airflow whose image is told of: those that are, and the newest of each line."""
    told = {image["version"] for image in airflow["images"]}
    return sorted(told | {line["newest"] for line in airflow["lines"] if "newest" in line}, key=order, reverse=True)


def put_image(parts: dict[str, Any], version: str, pinned: Mapping[str, str]) -> None:
    """Write what the image of a version brings, in place, out of all packages that it has."""
    airflow = parts["airflow"]
    brings = {key: pinned[name] for key, part in parts.items() if (name := part.get("package")) in pinned}
    brings.pop("airflow", None)
    others = [image for image in airflow["images"] if image["version"] != version]
    new = {"version": version, "source": "airflow-image", "brings": brings}
    airflow["images"] = sorted([*others, new], key=lambda image: order(image["version"]), reverse=True)


def renew(
    document: Document,
    today: date,
    say: Callable[[str], None],
    addresses: tuple[str, str] = (ENDOFLIFE, CONSTRAINTS),
    index: Callable[[str], list[str]] = package,
) -> int:
    """Bring the table up to date in place; return how many sources answered. `index` tells a package's versions."""
    address, of_constraints = addresses
    parts, answered = document["parts"], 0

    def read(source: str, what: str, ask: Callable[[], None]) -> None:
        nonlocal answered
        try:
            ask()
        except SourceError as error:
            say(f"not read: {what}: {error}")
            return
        document["sources"][source]["as_of"] = today
        answered += 1

    def take(key: str, known: Callable[[], list[Known]], *, new_lines: bool = True) -> Callable[[], None]:
        def ask() -> None:
            parts[key]["lines"] = merge(parts[key]["lines"], known(), new_lines=new_lines)

        return ask

    for key, product in PRODUCTS.items():
        read(parts[key]["source"], product, take(key, lambda product=product: endoflife(product, address)))  # type: ignore[misc]
    for key, part in parts.items():
        if name := part.get("package"):
            known = lambda part=part, name=name: of_package(part["lines"], index(name))  # noqa: E731
            read("packages", name, take(key, known, new_lines=key not in PRODUCTS))
    for version in with_images(parts["airflow"]):
        pinned = lambda version=version: put_image(parts, version, constraints(version, of_constraints))  # noqa: E731
        read("airflow-image", f"constraints of Airflow {version}", pinned)
    if has_credentials():
        read("eks", "EKS", take("kubernetes", eks))
        read("rds", "RDS", take("postgresql", rds))
    return answered


def main(arguments: Sequence[str] | None = None, index: Callable[[str], list[str]] = package) -> int:
    """Write the file, show what is new; 1 where no source answered."""
    parser = argparse.ArgumentParser(prog="make versions", description=__doc__.partition("\n")[0])
    parser.add_argument("--endoflife", default=ENDOFLIFE, help="address of endoflife.date, or of a copy")
    parser.add_argument("--constraints", default=CONSTRAINTS, help="address of Airflow's constraints, or of a copy")
    chosen = parser.parse_args(arguments)
    before = FILE.read_text(encoding="utf-8")
    document: Document = tomllib.loads(before)
    if not renew(document, datetime.now(UTC).date(), print, (chosen.endoflife, chosen.constraints), index):
        print("No source answered: the table stays as it is.", file=sys.stderr)
        return 1
    after = written(document)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(document, default=date.isoformat)), schema)
    print(difference(before, after) or "Nothing is new.")
    FILE.write_text(after, encoding="utf-8")
    if os.environ.get("GITHUB_ACTIONS") and after != before:
        print(propose(GitHub.of(os.environ), before, after))
    return 0


def difference(before: str, after: str) -> str:
    """What is new, as `diff -u` shows it."""
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=1))


def propose(github: GitHub, before: str, after: str) -> str:
    """Open a pull request with the table, or bring the open one up to date; return what was done."""
    body = (
        "Written by `make versions`. Read it as any change: where support ends, and what got a new version.\n\n"
        f"```diff\n{difference(before, after)}\n```\n\nFaults, needs and what was tested are people's to write."
    )
    base = os.environ.get("GITHUB_REF_NAME", "main")
    github.put_file(FILE.relative_to(ROOT).as_posix(), after, TITLE, branch=BRANCH, base=base)
    return f"Pull request #{github.put_pull_request(TITLE, body, branch=BRANCH, base=base)}"


if __name__ == "__main__":
    sys.exit(main())
