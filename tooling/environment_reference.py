"""Writes the reference of the environment file, every key of it: `python -m tooling.environment_reference`.

docs/environment-file.md is written by hand up to a marker; what follows is made from the models. What is allowed is
asked of them: each is given a value that fits nothing, and answers in the words of the report that people get.
"""

import programs  # noqa: F401  # first

# isort: split

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from constructs.settings.environment import Environment
from pydantic.fields import FieldInfo

from tooling.key_types import allowed_in_words, section_in
from tooling.virtual_environments import ROOT

PAGE = ROOT / "docs" / "environment-file.md"
MARKER = "<!-- From here on written by `make schema`, from constructs/settings. -->\n"
#: Key of a map whose names people choose, as paths show it and as anchors do.
ANY_NAME, NAME_IN_ANCHOR = "<name>", "NAME"
#: Where a map has a page of its own, or a part of one.
MORE = {
    "state": {"State": "first-deploy.md#state"},
    "providers": {"Provider versions": "#provider-versions"},
    "network": {"Networks, and the way in": "network.md"},
    "cluster.endpoint": {"A private API endpoint": "network.md#a-private-api-endpoint"},
    "airflow": {"Airflow": "airflow.md", "What pods get": "pods.md"},
    "airflow.web": {"Who can reach the page": "web.md"},
    "airflow.sign_in": {"Who may sign in": "sign-in.md"},
    "airflow.components": {"Nodes and pods": "scaling.md"},
    "airflow.workers.<name>": {
        "Workers of their own": "scaling.md#what-if-some-tasks-need-more-memory-or-other-permissions"
    },
    "secrets": {"Secrets": "secrets.md"},
    "delivery": {"Bootstrap": "bootstrap.md", "Delivery": "delivery.md"},
}
#: What is shown as code: addresses, ARNs, words with a place for something, and words that may be keys.
_WORD = re.compile(
    r"(?:https|ssh|oci)://[^\s,;)]+|arn:aws[^\s,;)]+|[\w./-]*<[a-z_]+>[\w<>./-]*[\w>]|\b[a-z]+(?:[._][a-z]+)+\b"
)
_DOCUMENT = re.compile(r"docs/([\w-]+\.md)")


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the environment file."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def name(self) -> str:
        """As it is written in the file."""
        return self.path[-1]

    @property
    def dotted(self) -> str:
        """The whole path, as messages name it."""
        return ".".join(self.path)

    @property
    def default(self) -> str:
        """What holds where the file has nothing, as the file would say it."""
        if self.field.is_required():
            return "**required**"
        value = self.field.get_default(call_default_factory=True)
        if value is None:
            return "none"
        if section_in(self.field) and not isinstance(value, dict | tuple):
            return "—"
        written = list(value) if isinstance(value, tuple) else value
        text = yaml.safe_dump(written, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
        return f"`{text.replace(chr(39), chr(34))}`"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A map of the environment file: its place, what it is, its keys."""

    path: tuple[str, ...]
    describes: str
    keys: tuple[Key, ...]


def anchor(path: tuple[str, ...]) -> str:
    """Where the page has a key, or the keys of a map: `cluster.node_groups.NAME.min_size`, `cluster.node_groups`."""
    named = path[:-1] if path[-1] == ANY_NAME else path
    return ".".join(named).replace(ANY_NAME, NAME_IN_ANCHOR)


def tables(model: Any = Environment, path: tuple[str, ...] = ()) -> Iterator[Table]:
    """Each map of the environment file: the whole file first, every section before its parts."""
    keys = tuple(Key(path=(*path, name), field=field) for name, field in model.model_fields.items())
    yield Table(path=path, describes=model.__doc__.strip(), keys=keys)
    for key in keys:
        if inner := section_in(key.field):
            named = (*key.path, ANY_NAME) if inner.named else key.path
            yield from tables(inner.model, named)


def reference() -> str:
    """The generated part of the page, in Markdown."""
    found = list(tables())
    known = {key.dotted for table in found for key in table.keys} | {key.name for table in found for key in table.keys}
    return "\n".join(_lines(found, known))


def _lines(found: list[Table], known: set[str]) -> Iterator[str]:
    yield "## Every key"
    yield ""
    yield "What is allowed stands here in the words of the report that a wrong value gets."
    yield f"`{ANY_NAME}` is a name that you choose. *none*: without the key there is no such thing."
    for table in found:
        yield ""
        yield from _head(table, known)
        yield ""
        yield "| key | default | what it is | allowed |"
        yield "|---|---|---|---|"
        for key in table.keys:
            yield _row(key, known)


def _head(table: Table, known: set[str]) -> Iterator[str]:
    if not table.path:
        yield "### The top of the file"
        return
    if len(table.path) == 1:  # its heading is its anchor
        yield f"### `{table.path[0]}`"
    else:
        yield f'<a id="{anchor(table.path)}"></a>'
        yield ""
        yield f"#### `{'.'.join(table.path)}`"
    yield ""
    yield in_markdown(" ".join(table.describes.split()), known)
    if links := MORE.get(".".join(table.path)):
        yield ""
        yield f"More: {', '.join(f'[{text}]({link})' for text, link in links.items())}."


def _row(key: Key, known: set[str]) -> str:
    allowed = in_markdown(allowed_in_words(key.field), known)
    described = in_markdown(key.field.description or "", known)
    if section_in(key.field):
        return f"| `{key.name}` | {key.default} | {described} | {allowed}: [its keys](#{anchor(key.path)}) |"
    return f'| <a id="{anchor(key.path)}"></a>`{key.name}` | {key.default} | {described} | {allowed} |'


def in_markdown(text: str, known: set[str]) -> str:
    """A sentence of the models in a cell of a table: keys, addresses and ARNs as code, documents as links."""
    parts = text.split("`")
    for position, part in enumerate(parts):
        parts[position] = f"`{part}`" if position % 2 else _DOCUMENT.sub(r"[\1](\1)", _marked(part, known))
    return "".join(parts).replace("|", r"\|")


def _marked(text: str, known: set[str]) -> str:
    done, at = "", 0
    for match in _WORD.finditer(text):
        word = match[0] if match[0].endswith("...") else match[0].rstrip(".")
        if word in known or not word.replace(".", "").isalpha():
            done += f"{_escaped(text[at : match.start()])}`{word}`"
            at = match.start() + len(word)
    return done + _escaped(text[at:])


def _escaped(text: str) -> str:
    return re.sub(r"([*_~\[\]])", r"\\\1", text).replace("<", "&lt;").replace(">", "&gt;")


def page() -> str:
    """The whole page: what people have written, then the reference."""
    by_hand, _, _ = PAGE.read_text(encoding="utf-8").partition(MARKER)
    return f"{by_hand.rstrip()}\n\n{MARKER}\n{reference()}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
