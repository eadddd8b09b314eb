"""Environments that workflows deliver."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from bootstrap.app import synthesize
from tests.terraform.workspace import environment_file

DELIVERY = {"repository": "acme/airflow"}


def delivered(folder: Path, sections: Mapping[str, Any] | None = None, **delivery: Any) -> Path:
    """Write prod.yaml with a section `delivery`, whose bucket and key are made.

    `sections` are changes of others. Returns the path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = environment_file("prod", folder, **(sections or {}), delivery={**DELIVERY, **delivery})
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["state"] = {"backend": "s3", "bucket": "acme-terraform-state"}
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


def bootstrap_stack(file: Path, outdir: Path) -> SynthesizedStack:
    """The stack `bootstrap` of an environment file."""
    synthesize(load_environment(file), outdir)
    return SynthesizedStack.read(outdir / "stacks" / "bootstrap")


def characters(policy: str) -> int:
    """How long IAM finds a policy: white space doesn't count; what only Terraform knows is a key's ARN."""
    compact = json.dumps(json.loads(policy), separators=(",", ":"))
    return len(re.sub(r"\$\{[^}]*\}", f"arn:aws-us-gov:kms:us-gov-east-1:111122223333:key/{'k' * 36}", compact))
