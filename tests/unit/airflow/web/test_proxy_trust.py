"""What the web server believes of a request's headers."""

from __future__ import annotations

from constructs.airflow.web.proxy_trust import API_SERVER_ARGUMENTS, api_server_environment, configuration


class TestProxyTrust:
    def test_is_limited_to_the_load_balancers_subnets(self) -> None:
        """Forwarded headers are read by uvicorn, and those of requests from these ranges only."""
        assert API_SERVER_ARGUMENTS[-1].endswith("airflow api-server --proxy-headers")
        assert api_server_environment(["10.0.0.0/24", "10.0.1.0/24"]) == {
            "FORWARDED_ALLOW_IPS": "10.0.0.0/24,10.0.1.0/24"
        }

    def test_is_uvicorns_alone(self) -> None:
        """ProxyFix, which asks nobody where a request comes from, is off; the server that trusts all is not used."""
        settings = configuration(https=True)
        assert settings["fab"]["enable_proxy_fix"] == "False"
        assert settings["fab"]["proxy_fix_x_host"] == settings["fab"]["proxy_fix_x_prefix"] == "0"
        assert settings["api"]["server_type"] == "uvicorn"

    def test_makes_cookies_secure_where_there_is_tls(self) -> None:
        """Over plain HTTP a browser would never send a secure cookie."""
        assert configuration(https=True)["fab"]["cookie_secure"] == "True"
        assert configuration(https=False)["fab"]["cookie_secure"] == "False"
