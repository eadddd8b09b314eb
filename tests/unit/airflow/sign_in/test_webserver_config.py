"""The file that signs people in, run with FAB's part played: what a provider says, and who comes in by it.

With FAB itself, and a provider: tests/airflow/test_sign_in.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from constructs.airflow.sign_in.configuration import CLIENT_SECRET_VARIABLE, web_server_configuration
from constructs.settings.sections.airflow.identity_providers import IDENTITY_PROVIDERS
from constructs.settings.sections.airflow.sign_in import SignInSettings

Config = Callable[..., dict[str, Any]]


class Fab:
    """FAB's security manager in small: users by name, roles by AUTH_ROLES_MAPPING."""

    mapping: dict[str, list[str]]

    def __init__(self) -> None:
        self.users: dict[str, Any] = {}
        self.oauth_remotes: dict[str, Any] = {}

    def find_user(self, username: str = "", email: str = "") -> Any:
        """By the one or by the other."""
        return next((u for u in self.users.values() if u.username == username or (email and u.email == email)), None)

    def get_roles_from_keys(self, keys: list[str]) -> set[str]:
        """All roles of the groups."""
        return {role for key in keys for role in self.mapping.get(key, ())}

    def add_user(self, username: str, first_name: str, last_name: str, email: str, role: list[str]) -> Any:
        """Make one."""
        del first_name, last_name
        self.users[username] = SimpleNamespace(username=username, email=email, roles=role)
        return self.users[username]

    def update_user(self, user: Any) -> None:
        """It is kept by reference."""

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> Any:
        """Give the roles of the groups."""
        user = self.find_user(username=userinfo["username"])
        user.roles = sorted(self.get_roles_from_keys(userinfo["role_keys"]))
        return user


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Config:
    """Run the file of some settings; return what it defines."""

    def module(name: str, **content: Any) -> None:
        made = ModuleType(name)
        made.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, made)

    def run(provider: str = "generic", **changes: Any) -> dict[str, Any]:
        kind = IDENTITY_PROVIDERS[provider]
        url = "https://login.example.com/.well-known/openid-configuration" if kind.takes_discovery_url else None
        settings = {"provider": provider, "discovery_url": url, "client_id": "a", "client_secret_name": "b"}
        text = web_server_configuration(SignInSettings.model_validate({**settings, **changes}))
        found: dict[str, Any] = {}
        exec(compile(text, "webserver_config.py", "exec"), found)  # noqa: S102  # as Flask does
        Fab.mapping = found["AUTH_ROLES_MAPPING"]
        return found

    for name in ("airflow", "airflow.providers", "airflow.providers.fab", "airflow.providers.fab.auth_manager"):
        module(name)
    module("airflow.providers.fab.auth_manager.security_manager")
    module("airflow.providers.fab.auth_manager.security_manager.override", FabAirflowSecurityManagerOverride=Fab)
    module("flask", flash=lambda *_: None)
    module("flask_appbuilder")
    module("flask_appbuilder.security")
    module("flask_appbuilder.security.manager", AUTH_OAUTH=4)
    module("flask_appbuilder.security.views", AuthDBView=object)
    monkeypatch.setenv(CLIENT_SECRET_VARIABLE, "s3cret\n")
    return run


def said(config: dict[str, Any], provider: str, claims: dict[str, Any], more: dict[str, Any] | None = None) -> Any:
    """Who somebody is, by an ID token with these claims, and a userinfo that says more."""
    manager = config["SignIn"]()
    metadata = {"userinfo_endpoint": "https://login.example.com/userinfo"} if more is not None else {}
    client = SimpleNamespace(load_server_metadata=lambda: metadata, userinfo=lambda token: more if token else None)
    manager.oauth_remotes[provider] = client
    return manager.get_oauth_user_info(provider, {"userinfo": claims, "access_token": "t"})


class TestClient:
    def test_has_the_secret_without_a_line_feed(self, config: Config) -> None:
        """Whoever stored it with `echo` is let in, too."""
        (provider,) = config(roles={"a": "Viewer"})["OAUTH_PROVIDERS"]
        assert provider["remote_app"]["client_secret"] == "s3cret"
        assert provider["name"] == "generic"


class TestClaims:
    def test_inside_of_others(self, config: Config) -> None:
        """Keycloak's roles of a realm stand two levels down."""
        claims = {"sub": "1", "preferred_username": "ada", "realm_access": {"roles": ["admins"]}}
        found = said(config(roles={"a": "Viewer"}, groups_claim="realm_access.roles"), "generic", claims)
        assert found["role_keys"] == ["admins"]

    def test_with_dots_in_their_names(self, config: Config) -> None:
        """A claim of that whole name comes first."""
        name = "https://acme.com/groups"
        claims = {"sub": "1", "preferred_username": "ada", name: "admins"}
        assert said(config(roles={"a": "Viewer"}, groups_claim=name), "generic", claims)["role_keys"] == ["admins"]

    def test_of_the_userinfo(self, config: Config) -> None:
        """What the ID token leaves out is asked for; of somebody else's userinfo nothing is taken."""
        claims = {"sub": "1", "preferred_username": "ada"}
        settings = config(roles={"a": "Viewer"})
        assert said(settings, "generic", claims, {"sub": "1", "groups": ["a"]})["role_keys"] == ["a"]
        assert said(settings, "generic", claims, {"sub": "2", "groups": ["a"]})["role_keys"] == []

    @pytest.mark.parametrize(("verified", "groups"), [(True, ["acme.com", "a@acme.com"]), (None, ["acme.com"])])
    def test_of_google(self, config: Config, verified: bool | None, groups: list[str]) -> None:  # noqa: FBT001
        """Roles go by the Workspace domain, and by addresses that Google has verified."""
        claims = {"sub": "1", "email": "a@acme.com", "hd": "acme.com", "email_verified": verified}
        found = said(config("google", roles={"acme.com": "Viewer"}), "google", claims)
        assert (found["username"], found["role_keys"]) == ("a@acme.com", groups)

    def test_of_github(self, config: Config) -> None:
        """Organisations and teams of its API are groups."""
        answers = {
            "user": {"login": "ada", "email": None, "name": "Ada Lovelace"},
            "user/orgs?per_page=100": [{"login": "acme"}],
            "user/teams?per_page=100": [{"slug": "data", "organization": {"login": "acme"}}],
        }
        manager = config("github", roles={"acme": "Viewer"})["SignIn"]()

        def get(path: str, token: Any) -> Any:
            assert token == {"access_token": "t"}
            return SimpleNamespace(raise_for_status=lambda: None, json=lambda: answers[path])

        manager.oauth_remotes["github"] = SimpleNamespace(get=get)
        found = manager.get_oauth_user_info("github", {"access_token": "t"})
        assert (found["username"], found["role_keys"], found["email"]) == ("ada", ["acme", "acme/data"], "")

    @pytest.mark.parametrize(
        "changes", [{"email_verified": False}, {"email": "ci@LOCALHOST"}], ids=["unverified", "local"]
    )
    def test_of_an_address_that_is_none(self, config: Config, changes: dict[str, Any]) -> None:
        """It is forgotten: nobody is renamed by it, or becomes a local user."""
        claims = {"sub": "1", "preferred_username": "a", "groups": ["a"], "email": "a@acme.com", **changes}
        assert said(config(roles={"a": "Viewer"}), "generic", claims)["email"] == ""


class TestDefaultRole:
    @pytest.mark.parametrize(("groups", "roles"), [(["staff"], ["Viewer"]), ([], ["Viewer"]), (["admins"], ["Admin"])])
    def test_is_for_who_is_in_no_group(self, config: Config, groups: list[str], roles: list[str]) -> None:
        """And for nobody else: a group's role takes its place."""
        manager = config(roles={"admins": "Admin"}, default_role="Viewer")["SignIn"]()
        userinfo = {"username": "ada", "email": "", "first_name": "", "last_name": "", "role_keys": groups}
        assert manager.auth_user_oauth(userinfo).roles == roles

    def test_is_nobodys_unless_said_so(self, config: Config) -> None:
        """Without one whoever is in no group gets no user."""
        manager = config(roles={"admins": "Admin"})["SignIn"]()
        userinfo = {"username": "ada", "email": "", "first_name": "", "last_name": "", "role_keys": [""]}
        assert manager.auth_user_oauth(userinfo) is None
        assert manager.users == {}

    def test_a_name_is_needed(self, config: Config) -> None:
        """A provider that says none lets nobody in."""
        manager = config(roles={"admins": "Admin"})["SignIn"]()
        userinfo = {"username": "", "email": "", "first_name": "", "last_name": "", "role_keys": ["admins"]}
        assert manager.auth_user_oauth(userinfo) is None
