"""How people sign in to the web UI, in section `airflow`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from constructs.settings.sections.airflow.identity_providers import DISCOVERY, IDENTITY_PROVIDERS, IdentityProvider
from constructs.settings.sections.airflow.web import WebSettings
from constructs.settings.sections.secrets import Revision, ShortSecretName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import PORT, Count, Shape, Whole, mistake
from pydantic import Field, ValidationInfo, field_validator

ProviderName: TypeAlias = Literal["google", "entra", "okta", "keycloak", "cognito", "github", "gitlab", "generic"]
LocalAdmin: TypeAlias = Literal["keep", "break_glass", "none"]

#: Where FAB takes people back, below the address of the web UI; the provider's name comes last.
CALLBACK_PATH = "/auth/oauth-authorized/"
#: Authorities of Entra ID that let the accounts of every tenant in.
_EVERY_TENANT = re.compile(r"https://[^/]+/(common|organizations|consumers)/")
_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
DiscoveryUrl = Annotated[
    str,
    Shape(
        rf"https://{_LABEL}(\.{_LABEL})*(:{PORT})?(/[A-Za-z0-9_.~%-]+)*{re.escape(DISCOVERY)}",
        allowed=f"an https URL that ends in {DISCOVERY}, at most 512 characters, host in lower case, ports up to 65535",
        fix=f"write the provider's issuer URL and {DISCOVERY} after it; in a browser it shows JSON",
        longest=512,
    ),
]
ClientId = Annotated[
    str,
    Shape(
        "[A-Za-z0-9._~:/@+=-]{1,255}",
        allowed="the client id that the provider has given: 1 to 255 letters, digits and . _ ~ : / @ + = -",
        fix="copy the id of the client (the application) from the provider; never its secret",
        longest=255,
    ),
]
ClaimName = Annotated[
    str,
    Shape(
        "[A-Za-z0-9_.:/-]{1,200}",
        allowed="the name of a claim: 1 to 200 letters, digits and _ . : / -; claims inside of others with dots "
        "between, such as realm_access.roles",
        fix="write a name such as preferred_username or groups",
        longest=200,
    ),
]
ScopeName = Annotated[
    str,
    Shape(
        "[A-Za-z0-9_.:/-]{1,200}",
        allowed="a scope of the provider: 1 to 200 letters, digits and _ . : / -",
        fix="write one in each entry, such as [openid, email, profile]",
        longest=200,
    ),
]
GroupName = Annotated[
    str,
    Shape(
        r"[^\s{}\x00-\x1f\x7f\\]([^{}\x00-\x1f\x7f\\]{0,254}[^\s{}\x00-\x1f\x7f\\])?",
        allowed="a group as the provider's claim has it: 1 to 256 characters, no braces, backslashes or spaces around",
        fix="write the value that the claim has; numbers in quotes",
        longest=256,
    ),
]
RoleName = Annotated[
    str,
    Shape(
        "(?!Public$)[A-Za-z0-9_]([A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_])?",
        allowed="a role of Airflow: Admin, Op, User, Viewer, or one of your own, 1 to 64 letters, digits, spaces and "
        "_ . -; not Public, which permits nothing",
        fix="write Viewer, User, Op or Admin; one of your own is made by: airflow roles create <name>",
        longest=64,
    ),
]


class SignInSettings(Section):
    """Sign-in by an identity provider. All its text is free of templates by its shape."""

    provider: ProviderName = Field(
        description="Who knows the people: `google` (Workspace), `entra` (Microsoft Entra ID), `okta`, `keycloak`, "
        "`cognito`, `github`, `gitlab`, or `generic` for any other with OpenID Connect. Also the last part of the "
        "callback URL, which python -m ops url prints."
    )
    discovery_url: DiscoveryUrl | None = Field(
        default=None,
        description=f"URL of the provider's own description, its issuer and {DISCOVERY}. Not with google and github; "
        "gitlab: https://gitlab.com by default.",
    )
    client_id: ClientId = Field(description="Id of the client (the application) that the provider has for Airflow.")
    client_secret_name: ShortSecretName = Field(
        description="Name of a secret in Secrets Manager (this account and region) that holds the client's secret, as "
        "plain text. Only the api-server gets it."
    )
    client_secret_revision: Revision = Field(
        default=1, description="Raise by 1 when the client's secret has changed: the api-server restarts with it."
    )
    scopes: Annotated[tuple[ScopeName, ...], Count(1, 20, "scopes")] | None = Field(
        default=None, description="What the provider is asked for. Default: what it needs for name and groups."
    )
    name_claim: ClaimName | None = Field(
        default=None,
        description="Claim with the name that somebody has in Airflow. Default: preferred_username, or what the "
        "provider has in its place.",
    )
    groups_claim: ClaimName | None = Field(
        default=None,
        description="Claim with the groups. Default: groups; entra: roles (app roles); cognito: cognito:groups; "
        "google: hd (the Workspace domain) and email; github: organisations and teams (org, org/team).",
    )
    roles: Annotated[Mapping[GroupName, RoleName], Count(0, 200, "groups")] = Field(
        default={},
        description="Group -> role in Airflow (Admin, Op, User, Viewer or one of your own). Who is in several has all "
        "of them. They are set anew at each sign-in.",
    )
    default_role: RoleName | None = Field(
        default=None,
        description="Role of whoever is in none of these groups. Default: they are refused. Not where anybody in the "
        "world has an account: google, github, gitlab.com.",
    )
    session_minutes: Annotated[int, Whole(5, 43_200, "minutes")] = Field(
        default=720,
        description="How long somebody stays signed in, 5 to 43200; tokens of the API live as long. Until then what "
        "the provider has taken from them still counts.",
    )
    local_admin: LocalAdmin = Field(
        default="keep",
        description="The user admin, who signs in by password: `keep`; `break_glass`: there is none until somebody "
        "with access to the cluster makes one, for the day that the provider is away; `none`: nor a form for him.",
    )

    @property
    def kind(self) -> IdentityProvider:
        """What is known of the provider."""
        return IDENTITY_PROVIDERS[self.provider]

    @field_validator("discovery_url")
    @classmethod
    def _suits_the_provider(cls, url: str | None, info: ValidationInfo) -> str | None:
        kind = IDENTITY_PROVIDERS.get(info.data.get("provider", ""))
        if kind is None:
            return url
        if url is not None and not kind.takes_discovery_url:
            raise mistake(
                allowed=f"nothing with provider: {info.data['provider']}, whose addresses are known",
                fix="remove it, or write provider: generic",
            )
        if url is None and kind.takes_discovery_url and kind.discovery_url is None:
            raise mistake(allowed=f"the provider's own, {kind.example}", fix="add airflow.sign_in.discovery_url")
        if url is not None and _EVERY_TENANT.match(url):
            raise mistake(
                allowed="one tenant's: with common, organizations or consumers every tenant in the world signs in",
                fix=f"write {IDENTITY_PROVIDERS['entra'].example}",
            )
        return url

    @field_validator("default_role")
    @classmethod
    def _leaves_somebody_in(cls, role: str | None, info: ValidationInfo) -> str | None:
        if "provider" not in info.data or "roles" not in info.data or "discovery_url" not in info.data:
            return role
        if role is None and not info.data["roles"]:
            raise mistake(
                allowed="a role where airflow.sign_in.roles names no group: nobody could sign in",
                fix="add airflow.sign_in.roles, such as {airflow-admins: Admin}",
            )
        is_everybodys = IDENTITY_PROVIDERS[info.data["provider"]].is_everybodys and info.data["discovery_url"] is None
        if role is not None and is_everybodys:
            raise mistake(
                allowed=f"nothing with provider: {info.data['provider']}: anybody in the world has an account there",
                fix="remove it, and name your groups in airflow.sign_in.roles",
            )
        return role


def refuse_without_address(sign_in: SignInSettings | None, web: WebSettings | None) -> None:
    """Refuse sign-in by a provider that has no address to send people back to, or one that others read on the way.

    Raises:
        PydanticCustomError: what is allowed, and how to fix it.
    """
    if sign_in is not None and web is not None and not (web.uses_https and web.host_name):
        raise mistake(
            allowed="sign-in by a provider with airflow.web.certificate_arn and host_name, or behind an Ingress "
            "controller with TLS: it sends people back to https://<host_name>, and to nothing else",
            fix="add them, or remove airflow.sign_in: people then sign in by password",
        )
