"""The page itself: one HTML file with all that it needs, which may ask no network for anything."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops.pictures.svg import STYLE
from ops.report.content import Content
from ops.report.facts import ELEMENT

FOLDER = Path(__file__).parent
_TITLE = re.compile(r"<title>([^<]*)</title>")


def page(content: Content) -> str:
    """Return the HTML."""
    loader = FileSystemLoader(FOLDER)
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    style = (FOLDER / "page.css").read_text(encoding="utf-8") + STYLE
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    return templates.get_template("page.html.j2").render(
        content=content,
        found=content.found,
        pictures=[(key, *_inline(key, svg)) for key, svg in content.found.pictures.items()],
        style=Markup(style),  # noqa: S704  # ours, and in a <style>, where nothing is escaped
        script=Markup(script),  # noqa: S704  # ours
        policy=_policy(style, script),
        element=ELEMENT,
        facts=_embedded(content),
    )


def _policy(style: str, script: str) -> str:
    """Content-Security-Policy: nothing is fetched, sent or framed; our style and script run, and no others."""
    allowed = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _inline(key: str, svg: str) -> tuple[str, Markup]:
    """Return a picture's title, and the picture for a page that has the style of all of them once."""
    title = _TITLE.search(svg)
    own = svg.replace(f"<style>{STYLE}</style>\n", "").replace('id="arrow"', f'id="arrow-{key}"')
    own = own.replace("url(#arrow)", f"url(#arrow-{key})")
    return unescape(title[1]) if title else key, Markup(own)  # noqa: S704  # drawn by us, its words escaped


def _embedded(content: Content) -> Markup:
    """JSON inside a <script>, where `<` alone can end it."""
    text = json.dumps(content.facts.document(), sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  # nothing in it is read as HTML any more
