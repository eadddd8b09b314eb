"""The file that signs people in, as it is generated; what it does is shown by tests/airflow/test_sign_in.py."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from constructs.airflow.sign_in.configuration import (
    api_server_variables,
    session_variables,
    web_server_configuration,
)
from constructs.settings.sections.airflow.identity_providers import IDENTITY_PROVIDERS
from constructs.settings.sections.airflow.sign_in import SignInSettings

DISCOVERY = "https://login.example.com/.well-known/openid-configuration"


def sign_in(provider: str = "generic", **changes: Any) -> SignInSettings:
    """Settings of a provider with nothing more than it needs."""
    url = DISCOVERY if IDENTITY_PROVIDERS[provider].takes_discovery_url else None
    return SignInSettings.model_validate(
        {
            "provider": provider,
            "discovery_url": url,
            "client_id": "airflow",
            "client_secret_name": "acme/sign-in",
            "roles": {"cn=\"Data\" 'Eng',ou=x": "Op", "100 % $ money": "Viewer"},
            **changes,
        }
    )


def facts(settings: SignInSettings) -> dict[str, Any]:
    """What the file says of the environment, read as Python reads it."""
    first = ast.parse(web_server_configuration(settings)).body[0]
    assert isinstance(first, ast.Assign)
    found: dict[str, Any] = ast.literal_eval(first.value)
    return found


@pytest.mark.parametrize("provider", IDENTITY_PROVIDERS)
class TestOfEachProvider:
    def test_is_python(self, provider: str) -> None:
        """Whatever the groups are called, the file compiles and says them as they are."""
        settings = sign_in(provider)
        compile(web_server_configuration(settings), "webserver_config.py", "exec")
        assert facts(settings)["roles"] == dict(settings.roles)

    def test_holds_no_template_and_no_secret(self, provider: str) -> None:
        """The chart evaluates it; where the secret is stored is no business of the pod's either."""
        text = web_server_configuration(sign_in(provider))
        assert "{{" not in text
        assert "acme/sign-in" not in text

    def test_knows_where_the_provider_is(self, provider: str) -> None:
        """By discovery; GitHub has none and is known by its addresses."""
        client = facts(sign_in(provider))["client"]
        if provider == "github":
            assert client["authorize_url"] == "https://github.com/login/oauth/authorize"
            assert client["access_token_url"] == "https://github.com/login/oauth/access_token"
        else:
            assert client["server_metadata_url"].endswith("/.well-known/openid-configuration")

    def test_a_code_is_of_use_to_nobody_else(self, provider: str) -> None:
        """Each sign-in proves that it is the one which began (PKCE)."""
        assert facts(sign_in(provider))["client"]["client_kwargs"]["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    ("provider", "name", "groups", "scope"),
    [
        ("google", "email", ["hd", "email"], "openid email profile"),
        ("entra", "preferred_username", ["roles"], "openid email profile"),
        ("okta", "preferred_username", ["groups"], "openid email profile groups"),
        ("cognito", "cognito:username", ["cognito:groups"], "openid email profile"),
        ("github", "login", ["groups"], "read:user user:email read:org"),
        ("generic", "preferred_username", ["groups"], "openid email profile"),
    ],
)
def test_claims_of_a_provider(provider: str, name: str, groups: list[str], scope: str) -> None:
    """Name and groups stand where the provider writes them, and are asked for."""
    found = facts(sign_in(provider))
    assert (found["name_claim"], found["groups_claims"]) == (name, groups)
    assert found["client"]["client_kwargs"]["scope"] == scope


def test_claims_of_ones_own() -> None:
    """The file's claims and scopes take the place of the provider's usual ones."""
    found = facts(sign_in("keycloak", name_claim="sub", groups_claim="realm_access.roles", scopes=["openid", "x"]))
    assert (found["name_claim"], found["groups_claims"]) == ("sub", ["realm_access.roles"])
    assert found["client"]["client_kwargs"]["scope"] == "openid x"


def test_secret_is_named_only() -> None:
    """Values of the chart hold the place of the secret, for the api-server's container."""
    assert api_server_variables(sign_in())[-1] == {
        "name": "AIRFLOW_SIGN_IN_CLIENT_SECRET",
        "valueFrom": {"secretKeyRef": {"name": "airflow-ext-sign-in", "key": "client-secret"}},
    }


def test_sessions_end_in_time() -> None:
    """FAB counts minutes, Airflow's tokens seconds; half a day unless said otherwise."""
    assert session_variables(sign_in(session_minutes=30)) == {
        "AIRFLOW__FAB__SESSION_LIFETIME_MINUTES": "30",
        "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME": "1800",
    }
    assert session_variables(sign_in())["AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME"] == "43200"
