"""What the web server believes of the headers that arrive with a request.

An Application Load Balancer sets `X-Forwarded-Proto` and `X-Forwarded-Port` and appends to `X-Forwarded-For`; it passes
`Host` and anything else of the client's on, `X-Forwarded-Host` and `X-Forwarded-Prefix` among them. Airflow 3 has two
readers of such headers:

- uvicorn's middleware, switched on by `--proxy-headers`, off by default: reads protocol and client address, and only
  in requests from the addresses in `FORWARDED_ALLOW_IPS`. What it finds holds for the API, the UI and FAB's pages.
- werkzeug's `ProxyFix` around FAB's pages, which the chart switches on: by default it obeys all five headers, from
  whoever sends them.

The first does all that is needed and asks where a request comes from, so the second is off. The port needs no reader:
the host name that browsers send has none behind 80 and 443. Shown on a real api-server by tests/airflow/test_proxy.py.
"""

from __future__ import annotations

from collections.abc import Sequence

#: The chart's `apiServer.args`, with the option. The other server of Airflow's (`api.server_type = gunicorn`) would
#: trust everybody with it.
API_SERVER_ARGUMENTS = ("bash", "-c", "exec airflow api-server --proxy-headers")
API_SERVER_TYPE = "uvicorn"


def api_server_environment(proxy_cidrs: Sequence[str]) -> dict[str, str]:
    """Return the environment of the web server: whose word on protocol and client address it takes.

    uvicorn walks `X-Forwarded-For` from its end, past trusted addresses: what a client wrote itself stands before the
    address that the balancer appended, and is never reached.
    """
    return {"FORWARDED_ALLOW_IPS": ",".join(proxy_cidrs)}


def configuration(*, https: bool) -> dict[str, dict[str, str]]:
    """Return the settings of airflow.cfg that go with it, by section.

    FAB's session cookie doesn't follow the request's protocol as Airflow's own does, it is told. Over plain HTTP a
    browser would keep a secure cookie to itself, and no login would succeed.
    """
    return {
        "api": {"server_type": API_SERVER_TYPE},
        "fab": {
            "enable_proxy_fix": "False",
            # Not read while that is off. Whoever turns it on shall not bring these two with it.
            "proxy_fix_x_host": "0",
            "proxy_fix_x_prefix": "0",
            "cookie_secure": str(https),
        },
    }
