"""Node.js as jsii starts it: one process, which says all that jsii's own starter would have it say."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

import programs  # noqa: F401  # first: it says which Node.js
from programs.node import in_one_process
from programs.own_tools import ROOT

STARTER = ROOT / "programs" / "node.py"
KERNEL = """
const fs = require("fs");
const ways = { readFD: 3, writeFD: 3 }; // {readFD:3,writeFD:3} when it is packed
const line = Buffer.alloc(100);
const read = fs.readSync(ways.readFD, line, 0, line.length, null);
fs.writeSync(ways.writeFD, line, 0, read);
fs.writeSync(ways.writeFD, `${JSON.stringify(process.execArgv.filter((option) => !option.includes("/")))}\\n`);
console.log("said");
console.error("complained");
"""


def _kernel(folder: Path, program: str = KERNEL) -> Path:
    """A runtime as jsii unpacks it; return its starter."""
    for name, text in {"bin/jsii-runtime.js": 'console.log("the starter")', "lib/program.js": program}.items():
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return folder / "bin" / "jsii-runtime.js"


def _run(starter: Path) -> subprocess.CompletedProcess[str]:
    command = [str(STARTER), "--max-old-space-size=4069", str(starter)]
    return subprocess.run(command, input="a message\n", capture_output=True, text=True, check=False, env=os.environ)


class TestNode:
    @pytest.fixture
    def run(self, tmp_path: Path) -> subprocess.CompletedProcess[str]:
        """What the kernel does, in a folder with a space."""
        return _run(_kernel(tmp_path / "a runtime"))

    def test_messages_come_and_go_on_the_pipes(self, run: subprocess.CompletedProcess[str]) -> None:
        """The kernel, which speaks through descriptor 3 both ways, reads what Python sends and answers to it."""
        assert run.returncode == 0
        assert run.stdout.splitlines()[0] == "a message"

    def test_packages_are_linked(self, run: subprocess.CompletedProcess[str]) -> None:
        """The kernel sees that links are kept: else it links or copies every file of a package."""
        options = json.loads(run.stdout.splitlines()[1])
        assert {"--preserve-symlinks", "--max-old-space-size=4069"} <= set(options)

    def test_what_is_printed_is_told_from_messages(self, run: subprocess.CompletedProcess[str]) -> None:
        """Of what the kernel prints, Python gets a line of JSON each on its standard error, as of jsii's starter."""
        printed = [json.loads(line) for line in run.stderr.splitlines()]
        said = [(name, base64.b64decode(text).decode()) for line in printed for name, text in line.items()]
        assert said == [("stdout", "said\n"), ("stderr", "complained\n")]

    def test_another_kernel_is_left_to_its_starter(self, tmp_path: Path) -> None:
        """A kernel that speaks otherwise, a starter of another name, or none at all: Node.js starts what jsii says."""
        starter = _kernel(tmp_path / "other", KERNEL.replace("{readFD:3,writeFD:3}", ""))
        assert _run(starter).stdout == "the starter\n"
        for given in (["--option", str(tmp_path / "runtime.js")], ["--option", str(tmp_path / "bin/jsii-runtime.js")]):
            assert in_one_process(given) == given

    def test_jsiis_own_kernel_is_known(self) -> None:
        """The kernel of the jsii that is installed is the known one."""
        import jsii._embedded.jsii as embedded  # noqa: PLC0415  # after `programs`

        assert b"readFD:3,writeFD:3" in Path(embedded.__file__).with_name("lib__program.js").read_bytes()


class TestArchiver:
    def test_archives_when_it_is_asked_to(self, tmp_path: Path) -> None:
        """CDKTF's archiver is not loaded with CDKTF, and is the archiver where something is archived."""
        lib = tmp_path / "cdktf" / "lib" / "private"
        lib.mkdir(parents=True)
        archiver = tmp_path / "node_modules" / "archiver"
        archiver.mkdir(parents=True)
        (archiver / "index.js").write_text(
            "console.log('loaded'); module.exports = (kind) => kind + '!'; module.exports.level = 9;"
        )
        program = (
            "const archiver = require('archiver');console.log('imported');console.log(archiver('zip'), archiver.level);"
        )
        (lib / "fs.js").write_text(program)
        node = os.environ["AIRFLOW_NODE"]
        command = [node, f"--require={ROOT}/programs/late_archiver.cjs", str(lib / "fs.js")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == ["imported", "loaded", "zip! 9"]
