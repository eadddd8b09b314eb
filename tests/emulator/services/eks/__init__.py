"""EKS, in the place of moto's."""

import importlib
import json
from typing import Any
from urllib.parse import parse_qs, unquote

import moto.eks.urls as moto_urls
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.eks.responses import EKSResponse

from tests.emulator.options import Options
from tests.emulator.services.eks.clusters import configure
from tests.emulator.services.eks.state import OPERATIONS, Operation, eks_region

_OPERATION_MODULES = ("access_entries", "addons", "clusters", "node_groups", "pod_identity", "tags")
_PATHS = (
    "clusters",
    "clusters/(?P<rest>.+)",
    "addons/(?P<rest>.+)",
    "access-policies",
    "cluster-versions",
    "tags/(?P<rest>.+)",
)
_LISTS = ("tagKeys", "clusterVersions", "types", "publishers", "owners")


def install(options: Options) -> None:
    """Routes every EKS path to our operations; moto keeps routing, parsing by method and path, and serialization."""
    configure(options)
    for module in _OPERATION_MODULES:
        importlib.import_module(f"{__name__}.{module}")
    methods = {camelcase_to_underscores(name): _method(implementation) for name, implementation in OPERATIONS.items()}
    response_class: Any = type("EmulatedEks", (EKSResponse,), methods)
    moto_urls.url_paths.clear()
    moto_urls.url_paths.update({f"{{0}}/{path}$": response_class.dispatch for path in _PATHS})


def _method(implementation: Operation) -> Any:
    def answer(response: Any) -> ActionResult:
        region = eks_region(response.current_account, response.region, response.partition)
        return ActionResult(implementation(region, _parameters(response)))

    return answer


def _parameters(response: Any) -> dict[str, Any]:
    """Returns the parameters of a request by their names on the wire, from query, body and path."""
    query = parse_qs(response.parsed_url.query)
    parameters: dict[str, Any] = {name: values if name in _LISTS else values[0] for name, values in query.items()}
    if response.body:
        parameters.update(json.loads(response.body))
    return parameters | {name: unquote(value) for name, value in response.uri_match.items()}
