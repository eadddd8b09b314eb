"""What pods may reach."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, TypeAlias

from constructs.settings.values import facts
from constructs.settings.values.ranges import Cidr
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import Count, fitting, mistake
from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

#: Addresses of the machine itself: its metadata, and the login of its role, at 169.254.169.254.
LINK_LOCAL = IPv4Network("169.254.0.0/16")
HIGHEST_PORT = 65_535
#: VPC CNI holds 24 ports for any one address (EKS user guide, "Limit pod traffic with Kubernetes network policies");
#: Airflow itself takes some of them.
MOST_PORTS = 20
#: Characters of `255.255.255.255/32:65535`.
LONGEST = 24
_RANGE = Cidr(0, 32)
_PATTERN = r"([0-9.]{7,15}/[0-9]{1,2}):([1-9][0-9]{0,4})"


def _check_destination(value: object) -> str:
    allowed = "an IPv4 range and a TCP port, <range>/<prefix length>:<port>, such as 10.20.0.0/16:5432"
    fix = "write a value such as 10.20.0.0/16:5432; a single address has /32"
    match = fitting(_PATTERN, value, LONGEST)
    if not isinstance(value, str) or not match or int(match[2]) > HIGHEST_PORT:
        raise mistake(allowed=allowed, fix=fix)
    network = IPv4Network(_RANGE.check(match[1]))
    if network.subnet_of(LINK_LOCAL):
        raise mistake(
            allowed=f"{allowed}; none inside {LINK_LOCAL}",
            fix="remove it: pods get their AWS permissions from airflow.pod_policy_arns",
            note="the instance metadata",
        )
    database = facts.known().database_vpc_cidr
    if database is not None and network.subnet_of(IPv4Network(database)):
        raise mistake(
            allowed=f"{allowed}; none inside network.database_vpc_cidr, {database}",
            fix="remove it: tasks ask Airflow's API for what is in the metadata database, Airflow itself PgBouncer",
            note="the metadata database",
        )
    return value


Destination = Annotated[
    str,
    PlainValidator(_check_destination, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$"}),
]


def _with_few_ports(entries: tuple[str, ...], fix: str) -> tuple[str, ...]:
    ports = {entry.rpartition(":")[2] for entry in entries}
    if len(ports) > MOST_PORTS:
        raise mistake(
            allowed=f"at most {MOST_PORTS} different ports: the nodes' network holds no more for one address",
            fix=fix,
            note=f"{len(ports)} ports",
        )
    return entries


class _AnyOr:
    """`any`, or a list of destinations; what is wrong with the list is said of its entries."""

    def __get_pydantic_core_schema__(self, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        entries = handler.generate_schema(Annotated[tuple[Destination, ...], Count(0, 50, "destinations")])
        as_it_is = core_schema.plain_serializer_function_ser_schema(lambda value: value)
        return core_schema.no_info_wrap_validator_function(self._check, entries, serialization=as_it_is)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"const": "any"}, handler(core)]}

    @staticmethod
    def _check(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
        if value == "any":
            return value
        if not isinstance(value, list | tuple):
            raise mistake(
                allowed="any, or a list of destinations such as [10.20.0.0/16:5432]",
                fix="write any, or [] and the destinations inside",
            )
        return _with_few_ports(validate(value), "name fewer ports, or write any")


TaskEgress: TypeAlias = Annotated[Literal["any"] | tuple[str, ...], _AnyOr()]


Destinations = Annotated[
    tuple[Destination, ...],
    Count(0, 50, "destinations"),
    AfterValidator(lambda entries: _with_few_ports(entries, "name fewer ports")),
]


class EgressSettings(Section):
    """What components may reach beside what Airflow itself needs, as airflow.task_egress says it of people's code."""

    api_server: Destinations = Field(
        default=(),
        description="Destinations of the api-server, such as an identity provider on private addresses: IPv4 ranges "
        "with a TCP port, at most 50. It reaches port 443 of public addresses anyway.",
    )
    scheduler: Destinations = Field(
        default=(),
        description="The same of the scheduler, such as a collector of metrics. It reaches port 443 of public "
        "addresses anyway.",
    )
    triggerer: Destinations = Field(
        default=(),
        description="The same of the triggerer, beside airflow.task_egress, which has to be a list then: triggers run "
        "there.",
    )


def reached(egress: str | tuple[str, ...], address: IPv4Address, port: int) -> bool:
    """Whether people's code, and git-sync beside it, may reach a TCP port of an address.

    With `any` all of them. With a list: what it names, and of public addresses the ports that Airflow itself needs,
    which `port` is one of.
    """
    if isinstance(egress, str) or address.is_global:
        return True
    listed = (entry.rpartition(":") for entry in egress)
    return any(address in IPv4Network(range_) and int(open_) == port for range_, _, open_ in listed)
