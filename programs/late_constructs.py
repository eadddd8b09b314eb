"""The package `constructs` of PyPI, which our folder of the same name extends, is executed when it is needed.

It starts Node.js: half a second for a command that synthesizes nothing and only wants `constructs.settings`, say.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from pkgutil import extend_path
from types import ModuleType
from typing import Any

NAME = "constructs"


class _Late(ModuleType):
    """Has its submodules at once, and all else from the first use on."""

    def __getattr__(self, name: str) -> Any:
        """Execute the package, of which something is asked for that is no submodule."""
        if name.startswith("__"):
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # from now on it is one like all others
        spec = self.__spec__
        if spec is None or spec.loader is None:
            raise ImportError(f"{NAME} can't be loaded")
        imported = {key: value for key, value in vars(self).items() if sys.modules.get(f"{NAME}.{key}") is value}
        spec.loader.exec_module(self)
        # At its end it puts another module in its place, with its own public names alone (`publication`).
        public = sys.modules[NAME]
        vars(public).update(imported)
        return getattr(public, name)


def install() -> None:
    """Put the package in the place where it is looked for, unless it is there already or isn't installed."""
    spec = PathFinder.find_spec(NAME)
    if NAME not in sys.modules and spec is not None and spec.submodule_search_locations is not None:
        sys.modules[NAME] = _package(spec)


def _package(spec: ModuleSpec) -> ModuleType:
    package = _Late(NAME)
    package.__spec__, package.__loader__, package.__package__ = spec, spec.loader, NAME
    package.__file__ = spec.origin
    package.__path__ = extend_path(list(spec.submodule_search_locations or ()), NAME)
    return package
