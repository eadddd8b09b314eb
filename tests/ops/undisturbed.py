"""What a deploy of the environment dev that nobody disturbs makes, as it is committed.

`python -m tests.ops.undisturbed` writes it anew: after a change of dev that was decided, never to make a test pass.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.ops.operated import operated
from tests.terraform.toolchain import Toolchain

FILE = Path(__file__).with_name("inventory-dev.txt")


def undisturbed() -> list[str]:
    """One line for each object; `TestDestroy` proves that they are what a deploy makes."""
    return FILE.read_text(encoding="utf-8").splitlines()


def _write() -> None:
    toolchain = Toolchain.find(os.environ)
    with (
        tempfile.TemporaryDirectory() as folder,
        operated(toolchain, Path(folder), state_in_s3=False) as environment,
    ):
        environment.deploy()
        FILE.write_text("\n".join(environment.inventory()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
