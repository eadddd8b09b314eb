"""A user's text reaches Terraform as that very text."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from constructs.settings.values.terraform_text import terraform_literal

TEXTS = (
    *("${a}", "$${a}", "$$${a}", "$$$${a}", "$", "$$", "$$$", "x$", "${", "${${", "$a{"),
    *("%{a}", "%%{a}", "%%%{a}", "%", "%%", "%{ if true }x%{ endif }", "%{"),
    *("$%{a}", "%${a}", "%$%{a}", "${~ a ~}", "a\\n${b}", 'quoted "${x}"', "line\n${x}", "plain", "", "ünïcode ${x}"),
)


@pytest.mark.parametrize(
    ("text", "literal"),
    [("plain", "plain"), ("${a}", "$${a}"), ("%{a}", "%%{a}"), ("$${a}", "$$${a}"), ("100 %", "100 %"), ("$5", "$5")],
)
def test_only_what_opens_a_template_is_doubled(text: str, literal: str) -> None:
    """`${` and `%{` are escaped, other dollars and per cent signs stay."""
    assert terraform_literal(text) == literal


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
def test_terraform_reads_the_text_back_unchanged(tmp_path: Path) -> None:
    """Terraform's own outputs equal the texts, those that were escaped before among them."""
    outputs = {f"text{number}": {"value": terraform_literal(text)} for number, text in enumerate(TEXTS)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": outputs}), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}

    def terraform(*arguments: str) -> str:
        command = ["terraform", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout

    terraform("init", "-input=false")
    terraform("apply", "-input=false", "-auto-approve")
    read = json.loads(terraform("output", "-json"))
    assert [read[f"text{number}"]["value"] for number in range(len(TEXTS))] == list(TEXTS)
