"""An environment file for each test: the smallest legal one, with single values replaced."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.settings.document.problems import EnvironmentFileError, Problem
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

MINIMAL: dict[str, Any] = {
    "name": "test",
    "region": "eu-west-1",
    "account_id": "111122223333",
    "availability_zones": ["eu-west-1a", "eu-west-1b"],
    "cluster": {
        "administrators": ["arn:aws:iam::111122223333:role/platform-engineers"],
        "endpoint": {"public_access_cidrs": ["203.0.113.0/24"]},
        "node_groups": {"default": {}},
    },
    "airflow": {
        "dags": {"repository": "https://github.com/acme/dags.git"},
        "web": {"allowed_cidrs": ["203.0.113.0/24"], "unencrypted_http": True},
    },
}


def _with(changes: dict[str, str | None]) -> str:
    """Return the smallest file with values, by key path, replaced by pieces of YAML; `None` removes a key."""
    values = deepcopy(MINIMAL)
    for number, (path, piece) in enumerate(changes.items()):
        *parents, last = path.split("/")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        if piece is None:
            del place[last]
        else:
            place[last] = f"PIECE{number}."
    text = yaml.safe_dump(values, sort_keys=False)
    for number, piece in enumerate(changes.values()):
        text = text.replace(f"PIECE{number}.", piece or "")
    return text


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a file as it is and return its path."""

    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "test.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def load(write: Callable[[str], Path]) -> Callable[[dict[str, str | None]], Environment]:
    """Load the smallest file with values replaced: `{"cluster/kubernetes_version": "1.30"}`."""
    return lambda changes: load_environment(write(_with(changes)))


@pytest.fixture
def problems(load: Callable[[dict[str, str | None]], Environment]) -> Callable[[dict[str, str | None]], list[Problem]]:
    """Load as `load` does and return the mistakes that are reported."""

    def refused(changes: dict[str, str | None]) -> list[Problem]:
        with pytest.raises(EnvironmentFileError) as caught:
            load(changes)
        return caught.value.problems

    return refused


@pytest.fixture
def refusal(write: Callable[[str | bytes], Path]) -> Callable[[str | bytes], list[Problem]]:
    """Load a file's content as it is and return the mistakes that are reported."""

    def refused(content: str | bytes) -> list[Problem]:
        with pytest.raises(EnvironmentFileError) as caught:
            load_environment(write(content))
        return caught.value.problems

    return refused
