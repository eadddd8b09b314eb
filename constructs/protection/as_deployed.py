"""Settings remembered from the first apply, and the named check that compares the environment file with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf import Precondition, TerraformResourceLifecycle, TerraformStack
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class AsDeployedProps:
    """Inputs of `AsDeployed`."""

    what: str
    """Section of the environment file that describes what is protected: `database`."""

    settings: Mapping[str, str]
    """Key in the environment file -> value; another one replaces what is protected."""

    subnets: Mapping[str, str]
    """Name -> range of its subnets, of which there may be more later, but none may go or move."""

    vpc: str
    """Address of the VPC that it lies in, and with which it would be replaced."""

    allow_replacement: bool = False


class AsDeployed(Component):
    """Remembers in the state with which settings something was deployed, and refuses at plan what would replace it.

    Without it Terraform would carry out what such a change amounts to: a new database instead of the old one, or, after
    a change of the region, everything anew in the other one while the first is forgotten. With `allow_replacement` the
    memory follows the file. Zones that are added later are not remembered.
    """

    def __init__(self, scope: Scope, id_: str, props: AsDeployedProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        name = f"{props.what}_as_deployed"
        memory: dict[str, Any] = {"input": {**props.settings, "subnets": dict(props.subnets)}}
        if not props.allow_replacement:
            memory["lifecycle"] = {"ignore_changes": ["input"]}
        # CDKTF 0.21 has no class for terraform_data, which comes with Terraform itself and needs no provider.
        TerraformStack.of(self).add_override(f"resource.terraform_data.{name}", memory)
        self._remembered = f"terraform_data.{name}.output"

    def lifecycle(self, *ignore_changes: str) -> TerraformResourceLifecycle:
        """The lifecycle of what is protected. At the first apply nothing is remembered and the check passes."""
        return TerraformResourceLifecycle(
            precondition=None if self._props.allow_replacement else self._checks(),
            replace_triggered_by=[f"{self._props.vpc}.id"],
            ignore_changes=list(ignore_changes),
        )

    def _checks(self) -> list[Precondition]:
        settings, now = self._props.settings, json.dumps(dict(self._props.subnets))
        before = {
            key: f"lookup({self._remembered}, {json.dumps(key)}, {json.dumps(value)})"
            for key, value in settings.items()
        }
        same = {key: f"{before[key]} == {json.dumps(value)}" for key, value in settings.items()}
        subnets_stay = f'alltrue([for name, range in {self._remembered}.subnets : lookup({now}, name, "") == range])'
        return [
            *(
                self._check(same[key], f"{key} was ${{{before[key]}}} at the first deploy and is {value} now")
                for key, value in settings.items()
            ),
            # Where a range has changed, its subnets have too: one message is enough.
            self._check(
                f"!({' && '.join(same.values())}) || {subnets_stay}",
                "the order of availability_zones moves subnets in use, or one is gone; new zones go to the end",
            ),
        ]

    def _check(self, condition: str, fact: str) -> Precondition:
        what = self._props.what
        return Precondition(
            condition=f"${{{condition}}}",
            error_message=f"{what}-replacement: {fact}. That replaces the {what} and loses what is in it. Restore the "
            f"old value; or, to lose it on purpose, set {what}.allow_replacement: true in the environment file.",
        )
