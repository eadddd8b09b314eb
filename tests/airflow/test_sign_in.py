"""Sign-in by an identity provider: the real api-server behind its balancer, and a real provider."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from constructs.airflow.certificates.rds_roots import root_certificates
from constructs.airflow.jobs.commands import ADMIN_USERNAME
from constructs.airflow.sign_in.configuration import (
    CLIENT_SECRET_VARIABLE,
    session_variables,
    web_server_configuration,
)
from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS, api_server_environment, configuration
from constructs.settings.sections.airflow.sign_in import CALLBACK_PATH, SignInSettings

from tests.airflow import balancer, identity_provider, pgbouncer, postgresql, web_server
from tests.airflow.api import Api
from tests.airflow.authority import Authority
from tests.airflow.balancer import CLIENT, HOST, SUBNET, Answer, Client
from tests.airflow.browser import Browser
from tests.airflow.conftest import ADMIN_PASSWORD, at_work, through
from tests.airflow.identity_provider import IdentityProvider
from tests.airflow.installation import OLDEST_PROGRAMS, PROGRAMS, Airflow
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.postgresql import PostgreSql
from tests.airflow.servers import Server, free_port, server_folder
from tests.airflow.web_server import variables
from tests.availability import unavailable
from tests.documented import runnable

pytestmark = pytest.mark.slow

CALLBACK = f"https://{HOST}{CALLBACK_PATH}generic"
START = "/auth/login/generic"
#: The form for local users.
LOCAL_FORM = "/auth/local/login/"
ROLES = {"airflow-admins": "Admin", "data engineers": "Op", "analysts": "Viewer"}
#: What helm/values.yaml may add: here a second client, which has the wrong secret.
ADDITION = """
wrong = {**OAUTH_PROVIDERS[0]["remote_app"], "client_secret": "of-somebody-else"}
OAUTH_PROVIDERS.append({**OAUTH_PROVIDERS[0], "name": "wrong", "remote_app": wrong})
"""
LATER = 600.0


@dataclass(frozen=True)
class Company:
    """Airflow for a company whose people are known to its provider."""

    airflow: Airflow
    api_server: Server
    port: int
    """Of the api-server itself."""

    client: Client
    provider: IdentityProvider
    database: PostgreSql

    def browser(self) -> Browser:
        """A new one."""
        return Browser(self.client)

    def sign_in(self, subject: str, browser: Browser | None = None, start: str = START) -> tuple[Browser, Answer]:
        """Sign somebody in; return the browser and the page that comes at last."""
        browser = browser or self.browser()
        there = browser.open(start).header("Location")
        assert there.startswith(self.provider.url), there
        return browser, browser.follow(browser.open(self.provider.sign_in(there, subject)))

    def roles(self, username: str) -> set[str] | None:
        """The roles of a user; None if there is no such user."""
        if self.database.query("SELECT count(*) FROM ab_user WHERE username = :'name'", name=username) == "0":
            return None
        found = self.database.query(
            "SELECT r.name FROM ab_user u JOIN ab_user_role x ON x.user_id = u.id JOIN ab_role r ON r.id = x.role_id "
            "WHERE u.username = :'name'",
            name=username,
        )
        return set(found.splitlines())

    def id_of(self, username: str) -> str:
        """The number of a user."""
        return self.database.query("SELECT id FROM ab_user WHERE username = :'name'", name=username)


def is_in(browser: Browser) -> bool:
    """Whether the API takes a browser's cookies as somebody's who may look."""
    return browser.open("/api/v2/dags").status == 200


@contextlib.contextmanager
def airflow_of(pooler: PgBouncer, database: PostgreSql, folder: Path, programs: Path) -> Iterator[Company]:
    """Serve Airflow with what the stack generates, beside a provider."""
    try:
        free_port(CLIENT)
    except OSError:
        unavailable("The loopback has one address here; a balancer's and a browser's need Linux.")
    with identity_provider.running(folder) as provider:
        client_id, secret = provider.register(CALLBACK)
        settings = SignInSettings.model_validate(
            {
                "provider": "generic",
                "discovery_url": provider.discovery_url,
                "client_id": client_id,
                "client_secret_name": "airflow/sign-in",
                "roles": ROLES,
            }
        )
        (folder / "webserver_config.py").write_text(web_server_configuration(settings) + ADDITION)
        pods = {
            **variables(configuration(https=True)),
            **session_variables(settings),
            **api_server_environment([SUBNET]),
            CLIENT_SECRET_VARIABLE: f"{secret}\n",
            "REQUESTS_CA_BUNDLE": str(provider.roots),
        }
        airflow = through(pooler, folder, programs, AIRFLOW__API__BASE_URL=f"https://{HOST}", **pods)
        authority = Authority.make("Authority of the balancer")
        with (
            web_server.running(airflow, API_SERVER_ARGUMENTS) as server,
            balancer.running(server.port, authority, folder) as port,
        ):
            client = Client(CLIENT, port, authority)
            provider.knows("1", preferred_username="ada", email="ada@example.com", groups=["airflow-admins"])
            provider.knows("2", preferred_username="grace", email="grace@example.com", groups=["analysts", "staff"])
            yield Company(airflow, server.server, server.port, client, provider, database)


@pytest.fixture(scope="module")
def company(
    preparing_pooler: PgBouncer, server: PostgreSql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """A company with Ada, who may do everything, and Grace, who may look."""
    with airflow_of(preparing_pooler, server, tmp_path_factory.mktemp("sign-in"), PROGRAMS) as running:
        yield running


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The same company with the oldest Airflow, on a database of its own: it starts on no newer one."""
    folder, authority = tmp_path_factory.mktemp("oldest"), Authority.make("Authority of the tests")
    roots = root_certificates("eu-west-1") + authority.pem
    with server_folder() as data, server_folder() as pool:
        postgresql.initialize(data, authority)
        with postgresql.running(data) as server:
            postgresql.create_database(server)
            job = at_work(folder, server, roots, OLDEST_PROGRAMS, PASSWORD=ADMIN_PASSWORD)
            migrated = job.run("airflow", "db", "migrate")
            assert migrated.returncode == 0, migrated.stderr
            run_documented(job, "break-glass")
            with (
                pgbouncer.running(pool, server, roots, prepares=True) as pooler,
                airflow_of(pooler, server, folder, OLDEST_PROGRAMS) as running,
            ):
                yield running


@pytest.fixture(scope="module")
def scheduler(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow as in the scheduler's pod, which has no file that signs people in."""
    home = tmp_path_factory.mktemp("scheduler")
    return Airflow(home, {**company.airflow.environment, "AIRFLOW_HOME": str(home), "HOME": str(home)})


def run_documented(airflow: Airflow, name: str) -> None:
    """Run commands of the documents: what they run in the scheduler's pod, run here."""
    script = re.sub(r"kubectl --namespace airflow exec (-i )?deploy/airflow-scheduler --", "", runnable(name))
    assert "kubectl" not in script
    done = airflow.run("bash", "-euo", "pipefail", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr


def log_of(company: Company, text: str) -> str:
    """Wait until the api-server's log has a text, and return the log."""
    deadline = time.monotonic() + LATER
    while time.monotonic() < deadline and text not in company.api_server.output():
        time.sleep(0.1)
    return company.api_server.output()


def signed(claims: dict[str, Any]) -> str:
    """A token as the api-server signs them."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS512"}, claims)]
    key = web_server.SECRETS["AIRFLOW__API_AUTH__JWT_SECRET"].encode()
    signature = hmac.new(key, b".".join(parts), hashlib.sha512).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class TestSignIn:
    def test_is_at_the_provider(self, company: Company) -> None:
        """The page offers the provider and no form for passwords; it leads there with the callback that is printed."""
        page = company.browser().open("/auth/login/")
        assert "Sign In with generic" in " ".join(page.body.split())
        assert 'name="password"' not in page.body
        there = company.browser().open(START).header("Location")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        assert there.startswith(f"{company.provider.url}/oauth2/authorize?")
        assert asked["redirect_uri"] == CALLBACK
        assert asked["scope"] == "openid email profile"
        assert {"nonce", "state", "code_challenge"} <= set(asked)
        assert asked["code_challenge_method"] == "S256"

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Prefix", "/evil"),
            ("Forwarded", "host=evil.example;proto=http"),
        ],
        ids=["host", "proto", "prefix", "forwarded"],
    )
    def test_comes_back_to_airflow_whatever_a_client_says(self, company: Company, header: str, value: str) -> None:
        """No header of a client's makes another callback."""
        there = company.browser().open(START, **{header: value}).header("Location")
        assert parse_qs(urlsplit(there).query)["redirect_uri"] == [CALLBACK]

    def test_gives_the_roles_of_the_groups(self, company: Company) -> None:
        """Everybody has the roles of their groups, and no others."""
        for subject, name, roles in (("1", "ada", {"Admin"}), ("2", "grace", {"Viewer"})):
            browser, page = company.sign_in(subject)
            assert page.status == 200, page.body
            assert company.roles(name) == roles
            assert browser.open("/api/v2/connections").status == (200 if name == "ada" else 403)

    def test_follows_the_groups(self, company: Company) -> None:
        """At the next sign-in somebody has the roles of the groups of then; of several groups, all of them."""
        company.provider.knows("3", preferred_username="joan", groups=["analysts"])
        company.sign_in("3")
        assert company.roles("joan") == {"Viewer"}
        company.provider.knows("3", preferred_username="joan", groups=["analysts", "data engineers"])
        company.sign_in("3")
        assert company.roles("joan") == {"Viewer", "Op"}

    def test_keeps_no_token_of_the_provider(self, company: Company) -> None:
        """The sessions in the database name whoever has signed in, and hold nothing that the provider would take."""
        company.sign_in("1")
        sessions = company.database.query("SELECT encode(data, 'escape') FROM session")
        assert "_user_id" in sessions
        assert "oauth_provider" not in sessions
        assert "access_token" not in sessions


class TestRefusals:
    def test_without_a_group(self, company: Company) -> None:
        """Somebody of the company who is in no group gets no user, is told why, and the log says it."""
        company.provider.knows("4", preferred_username="mallory", groups=["staff"])
        browser, page = company.sign_in("4")
        assert "in no group that may use Airflow" in page.body
        assert not is_in(browser)
        assert company.roles("mallory") is None
        assert "'mallory' is in no group" in log_of(company, "'mallory' is in no group")

    def test_after_the_last_group_is_gone(self, company: Company) -> None:
        """Whoever has lost the last group is refused, and loses the roles of before."""
        company.provider.knows("5", preferred_username="left", groups=["airflow-admins"])
        company.sign_in("5")
        company.provider.knows("5", preferred_username="left", groups=[])
        browser, _ = company.sign_in("5")
        assert not is_in(browser)
        assert company.roles("left") == set()

    def test_with_a_wrong_secret(self, company: Company) -> None:
        """A client with another secret than the provider's signs nobody in; the reason is in the log."""
        client = company.provider.register(f"https://{HOST}{CALLBACK_PATH}wrong")[0]
        there = company.browser().open("/auth/login/wrong").header("Location")
        assert client != parse_qs(urlsplit(there).query)["client_id"][0]
        browser = company.browser()
        there = browser.open("/auth/login/wrong").header("Location").replace("%2Fwrong", "%2Fgeneric")
        back = company.provider.sign_in(there, "1").replace("/generic?", "/wrong?")
        page = browser.follow(browser.open(back))
        assert "The request to sign in was denied" in page.body
        assert not is_in(browser)
        assert "invalid_client" in log_of(company, "invalid_client")

    def test_of_an_answer_that_nobody_asked_for(self, company: Company) -> None:
        """A callback in another browser than the one that was sent to the provider signs nobody in."""
        there = company.browser().open(START).header("Location")
        browser = company.browser()
        page = browser.follow(browser.open(company.provider.sign_in(there, "1")))
        assert "denied" in page.body
        assert not is_in(browser)

    @pytest.mark.parametrize("name", [ADMIN_USERNAME, "ADMIN", "program"])
    def test_of_the_name_of_a_local_user(self, company: Company, name: str) -> None:
        """The provider can't make anybody the administrator, nor an account of a program, whatever their groups."""
        company.database.query(
            "INSERT INTO ab_user (id, first_name, last_name, username, password, active, email) "
            "SELECT 4711, '', '', 'program', password, true, 'program@localhost' FROM ab_user WHERE username = 'admin' "
            "ON CONFLICT DO NOTHING"
        )
        company.provider.knows("6", preferred_username=name, email="six@example.com", groups=["analysts"])
        browser, page = company.sign_in("6")
        assert "belongs to a local user" in page.body
        assert not is_in(browser)
        assert company.roles(ADMIN_USERNAME) == {"Admin"}


class TestRenamed:
    def test_is_the_same_user(self, company: Company) -> None:
        """Somebody with another name and the address of before stays the same user in Airflow."""
        company.provider.knows("7", preferred_username="maiden", email="seven@example.com", groups=["analysts"])
        company.sign_in("7")
        number = company.id_of("maiden")
        company.provider.knows("7", preferred_username="married", email="seven@example.com", groups=["analysts"])
        browser, _ = company.sign_in("7")
        assert is_in(browser)
        assert company.id_of("married") == number
        assert company.roles("maiden") is None

    def test_by_an_address_that_nobody_verified_is_another_user(self, company: Company) -> None:
        """Whoever writes somebody else's address into their own account gets a user of their own."""
        company.provider.knows("8", preferred_username="eight", email="eight@example.com", groups=["airflow-admins"])
        company.sign_in("8")
        company.provider.knows(
            "9", preferred_username="nine", email="eight@example.com", email_verified=False, groups=["analysts"]
        )
        company.sign_in("9")
        assert company.roles("eight") == {"Admin"}
        assert company.roles("nine") == {"Viewer"}


class TestSession:
    def test_ends_in_time(self, company: Company) -> None:
        """Tokens live as long as the setting says; after it neither the token nor the session is taken."""
        browser, _ = company.sign_in("1")
        claims = claims_of(browser.cookies["_token"])
        assert claims["exp"] - claims["iat"] == 720 * 60
        fresh, now = company.browser(), int(time.time())
        fresh.cookies["_token"] = signed({**claims, "exp": now + 60})
        assert is_in(fresh)
        fresh.cookies["_token"] = signed({**claims, "exp": now - 60})
        assert not is_in(fresh)

        assert browser.open(START).header("Location").startswith(f"https://{HOST}") or is_in(browser)
        company.database.query("UPDATE session SET expiry = now() - interval '1 hour'")
        assert browser.open(START).header("Location").startswith(company.provider.url)

    def test_ends_with_a_sign_out(self, company: Company) -> None:
        """After it the browser has no cookie of the session, and the token of before is refused."""
        browser, _ = company.sign_in("1")
        token = browser.cookies["_token"]
        page = browser.follow(browser.open("/api/v2/auth/logout"))
        assert "Sign In with generic" in " ".join(page.body.split())
        assert not is_in(browser)
        other = company.browser()
        other.cookies["_token"] = token
        assert not is_in(other)
        assert browser.open(START).header("Location").startswith(company.provider.url)


class TestLocalUsers:
    def test_administrator_has_a_form(self, company: Company) -> None:
        """With the stored password, and no other, at an address of its own: for the day that the provider is away."""
        browser = company.browser()
        browser.log_in(LOCAL_FORM, ADMIN_USERNAME, "wrong")
        assert not is_in(browser)
        browser.log_in(LOCAL_FORM, ADMIN_USERNAME, ADMIN_PASSWORD)
        assert browser.open("/api/v2/connections").status == 200

    def test_passwords_of_others_are_not_taken(self, company: Company) -> None:
        """A password from before the provider opens neither the form nor the API."""
        company.database.query(
            "INSERT INTO ab_user (id, first_name, last_name, username, password, active, email) "
            "SELECT 4712, '', '', 'before', password, true, 'before@example.com' FROM ab_user WHERE username = 'admin'"
        )
        browser = company.browser()
        browser.log_in(LOCAL_FORM, "before", ADMIN_PASSWORD)
        assert not is_in(browser)
        status, _ = Api(company.port).send("/auth/token", username="before", password=ADMIN_PASSWORD)
        assert status == 401
        Api.logged_in(company.port, ADMIN_PASSWORD)


class TestPrograms:
    def test_get_and_rotate_a_token(self, company: Company, scheduler: Airflow) -> None:
        """By the commands of docs/sign-in.md: an account, a token of its own, another password."""
        program = scheduler.with_(CI_PASSWORD="F1rst", NEW_CI_PASSWORD="S3cond")
        run_documented(program, "make-account")
        token = Api.logged_in(company.port, "F1rst", "ci")
        assert token.send("/api/v2/dags")[0] == 200
        assert company.roles("ci") == {"Op"}
        run_documented(program, "rotate-account")
        assert Api(company.port).send("/auth/token", username="ci", password="F1rst")[0] == 401
        Api.logged_in(company.port, "S3cond", "ci")


class TestBreakGlass:
    def test_opens_and_closes(self, company: Company, scheduler: Airflow) -> None:
        """Without the administrator his password opens nothing; the documented commands make him, and delete him."""
        run_documented(scheduler, "close-again")
        closed = company.browser()
        closed.log_in(LOCAL_FORM, ADMIN_USERNAME, ADMIN_PASSWORD)
        assert not is_in(closed)
        run_documented(scheduler.with_(PASSWORD=ADMIN_PASSWORD), "break-glass")
        opened = company.browser()
        opened.log_in(LOCAL_FORM, ADMIN_USERNAME, ADMIN_PASSWORD)
        assert opened.open("/api/v2/connections").status == 200


class TestOldest:
    def test_signs_in_by_groups(self, oldest: Company) -> None:
        """Ada may do everything, Grace may look, and who is in no group is refused."""
        for subject, name, status in (("1", "ada", 200), ("2", "grace", 403)):
            browser, _ = oldest.sign_in(subject)
            assert is_in(browser), name
            assert browser.open("/api/v2/connections").status == status
        oldest.provider.knows("4", preferred_username="mallory", groups=["staff"])
        browser, page = oldest.sign_in("4")
        assert "in no group that may use Airflow" in page.body
        assert not is_in(browser)

    def test_signs_out(self, oldest: Company) -> None:
        """The token of before is refused, and the next sign-in is at the provider."""
        browser, _ = oldest.sign_in("1")
        other = oldest.browser()
        other.cookies["_token"] = browser.cookies["_token"]
        assert is_in(other)
        browser.open("/api/v2/auth/logout")
        assert not is_in(other)

    def test_administrator_has_a_form(self, oldest: Company) -> None:
        """The one that the documented command has made."""
        browser = oldest.browser()
        browser.log_in(LOCAL_FORM, ADMIN_USERNAME, ADMIN_PASSWORD)
        assert browser.open("/api/v2/connections").status == 200
