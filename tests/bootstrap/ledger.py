"""What recorded calls have made, as far as IAM asks about it: tags, boundaries, and what an association joins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bootstrap.operations import Operation

#: Start of an EC2 object's ID -> its resource type in ARNs.
EC2_TYPES = {
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
#: Operation -> resource type that it makes.
MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateLaunchTemplate": "launch-template",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
}
_ID = re.compile(r"\b([a-z]+)-[0-9a-f]{17}\b")
_ADDRESS = re.compile(
    rb"<allocationId>(eipalloc-\w+)</allocationId>.*?<associationId>(eipassoc-\w+)</associationId>", re.DOTALL
)


def mapping(tags: Any) -> dict[str, str]:
    """Tags by name, from any of the forms in which services take them."""
    if isinstance(tags, Mapping):
        return dict(tags)
    return {tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue")) for tag in tags or ()}


def specified(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a call to EC2 gives to what it makes."""
    return {
        key: value for part in parameters.get("TagSpecifications") or () for key, value in mapping(part["Tags"]).items()
    }


def ids(value: Any) -> Iterator[str]:
    """IDs of EC2 objects, wherever they stand in parameters."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from ids(inner)
    elif isinstance(value, str) and _ID.fullmatch(value):
        yield value


@dataclass
class Ledger:
    """Kept while calls are read in their order."""

    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """ID of an EC2 object or of a key -> its tags; not there: it has none."""

    boundaries: dict[str, str] = field(default_factory=dict)
    """Role -> its boundary."""

    joined: dict[str, list[str]] = field(default_factory=dict)
    """Association -> what it joins."""

    aliases: dict[str, str] = field(default_factory=dict)
    """Alias -> key."""

    def note(self, operation: Operation) -> None:
        """Take in what a call has changed."""
        if operation.status >= 300:
            return
        parameters = operation.parameters
        if operation.service == "ec2":
            self._note_ec2(operation)
        elif operation.name == "CreateKey":
            [key] = set(re.findall(rb'"KeyId":\s*"([0-9a-f-]{36})"', operation.answer))
            self.tags[key.decode()] = mapping(parameters.get("Tags"))
        elif operation.name == "CreateAlias":
            self.aliases[parameters["AliasName"]] = parameters["TargetKeyId"]
        elif operation.name == "CreateRole" and parameters.get("PermissionsBoundary"):
            self.boundaries[parameters["RoleName"]] = parameters["PermissionsBoundary"]

    def _note_ec2(self, operation: Operation) -> None:
        name, parameters = operation.name, operation.parameters
        if name in MADE:
            made = next(
                each[0] for each in _ID.finditer(operation.answer.decode()) if EC2_TYPES.get(each[1]) == MADE[name]
            )
            self.tags[made] = specified(parameters)
        elif name == "CreateTags":
            for made in parameters["Resources"]:
                self.tags.setdefault(made, {}).update(mapping(parameters["Tags"]))
        elif name == "AssociateRouteTable":
            [association] = set(re.findall(rb"rtbassoc-\w+", operation.answer))
            self.joined[association.decode()] = [parameters["RouteTableId"], parameters["SubnetId"]]
        elif name == "DescribeAddresses":
            for address, association in _ADDRESS.findall(operation.answer):
                self.joined[association.decode()] = [address.decode()]
