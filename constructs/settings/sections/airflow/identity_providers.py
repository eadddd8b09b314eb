"""What is known of the identity providers that people may sign in by: where they are, what they say of somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Where a provider says what it offers, below its issuer (OpenID Connect Discovery 1.0, section 4).
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """One kind of provider, with what its clients ask for unless told otherwise."""

    discovery_url: str | None = None
    """Its own; None where each customer has one."""

    takes_discovery_url: bool = True
    example: str = ""
    """What a customer's discovery URL looks like."""

    is_everybodys: bool = False
    """Whether anybody in the world may have an account there."""

    scopes: tuple[str, ...] = ("openid", "email", "profile")
    name_claim: str = "preferred_username"
    groups_claims: tuple[str, ...] = ("groups",)


#: By the name in the environment file, which is also the last part of the callback URL.
IDENTITY_PROVIDERS: Mapping[str, IdentityProvider] = {
    # Google says nothing of groups: the Workspace domain and the address are what roles can be given to.
    "google": IdentityProvider(
        discovery_url=f"https://accounts.google.com{DISCOVERY}",
        takes_discovery_url=False,
        is_everybodys=True,
        name_claim="email",
        groups_claims=("hd", "email"),
    ),
    # App roles: Entra ID leaves groups out of a token where somebody is in more than 200.
    "entra": IdentityProvider(
        example=f"https://login.microsoftonline.com/<tenant id>/v2.0{DISCOVERY}", groups_claims=("roles",)
    ),
    "okta": IdentityProvider(
        example=f"https://<organisation>.okta.com{DISCOVERY}", scopes=("openid", "email", "profile", "groups")
    ),
    "keycloak": IdentityProvider(example=f"https://<host>/realms/<realm>{DISCOVERY}"),
    "cognito": IdentityProvider(
        example=f"https://cognito-idp.<region>.amazonaws.com/<user pool id>{DISCOVERY}",
        name_claim="cognito:username",
        groups_claims=("cognito:groups",),
    ),
    # No OpenID Connect: its API says who somebody is, with organisations and teams as `org` and `org/team`.
    "github": IdentityProvider(
        takes_discovery_url=False,
        is_everybodys=True,
        scopes=("read:user", "user:email", "read:org"),
        name_claim="login",
    ),
    "gitlab": IdentityProvider(
        discovery_url=f"https://gitlab.com{DISCOVERY}",
        example=f"https://gitlab.example.com{DISCOVERY}",
        is_everybodys=True,
    ),
    "generic": IdentityProvider(example=f"https://login.example.com{DISCOVERY}"),
}
