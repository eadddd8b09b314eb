"""The AWS provider, telling Terraform of those types alone that the program uses.

A short Terraform command spends most of its time on the schemas of 1,500 types, and on the checksum of a program of
700 MB. All that a provider does is done by the provider as shipped: see `provider_front.mjs`.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import replace
from pathlib import Path

from constructs.bindings.used_modules import program_sources, used_modules

from programs.own_tools import own_tools
from tests.terraform.toolchain import NAMESPACE, ROOT, Toolchain

_PACKAGE = "cdktf_cdktf_provider_aws"


def used_types() -> list[str]:
    """Types of the resources and data sources that the program uses, as Terraform calls them."""
    modules = used_modules(program_sources())[_PACKAGE] or ()
    return sorted({"aws_" + module.removeprefix("data_aws_") for module in modules})


def with_used_types(toolchain: Toolchain, folder: Path, told: Path) -> Toolchain:
    """The toolchain with a mirror in `folder`, in which our front stands before the AWS provider.

    What the provider tells Terraform of its types, and of a configuration before it is configured itself, is kept in
    the folder `told`, for whoever asks the same.

    Where no mirror has the provider unpacked it is the toolchain as it was.
    """
    version = Path(NAMESPACE) / "aws" / toolchain.versions["aws"]
    mirror = toolchain.mirrors.get("aws")
    shipped = next((mirror / version).glob("*/terraform-provider-aws*"), None) if mirror else None
    if not shipped:
        return toolchain
    configuration = folder / "front.json"
    content = {"provider": str(shipped), "types": used_types(), "told": str(told)}
    configuration.write_text(json.dumps(content), encoding="utf-8")
    front = folder / version / shipped.parent.name / shipped.name
    front.parent.mkdir(parents=True)
    node = own_tools(os.environ, ROOT).get("AIRFLOW_NODE", "node")
    command = shlex.join([node, str(Path(__file__).with_suffix(".mjs")), str(configuration)])
    front.write_text(f"#!/bin/sh\nexec {command}\n", encoding="utf-8")
    front.chmod(0o755)
    return replace(toolchain, mirrors={**toolchain.mirrors, "aws": folder})
