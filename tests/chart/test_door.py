"""The api-server in the released chart where no load balancer stands before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.airflow.values.merge import merged

from tests.chart.environments import ROOT, environment, props


@pytest.mark.parametrize(
    ("web", "cidrs", "trusted"),
    [
        ({"expose": "none"}, (), None),
        (
            {"expose": "service", "host_name": "a.example.com", "trusted_proxy_cidrs": ["10.9.0.0/24"]},
            ("10.9.0.0/24",),
            "10.9.0.0/24",
        ),
    ],
    ids=["none", "service"],
)
def test_believes_whom_the_file_names(
    render_values: Callable[[Mapping[str, Any]], Rendering],
    web: dict[str, Any],
    cidrs: tuple[str, ...],
    trusted: str | None,
) -> None:
    """Headers about clients count from the named proxies; behind a forwarded port nobody's do."""
    computed = computed_values(props(environment("dev", web=web), proxy_cidrs=cidrs))
    rendering = render_values(merged(read_user_values(ROOT / FILE).values, computed))
    server = rendering.templates["airflow-api-server"]["spec"]["containers"][0]
    assert ("--proxy-headers" in server["args"][-1]) is bool(trusted)
    variables = {each["name"]: each.get("value") for each in server["env"]}
    assert variables.get("FORWARDED_ALLOW_IPS") == trusted
