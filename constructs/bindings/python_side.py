"""The Python side: a provider package is in `sys.modules` without its `__init__` having run.

The `__init__` of a provider package does nothing but import every submodule. Its submodules import by themselves, and
each brings what it needs (`from .._jsii import *`, cdktf, constructs). So the package object is made from its spec and
put where `import` looks first; from there on Python's own machinery finds the submodules by the package's `__path__`.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from types import ModuleType

# What jsii-pacmak writes above the imports of an `__init__`, and what such an `__init__` lacks when it only imports.
_IMPORTS_ITS_SUBMODULES = "# Loading modules to ensure their types are registered with the jsii runtime library"
_DEFINES_A_CLASS = re.compile(r"^class ", re.MULTILINE)

#: The packages whose `__init__` does not run.
registered: set[str] = set()


def register(package: str) -> bool:
    """Registers `package` so that importing it runs none of its code; returns whether it did.

    It does not, and the package stays as shipped, if the package is imported already, is not installed, or has an
    `__init__` that is more than a list of imports.
    """
    if package in sys.modules:
        return False
    spec = importlib.util.find_spec(package)
    if spec is None or not _only_imports_submodules(spec):
        return False
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__getattr__"] = _submodules_on_demand(package)
    sys.modules[package] = module
    registered.add(package)
    return True


def _only_imports_submodules(spec: ModuleSpec) -> bool:
    if not isinstance(spec.loader, SourceLoader) or not spec.submodule_search_locations:
        return False
    source = spec.loader.get_source(spec.name)
    return source is not None and _IMPORTS_ITS_SUBMODULES in source and not _DEFINES_A_CLASS.search(source)


def _submodules_on_demand(package: str) -> Callable[[str], ModuleType]:
    """A package's `__getattr__` (PEP 562), so that `import package` followed by `package.vpc.Vpc` still works."""

    def import_submodule(name: str) -> ModuleType:
        submodule = f"{package}.{name}"
        if name.startswith("_") or importlib.util.find_spec(submodule) is None:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=sys.modules[package])
        return importlib.import_module(submodule)

    return import_submodule
