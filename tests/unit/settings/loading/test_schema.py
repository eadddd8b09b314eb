"""The JSON Schema that editors complete and check environment files with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from constructs.settings.loading.schema import environment_schema, schema_text

ROOT = Path(__file__).parents[4]
ENVIRONMENTS = ROOT / "environments"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The committed schema, ready to check values."""
    return jsonschema.Draft202012Validator(json.loads((ENVIRONMENTS / "schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def dev() -> dict[str, Any]:
    """The values of dev.yaml, as an editor's own YAML library reads them."""
    values: dict[str, Any] = yaml.safe_load((ENVIRONMENTS / "dev.yaml").read_text(encoding="utf-8"))
    return values


def maps(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the schemas of all sections."""
    return (part for part in (schema, *schema["$defs"].values()) if "properties" in part)


def test_the_committed_schema_is_current() -> None:
    """environments/schema.json is what `python -m constructs.settings` prints."""
    assert (ENVIRONMENTS / "schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_module_prints_it() -> None:
    """The command of the Makefile writes the schema and nothing else to its standard output."""
    command = [sys.executable, "-m", "constructs.settings"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == schema_text()


def test_the_schema_is_a_legal_one() -> None:
    """It holds to the draft that it names."""
    schema = environment_schema()
    draft = jsonschema.validators.validator_for(schema)
    assert draft is jsonschema.Draft202012Validator
    draft.check_schema(schema)


def test_every_key_is_described_and_every_map_closed() -> None:
    """An editor explains each key, and marks each unknown one."""
    for part in maps(environment_schema()):
        assert part["additionalProperties"] is False
        for key, described in part["properties"].items():
            assert described.get("description"), key


@pytest.mark.parametrize("file", sorted(ENVIRONMENTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_shipped_files_are_valid_and_name_the_schema(
    file: Path, validator: jsonschema.Draft202012Validator
) -> None:
    """Each file points editors to the schema and fits it."""
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    validator.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Dev"),
        ("region", "eu-west-9"),
        ("account_id", 111122223333),
        ("availability_zones", ["eu-west-1a"]),
        ("regoin", "x"),
        ("tags", {"Ow;ner": "x"}),
        ("tags", {"Owner": False}),
        ("network/cluster_vpc_cidr", "10.0.0.0/21"),
        ("network/nat_gateways", "two"),
        ("cluster/kubernetes_version", 1.3),
        ("cluster/administrators", ["arn:aws:sts::111122223333:assumed-role/a/b"]),
        ("cluster/addons", {"coredn": "v1.1.1-eksbuild.1"}),
        ("cluster/node_groups", {"Big_Ones": {}}),
        ("cluster/node_groups", {"default": {"instance_type": "m7g.large"}}),
        ("cluster/log_retention_days", 31),
        ("database/instance_class", "t4g.medium"),
        ("database/backup_window", "2-3"),
        ("secrets/recovery_window_days", 3),
        ("airflow/version", "3.3"),
        ("airflow/executor", "LocalExecutor"),
        ("airflow/image", {"repository": "a/b:1"}),
        ("airflow/dags/repository", "http://example.com/dags"),
        ("airflow/dags/branch", "a..b"),
        ("airflow/web/allowed_cidrs", ["203.0.113.0"]),
        ("airflow/web/certificate_arn", "arn:aws:acm:eu-west-1:111122223333:certificate/x"),
        ("airflow/task_egress", "none"),
        ("airflow/task_egress", ["10.0.0.0/8"]),
        ("airflow/components/workers/memory", "1G"),
        ("airflow/components/redis", {"replicas": 2}),
        ("airflow/cleanup", {"schedule": "daily"}),
    ],
)
def test_an_editor_marks_mistakes(
    path: str, value: object, dev: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    """What a single value shows to be wrong is wrong to the schema, too."""
    *parents, last = path.split("/")
    place = dev
    for parent in parents:
        place = place[parent]
    place[last] = value
    assert not validator.is_valid(dev)
