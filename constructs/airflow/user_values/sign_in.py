"""What the user's file says of sign-in, in an environment that leaves it to an identity provider (airflow.sign_in)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructs.airflow.user_values import owners
from constructs.airflow.user_values.owners import Owner
from constructs.airflow.user_values.refusals import refusal
from constructs.airflow.values.places import value_at
from constructs.airflow.values.web_server_configuration import PLACE
from constructs.settings.document.problems import Problem
from constructs.settings.document.text import Document

_OTHER_FILE = Owner(
    "the file that signs people in is the stack's, and this would take its place",
    "write what you add into apiServer.apiServerConfig: it is read after the stack's part",
)
#: Path -> owner, where airflow.sign_in is there.
OWNED_WITH_PROVIDER: Mapping[Sequence[str], Owner] = {
    ("apiServer", "apiServerConfigConfigMapName"): _OTHER_FILE,
    ("config", "fab", "session_lifetime_minutes"): owners.setting("sign_in.session_minutes"),
    ("config", "api_auth", "jwt_expiration_time"): owners.setting("sign_in.session_minutes"),
}


def sign_in_problems(document: Document, user: Mapping[str, Any], computed: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each value of the user's that airflow.sign_in decides, where the environment has it."""
    if value_at(PLACE, computed) is None:
        return
    for path, owner in OWNED_WITH_PROVIDER.items():
        if value_at(path, user) is not None:
            yield refusal(document, tuple(path), owner)
