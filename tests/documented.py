"""Output that the documents show: each block after `<!-- output: NAME -->` is what a test has seen, but for times."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
#: What no two runs have in common, and what stands for it.
VOLATILE = {
    r"/[^\s'\"`]*/(?=(?:environments|cdktf\.out|state|\.kube)/)": "",
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z| UTC|\+00:00)?": "TIME",
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "UUID",
    r"\b(?:\d+ h )?(?:\d+ min )?\d+(?:\.\d+)? s\b": "DURATION",
    r"\b\d+ min\b": "DURATION",
    r"\b([a-z]+-)[0-9a-f]{8,17}\b": r"\1ID",
    r"\b(127\.0\.0\.1|localhost):\d+": r"\1:PORT",
    r"\bserial \d+": "serial N",
    r"\bby Terraform [\d.]+": "by Terraform VERSION",
    r"(?m)^(ok +(?:terraform|aws|node|git) +)[\d.]+$": r"\1VERSION",
    r" +\n": "\n",
    # What goes on meanwhile is said on stderr, and no part of what was asked for.
    r"(?m)^\.\.\. .*\n": "",
}


def documented(name: str) -> str:
    """Return the block that the documents call `name`.

    Raises:
        LookupError: no document has it, or several have.
    """
    block = re.compile(rf"^<!-- output: {re.escape(name)} -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    found = [text for document in sorted(DOCS.rglob("*.md")) for text in block.findall(document.read_text())]
    if len(found) != 1:
        raise LookupError(f"{len(found)} blocks after `<!-- output: {name} -->` in {DOCS}")
    return str(found[0])


def runnable(name: str) -> str:
    """Return the commands that stand after `<!-- run: NAME -->` in a document.

    Raises:
        LookupError: no document has them, or several have.
    """
    block = re.compile(rf"^<!-- run: {re.escape(name)} -->\n+```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    found = [text for document in sorted(DOCS.rglob("*.md")) for text in block.findall(document.read_text())]
    if len(found) != 1:
        raise LookupError(f"{len(found)} blocks after `<!-- run: {name} -->` in {DOCS}")
    return str(found[0])


def names() -> set[str]:
    """Return the names of all blocks."""
    marker = re.compile(r"^<!-- output: (.+) -->$", re.MULTILINE)
    return {name for document in DOCS.rglob("*.md") for name in marker.findall(document.read_text())}


def shows(name: str, output: str) -> None:
    """Assert that the block is the output; a line `...` stands for any number of lines, `  ...` for the rest of one."""
    expected, seen = steady(documented(name)), steady(output)
    parts = re.split(r"^\s*\.\.\.\n", expected, flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(r".*\n".join(map(re.escape, part.split("  ...\n"))) for part in parts)
    assert re.fullmatch(pattern, seen), f"docs show as {name}:\n{expected}\nbut the command said:\n{output}"


def steady(text: str) -> str:
    """Return the text without what differs from run to run, and without empty lines around it."""
    for pattern, stands_for in VOLATILE.items():
        text = re.sub(pattern, stands_for, text)
    return text.strip("\n") + "\n"
