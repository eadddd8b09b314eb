"""What actionlint and zizmor say of the workflows; both work without a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.availability import unavailable
from tests.workflows.definitions import FOLDER, ROOT, WORKFLOWS

SCRIPTS = Path(sys.executable).parent

#: A workflow with one mistake that actionlint knows and several that zizmor knows.
BROKEN = """\
name: broken
on: pull_request_target
jobs:
  one:
    runs-on: ubuntu-24.04
    needs: two
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """That workflow, where a repository has it."""
    path = tmp_path / ".github" / "workflows" / "broken.yml"
    path.parent.mkdir(parents=True)
    path.write_text(BROKEN, encoding="utf-8")
    return path


def actionlint(*files: Path) -> list[str]:
    """What actionlint says, a line for each finding."""
    node = shutil.which("node", path=str(SCRIPTS)) or shutil.which("node")
    if not node or not (ROOT / "node_modules" / "@tktco" / "node-actionlint").is_dir():
        unavailable("actionlint is not in node_modules/: `make setup` installs it.")
    script = Path(__file__).with_name("actionlint.mjs")
    done = subprocess.run([node, str(script), *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def zizmor(path: Path) -> list[str]:
    """The names of the audits of zizmor's that find something."""
    program = shutil.which("zizmor", path=str(SCRIPTS))
    if not program:
        unavailable("zizmor is not in .venv: `make setup` installs it.")
    # No exit code for what is found, only for what fails; its rules ask nobody on the Internet.
    command = [program, "--offline", "--no-exit-codes", "--format=json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted({finding["ident"] for finding in json.loads(done.stdout)})


class TestActionlint:
    def test_finds_nothing(self) -> None:
        """Every key, expression, job and runner that the workflows name exists."""
        assert actionlint(*sorted(FOLDER.iterdir())) == []

    def test_would_find_something(self, broken: Path) -> None:
        """Of a workflow with mistakes it names the job that doesn't exist and the title that reaches the shell."""
        found = "\n".join(actionlint(broken))
        assert f'{broken}:4: job "one" needs job "two" which does not exist in this workflow' in found
        assert '"github.event.pull_request.title" is potentially untrusted' in found

    def test_would_find_a_mistake_in_each_of_ours(self, tmp_path: Path) -> None:
        """A permission that doesn't exist is found in each of the real files: none of them is passed over unread."""
        files = [tmp_path / f"{workflow.name}.yml" for workflow in WORKFLOWS]
        for file, workflow in zip(files, WORKFLOWS, strict=True):
            file.write_text(workflow.text.replace("contents: ", "content: "), encoding="utf-8")
        found = [line for line in actionlint(*files) if 'unknown permission scope "content"' in line]
        assert {line.partition(":")[0] for line in found} == {str(file) for file in files}


class TestZizmor:
    def test_finds_nothing(self) -> None:
        """No credential is kept, no stranger's text reaches a shell, actions are pinned, no token may too much."""
        assert zizmor(FOLDER.parent) == []

    def test_would_find_something(self, broken: Path) -> None:
        """Of a workflow with mistakes it names each of them."""
        wanted = {"artipacked", "dangerous-triggers", "excessive-permissions", "template-injection", "unpinned-uses"}
        assert wanted <= set(zizmor(broken.parent))
