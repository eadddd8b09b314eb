"""Makes the AWS, Helm and Kubernetes provider packages cheap to import; `make bench` measures what that saves.

Import this module before the first import of a provider package; importing it is all there is to do. The packages are
slow for three independent reasons, and each has its own cure:

- jsii unpacks and reads all of a package. It is given packages that hold what the program uses. See `reduction`.
- Python: a package's `__init__` imports all of its submodules, 2,200 for AWS. See `python_side`.
- Node: the package's `lib/index.js` requires and compiles as many modules again. See `node_side`, for whole packages.

Once they are loaded, Python spends a third of a synth on evaluating the same type hints again: see `type_hints`. Before
that it would evaluate annotations that nothing reads: see `late_annotations`.

None changes what a class is or what is synthesized: the JSON is the same to the byte, only what nobody asked for
stays unloaded. A package with another layout is left as shipped, and a warning says so.

`AIRFLOW_BINDINGS` switches the cures: `reduced` (default), `both` (both sides, whole packages), `python-only`,
`node-only` or `as-shipped`.
"""

import gc
import os
import sys

from constructs.bindings import node_side, python_side, reduction, type_hints
from constructs.bindings.late_annotations import SubmodulesOf
from constructs.bindings.used_modules import PREFIX

PROVIDER_PACKAGES = tuple(f"{PREFIX}{provider}" for provider in ("aws", "helm", "kubernetes"))

#: What `AIRFLOW_BINDINGS` may say -> (Python side, Node side, reduced packages).
_MODES = {
    "reduced": (True, False, True),
    "both": (True, True, False),
    "python-only": (True, False, False),
    "node-only": (False, True, False),
    "as-shipped": (False, False, False),
}

#: Nothing of the packages' classes is ever garbage, and Python looks for it every 700 objects.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def _install(mode: str) -> None:
    """Cures the sides that `mode` names; raises ValueError for a mode that there is not."""
    if mode not in _MODES:
        message = f"AIRFLOW_BINDINGS is {mode!r}; allowed: {', '.join(_MODES)}. Unset it for the default, reduced."
        raise ValueError(message)
    python, node, reduce = _MODES[mode]
    if python:
        cheap = [package for package in PROVIDER_PACKAGES if python_side.register(package)]
        sys.meta_path.insert(0, SubmodulesOf(cheap))
        type_hints.remember()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    all_reduced = reduce and reduction.load_reduced_packages()
    if node or (reduce and not all_reduced):
        node_side.load_lazy_provider_index()


_install(os.environ.get("AIRFLOW_BINDINGS") or "reduced")
