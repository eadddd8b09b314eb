"""The checkout's own Python and Node.js, for whoever calls `python -m ops` without the Makefile."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def own_tools(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the variables that let jsii, cdktf and what they start find the checkout's tools first, as `make` does."""
    own = [
        str(folder) for folder in (root / ".venv" / "bin", root / "node_modules" / ".bin", Path(sys.executable).parent)
    ]
    others = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if folder not in own]
    return {"PATH": os.pathsep.join([*dict.fromkeys(own), *others]), "NODE_NO_WARNINGS": "1"}
