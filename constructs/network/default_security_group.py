"""The default security group of a VPC."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from constructs.naming.component import Component, Scope


class ClosedDefaultSecurityGroup(Component):
    """Takes over the default security group that AWS gives every VPC and leaves no rule in it.

    Whatever is started without a group of its own can talk to nobody. The empty lists are written out: without them
    Terraform empties the group once and then overlooks what is added.
    """

    def __init__(self, scope: Scope, id_: str, name: str, vpc_id: str) -> None:
        super().__init__(scope, id_)
        group = self.add(DefaultSecurityGroup, name, vpc_id=vpc_id)
        group.add_override("ingress", [])
        group.add_override("egress", [])
