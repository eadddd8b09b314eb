"""Sign-in by an identity provider: what its settings may say, and what each mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.identity_providers import IDENTITY_PROVIDERS
from constructs.settings.sections.airflow.sign_in import SignInSettings

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-44cd-96ef-1234567890ab"
WEB = f"{{allowed_cidrs: [203.0.113.0/24], host_name: airflow.example.com, certificate_arn: '{CERTIFICATE}'}}"
DISCOVERY = "https://login.example.com/realms/company/.well-known/openid-configuration"
GENERIC: dict[str, Any] = {
    "provider": "generic",
    "discovery_url": DISCOVERY,
    "client_id": "airflow",
    "client_secret_name": "acme/sign-in",
    "roles": {"airflow-admins": "Admin"},
}
GITHUB = {"provider": "github", "discovery_url": None}


def changed(**changes: Any) -> dict[str, str | None]:
    """The smallest file with sign-in by a provider, some of its keys others; None takes one away."""
    settings = {key: value for key, value in (GENERIC | changes).items() if value is not None}
    return {"airflow/web": WEB, "airflow/sign_in": yaml.safe_dump(settings, default_flow_style=True, width=9999)}


#: Keys set, key reported, a part each of what was received, what is allowed and the fix.
MISTAKES: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"provider": "azure"}, "provider", "azure", "entra", "write one of"),
    ({"provider": None}, "provider", "nothing", "google", "add"),
    ({"discovery_url": None}, "discovery_url", "nothing", "https://login.example.com", "add airflow.sign_in.discovery"),
    ({"discovery_url": "https://login.example.com"}, "discovery_url", "example.com", "ends in /.well-known", "issuer"),
    ({"discovery_url": DISCOVERY.replace("s:", ":")}, "discovery_url", "http:", "https URL", "issuer"),
    ({"discovery_url": DISCOVERY.replace("realms", "${a}")}, "discovery_url", "${a}", "https URL", "issuer"),
    ({"provider": "github"}, "discovery_url", "example.com", "addresses are known", "generic"),
    ({"provider": "google"}, "discovery_url", "example.com", "addresses are known", "generic"),
    (
        {
            "provider": "entra",
            "discovery_url": "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        },
        "discovery_url",
        "common",
        "every tenant in the world",
        "<tenant id>",
    ),
    ({"client_id": None}, "client_id", "nothing", "Id of the client", "add the key"),
    ({"client_id": "{{ x }}"}, "client_id", "{{ x }}", "client id", "never its secret"),
    ({"client_secret_name": None}, "client_secret_name", "nothing", "Secrets Manager", "add the key"),
    ({"client_secret_name": "airflow-test/jwt"}, "client_secret_name", "jwt", "of your own", "a secret of your own"),
    ({"client_secret_revision": 0}, "client_secret_revision", "0", "from 1", "write"),
    ({"scopes": []}, "scopes", "an empty list", "1 to 20 scopes", "add scopes"),
    ({"scopes": ["openid email"]}, "scopes[0]", "openid email", "a scope", "[openid, email, profile]"),
    ({"name_claim": "a b"}, "name_claim", "a b", "name of a claim", "preferred_username"),
    ({"groups_claim": "{{a}}"}, "groups_claim", "{{a}}", "realm_access.roles", "groups"),
    ({"roles": {"a{{b": "Admin"}}, "roles", "a{{b", "no braces", "claim"),
    ({"roles": {"group": "Public"}}, "roles.group", "Public", "not Public", "Viewer"),
    ({"roles": {}}, "default_role", "nothing", "nobody could sign in", "roles"),
    ({"roles": None}, "default_role", "nothing", "nobody could sign in", "{airflow-admins: Admin}"),
    ({**GITHUB, "default_role": "Viewer"}, "default_role", "Viewer", "anybody in the world", "remove it"),
    (
        {"provider": "gitlab", "discovery_url": None, "default_role": "Viewer"},
        "default_role",
        "Viewer",
        "anybody in the world",
        "name your groups",
    ),
    ({"session_minutes": 4}, "session_minutes", "4", "from 5 to 43200 minutes", "write"),
    ({"local_admin": "break-glass"}, "local_admin", "break-glass", "keep, break_glass", "break_glass"),
    ({"secret": "x"}, "secret", "an unknown key", "client_secret_name", ""),
]


@pytest.mark.parametrize(
    ("changes", "key", "received", "allowed", "fix"),
    [pytest.param(*case, id=f"{number}-{case[1]}") for number, case in enumerate(MISTAKES)],
)
def test_one_wrong_value_is_one_mistake(
    problems: Problems, *, changes: dict[str, Any], key: str, received: str, allowed: str, fix: str
) -> None:
    """A wrong value is reported once, at its key, with what stands there, what may, and a way out."""
    (problem,) = problems(changed(**changes))
    assert key in problem.key
    assert received in problem.received
    assert allowed in problem.allowed
    assert fix in problem.fix


def test_a_secret_in_the_place_of_its_name_is_not_repeated(problems: Problems) -> None:
    """Reports end up in the logs of CI."""
    (problem,) = problems(changed(client_secret_name="GOCSPX-s3cret!"))
    assert "GOCSPX" not in str(problem)


def test_needs_an_address_with_a_certificate(problems: Problems) -> None:
    """A provider sends people back to an https address that it has been told; codes cross no network in clear."""
    settings = changed() | {"airflow/web": "{allowed_cidrs: [203.0.113.0/24], unencrypted_http: true}"}
    (problem,) = problems(settings)
    assert problem.key == "airflow.sign_in"
    assert "airflow.web.certificate_arn and host_name" in problem.allowed
    assert "by password" in problem.fix


def test_is_by_password_unless_said_otherwise(load: Load) -> None:
    """Without the section there is no provider and no callback."""
    airflow = load({}).airflow
    assert airflow.sign_in is None
    assert airflow.callback_url is None


@pytest.mark.parametrize("provider", IDENTITY_PROVIDERS)
def test_callback_is_below_the_address(load: Load, provider: str) -> None:
    """What the provider has to be told ends in its name."""
    kind = IDENTITY_PROVIDERS[provider]
    url = DISCOVERY if kind.takes_discovery_url else None
    airflow = load(changed(provider=provider, discovery_url=url)).airflow
    assert airflow.callback_url == f"https://airflow.example.com/auth/oauth-authorized/{provider}"


@pytest.mark.parametrize("group", ["cn=Data Eng,ou=groups,dc=acme", "/airflow/admins", "Förderung", "a", "org/team"])
def test_groups_are_as_the_provider_has_them(group: str) -> None:
    """Names of directories, paths, letters of any language."""
    assert SignInSettings.model_validate(GENERIC | {"roles": {group: "Own role"}}).roles == {group: "Own role"}


def test_everybody_may_come_in_where_the_provider_is_the_companys_own() -> None:
    """With a role for who is in no group, none need be named; a GitLab of one's own is no place for the world."""
    settings = SignInSettings.model_validate({**GENERIC, "roles": {}, "default_role": "Viewer"})
    assert settings.default_role == "Viewer"
    own = SignInSettings.model_validate({**GENERIC, "provider": "gitlab", "default_role": "Viewer"})
    assert own.default_role == "Viewer"
