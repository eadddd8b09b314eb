"""jsii is given reduced packages: only the modules that the program imports, instead of all that a provider has.

jsii asks for a package when Python imports the first of its modules, and what it was given then stays. So a module that
nobody was seen to import is refused by name when something imports it all the same.
"""

import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from constructs.bindings import node_side, python_side
from constructs.bindings.reduced_packages import reduced
from constructs.bindings.used_modules import ROOT, program_sources, used_modules
from jsii._runtime import kernel

KEPT = ROOT / ".tools" / "bindings"
_load = kernel.load
#: What jsii calls a provider's package, whoever generated it.
_PROVIDER = re.compile(r"@[^/]+/provider-")


class ModulesOfReducedPackages(MetaPathFinder):
    """Finds nothing; refuses the modules that a reduced package does not have."""

    def __init__(self, modules: Mapping[str, frozenset[str]]) -> None:
        """Of each package, the modules that it has."""
        self._modules = modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return None, so that Python looks on; raises ImportError for a module that jsii does not know."""
        del path, target
        package, _, module = fullname.partition(".")
        known = self._modules.get(package)
        if known is not None and module and not module.startswith("_") and module.partition(".")[0] not in known:
            message = (
                f"{fullname} is imported by nothing in main.py, bootstrap/ or constructs/, and jsii has the package "
                "without it. Import it there by its full name, or set AIRFLOW_BINDINGS=both for whole packages."
            )
            raise ImportError(message, name=fullname)
        return None


def load_reduced_packages() -> bool:
    """Have jsii load reduced packages from now on; return False if one can't be had, and the whole one is loaded."""
    packages: dict[str, str] = {}
    modules: dict[str, frozenset[str]] = {}
    in_use = used_modules(program_sources())
    for package, used in in_use.items():
        original = _tarball(package)
        small = reduced(original, used, KEPT) if original and used else None
        if original and used and small:
            packages[str(original)] = str(small)
            modules[package] = used

    def load(name: str, version: str, tarball: str) -> None:
        if tarball not in packages and _PROVIDER.match(name):
            package = Path(tarball).parents[1].name
            _warn(name, package, could_be_reduced=in_use.get(package) is not None)
        _load(name, version, packages.get(tarball, tarball))

    setattr(kernel, "load", load)  # noqa: B010  # of this one object, which jsii.JSIIAssembly.load asks
    sys.meta_path.insert(0, ModulesOfReducedPackages(modules))
    return bool(packages) and len(packages) == len(in_use)


def _warn(name: str, package: str, *, could_be_reduced: bool) -> None:
    """Say it where a provider package is loaded as shipped: else a synth is slow, and nobody knows why."""
    reasons = []
    if package not in python_side.registered:
        reasons.append(f"Python imports all of its modules ({package} is none of PROVIDER_PACKAGES)")
    if not node_side.knows(name):
        reasons.append("Node.js loads all of its modules (lazy_provider_index.cjs does not know its name)")
    if could_be_reduced:
        reasons.append(f"jsii reads all of it (it is laid out in another way, or {KEPT} can't be written)")
    if reasons:
        sys.stderr.write(f"Warning: {name} loads slowly: {'; '.join(reasons)}. See constructs/bindings/.\n")


def _tarball(package: str) -> Path | None:
    """The package as jsii loads it."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    found = list(Path(folders[0], "_jsii").glob("*.jsii.tgz")) if folders else []
    return found[0] if len(found) == 1 else None
