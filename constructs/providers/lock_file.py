"""The lock file of an environment's providers: which packages, by their checksums, Terraform may take.

It lies beside the environment file, as `<environment>.lock.hcl`, in git. Each stack's folder, which is generated, gets
a copy of what concerns it, as the `.terraform.lock.hcl` that Terraform reads. Where there is none, Terraform takes what
the registry signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from constructs.providers.demanded import required_providers
from constructs.settings.document.problems import printable, shown

#: What Terraform reads in the folder that it works in.
TERRAFORMS = ".terraform.lock.hcl"
#: What it is called, after the environment file's name.
SUFFIX = ".lock.hcl"
#: The command that writes the file; what it writes is what `block` reads.
RENEW = "python -m ops lock-providers"

_BLOCK = re.compile(r'^provider "(?:[^"/]+/)?([^"/]+/[^"/]+)" \{\n(.*?)^\}\n', re.MULTILINE | re.DOTALL)
_VERSION = re.compile(r'^ {1,8}version {1,20}= {1,8}"([^"]+)"', re.MULTILINE)
_HASH = re.compile(r'^ {1,8}"(?:h1|zh):[^"]+",?$', re.MULTILINE)


class LockFileError(Exception):
    """It can't be read, or locks something else than the environment demands; the message says what to do."""


def lock_file(environment_file: Path) -> Path:
    """Return where the lock file of an environment lies, whether it is there or not."""
    return environment_file.with_suffix(SUFFIX)


@dataclass(frozen=True, kw_only=True)
class Locked:
    """What a stack's folder gets."""

    stack: str
    demanded: Mapping[str, Mapping[str, str]]
    """Terraform's `required_providers`."""

    text: str | None
    """None: the environment has no lock file."""

    def place(self, outdir: Path) -> None:
        """Write it into the stack's folder below `outdir`; without one take away what locks another version.

        Terraform writes one of its own there, and refuses to work with another version as long as that lies there.
        """
        copy = outdir / "stacks" / self.stack / TERRAFORMS
        if self.text is not None:
            copy.write_text(self.text, encoding="utf-8")
        elif copy.is_file():
            found = blocks(copy.read_text(encoding="utf-8", errors="replace"))
            if any(_version(found.get(each["source"], "")) != each["version"] for each in self.demanded.values()):
                copy.unlink()


def locked(environment_file: Path, stacks: Sequence[str], versions: Mapping[str, str]) -> list[Locked]:
    """Return what the environment's lock file says for its stacks; `versions` has each provider's by its name.

    Raises:
        LockFileError: it can't be read, or it locks another version of one, or none, or without checksums.
    """
    path = lock_file(environment_file)
    demanded = {stack: required_providers(stack, versions) for stack in stacks}
    if not path.exists():
        return [Locked(stack=stack, demanded=demanded[stack], text=None) for stack in stacks]
    try:
        found = blocks(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no text in UTF-8"
        raise _error(path, f"can't be read: {printable(str(reason))}") from error
    for each in {each["source"]: each for wanted in demanded.values() for each in wanted.values()}.values():
        _check(path, found, each["source"], each["version"])
    heading = f"# A copy of {path.name}, made at each synth.\n"
    return [
        Locked(
            stack=stack,
            demanded=demanded[stack],
            text="\n".join([heading, *(found[each["source"]] for each in demanded[stack].values())]),
        )
        for stack in stacks
    ]


def blocks(text: str) -> dict[str, str]:
    """Return provider -> its block in a lock file, whichever registry it was written for."""
    return {match[1]: match[0] for match in _BLOCK.finditer(text.replace("\r\n", "\n"))}


def _version(block: str) -> str | None:
    found = _VERSION.search(block)
    return found[1] if found else None


def _check(path: Path, found: Mapping[str, str], source: str, version: str) -> None:
    block = found.get(source, "")
    if not block:
        raise _error(path, f"locks no {source}, and the environment demands it in version {version}")
    if _version(block) != version:
        name = source.rpartition("/")[2]
        here = _version(block) or "without a version"
        raise _error(path, f"locks {source} {here}, and the environment demands {version} (providers.{name})")
    if not _HASH.search(block):
        raise _error(path, f"has no checksum of {source} {version}")


def _error(path: Path, says: str) -> LockFileError:
    return LockFileError(
        f"{shown(path)} {says}. Nothing was synthesized.\n"
        f"Fix: {RENEW} writes it anew, for the versions that the environment file demands; then commit it"
    )
