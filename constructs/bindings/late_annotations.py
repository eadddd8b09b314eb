"""Annotations of a provider package's modules are evaluated when something asks for them, as nearly nothing does.

They are nine tenths of what importing the 510 classes of a Kubernetes Job takes. So these modules are compiled as if
each began with `from __future__ import annotations` (PEP 563), and that bytecode is kept beside the usual one. Where it
can't be kept, a module is imported as shipped: compiling it each time would take longer.
"""

import __future__

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

_USUAL, _OURS = ".pyc", ".late-annotations.pyc"


class LateAnnotations(SourceFileLoader):
    """Loads a module as if it postponed its annotations; Python asks it for source and bytecode by their paths."""

    def source_to_code(  # type: ignore[override]  # as SourceFileLoader's own, which typeshed doesn't know
        self, data: Any, path: Any, *, _optimize: int = -1
    ) -> CodeType:
        """Return the compiled module."""
        late = __future__.annotations.compiler_flag
        code: CodeType = compile(data, path, "exec", flags=late, dont_inherit=True, optimize=_optimize)
        return code

    def get_data(self, path: str) -> bytes:
        """Return the source, or our bytecode for the usual one."""
        return super().get_data(_ours(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Keep the bytecode, as ours."""
        super().set_data(_ours(path), data, _mode=_mode)


class SubmodulesOf(MetaPathFinder):
    """Finds the submodules of some packages where Python finds them, to be loaded with late annotations."""

    def __init__(self, packages: Sequence[str]) -> None:
        """Of these packages."""
        self._packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module's spec; None for other packages, and for what can't be loaded so: then Python looks on."""
        package, _, submodule = fullname.partition(".")
        if package not in self._packages or not submodule:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not _can_be_kept(spec.loader.path):
            return None
        spec.loader = LateAnnotations(fullname, spec.loader.path)
        return spec


def _ours(path: str) -> str:
    return path.removesuffix(_USUAL) + _OURS if path.endswith(_USUAL) else path


def _can_be_kept(source: str) -> bool:
    """Whether our bytecode is there, or can be."""
    kept = _ours(importlib.util.cache_from_source(source))
    if os.path.exists(kept):  # noqa: PTH110  # asked for each module
        return True
    folder = os.path.dirname(kept)  # noqa: PTH120
    while not os.path.isdir(folder):  # noqa: PTH112
        folder = os.path.dirname(folder)  # noqa: PTH120
    return not sys.dont_write_bytecode and os.access(folder, os.W_OK)
