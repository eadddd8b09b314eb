"""What a recorded request asks AWS to do: service, operation, parameters as boto3 names them, and who signed it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from tests.bootstrap.recorder import Exchange
from tests.emulator.recognition import CLIENT_NAMES

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True)
class Operation:
    """One call."""

    service: str
    """boto3's client name."""

    name: str
    parameters: dict[str, Any]
    access_key: str
    status: int
    answer: bytes

    @property
    def reads(self) -> bool:
        """Whether its name says that it changes nothing."""
        return self.name.startswith(("Describe", "Get", "List", "Head"))


def operations(exchanges: Iterable[Exchange]) -> list[Operation]:
    """What each request asks for, by botocore's models of the services."""
    return [_operation(exchange) for exchange in exchanges]


def _operation(exchange: Exchange) -> Operation:
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    signature = _CREDENTIAL.search(headers.get("authorization", ""))
    # Of Terraform's calls only AssumeRoleWithWebIdentity is unsigned.
    signed_for = signature["service"].lower() if signature else "sts"
    service = CLIENT_NAMES.get(signed_for, signed_for)
    model = get_service_model(service)
    body = b"" if service == "s3" and "x-amz-content-sha256" in headers and _is_object(exchange) else exchange.body
    request = Request.from_primitives(exchange.method, f"http://127.0.0.1{exchange.target}", headers, body)
    found, in_path = get_service_router(service).match(request)
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)](found)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    key = signature["key"] if signature else ""
    return Operation(service, str(found.name), parsed, key, exchange.status, exchange.answer)


def _is_object(exchange: Exchange) -> bool:
    """Whether the body is an object's content: a path with a key, no sub-resource asked for."""
    path, _, query = exchange.target.partition("?")
    return exchange.method == "PUT" and path.count("/") > 1 and not query.startswith(("tagging", "acl"))
