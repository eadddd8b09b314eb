"""What mkdocs does beside its own for the site: README.md is its first page, links to code go to the repository.

Run inside mkdocs' own environment (`.tools/mkdocs`), where none of the project's packages are; nothing is imported
from mkdocs either, so that it is checked like all other code.
"""

import logging
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
#: The page that README.md becomes.
INDEX = "index.md"
#: Where a search for a message or a key is meant to end.
LOOKED_UP = ("environment-file.md", "troubleshooting.md")
LOG = logging.getLogger("mkdocs.hooks.site")

_LINK = re.compile(r"\[(?P<text>(?:[^\[\]`]|`[^`]*`)*)\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def on_config(config: Any) -> Any:
    """Name the repository where GitHub's workflow says it, and list every decision."""
    if repository := os.environ.get("GITHUB_REPOSITORY"):
        config.repo_url = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
        config.repo_name = repository
    config.nav = listed(config.nav)
    return config


def listed(nav: Any) -> Any:
    """Return the navigation with each pattern replaced by the files that fit it, README.md first."""
    if isinstance(nav, list):
        return [listed(entry) for entry in nav]
    if isinstance(nav, dict):
        return {title: listed(entry) for title, entry in nav.items()}
    if "*" not in nav:
        return nav
    found = (path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").glob(nav))
    return sorted(found, key=lambda name: (not name.endswith("README.md"), name))


def on_files(files: Any, config: Any) -> Any:
    """Add README.md as the first page."""
    kind = type(next(iter(files)))
    files.append(kind.generated(config, INDEX, content=README.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Lead links of README.md to the pages, and links to what is no page to the repository."""
    source = page.file.src_uri
    if source in LOOKED_UP:
        page.meta["search"] = {"boost": 2}
    del files
    return relinked(markdown, "README.md" if source == INDEX else f"docs/{source}", config.repo_url or "")


def relinked(markdown: str, document: str, repository: str) -> str:
    """Return the text of a document with links as the site has them.

    Links to code lead to the repository, or become plain text where it is not known. One to nothing is a warning,
    which ends a strict build.
    """
    parts, at = [], 0
    for block in _FENCE.finditer(markdown):
        parts += [_relinked(markdown[at : block.start()], document, repository), block[0]]
        at = block.end()
    return "".join([*parts, _relinked(markdown[at:], document, repository)])


def _relinked(text: str, document: str, repository: str) -> str:
    def link(match: re.Match[str]) -> str:
        path, mark, anchor = match["target"].partition("#")
        if not path or ":" in path:
            return match[0]
        place = PurePosixPath(os.path.normpath(PurePosixPath(document).parent / path)).as_posix()
        if place.startswith("docs/") and (place != "docs/decisions" and document != "README.md"):
            return match[0]
        if place.startswith("docs/"):
            return f"[{match['text']}]({place.removeprefix('docs/')}{mark}{anchor})"
        if not (ROOT / place).exists():
            LOG.warning("Doc file '%s' links to '%s', which does not exist.", document, match["target"])
        kind = "tree" if (ROOT / place).is_dir() else "blob"
        if repository:
            return f"[{match['text']}]({repository}/{kind}/main/{place}{mark}{anchor})"
        return f"`{match['text']}`" if match["text"].rstrip("/") in place else match["text"]

    return _LINK.sub(link, text)
