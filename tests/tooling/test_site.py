"""The site of the documents, built as `make docs` does it."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.availability import unavailable
from tooling import site
from tooling.site_hooks import listed, relinked
from tooling.virtual_environments import ROOT

HERE = "https://github.com/acme/airflow"


@pytest.fixture(scope="module")
def mkdocs() -> Path:
    """The program: what `make docs` installs into .tools/mkdocs, or else one on PATH."""
    places = [str(site.PROGRAM.parent), os.environ.get("PATH", os.defpath)]
    program = shutil.which("mkdocs", path=os.pathsep.join(places))
    if not program:
        unavailable("mkdocs is neither in .tools/mkdocs (`make docs` installs it) nor on PATH.")
    return Path(program)


@pytest.fixture(scope="module")
def built(mkdocs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly."""
    folder = tmp_path_factory.mktemp("site")
    assert site.build(mkdocs, into=folder) == 0
    return folder


class TestSite:
    def test_has_a_page_for_each_document(self, built: Path) -> None:
        """README is the first page; each file of docs/ is one, and strict building has found its way there."""
        names = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
        pages = {str(name).replace("README.html", "index.html") for name in names}
        assert {name for name in {*pages, "index.html"} if not (built / name).is_file()} == set()
        assert "Airflow on EKS, from one file" in (built / "index.html").read_text(encoding="utf-8")

    def test_loads_nothing_from_elsewhere(self, built: Path) -> None:
        """No font, script, style or picture of another host, so that it works offline and nobody is told who reads."""
        loaded = re.compile(
            r"<(?:script|img|iframe|link(?! rel=\"canonical\"))[^>]*(?:src|href)=\"?((?:https?:)?//[^\s\">]+)"
        )
        found = {url for page in built.rglob("*.html") for url in loaded.findall(page.read_text(encoding="utf-8"))}
        assert found == set()

    def test_finds_messages_and_keys(self, built: Path) -> None:
        """The index of the search has each message of troubleshooting.md as a title, and knows keys by their parts."""
        index = json.loads((built / "search" / "search_index.json").read_text(encoding="utf-8"))
        titles = {re.sub(r"<[^>]+>", "", entry["title"]) for entry in index["docs"]}
        assert {"VpcLimitExceeded, AddressLimitExceeded", "exceeded quota: airflow"} <= titles
        boosts = {entry["location"].partition("#")[0]: entry.get("boost") for entry in index["docs"]}
        assert (boosts["troubleshooting.html"], boosts["environment-file.html"], boosts["costs.html"]) == (2, 2, None)
        assert "public_access_cidrs" in re.split(index["config"]["separator"], "cluster.endpoint.public_access_cidrs")

    def test_searches_pages_that_were_opened_from_the_disk(self, built: Path) -> None:
        """What browsers need for that comes with the site: the index as a script, and a stand-in for the worker."""
        assert (built / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index = {")
        assert 'src="iframe-worker.js"' in (built / "index.html").read_text(encoding="utf-8")
        assert (built / "iframe-worker.js").is_file()

    def test_is_not_built_with_a_link_to_nothing_or_a_page_that_nothing_leads_to(
        self, mkdocs: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A missing page, a missing heading, a missing file of the code and a page that no menu has end the build."""
        docs = tmp_path / "docs"
        docs.mkdir()
        (docs / "x.md").write_text("# X\n\n[a](nothing.md) [b](#nothing) [c](../constructs/nothing.py)\n")
        (docs / "orphan.md").write_text("# Y\n")
        changed = {"docs_dir": str(docs), "nav": ["x.md"], "hooks": [str(ROOT / "tooling" / "site_hooks.py")]}
        theme = {"name": "material", "custom_dir": str(ROOT / "tooling" / "site"), "font": False}
        configuration = tmp_path / "mkdocs.yml"
        configuration.write_text(yaml.safe_dump({"INHERIT": str(ROOT / "mkdocs.yml"), **changed, "theme": theme}))
        assert site.build(mkdocs, configuration, tmp_path / "site") != 0
        said = capfd.readouterr().err
        for complaint in ("'nothing.md'", "'#nothing'", "'../constructs/nothing.py'", "- orphan.md"):
            assert complaint in said


class TestRelinked:
    @pytest.mark.parametrize(
        ("markdown", "document", "repository", "expected"),
        [
            ("[a](docs/costs.md#x)", "README.md", HERE, "[a](costs.md#x)"),
            ("![a](docs/pictures/architecture.svg)", "README.md", "", "![a](pictures/architecture.svg)"),
            ("[a](costs.md)", "docs/airflow.md", HERE, "[a](costs.md)"),
            ("[a](../costs.md)", "docs/decisions/0001-cdktf.md", HERE, "[a](../costs.md)"),
            ("[a](../main.py)", "docs/airflow.md", HERE, f"[a]({HERE}/blob/main/main.py)"),
            ("[a](../dags/)", "docs/airflow.md", HERE, f"[a]({HERE}/tree/main/dags)"),
            ("[main.py](../main.py)", "docs/airflow.md", "", "`main.py`"),
            ("[here](../main.py)", "docs/airflow.md", "", "here"),
            ("[a](https://example.com) [b](#c)", "README.md", HERE, "[a](https://example.com) [b](#c)"),
            ("```\n[a](../main.py)\n```", "docs/airflow.md", HERE, "```\n[a](../main.py)\n```"),
        ],
    )
    def test_leads_to_pages_and_to_the_repository(
        self, markdown: str, document: str, repository: str, expected: str
    ) -> None:
        """Pages among themselves; code in the repository, or as text where none is known; examples as they are."""
        assert relinked(markdown, document, repository) == expected

    def test_warns_of_code_that_is_not_there(self, caplog: pytest.LogCaptureFixture) -> None:
        """Which ends a strict build."""
        with caplog.at_level(logging.WARNING):
            relinked("[a](../nothing.py)", "docs/airflow.md", HERE)
        assert "'../nothing.py', which does not exist" in caplog.text


class TestListed:
    def test_has_each_decision_after_their_table(self) -> None:
        """A pattern in the navigation stands for the files that fit it, README.md first."""
        [decisions] = listed([{"Decisions": "decisions/*.md"}])
        assert decisions["Decisions"][:2] == ["decisions/README.md", "decisions/0001-cdktf.md"]
        assert len(decisions["Decisions"]) == len(list((ROOT / "docs" / "decisions").glob("*.md")))


class TestMain:
    def test_refuses_what_is_no_argument(self) -> None:
        """A misspelled option builds nothing."""
        with pytest.raises(SystemExit, match="ARGS=--serve or nothing, not --server"):
            site.main(["--server"])
