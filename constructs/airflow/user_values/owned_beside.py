"""Values of the chart that are the user's in most environments, and not where the environment file decides them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructs.airflow.user_values import owners
from constructs.airflow.user_values.owners import Owner
from constructs.airflow.user_values.refusals import refusal
from constructs.airflow.values import bundles, web_server_configuration
from constructs.airflow.values.places import value_at
from constructs.settings.document.problems import Problem
from constructs.settings.document.text import Document

Path = Sequence[str]

_OTHER_FILE = Owner(
    "the file that signs people in is the stack's, and this would take its place",
    "write what you add into apiServer.apiServerConfig: it is read after the stack's part",
)
#: Where airflow.sign_in is there.
OWNED_WITH_PROVIDER: Mapping[Path, Owner] = {
    ("apiServer", "apiServerConfigConfigMapName"): _OTHER_FILE,
    ("config", "fab", "session_lifetime_minutes"): owners.setting("sign_in.session_minutes"),
    ("config", "api_auth", "jwt_expiration_time"): owners.setting("sign_in.session_minutes"),
}
#: Where airflow.dags.bundles is there: only one list can be in force.
OWNED_WITH_BUNDLES: Mapping[Path, Owner] = {bundles.PLACE: owners.DAGS, bundles.OPTION: owners.DAGS}

#: What the stack computes where the environment file decides -> what is not the user's then.
_BESIDE: Mapping[Path, Mapping[Path, Owner]] = {
    web_server_configuration.PLACE: OWNED_WITH_PROVIDER,
    bundles.PLACE: OWNED_WITH_BUNDLES,
}


def problems_beside(document: Document, user: Mapping[str, Any], computed: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each value of the user's that the environment file decides."""
    for decided, owned in _BESIDE.items():
        if value_at(decided, computed) is None:
            continue
        for path, owner in owned.items():
            if value_at(path, user) is not None:
                yield refusal(document, tuple(path), owner)
