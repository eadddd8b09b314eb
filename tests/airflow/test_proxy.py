"""The web server behind a load balancer: whose word it takes on protocol, host and address."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS, api_server_environment, configuration

from tests.airflow import balancer, web_server
from tests.airflow.authority import Authority
from tests.airflow.balancer import CLIENT, HOST, STRANGER, SUBNET, Answer, Client
from tests.airflow.conftest import ADMIN_PASSWORD, through
from tests.airflow.pgbouncer import PgBouncer
from tests.airflow.servers import Server, free_port
from tests.airflow.web_server import variables
from tests.availability import unavailable

pytestmark = pytest.mark.slow

#: Pages that redirect: by Airflow's own code, by FAB's, and by the framework below it, which only knows the request.
REDIRECTING = {
    "/api/v2/auth/login": 307,
    "/api/v2/auth/logout": 307,
    "/auth/logout": 307,
    "/auth/login": 308,
    "/auth/users/list": 308,
    "/auth/users/list/": 302,
    "/auth/": 302,
}
#: A page that shows links of its own.
LOGIN = "/auth/login/"

every_redirect = pytest.mark.parametrize("path", REDIRECTING)


@dataclass(frozen=True)
class Site:
    """The web server, and two who talk to it."""

    server: Server
    browser: Client
    """By way of the balancer."""

    stranger: Client
    """Straight to the server, from outside of the balancer's subnets."""

    def log_in(self, **headers: str) -> Answer:
        """Log in as the administrator with the form, from a browser."""
        page = self.browser.send(LOGIN)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body)
        assert token, page.body
        cookie = page.cookies["session"].partition(";")[0]
        form = urlencode({"csrf_token": token[1], "username": "admin", "password": ADMIN_PASSWORD})
        origin = {"Cookie": cookie, "Referer": f"https://{HOST}{LOGIN}"}
        return self.browser.send(LOGIN, {**origin, **headers}, form=form)


@pytest.fixture(scope="module")
def site(preparing_pooler: PgBouncer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The web server with our settings."""
    settings = variables(configuration(https=True)) | api_server_environment([SUBNET])
    with _site(preparing_pooler, tmp_path_factory.mktemp("site"), API_SERVER_ARGUMENTS, settings) as running:
        yield running


@contextlib.contextmanager
def _site(pooler: PgBouncer, folder: Path, arguments: Sequence[str], settings: Mapping[str, str]) -> Iterator[Site]:
    try:
        free_port(CLIENT)
    except OSError:
        unavailable("The loopback has one address here; a balancer's, a browser's and a stranger's need Linux.")
    airflow = through(pooler, folder, AIRFLOW__API__BASE_URL=f"https://{HOST}")
    authority = Authority.make("Authority of the balancer")
    with (
        web_server.running(airflow, arguments, **settings) as server,
        balancer.running(server.port, authority, folder) as port,
    ):
        yield Site(server.server, Client(CLIENT, port, authority), Client(STRANGER, server.port))


def destination(path: str, answer: Answer) -> str:
    """Return where a redirect leads."""
    assert answer.status == REDIRECTING[path], answer
    assert answer.header("Location")
    return urljoin(f"https://{HOST}{path}", answer.header("Location"))


def requests_in_log(server: Server, text: str, count: int) -> list[str]:
    """Return the lines of so many requests; they are logged a moment after the answer is sent."""
    deadline = time.monotonic() + 300
    lines: list[str] = []
    while time.monotonic() < deadline and len(lines) < count:
        lines = [line for line in server.output().splitlines() if text in line]
        time.sleep(0.1)
    assert len(lines) == count
    return lines


class TestProtocol:
    @every_redirect
    def test_stays_https_in_redirects(self, site: Site, path: str) -> None:
        """Whoever comes by HTTPS is sent on by HTTPS, to the same host; so are the addresses in parameters."""
        target = destination(path, site.browser.send(path))
        assert target.startswith(f"https://{HOST}")
        assert "http://" not in target

    def test_is_the_balancers_word(self, site: Site) -> None:
        """What a client says of the protocol is overwritten on its way."""
        answer = site.browser.send("/auth/login", {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "80"})
        assert answer.status == 308, answer
        assert answer.header("Location") == f"https://{HOST}{LOGIN}"

    def test_is_nobody_elses_word(self, site: Site) -> None:
        """Straight from an address outside of the balancer's subnets, the header makes nothing HTTPS."""
        answer = site.stranger.send("/auth/login", {"X-Forwarded-Proto": "https"})
        assert answer.status == 308, answer
        assert answer.header("Location") == f"http://{HOST}{LOGIN}"
        assert "Secure" not in site.stranger.send("/auth/logout", {"X-Forwarded-Proto": "https"}).cookies["_token"]


class TestCookies:
    def test_of_a_login_are_secure(self, site: Site) -> None:
        """After a login both cookies are there, for HTTPS alone and out of reach of scripts."""
        answer = site.log_in()
        assert answer.status == 302, answer
        assert set(answer.cookies) == {"_token", "session"}
        for cookie in answer.cookies.values():
            assert {"Secure", "HttpOnly"} <= set(cookie.split("; "))

    def test_let_their_owner_in(self, site: Site) -> None:
        """With them the API says who is logged in; without, it refuses."""
        cookies = "; ".join(cookie.partition(";")[0] for cookie in site.log_in().cookies.values())
        assert site.browser.send("/api/v2/version").status == 200
        assert site.browser.send("/api/v2/connections", {"Cookie": cookies}).status == 200
        assert site.browser.send("/api/v2/connections").status == 401


class TestSpoofedHeaders:
    @pytest.mark.parametrize(
        ("header", "value"),
        [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/evil"), ("Forwarded", "host=evil.example")],
        ids=["host", "prefix", "forwarded"],
    )
    def test_of_host_and_prefix_are_not_obeyed(self, site: Site, header: str, value: str) -> None:
        """No redirect leads there and no page links there, neither by the balancer nor straight to the server."""
        for client in (site.browser, site.stranger):
            for path in (*REDIRECTING, LOGIN, "/"):
                answer = client.send(path, {header: value})
                assert "evil" not in answer.header("Location") + answer.body, path

    def test_of_the_address_are_not_believed(self, site: Site) -> None:
        """The log names the address that the balancer appended, not the one that the client made up before it."""
        site.browser.send("/auth/login?asked=by-browser", {"X-Forwarded-For": "6.6.6.6"})
        site.stranger.send("/auth/login?asked=by-stranger", {"X-Forwarded-For": "6.6.6.6"})
        lines = requests_in_log(site.server, "asked=by-", 2)
        assert "6.6.6.6" not in "".join(lines)
        assert [CLIENT in line for line in lines] == [True, False]
        assert [STRANGER in line for line in lines] == [False, True]


class TestDefaultsOfTheChart:
    def test_are_what_our_settings_are_for(self, preparing_pooler: PgBouncer, tmp_path: Path) -> None:
        """With them the same requests go wrong: a client's host and prefix are obeyed, a stranger's protocol too, the
        session's cookie isn't secure, and the log names the balancer.
        """
        settings = {"AIRFLOW__FAB__ENABLE_PROXY_FIX": "True"}
        with _site(preparing_pooler, tmp_path, ("bash", "-c", "exec airflow api-server"), settings) as site:
            host = site.browser.send("/auth/login", {"X-Forwarded-Host": "evil.example"})
            assert urlsplit(host.header("Location")).netloc == "evil.example"
            prefix = site.browser.send("/auth/login", {"X-Forwarded-Prefix": "/evil"})
            assert urlsplit(prefix.header("Location")).path == "/evil/login/"
            protocol = site.stranger.send("/auth/login", {"X-Forwarded-Proto": "https"})
            assert protocol.header("Location").startswith("https://")
            assert "Secure" not in site.browser.send(LOGIN).cookies["session"]
            site.browser.send("/auth/login?asked=by-browser")
            assert f"client_addr={balancer.ADDRESS}" in requests_in_log(site.server, "asked=by-", 1)[0]
