"""Environments as the stacks get them."""

from __future__ import annotations

from typing import Any

from cdktf import Testing
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.environment import Environment
from constructs.stacks.infrastructure import InfrastructureStack

ADMINISTRATOR = "arn:aws:iam::111122223333:role/platform-engineers"

#: What an environment file must say, and nothing else.
REQUIRED: dict[str, Any] = {
    "name": "dev",
    "region": "eu-west-1",
    "account_id": "111122223333",
    "availability_zones": ("eu-west-1a", "eu-west-1b"),
    "cluster": {
        "endpoint": {"public_access_cidrs": ("203.0.113.0/24",)},
        "administrators": (ADMINISTRATOR,),
        "node_groups": {"default": {"instance_types": ("m7g.large",)}},
    },
    "airflow": {
        "dags": {"repository": "https://github.com/acme/dags.git"},
        "web": {"allowed_cidrs": ("203.0.113.0/24",), "unencrypted_http": True},
    },
}


def environment(**changes: Any) -> Environment:
    """Return an environment of required keys only, with some replaced: of `cluster` and `airflow` one by one."""
    sections = {name: {**REQUIRED[name], **changes.pop(name, {})} for name in ("cluster", "airflow")}
    return Environment.model_validate({**REQUIRED, **sections, **changes})


def infrastructure(**changes: Any) -> SynthesizedStack:
    """Synthesize the stack of `environment(**changes)`."""
    stack = InfrastructureStack(Testing.app(), environment(**changes))
    return SynthesizedStack("infrastructure", Testing.synth(stack))
