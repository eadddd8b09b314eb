"""Reports of the shipped environments: before a deploy, and as after one, with a state made from their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment
from constructs.stacks.labels import stack_labels

from main import ROOT
from ops.commands.picture import DRAWN
from ops.pictures.stacks import Stacks
from ops.report.content import Content, Found, content
from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state
from tests.synth.environments import STACKS, read

DAY = date(2026, 11, 30)
#: In attributes and outputs that Terraform calls sensitive, and in variables of pods: nothing of it is on a page.
PLANTED = {
    "attribute": "Planted4Attribute7Qm2Xw9Lr5Tz8Kc",
    "output": "Planted4Output7Vb3Nn6Hj1Gf0Ds4Pa",
    "pod": "Planted4Pod7Yu5Re8Wq2Zx6Cv9Bn3Mk",
}


def undeployed(stack: str) -> StackState:
    """Nothing was ever deployed."""
    return parse_state(stack, StateFile(Path(f"{stack}.tfstate")), "")


def deployed(stack: SynthesizedStack, **changes: Mapping[str, Any] | None) -> StackState:
    """Everything is there, under made-up IDs; `changes` by address (`aws_vpc__cluster`), None for what is missing."""
    instances = []
    for kind, named in stack.document["resource"].items():
        for name, body in named.items():
            change = changes.get(f"{kind}__{name}", {})
            if change is not None:
                known = {key: value for key, value in body.items() if isinstance(value, str) and "${" not in value}
                names = {"id": f"{kind.removeprefix('aws_')[:8]}-{name}-0a1b2c", "password": PLANTED["attribute"]}
                named_after = {"node_group_name": name, "cluster_name": "airflow", "key_id": f"key-{name}"}
                attributes = {**named_after, "arn": f"arn:aws:x:::{name}", **known, **names, **change}
                instance = {"attributes": attributes, "sensitive_attributes": []}
                instances.append({"mode": "managed", "type": kind, "name": name, "instances": [instance]})
    outputs = {
        name: {"value": body["value"] if "${" not in str(body["value"]) else f"{name}-0a1b2c"}
        for name, body in stack.document.get("output", {}).items()
    }
    outputs["planted"] = {"value": PLANTED["output"], "sensitive": True}
    text = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "resources": instances, "outputs": outputs}
    return parse_state(stack.name, StateFile(Path(f"{stack.name}.tfstate")), json.dumps(text))


@cache
def _drawn(outdir: Path) -> Mapping[str, str]:
    """Subject -> picture: drawn once, as no report changes it."""
    stacks = Stacks.read(outdir)
    return {subject.value: drawn[0](stacks) for subject, drawn in DRAWN.items()}


def found(name: str, outdir: Path, **changes: Any) -> Found:
    """What the command would have found; nothing is deployed unless `changes` say so."""
    environment = load_environment(ROOT / "environments" / f"{name}.yaml")
    stacks = Stacks.read(outdir)
    given = {
        "environment": environment,
        "names": stack_labels(environment, "infrastructure").names,
        "stacks": stacks,
        "states": {stack: undeployed(stack) for stack in STACKS},
        "not_read": {},
        "pods": None,
        "ringing": {},
        "pictures": _drawn(outdir),
        "day": DAY,
        "before": None,
    }
    return Found(**{**given, **changes})


def whole(name: str, outdir: Path, **changes: Any) -> Content:
    """The report of an environment that is deployed as it is declared, and has one alarm that rings."""
    states = {stack: deployed(read(outdir, stack)) for stack in STACKS}
    ringing = {f"airflow-{name}-database-cpu": "ALARM", f"airflow-{name}-database-memory": "OK"}
    return content(found(name, outdir, **{"states": states, "ringing": ringing, **changes}))
