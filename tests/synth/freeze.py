"""The frozen lists of addresses and outputs.

`python -m tests.synth.freeze` writes them anew: after a rename that was decided, never to make a test pass.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from constructs.checks.synthesized import SynthesizedStack

from tests.synth.environments import NAMES, STACKS, read, synthesize_environment

HERE = Path(__file__).parent


def addresses_file(environment: str, stack: str) -> Path:
    """The committed list of the addresses of an environment's stack."""
    return HERE / f"addresses-{environment}-{stack}.txt"


def outputs_file(stack: str) -> Path:
    """The committed list of a stack's outputs, in all environments the same."""
    return HERE / f"outputs-{stack}.txt"


def address_lines(stack: SynthesizedStack) -> list[str]:
    """One line per address in the state, data sources and ephemeral blocks included."""
    return stack.addresses


def output_lines(stack: SynthesizedStack) -> list[str]:
    """One line per output: name and description."""
    outputs = stack.document["output"]
    return [f"{name}: {output['description']}" for name, output in sorted(outputs.items())]


def frozen(file: Path) -> list[str]:
    """The lines that are committed."""
    return file.read_text(encoding="utf-8").splitlines()


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for environment in NAMES:
            outdir = synthesize_environment(environment, Path(folder) / environment)
            for name in STACKS:
                stack = read(outdir, name)
                lines = {
                    addresses_file(environment, name): address_lines(stack),
                    outputs_file(name): output_lines(stack),
                }
                for file, content in lines.items():
                    file.write_text("\n".join(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
