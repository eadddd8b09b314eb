"""`python -m ops rotate`, on a copy of the shipped environment file; AWS is asked nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.__main__ import application
from programs.own_tools import ROOT
from tests.documented import shows


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of dev, chosen as the environment; AWS would not be reached."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    file = tmp_path / "environments" / "dev.yaml"
    file.parent.mkdir()
    file.write_text((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("AIRFLOW_ENV_FILE", str(file))
    return file


def rotate(*arguments: str) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as end:
        application()(["rotate", *arguments], prog_name="python -m ops")
    return int(end.value.code or 0)


class TestRotate:
    def test_one_secret(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The revision is raised in the file, and only that; who restarts and what to run next is said."""
        before = file.read_text(encoding="utf-8").splitlines()
        assert rotate("jwt") == 0
        shows("rotate-jwt", capsys.readouterr().out)
        after = file.read_text(encoding="utf-8").splitlines()
        assert [line for line in after if line not in before] == ["  revisions:", "    jwt: 2"]
        assert [line for line in before if line not in after] == []

    def test_again(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A second rotation goes on from the first."""
        assert (rotate("jwt"), rotate("api"), rotate("jwt", "--json")) == (0, 0, 0)
        said = capsys.readouterr().out
        document = json.loads(said[said.index("{") :])
        assert (document["old"], document["new"], document["key"]) == (2, 3, "secrets.revisions.jwt")
        assert file.read_text(encoding="utf-8").endswith("  revisions:\n    jwt: 3\n    api: 2\n")

    def test_dry_run(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It says what would be done, and changes no file."""
        before = file.read_text(encoding="utf-8")
        assert rotate("fernet", "--dry-run") == 0
        assert "would be changed: secrets.fernet_keys: [1] -> [2, 1]" in capsys.readouterr().out
        assert file.read_text(encoding="utf-8") == before

    @pytest.mark.parametrize(
        ("secret", "said"),
        [
            ("jtw", "'jtw' is no secret of an environment."),
            ("registry", "'registry' is not used by this environment."),
            ("git", "'git' is not used by this environment."),
        ],
    )
    def test_others(self, file: Path, capsys: pytest.CaptureFixture[str], secret: str, said: str) -> None:
        """A name that is none, or not this environment's, is refused with those that are; the file stays."""
        before = file.read_text(encoding="utf-8")
        assert rotate(secret) == 2
        error = capsys.readouterr().err
        assert said in error
        assert "name one of database, redis, api, jwt, admin, fernet" in error
        assert file.read_text(encoding="utf-8") == before

    def test_a_file_that_is_not_ours(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that says something else than an environment is refused as everywhere, by line and key."""
        file.write_text("name: dev\nregoin: eu-west-1\n", encoding="utf-8")
        assert rotate("jwt") == 2
        assert "regoin" in capsys.readouterr().err
