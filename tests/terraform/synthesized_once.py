"""What was synthesized before, for whoever synthesizes the same file again: the same file becomes the same stacks.

That it does is shown by tests/synth/test_repeatability.py. The first synth of each content is the product's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from constructs.providers.lock_file import lock_file

ROOT = Path(__file__).resolve().parents[2]
_ERRORS = "stderr"
#: They say where something lies, or what starts the program.
_ELSEWHERE = frozenset({"AIRFLOW_ENV", "AIRFLOW_ENV_FILE", "AIRFLOW_KEEP_DIR", "AIRFLOW_NODE"})


@dataclass(frozen=True)
class SynthesizedOnce:
    """A folder of what was synthesized, which may be that of several processes."""

    folder: Path

    def recall(self, environ: Mapping[str, str]) -> str | None:
        """Lay the stacks into the output folder that the variables name, and return the warnings.

        None: this was not synthesized before.
        """
        kept = self.folder / _key(environ)
        if not kept.is_dir():
            return None
        outdir = Path(environ["CDKTF_OUTDIR"])
        shutil.copytree(kept, outdir, dirs_exist_ok=True)
        (outdir / _ERRORS).unlink()
        return (kept / _ERRORS).read_text(encoding="utf-8")

    def keep(self, environ: Mapping[str, str], warnings: str) -> None:
        """Copy what a synth has written, and nothing that Terraform or a test has laid beside it."""
        file, outdir = Path(environ["AIRFLOW_ENV_FILE"]), Path(environ["CDKTF_OUTDIR"])
        if lock_file(file).exists():  # it is written beside the stacks, anew by each synth
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        copy = Path(tempfile.mkdtemp(dir=self.folder))
        written = [outdir / ".environment", outdir / "manifest.json", *outdir.glob("stacks/*/cdk.tf.json")]
        for each in written:
            to = copy / each.relative_to(outdir)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(each, to)
        (copy / _ERRORS).write_text(warnings, encoding="utf-8")
        try:
            copy.rename(self.folder / _key(environ))
        except OSError:  # another one was faster
            shutil.rmtree(copy)


def _key(environ: Mapping[str, str]) -> str:
    """What the stacks and the warnings follow from; the paths in them are relative to the output folder."""
    file, outdir = Path(environ["AIRFLOW_ENV_FILE"]), environ["CDKTF_OUTDIR"]
    ours = sorted((name, text) for name, text in environ.items() if name.startswith("AIRFLOW_"))
    follows = [
        file.name,
        file.read_text(encoding="utf-8"),
        lock_file(file).exists(),
        os.path.relpath(ROOT, outdir),
        environ.get("SOURCE_DATE_EPOCH"),
        [(name, text) for name, text in ours if name not in _ELSEWHERE],
    ]
    return hashlib.sha256(json.dumps(follows).encode()).hexdigest()
