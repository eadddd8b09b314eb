"""A state that Terraform could not write at the end of its work: where it is kept.

Terraform then leaves `errored.tfstate` in the folder that it works in, which is generated and which people delete;
where it can't write that either, it prints the state. It alone knows what was made: it goes to `state/<environment>/`.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ops.console.errors import OperationError
from ops.console.pages import Page

#: Terraform's name for it.
ERRORED = "errored.tfstate"
_OWNER_ALONE = 0o600


@dataclass(frozen=True)
class Text:
    """A state as text, as far as it tells which of two is the newer one."""

    text: str

    @property
    def content(self) -> dict[str, Any]:
        """Empty where it is no state: half-written, or nothing."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        good = (
            isinstance(found, dict) and isinstance(found.get("serial"), int) and isinstance(found.get("lineage"), str)
        )
        return found if good else {}

    @property
    def serial(self) -> int:
        """Counts the writings; -1 where it is no state."""
        return int(self.content.get("serial", -1))

    @property
    def holds(self) -> tuple[Any, Any] | None:
        """What it says of the world; None where it is no state."""
        return (self.content.get("resources"), self.content.get("outputs")) if self.content else None

    @property
    def objects(self) -> frozenset[str]:
        """Address and ID of each object that it knows."""
        return frozenset(
            json.dumps(
                [
                    *(resource.get(part) for part in ("module", "type", "name")),
                    instance.get("index_key"),
                    (instance.get("attributes") or {}).get("id"),
                ]
            )
            for resource in self.content.get("resources") or ()
            if resource.get("mode") != "data"
            for instance in resource.get("instances") or ()
        )

    @property
    def lineage(self) -> str:
        """The same for all states that followed each other."""
        return str(self.content.get("lineage", ""))


def keep(working: Path, folder: Path, stack: str, printed: str = "") -> Path | None:
    """Put what Terraform could not write into `folder`; return where it is now, None where there is nothing.

    `printed` is the state that Terraform has printed. Where `folder` takes no more either, as on a full disk, it goes
    to the first other place that does; `kept` finds it there.

    Raises:
        OperationError: no place takes it.
    """
    left = working / ERRORED
    text = content_of(left)
    in_file = bool(Text(text).content)
    if not in_file and not Text(printed).content:
        return None
    for place, begin in _places(folder, stack):
        if in_file and place != folder:
            return left  # where Terraform has put it
        with suppress(OSError):
            kept = _write(place, begin, text if in_file else printed)
            left.unlink(missing_ok=True)
            _move(base_file(left), base_file(kept))
            return kept
    raise OperationError(
        f"{stack}: Terraform could not write the state, and no disk of this machine takes it. It is lost.",
        fix="free space, then python -m ops recover: it finds by their tags what the state knew",
        page=Page.RECOVER,
    )


def kept(folder: Path, stack: str) -> list[Path]:
    """The states that wait to be written, in the order in which they were made, wherever `keep` has put them.

    What lies where others can write, too, counts only if it is ours and nobody else can read it.
    """
    found = [
        path
        for place, begin in _places(folder, stack)
        for path in sorted(place.glob(f"{begin}.*{ERRORED}"))
        if place == folder or _is_ours(path)
    ]
    return sorted(found, key=lambda path: Text(content_of(path)).serial)


def waiting_states(working: Path, folder: Path, stack: str) -> list[Path]:
    """The same, and the one that still lies where Terraform has put it, as no other place takes it."""
    return [*kept(folder, stack), *filter(Path.is_file, [working / ERRORED])]


def content_of(path: Path) -> str:
    """Text of a file; empty where there is none, or none that can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def base_file(file: Path) -> Path:
    """The file beside a kept state that says which stored one it follows."""
    return file.with_name(f"{file.name}.base")


def write_for_owner(path: Path, text: str) -> None:
    """Write a new file, for its owner alone; nothing is left of it where it can't be written to its end.

    Raises:
        OSError: it can't be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _move(old: Path, new: Path) -> None:
    """Move what is known of a kept state; what can't be moved is not known any more."""
    with suppress(OSError):
        if text := content_of(old):
            write_for_owner(new, text)
        old.unlink(missing_ok=True)


def _places(folder: Path, stack: str) -> Iterator[tuple[Path, str]]:
    """Each folder that may take it, the best first, and how its name begins there.

    Outside of `folder`, whose name is the environment's, the name also tells two checkouts apart.
    """
    yield folder, stack
    begin = f"airflow-{folder.name}-{stack}-{sha256(str(folder.absolute()).encode()).hexdigest()[:8]}"
    # Not tempfile.gettempdir(), which chooses another folder when this one is full, and raises when all are.
    yield Path(os.environ.get("TMPDIR") or "/tmp").absolute(), begin  # noqa: S108  # new, for its owner alone
    with suppress(RuntimeError, OSError):  # a container whose user has no name
        yield Path.home(), begin


def _is_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    alone = stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == _OWNER_ALONE
    return alone and found.st_uid == os.getuid()


def _write(folder: Path, begin: str, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, path = 1, folder / f"{begin}.{ERRORED}"
    while path.exists():
        number += 1
        path = folder / f"{begin}.{number}.{ERRORED}"
    base_file(path).unlink(missing_ok=True)  # of one that somebody has deleted
    write_for_owner(path, text)
    return path
