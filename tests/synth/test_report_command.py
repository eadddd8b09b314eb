"""`python -m ops report`, as people type it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from ops.__main__ import application
from ops.commands import report
from ops.console.errors import OperationError
from ops.console.output import Output
from ops.environment.operated import OperatedEnvironment
from ops.pictures.stacks import Stacks
from programs.own_tools import ROOT

#: Nobody listens there.
DEAD = "http://127.0.0.1:9"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outdirs: dict[str, Path]) -> Path:
    """An environment file like dev's, that has no state; a synthesis gives dev's JSON. The current folder is empty."""

    def copied(operated: OperatedEnvironment) -> str:
        shutil.copytree(outdirs["dev"], operated.outdir, dirs_exist_ok=True)
        return ""

    environment = tmp_path / "environments" / "never-deployed.yaml"
    environment.parent.mkdir()
    written(environment)
    monkeypatch.setattr(report, "synthesize", copied)
    monkeypatch.setenv("AWS_ENDPOINT_URL", DEAD)
    monkeypatch.delenv("AIRFLOW_CHART", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return environment


def written(file: Path, **sections: Any) -> None:
    """Make the environment file, of the environment that the file is called after."""
    values = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**values, "name": file.stem, **sections}), encoding="utf-8")


def run(file: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(application(), ["report", "--env-file", str(file), *arguments])


class TestReport:
    def test_is_written_where_one_is(self, file: Path) -> None:
        """Called after the environment, and said in one line; nothing else comes into being."""
        done = run(file)
        assert (done.exit_code, done.stdout) == (0, "report-never-deployed.html: nothing to compare with\n")
        assert [path.name for path in Path().iterdir()] == ["report-never-deployed.html"]
        assert "not deployed" in Path("report-never-deployed.html").read_text(encoding="utf-8")

    def test_is_compared_with_the_one_that_it_replaces(self, file: Path) -> None:
        """Or with another one, which is left as it is."""
        run(file, "--output", "first/report.html")
        assert " 0 changes since 20" in run(file, "--output", "first/report.html").stdout
        done = run(file, "--since", "first/report.html", "--json")
        assert json.loads(done.stdout)["changes"] == []
        assert json.loads(done.stdout)["report"] == "report-never-deployed.html"

    def test_replaces_nothing_that_is_no_report(self, file: Path) -> None:
        """A file of somebody's is left alone, and so is the report of another environment."""
        Path("mine.html").write_text("<h1>Mine</h1>")
        done = run(file, "--output", "mine.html")
        assert (done.exit_code, Path("mine.html").read_text()) == (2, "<h1>Mine</h1>")
        assert "mine.html is no report" in done.stderr
        run(file)
        other = file.with_name("other.yaml")
        written(other)
        refused = run(other, "--output", "report-never-deployed.html")
        assert refused.exit_code == 2
        assert "is a report of never-deployed, not of other" in refused.stderr

    def test_names_a_report_that_is_not_there(self, file: Path) -> None:
        """A path mistyped is a mistake, not a first report."""
        done = run(file, "--since", "missing.html")
        assert (done.exit_code, list(Path().iterdir())) == (2, [])
        assert "There is no report missing.html." in done.stderr

    def test_is_written_although_a_state_is_not_read(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the file says is there; why the rest isn't is said on the page, on stderr and by the exit code."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, "none")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        written(file, state={"backend": "s3", "bucket": "acme-states", "kms_key_id": KEY})
        done = run(file)
        assert done.exit_code != 0
        assert "Not read: state of platform" in done.stderr
        html = Path("report-never-deployed.html").read_text(encoding="utf-8")
        assert "state not read" in html
        assert html.count("<svg ") == 4


class TestAlarms:
    @pytest.fixture
    def stacks(self, outdirs: dict[str, Path]) -> Stacks:
        """Those of prod."""
        return Stacks.read(outdirs["prod"])

    def test_have_their_state_where_it_may_be_asked(self, stacks: Stacks) -> None:
        """Those of the environment, by their names, and no others."""

        def describe_alarms(AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803  # boto3's
            assert len(AlarmNames) == 4
            return {"MetricAlarms": [{"AlarmName": AlarmNames[0], "StateValue": "ALARM"}]}

        client = SimpleNamespace(describe_alarms=describe_alarms)
        aws = SimpleNamespace(require_account=lambda: None, client=lambda _: client)
        session: Any = SimpleNamespace(aws=aws, output=Output())
        assert report._ringing(session, stacks) == {"airflow-prod-database-connections": "ALARM"}

    def test_are_listed_without_it_elsewhere(self, stacks: Stacks, capsys: pytest.CaptureFixture[str]) -> None:
        """Credentials that may not ask are no reason to fail."""

        def refused() -> None:
            raise OperationError("not allowed")

        session: Any = SimpleNamespace(aws=SimpleNamespace(require_account=refused), output=Output())
        assert report._ringing(session, stacks) == {}
        assert "Alarms are listed without their state: not allowed" in capsys.readouterr().err
