"""Provider packages reduced to the modules that the program uses, for jsii to load instead of the whole ones.

jsii unpacks and reads all of a package whatever is used of it: of AWS 36 MB packed, 390 MB unpacked, 131 MB of them
type information that is parsed at every start. A reduced package is the same files less the modules that nobody
imports: their folders below `lib/`, and their types. It is made once, from the original, and kept in
`.tools/bindings/` under a name that says what it was made from; with another set of modules another one is made. Where
a package has another layout, or the folder cannot be written, the whole one is loaded.
"""

import gzip
import hashlib
import io
import json
import os
import posixpath
import re
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FORMAT = 1
"""Of what this module makes: a higher number has everybody's reduced packages made anew."""
_REQUIRE = re.compile(rb"""require\(["'](\.\.?/[^"']+)["']\)""")


class LayoutError(Exception):
    """A package is not laid out as cdktf generates it."""


def reduced(tarball: Path, modules: frozenset[str], folder: Path) -> Path | None:
    """Return the package in `tarball` with nothing but `modules`, made if `folder` lacks it; None: it can't be."""
    original = tarball.stat()
    made_from = f"{_FORMAT} {tarball.name} {original.st_size} {original.st_mtime_ns} {sorted(modules)}"
    digest = hashlib.sha256(made_from.encode()).hexdigest()[:16]
    kept = folder / f"{tarball.name.removesuffix('.jsii.tgz')}-{digest}.tgz"
    if kept.exists():
        return kept
    try:
        content = _reduce(tarball, modules)
        folder.mkdir(parents=True, exist_ok=True)
        _write(kept, content)
    except (LayoutError, OSError, EOFError, zlib.error, tarfile.TarError):
        return None
    return kept


def _write(file: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, also where two runs make it or the machine goes down."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as unfinished:
        try:
            unfinished.write(content)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            os.replace(unfinished.name, file)  # noqa: PTH105
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise


def _reduce(tarball: Path, modules: frozenset[str]) -> bytes:
    folders = {module.replace("_", "-") for module in modules}
    files = _files(tarball, folders)
    while further := _required(files) - folders:
        folders |= further
        files |= _files(tarball, further)
    if missing := {f"package/{name}" for name in (".jsii", "package.json", "lib/lazy-index.js")} - set(files):
        raise LayoutError(f"{tarball} lacks {missing}")
    if missing := {folder for folder in folders if f"package/lib/{folder}/index.js" not in files}:
        raise LayoutError(f"{tarball} has no {missing}")
    files["package/.jsii"] = json.dumps(_assembly(_described(tarball, files["package/.jsii"]), folders)).encode()
    # Node.js enters the package by its index: the lazy one, which loads a module when it is first used.
    files["package/lib/index.js"] = files.pop("package/lib/lazy-index.js")
    return _packed(files)


def _files(tarball: Path, folders: set[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            if member.isfile() and _is_kept(member.name, folders):
                reader = archive.extractfile(member)
                files[member.name] = reader.read() if reader else b""
    return files


def _required(files: Mapping[str, bytes]) -> set[str]:
    """The folders of modules that the files require, as CDK Terrain's `provider` does `provider-functions`."""
    found: set[str] = set()
    for name, content in files.items():
        if name.count("/") < 3:  # noqa: PLR2004  # package/lib/<module>/...: the index names every module
            continue
        for target in _REQUIRE.findall(content):
            match posixpath.normpath(posixpath.join(posixpath.dirname(name), target.decode())).split("/"):
                case ["package", "lib", folder, *_]:
                    found.add(folder)
    return found


def _is_kept(name: str, folders: set[str]) -> bool:
    """Whether a file of the package belongs to it without modules, or to one that is used; types for people do not."""
    match name.split("/"):
        case ["package", "lib", folder, *_, file]:
            return folder in folders and file.endswith(".js")
        case ["package", "lib", file]:
            return file == "lazy-index.js"
        case ["package", file]:
            return file in {".jsii", "package.json"}
        case _:
            return False


def _described(tarball: Path, assembly: bytes) -> dict[str, Any]:
    """What jsii knows of the whole package; it may also only say in which other file that is (jsii/file-redirect)."""
    try:
        whole = json.loads(assembly)
    except ValueError as error:
        raise LayoutError(f"{tarball}: .jsii is no JSON") from error
    if not isinstance(whole, dict) or not all(isinstance(whole.get(key), dict) for key in ("submodules", "types")):
        raise LayoutError(f"{tarball}: .jsii has no submodules or no types")
    return whole


def _assembly(whole: Mapping[str, Any], folders: set[str]) -> dict[str, Any]:
    """What jsii knows of a package's types, for the modules in `folders`."""
    kept = {
        submodule: described
        for submodule, described in whole["submodules"].items()
        if described.get("symbolId", "").removeprefix("src/").removesuffix("/index:") in folders
    }
    if len(kept) != len(folders):
        raise LayoutError(f"{whole['name']}: {len(folders)} modules have {len(kept)} names for jsii")
    types = {
        name: _without_words(described) for name, described in whole["types"].items() if name.rpartition(".")[0] in kept
    }
    return {**whole, "readme": {}, "submodules": {name: {} for name in kept}, "types": types}


def _without_words(described: Any) -> Any:
    """A type's description without what it says to people, most of it."""
    if isinstance(described, dict):
        return {
            key: _without_words(value) for key, value in described.items() if key not in {"docs", "locationInModule"}
        }
    return [_without_words(value) for value in described] if isinstance(described, list) else described


def _packed(files: Mapping[str, bytes]) -> bytes:
    """The files as jsii wants them; the same bytes for the same files, since jsii caches packages by their digest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)
