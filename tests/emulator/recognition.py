"""Which AWS operation a request is: service from the signature's scope, action from the protocol's own place."""

import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

#: Where the name in the signature differs from boto3's client name.
CLIENT_NAMES = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
}
#: What paths of S3 Control begin with; its calls are signed as S3's.
S3_CONTROL = "/v20180820/"
UNKNOWN_SERVICE = "unknown"
UNKNOWN_ACTION = "Unknown"

_CREDENTIAL = re.compile(
    r"(?:Credential=)?(?P<access_key>[^/\s=]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_ATTEMPT = re.compile(r"attempt=(\d+)")
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<action>\w+)$")


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """What a request asks for."""

    service: str
    action: str
    region: str
    protocol: str  #: `query`, `ec2`, `json`, `rest-json`, `rest-xml`
    attempt: int
    terraform: bool
    access_key: str
    text: str  #: path, query and body, for faults that look for a name in them


def recognize(environ: dict[str, Any], body: bytes) -> Recognition:
    """Returns the operation that a request names; unknown parts are `unknown` and `Unknown`, never an error."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    scope = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "") or query.get("X-Amz-Credential", [""])[0])
    signed_name = scope["service"].lower() if scope else UNKNOWN_SERVICE
    service = CLIENT_NAMES.get(signed_name, signed_name)
    if service == "s3" and environ["PATH_INFO"].startswith(S3_CONTROL):
        service = "s3control"
    attempt = _ATTEMPT.search(environ.get("HTTP_AMZ_SDK_REQUEST", ""))
    protocol, routed = _route(service, environ, body)
    return Recognition(
        service=service,
        action=_named_action(environ, query, body) or routed or UNKNOWN_ACTION,
        region=scope["region"] if scope else "us-east-1",
        protocol=protocol,
        attempt=int(attempt[1]) if attempt else 1,
        terraform="Terraform" in environ.get("HTTP_USER_AGENT", ""),
        access_key=scope["access_key"] if scope else "",
        text=f"{environ.get('RAW_URI', '')}\n{body.decode('utf-8', 'replace')}",
    )


def _named_action(environ: dict[str, Any], query: dict[str, list[str]], body: bytes) -> str | None:
    """Returns the action where the request spells it out: header, form, query or RPC path."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", "") and (
        form := parse_qs(body.decode("utf-8", "replace"))
    ):
        return form.get("Action", [None])[0]
    if rpc := _RPC_PATH.search(environ.get("PATH_INFO", "")):
        return rpc["action"]
    return query.get("Action", [None])[0]


def _route(service: str, environ: dict[str, Any], body: bytes) -> tuple[str, str | None]:
    """Returns protocol and action after botocore's model of the service, by method, path, query and headers."""
    try:
        model = get_service_model(service)
    except Exception:  # noqa: BLE001 - botocore's UnknownServiceError and moto's own, both mean: no such service
        return "rest-json", None
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    protocol = str(determine_request_protocol(model, request.content_type))
    try:
        operation, _ = get_service_router(service).match(request)
    except HTTPException:
        return protocol, None
    return protocol, str(operation.name)
