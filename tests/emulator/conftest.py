"""An emulator for the tests of this folder, and boto3 clients of it."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.emulator import Emulator

Client = Callable[[str], Any]


def client_of(emulator: Emulator, service: str, *, user_agent: str | None = None, region: str | None = None) -> Any:
    """Returns a boto3 client that tries each call once."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=emulator.endpoint,
        region_name=region or emulator.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, proxies={}, user_agent=user_agent),
    )


@pytest.fixture(scope="session")
def aws() -> Iterator[Emulator]:
    """An emulated account that tests share: each names its own things."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def client(aws: Emulator) -> Iterator[Client]:
    """Returns boto3 clients of the shared emulator, one per service: making one is slow."""
    made: dict[str, Any] = {}

    def get(service: str) -> Any:
        if service not in made:
            made[service] = client_of(aws, service)
        return made[service]

    yield get
    for each in made.values():
        each.close()
