"""Sign-in by an identity provider: configuration of Flask-AppBuilder (FAB), which signs people in for Airflow.

It runs in Airflow's image, in the api-server alone. Above this text stands SIGN_IN, which the stack writes from
airflow.sign_in; below it, what helm/values.yaml adds in apiServer.apiServerConfig.

There are two kinds of users. Local ones have an address that ends in @localhost: the administrator, and accounts of
programs. They have passwords, and the provider can't make anybody one of them. Everybody else signs in by the provider
alone, and has the roles of their groups, found anew each time.
"""

import logging
import os
from typing import Any

from flask import flash
from flask_appbuilder.security.manager import AUTH_OAUTH
from flask_appbuilder.security.views import AuthDBView

from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride

SIGN_IN: dict[str, Any] = globals()["SIGN_IN"]

log = logging.getLogger("airflow.sign_in")

LOCAL = "@localhost"
ADMIN = "admin"
#: In the place of a group: of whoever is in none.
NO_GROUP = ""

AUTH_TYPE = AUTH_OAUTH
# Users are made below, by groups: FAB's own registration would let everybody in.
AUTH_USER_REGISTRATION = False
AUTH_ROLES_SYNC_AT_LOGIN = True
AUTH_ROLES_MAPPING = {group: [role] for group, role in SIGN_IN["roles"].items()}
if SIGN_IN["default_role"]:
    AUTH_ROLES_MAPPING[NO_GROUP] = [SIGN_IN["default_role"]]
OAUTH_PROVIDERS = [
    {
        "name": SIGN_IN["provider"],
        "icon": "fa-key",
        "token_key": "access_token",
        "remote_app": {**SIGN_IN["client"], "client_secret": os.environ["AIRFLOW_SIGN_IN_CLIENT_SECRET"].strip()},
    }
]


def claim_of(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name, or one inside of others by their names with dots between; None if it isn't there."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def claims_of_token(client: Any, token: dict[str, Any]) -> dict[str, Any]:
    """What the provider says: by the ID token, which authlib has verified, and by its userinfo where that isn't all."""
    claims = dict(token["userinfo"])
    wanted = [SIGN_IN["name_claim"], *SIGN_IN["groups_claims"]]
    if any(claim_of(claims, name) is None for name in wanted) and "userinfo_endpoint" in client.load_server_metadata():
        more = client.userinfo(token=token)
        # OpenID Connect Core, 5.3.2: otherwise it may be about somebody else.
        if more.get("sub") == claims["sub"]:
            claims = {**more, **claims}
    return claims


def claims_of_github(client: Any, token: dict[str, Any]) -> dict[str, Any]:
    """What GitHub's API says; an organisation is a group `org`, a team of it `org/team`, 100 of each at most."""

    def ask(path: str) -> Any:
        answer = client.get(path, token=token)
        answer.raise_for_status()
        return answer.json()

    organisations = [each["login"] for each in ask("user/orgs?per_page=100")]
    teams = [f"{each['organization']['login']}/{each['slug']}" for each in ask("user/teams?per_page=100")]
    return {**ask("user"), "groups": [*organisations, *teams]}


class LocalSignIn(AuthDBView):
    """A form for local users, for the day that the provider is away."""

    route_base = "/local"


class SignIn(FabAirflowSecurityManagerOverride):
    """FAB's rules, and those of the two kinds of users."""

    def register_views(self) -> None:
        """Add the form for local users, if the administrator is one."""
        super().register_views()
        if SIGN_IN["local_admin"] != "none":
            view = self.appbuilder.add_view_no_menu(LocalSignIn())
            self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)

    def set_oauth_session(self, provider: str, oauth_response: dict[str, Any]) -> None:
        """Keep nothing: FAB would write the provider's token into the metadata database."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """Who has signed in, in FAB's words."""
        client = self.oauth_remotes[provider]
        claims = claims_of_github(client, resp) if provider == "github" else claims_of_token(client, resp)
        groups = []
        for name in SIGN_IN["groups_claims"]:
            found = claim_of(claims, name)
            # An address that nobody has verified is no sign of who somebody is.
            if found and not (name == "email" and claims.get("email_verified") is not True):
                groups += found if isinstance(found, list) else [found]
        email = str(claims.get("email") or "")
        if claims.get("email_verified") is False or email.casefold().endswith(LOCAL):
            email = ""
        return {
            "username": str(claim_of(claims, SIGN_IN["name_claim"]) or ""),
            "email": email,
            "first_name": str(claims.get("given_name") or claims.get("name") or ""),
            "last_name": str(claims.get("family_name") or ""),
            "role_keys": [str(group) for group in groups],
        }

    def auth_user_oauth(self, userinfo: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Let in whoever is in a group that has a role; a user is made of somebody who comes for the first time."""
        name, groups = userinfo["username"], userinfo["role_keys"]
        if not name:
            return self.refuse(f"The provider does not say {SIGN_IN['name_claim']!r}, which names people here.")
        user = self.find_user(username=name) or self.renamed(userinfo)
        if name.casefold() == ADMIN or (user and is_local(user)):
            return self.refuse(f"The name {name!r} belongs to a local user here; the provider has another one of it.")
        keys = groups if self.get_roles_from_keys(groups) else [NO_GROUP]
        roles = list(self.get_roles_from_keys(keys))
        if not roles:
            if user:
                user.roles = []
                self.update_user(user)
            return self.refuse(f"{name!r} is in no group that may use Airflow. The provider names: {groups!r}.")
        if user is None:
            address = userinfo["email"] or f"{name}@email.notfound"
            self.add_user(name, userinfo["first_name"], userinfo["last_name"], address, roles)
        return super().auth_user_oauth({**userinfo, "role_keys": keys}, *args, **kwargs)

    def renamed(self, userinfo: dict[str, Any]) -> Any:
        """The user of somebody who has another name at the provider than before; None if nobody has that address."""
        user = self.find_user(email=userinfo["email"]) if userinfo["email"] else None
        if user is not None and not is_local(user):
            log.warning("%r is %r from now on, by the same address", user.username, userinfo["username"])
            user.username = userinfo["username"]
            self.update_user(user)
            return user
        return None

    def auth_user_db(self, username: str, password: str, *args: Any, **kwargs: Any) -> Any:
        """Take passwords of local users alone: others may have one of the days before the provider."""
        user = super().auth_user_db(username, password, *args, **kwargs)
        if user is None or is_local(user):
            return user
        log.warning("%r signs in by the provider: the password is not taken", username)
        return None

    def refuse(self, why: str) -> None:
        """Tell the person, and the log."""
        log.warning("Sign-in refused. %s", why)
        flash(why, "warning")


def is_local(user: Any) -> bool:
    """Whether somebody is a user of Airflow's own, with a password."""
    return str(user.email).casefold().endswith(LOCAL)


SECURITY_MANAGER_CLASS = SignIn
