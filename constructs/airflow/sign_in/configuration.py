"""What of airflow.sign_in reaches the release: a file, a variable with the secret, lengths of sessions."""

from __future__ import annotations

from pathlib import Path
from pprint import pformat
from typing import Any

from constructs.airflow.secrets import secret_names
from constructs.airflow.values.places import at
from constructs.airflow.values.web_server_configuration import PLACE
from constructs.settings.sections.airflow.sign_in import SignInSettings

#: Variable of the api-server's container, and of no other, with the secret of the client at the provider.
CLIENT_SECRET_VARIABLE = "AIRFLOW_SIGN_IN_CLIENT_SECRET"  # noqa: S105  # a name

_SOURCE = Path(__file__).with_name("webserver_config.py")
_GITHUB = {
    "api_base_url": "https://api.github.com/",
    "access_token_url": "https://github.com/login/oauth/access_token",
    "authorize_url": "https://github.com/login/oauth/authorize",
}


def web_server_configuration(sign_in: SignInSettings) -> str:
    """Return `webserver_config.py` of the api-server: what the environment says, and the code that reads it.

    No secret is in it, and no template of Helm's.
    """
    return f"SIGN_IN = {pformat(_facts(sign_in), width=110, sort_dicts=False)}\n\n{_SOURCE.read_text(encoding='utf-8')}"


def _facts(sign_in: SignInSettings) -> dict[str, Any]:
    kind = sign_in.kind
    client: dict[str, Any] = {
        "client_id": sign_in.client_id,
        # The code that comes back is worth nothing to who reads it on the way (RFC 7636).
        "client_kwargs": {"scope": " ".join(sign_in.scopes or kind.scopes), "code_challenge_method": "S256"},
    }
    discovery = sign_in.discovery_url or kind.discovery_url
    return {
        "provider": sign_in.provider,
        "client": client | ({"server_metadata_url": discovery} if discovery else _GITHUB),
        "name_claim": sign_in.name_claim or kind.name_claim,
        "groups_claims": [sign_in.groups_claim] if sign_in.groups_claim else list(kind.groups_claims),
        "roles": dict(sign_in.roles),
        "default_role": sign_in.default_role,
        "local_admin": sign_in.local_admin,
    }


def session_variables(sign_in: SignInSettings) -> dict[str, str]:
    """Return the options that end a session, as variables: of FAB's pages, and of the tokens that the UI uses.

    Not in airflow.cfg: another length would restart every pod that has the file, workers among them.
    """
    minutes = sign_in.session_minutes
    return {
        "AIRFLOW__FAB__SESSION_LIFETIME_MINUTES": str(minutes),
        "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME": str(minutes * 60),
    }


def api_server_variables(sign_in: SignInSettings) -> list[dict[str, Any]]:
    """Return the variables of the api-server's container, and of no other: one has the client's secret."""
    reference = {"name": secret_names.SIGN_IN, "key": "client-secret"}
    return [
        *({"name": name, "value": value} for name, value in session_variables(sign_in).items()),
        {"name": CLIENT_SECRET_VARIABLE, "valueFrom": {"secretKeyRef": reference}},
    ]


def sign_in_values(sign_in: SignInSettings) -> dict[str, Any]:
    """Return the chart's values; `api_server_variables` are not among them: they stand in a list with others."""
    return at(PLACE, web_server_configuration(sign_in))
