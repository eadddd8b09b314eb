"""`python -m ops fit`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ops.commands.fit import show
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import Session
from programs.own_tools import ROOT


def fitted(file: Path, *, as_json: bool = False) -> ExitCode:
    """Run it for a file."""
    return show(Session(load({}, env_file=file), Output(as_json=as_json)))


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """Dev with two workers."""
    text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    file = tmp_path / "crowded.yaml"
    file.write_text(text.replace("replicas: 1\n", "replicas: 2\n"), encoding="utf-8")
    return file


def test_shows_nodes_pods_and_what_is_free(capsys: pytest.CaptureFixture[str]) -> None:
    """What a node carries, what each kind of pod asks for, how full it is, how many workers more."""
    assert fitted(ROOT / "environments" / "dev.yaml") is ExitCode.DONE
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "default m7g.large 2 to 3 1750m, 6783Mi, 25 pods" in lines
    assert "workers 1 430m, 2304Mi default" in lines
    assert (
        "Full at the start: 59 % of the processor time, 67 % of the memory, 32 % of the pods. Room for 1 more worker."
        in lines
    )


def test_ends_with_3_where_something_finds_no_room(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same sentence as every synth says."""
    assert fitted(crowded) is ExitCode.DECISION
    assert "Warning: cluster.node_groups.default.min_size: all pods fit on" in capsys.readouterr().err


def test_the_document_has_it_all(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs: numbers in thousandths of a core and MiB."""
    assert fitted(crowded, as_json=True) is ExitCode.DECISION
    document = json.loads(capsys.readouterr().out)
    assert document["node_groups"][0]["carries"] == {"millicores": 1750, "mebibytes": 6783, "pods": 25}
    workers = next(kind for kind in document["pods"] if kind["name"] == "workers")
    assert workers == {
        "name": "workers",
        "count": 2,
        "asks": {"millicores": 430, "mebibytes": 2304, "pods": 1},
        "node_groups": ["default"],
        "unplaced": 0,
    }
    assert (document["start"]["more_workers"], document["most"]["more_workers"]) == (0, 3)
    assert len(document["warnings"]) == 1


def test_a_mistake_in_the_charts_values_is_told_as_one(tmp_path: Path) -> None:
    """With its place and exit code 2, as a synth would."""
    (tmp_path / "helm").mkdir()
    (tmp_path / "helm" / "values.yaml").write_text("executor: LocalExecutor\n", encoding="utf-8")
    operated = replace(load({}, env_file=ROOT / "environments" / "dev.yaml"), root=tmp_path)
    with pytest.raises(OperationError, match=r"values\.yaml:1: executor\n  received: ") as refused:
        show(Session(operated, Output()))
    assert refused.value.exit_code is ExitCode.MISTAKE


def test_types_that_nobody_knows_are_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No number is made up for them."""
    text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    file = tmp_path / "newer.yaml"
    file.write_text(text.replace("[m7g.large]", "[m99g.large]"), encoding="utf-8")
    assert fitted(file) is ExitCode.DECISION
    printed = capsys.readouterr()
    assert "default m99g.large 2 to 3 not known" in " ".join(printed.out.split())
    assert "Full at the start" not in printed.out
    assert "m99g.large is not among the instance types" in printed.err
