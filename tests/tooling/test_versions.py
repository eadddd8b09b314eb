"""The table of versions, written anew from sources on this machine."""

import json
import threading
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from constructs.versions.table import FILE, parsed

from tests.emulator import Emulator
from tests.unit.ops.github_server import GitHubServer, github_server
from tooling import versions
from tooling.version_sources import SourceError, eks, endoflife, package, rds
from tooling.versions import difference, main, renew, written

TODAY = date(2027, 1, 4)
#: What a copy of endoflife.date says, by product.
LIVES: dict[str, list[dict[str, Any]]] = {
    "amazon-eks": [
        {"cycle": "1.37", "releaseDate": "2026-12-15", "eol": "2028-02-15", "extendedSupport": "2029-02-15"},
        {"cycle": "1.36", "releaseDate": "2026-06-02", "eol": "2027-08-03", "latest": "1.36-eks-9"},
        {"cycle": "1.21", "releaseDate": "2021-07-19", "eol": "2023-02-16", "extendedSupport": True},
    ],
    "apache-airflow": [{"cycle": "3.4", "releaseDate": "2026-11-06", "eol": False, "latest": "3.4.0"}],
    "amazon-rds-postgresql": [{"cycle": "17", "eol": "2030-02-28", "latest": "17.11"}],
}
#: What a package index has, by package.
PACKAGES = {
    "apache-airflow": ("3.3.3", "3.4.0rc1", "3.1.9"),
    "apache-airflow-providers-fab": ("3.11.0", "4.0.0", "2.9"),
}


#: What the image of a version of Airflow is built with.
CONSTRAINTS = {
    "constraints-3.3.2": "# Made on 2026-09-18\nFlask==3.1.3\napache-airflow-providers-fab==3.9.1\n"
    "apache-airflow-providers-git==0.5.1\napache-airflow-providers-celery==3.25.0rc1\n",
    "constraints-3.3.1": "Not found",
}


class _Sources(BaseHTTPRequestHandler):
    """All, on one port."""

    def do_GET(self) -> None:
        """A product's lines as JSON, a package's files as pip reads them, the constraints of a version."""
        kind, _, name = self.path.strip("/").partition("/")
        if kind == "api" and name.removesuffix(".json") in LIVES:
            self._say(json.dumps(LIVES[name.removesuffix(".json")]), "application/json")
        elif kind == "simple" and name in PACKAGES:
            file = name.replace("-", "_")
            links = "".join(f'<a href="{file}-{each}-py3-none-any.whl">{each}</a>' for each in PACKAGES[name])
            self._say(f"<!DOCTYPE html><html><body>{links}</body></html>", "text/html")
        elif kind in CONSTRAINTS and name == "constraints-3.12.txt":
            self._say(CONSTRAINTS[kind], "text/plain")
        else:
            self.send_error(404)

    def _say(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the sources listen; pip is configured for them, and AWS has no credentials."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(variable, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sources) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple/")
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        yield url
        server.shutdown()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the table, which the command writes."""
    copy = tmp_path / "constructs" / "versions" / "table.toml"
    copy.parent.mkdir(parents=True)
    copy.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(versions, "FILE", copy)
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    return copy


def copy_at(address: str) -> list[str]:
    """The command's arguments for the sources of an address."""
    return ["--endoflife", address, "--constraints", address]


def index(name: str) -> list[str]:
    """What pip would say of a package, without starting it for each: stable versions alone."""
    if name not in PACKAGES:
        return index_of_nobody(name)
    return [version for version in PACKAGES[name] if "rc" not in version]


def index_of_nobody(name: str) -> list[str]:
    """What pip says where there is no index."""
    message = f"pip index versions {name}: exit code 1"
    raise SourceError(message)


def lines(document: Any, part: str) -> dict[str, Any]:
    """The lines of a part, by their name."""
    return {line["line"]: line for line in document["parts"][part]["lines"]}


def test_the_table_is_as_the_command_writes_it() -> None:
    """Nothing but facts differs in a pull request."""
    text = FILE.read_text(encoding="utf-8")
    assert written(tomllib.loads(text)) == text


class TestRenewal:
    def test_takes_lines_dates_and_newest_versions(self, address: str) -> None:
        """From endoflife.date and pip's own index; lines before the table's are no news."""
        document = tomllib.loads(FILE.read_text(encoding="utf-8"))
        renew(document, TODAY, lambda _: None, (address, address), index)
        kubernetes, airflow = lines(document, "kubernetes"), lines(document, "airflow")
        assert kubernetes["1.37"]["extended_until"] == date(2029, 2, 15)
        assert kubernetes["1.36"] == {
            "line": "1.36",
            "released": date(2026, 6, 2),
            "standard_until": date(2027, 8, 3),
            "extended_until": date(2028, 8, 2),
        }
        assert "1.21" not in kubernetes
        assert {line: known["newest"] for line, known in airflow.items()} == {
            "3.4": "3.4.0",
            "3.3": "3.3.3",
            "3.2": "3.2.2",
        }
        assert lines(document, "postgresql")["17"]["newest"] == "17.11"
        assert {line: known["newest"] for line, known in lines(document, "fab-provider").items()} == {
            "4": "4.0.0",
            "3": "3.11.0",
        }
        assert parsed(written(document)).parts["kubernetes"].newest == "1.37"

    def test_leaves_what_people_write(self, address: str) -> None:
        """What was tested, needs and faults are as before."""
        machines = ("lines", "images")
        before, after = (tomllib.loads(FILE.read_text(encoding="utf-8")) for _ in range(2))
        renew(after, TODAY, lambda _: None, (address, address), index)
        for key, part in before["parts"].items():
            kept = {name: value for name, value in part.items() if name not in machines}
            assert {name: value for name, value in after["parts"][key].items() if name not in machines} == kept

    def test_takes_what_an_image_brings_from_its_constraints(self, address: str) -> None:
        """Released versions of the table's parts; images whose constraints can't be read stay as they were."""
        before = parsed(FILE.read_text(encoding="utf-8"))
        document, said = tomllib.loads(FILE.read_text(encoding="utf-8")), list[str]()
        renew(document, TODAY, said.append, (address, address), index)
        images = {image.version: image.brings for image in parsed(written(document)).parts["airflow"].images}
        known = {image.version: image.brings for image in before.parts["airflow"].images}
        assert images == {**known, "3.3.2": {"fab-provider": "3.9.1", "git-provider": "0.5.1"}}
        assert document["sources"]["airflow-image"]["as_of"] == TODAY
        assert any("constraints-3.3.1/constraints-3.12.txt pins no package" in line for line in said)
        assert any("constraints-3.4.0/constraints-3.12.txt answers 404" in line for line in said)

    def test_a_source_that_does_not_answer_keeps_its_day(self, address: str) -> None:
        """Terraform's lines were not read, and nobody calls them young."""
        document = tomllib.loads(FILE.read_text(encoding="utf-8"))
        said: list[str] = []
        assert renew(document, TODAY, said.append, (address, address), index) == 6
        assert document["sources"]["eks"]["as_of"] == TODAY
        assert document["sources"]["terraform"]["as_of"] != TODAY
        assert any(line.startswith("not read: terraform: ") and "answers 404" in line for line in said)

    def test_asks_the_index_that_pip_is_configured_for(self, address: str) -> None:
        """By pip itself; a release candidate is no version to go to."""
        assert address
        assert sorted(package("apache-airflow")) == ["3.1.9", "3.3.3"]

    def test_of_what_is_no_list_of_lines(self, address: str) -> None:
        """Another answer is named with its address."""
        with pytest.raises(SourceError, match=r"/api/nothing\.json answers 404"):
            endoflife("nothing", address)
        with pytest.raises(SourceError, match="pip index versions nothing"):
            package("nothing")


class TestAws:
    def test_says_itself_what_it_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """EKS with the end of support, RDS with the oldest and newest that it makes."""
        with Emulator() as aws:
            for name, value in aws.environment().items():
                monkeypatch.setenv(name, value)
            assert {one.line: one.standard_until for one in eks()}["1.35"] == date(2027, 3, 27)
            assert {one.line: (one.oldest, one.versions) for one in rds()}["17"] == ("17.6", ["17.6"])


class TestCommand:
    def test_shows_the_difference_and_writes_it(
        self, address: str, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A line that came, a date that moved; a second run finds nothing new."""
        assert main(copy_at(address), index) == 0
        said = capsys.readouterr().out
        assert '+  { line = "1.37", released = 2026-12-15, standard_until = 2028-02-15' in said
        assert parsed(file.read_text(encoding="utf-8")).parts["kubernetes"].lines[0].line == "1.37"
        assert main(copy_at(address), index) == 0
        assert "Nothing is new." in capsys.readouterr().out

    def test_without_any_source_leaves_the_file(
        self, address: str, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Exit code 1, and not a byte is written."""
        monkeypatch.setattr("urllib3.Retry.sleep", lambda *_: None)  # it asks again and again, here at once
        assert main(copy_at(f"{address}/none"), index_of_nobody) == 1
        assert "No source answered" in capsys.readouterr().err
        assert file.read_bytes() == FILE.read_bytes()

    def test_in_a_workflow_opens_one_pull_request(
        self, address: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A branch of its own begins at the default one each week, and its pull request is brought up to date."""
        server: GitHubServer
        with github_server() as server:
            for name, value in {
                **server.environ(tmp_path),
                "GITHUB_ACTIONS": "true",
                "GITHUB_REF_NAME": "main",
            }.items():
                monkeypatch.setenv(name, value)
            assert main(copy_at(address), index) == 0
            file.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
            assert main(copy_at(address), index) == 0
        (pull,) = server.pulls
        assert (pull["head"], pull["base"], pull["title"]) == ("versions", "main", "Versions, as they are known today")
        assert '+  { line = "1.37"' in pull["body"]
        put = server.files["constructs/versions/table.toml"]
        assert (put["branch"], put["sha"], server.branches["versions"]) == ("versions", "blob", "0123")
        assert b64decode(put["content"]).decode() == file.read_text(encoding="utf-8")

    def test_difference_of_the_same_is_nothing(self) -> None:
        """It is what decides whether anything is said."""
        assert difference("a\n", "a\n") == ""
