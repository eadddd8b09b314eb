"""The reference of the environment file in docs/environment-file.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.schema import environment_schema
from pydantic.fields import FieldInfo

from tooling.environment_reference import MARKER, PAGE, in_markdown, page
from tooling.key_types import allowed_in_words

SCHEMA = environment_schema()
DEV = PAGE.parents[1] / "environments" / "dev.yaml"


def generated() -> str:
    """What of the page was made from the models."""
    return PAGE.read_text(encoding="utf-8").partition(MARKER)[2]


def anchors() -> list[str]:
    """What links may lead to: a mark, or the heading of a section."""
    return [mark or heading for mark, heading in re.findall(r'<a id="([^"]+)"></a>|(?m:^### `(\w+)`$)', generated())]


def paths(schema: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The anchor of each key that the schema has; names that people choose are NAME."""
    for part in (schema, *schema.get("anyOf", ())):
        where = SCHEMA["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for name, inner in where.get("properties", {}).items():
            yield f"{above}{name}"
            yield from paths(inner, f"{above}{name}.")
        if isinstance(entries := where.get("additionalProperties"), dict):
            yield from paths(entries, f"{above}NAME.")
        if "items" in where:
            yield from paths(where["items"], above)


class TestPage:
    def test_is_what_the_models_say(self) -> None:
        """docs/environment-file.md is current: `make schema` would change nothing."""
        assert page() == PAGE.read_text(encoding="utf-8"), "docs/environment-file.md is stale: make schema"

    def test_has_an_anchor_for_each_key(self) -> None:
        """Each key of the schema is there once, under its path, so that messages can lead to it."""
        assert sorted(anchors()) == sorted(set(paths(SCHEMA)))

    def test_is_readable_in_words(self) -> None:
        """No regular expression is shown: what is allowed stands in sentences."""
        assert re.findall(r"\[a-z|\(\?|\[0-9|\\d", generated()) == []

    def test_describes_each_key(self) -> None:
        """Each row has a default, a description and what is allowed."""
        rows = [line for line in generated().splitlines() if line.startswith("| ") and not line.startswith("| key")]
        cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
        assert [
            row for row, parts in zip(rows, cells, strict=True) if len(parts) != 4 or not all(map(str.strip, parts))
        ] == []

    def test_leads_to_what_stands_below_a_map(self) -> None:
        """Each link to keys has its anchor."""
        links = set(re.findall(r"\[its keys\]\(#([^)]+)\)", generated()))
        assert links
        assert links <= set(anchors())


class TestAllowed:
    def test_is_said_as_the_report_says_it(self, tmp_path: Path) -> None:
        """A wrong value is answered with the words that the page has for its key."""
        file = tmp_path / "dev.yaml"
        values = yaml.safe_load(DEV.read_text(encoding="utf-8")) | {"storage": {"log_expiration_days": 9999}}
        file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as caught:
            load_environment(file)
        row = next(line for line in generated().splitlines() if 'id="storage.log_expiration_days"' in line)
        assert caught.value.problems[0].allowed in row

    def test_is_known_of_every_type(self) -> None:
        """A type that has no words for a wrong value is refused, so that no row is left empty."""
        with pytest.raises(ValueError, match="no words for a wrong value"):
            allowed_in_words(FieldInfo(annotation=float))


class TestInMarkdown:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("see docs/upgrades.md", "see [upgrades.md](upgrades.md)"),
            ("only with backend_kind.", "only with `backend_kind`."),
            ("db.<family>.<size>, such as db.t4g.medium", "`db.<family>.<size>`, such as db.t4g.medium"),
            ("glue:* or `a|b`", r"glue:\* or `a\|b`"),
            ("a repository (https://...), or none", "a repository (`https://...`), or none"),
            ("a < b", "a &lt; b"),
        ],
    )
    def test_shows_what_the_sentence_says(self, text: str, shown: str) -> None:
        """Keys and addresses are code, documents links, and nothing is taken for Markdown."""
        assert in_markdown(text, {"backend_kind"}) == shown
