"""When a test is handed what was synthesized before, and when not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.synthesized_once import SynthesizedOnce

WARNINGS = "Warning: it is old\n"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment file and what was synthesized from it, with what Terraform has laid beside."""
    file, outdir = tmp_path / "dev.yaml", tmp_path / "out"
    file.write_text("name: dev\n", encoding="utf-8")
    stack = outdir / "stacks" / "infrastructure"
    (stack / ".terraform").mkdir(parents=True)
    for written in (
        outdir / ".environment",
        outdir / "manifest.json",
        stack / "cdk.tf.json",
        stack / "override.tf.json",
    ):
        written.write_text(written.name, encoding="utf-8")
    return {"AIRFLOW_ENV_FILE": str(file), "CDKTF_OUTDIR": str(outdir)}


@pytest.fixture
def once(tmp_path: Path, environ: dict[str, str]) -> SynthesizedOnce:
    """What remembers that."""
    once = SynthesizedOnce(tmp_path / "synthesized")
    once.keep(environ, WARNINGS)
    return once


def test_the_same_file_is_synthesized_once(once: SynthesizedOnce, environ: dict[str, str], tmp_path: Path) -> None:
    """Stacks and warnings are those of the synth, in another folder too, without what others have laid beside them."""
    other = tmp_path / "two"
    assert once.recall({**environ, "CDKTF_OUTDIR": str(other)}) == WARNINGS
    found = {str(path.relative_to(other)) for path in other.rglob("*") if path.is_file()}
    assert found == {".environment", "manifest.json", "stacks/infrastructure/cdk.tf.json"}


@pytest.mark.parametrize(
    "variables", [{"AIRFLOW_CHART": "/charts"}, {"SOURCE_DATE_EPOCH": "1"}, {"CDKTF_OUTDIR": "/elsewhere/and/deeper"}]
)
def test_other_variables_are_another_synth(
    once: SynthesizedOnce, environ: dict[str, str], variables: dict[str, str]
) -> None:
    """What stacks or warnings follow from is looked at, whatever of it is another."""
    assert once.recall({**environ, **variables}) is None


def test_another_content_is_another_synth(once: SynthesizedOnce, environ: dict[str, str]) -> None:
    """The file as it is now decides, not its name."""
    Path(environ["AIRFLOW_ENV_FILE"]).write_text("name: dev\ntags: {a: b}\n", encoding="utf-8")
    assert once.recall(environ) is None


def test_with_a_lock_file_it_is_synthesized_each_time(once: SynthesizedOnce, environ: dict[str, str]) -> None:
    """What stands in a lock file of providers is written by each synth."""
    Path(environ["AIRFLOW_ENV_FILE"]).with_suffix(".lock.hcl").touch()
    once.keep(environ, WARNINGS)
    assert once.recall(environ) is None
