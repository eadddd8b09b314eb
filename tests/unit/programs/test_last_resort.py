"""How a program ends that meets what nobody has foreseen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def started(program: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A program that begins with `import programs`, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import programs\n{program}", *arguments],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if name != "AIRFLOW_TRACEBACK"}, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(program: str, *arguments: str, **variables: str) -> tuple[int, str]:
    """Exit code and stderr of such a program."""
    process = started(program, *arguments, **variables)
    _, stderr = process.communicate()
    return process.returncode, stderr


FAILING = "from ops.unrecorded.recorded import _import_id\n_import_id('aws_vpc', {})"


class TestUnforeseen:
    def test_ends_in_one_line_and_1(self) -> None:
        """The line has the exception, the line of the project's code, and how to see more; there is no traceback."""
        code, stderr = ended(FAILING)
        assert (code, stderr.count("\n")) == (1, 1)
        assert stderr.startswith("Not foreseen: KeyError: 'id' (ops/unrecorded/recorded.py:")
        assert "--traceback" in stderr

    def test_of_many_lines_is_one_line_still(self) -> None:
        """What Node.js says has its own traceback in it; lines are joined and cut."""
        said = "Error: no space\n    at Object.writeSync (node:fs:922)" + "x" * 9000
        code, stderr = ended(f"raise RuntimeError({said!r})")
        assert (code, stderr.count("\n")) == (1, 1)
        assert len(stderr) < 600
        assert "Error: no space at Object.writeSync" in stderr

    def test_shows_all_when_asked(self) -> None:
        """`--traceback`, wherever it stands, or the variable; the program itself doesn't see the argument."""
        asked = "import sys\nassert sys.argv[1:] == ['status', '--json']\n"
        for code, stderr in (
            ended(asked + FAILING, "status", "--traceback", "--json"),
            ended(FAILING, AIRFLOW_TRACEBACK="1"),
        ):
            assert code == 1
            assert stderr.startswith("Traceback (most recent call last)")
            assert stderr.endswith("KeyError: 'id'\n")

    def test_is_handed_on_to_what_is_started(self) -> None:
        """`python -m ops --traceback` starts main.py, whose traceback is wanted as well."""
        program = "import os, sys\nsys.exit(os.environ['AIRFLOW_TRACEBACK'])"
        assert ended(program, "--traceback") == (1, "1\n")


class TestInterrupted:
    def test_is_one_word(self) -> None:
        """Ctrl-C reaches jsii's Node.js too: neither its end nor ours leaves a traceback."""
        process = started("import constructs.bindings, signal\nprint('ready', flush=True)\nsignal.pause()")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate()
        assert stderr == "Interrupted.\n"
        assert process.returncode == -signal.SIGINT


def test_a_reader_that_has_gone_is_no_failure_to_report() -> None:
    """`python -m ops status | head` ends without a word."""
    process = started("import sys\nprint('x', flush=True)\nwhile True:\n    print('x' * 100_000)")
    assert process.stdout is not None
    with process:
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize("home", ["/proc/nobody"])
def test_main_needs_neither_home_nor_the_makefile(tmp_path: Path, home: str) -> None:
    """`python main.py` with a HOME that can't be written and no variable of the Makefile's: no word from Node.js."""
    variables = {name: value for name, value in os.environ.items() if name not in {"NODE_NO_WARNINGS", "AIRFLOW_ENV"}}
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env={**variables, "HOME": home, "CDKTF_OUTDIR": str(tmp_path / "out")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "stacks" / "platform" / "cdk.tf.json").is_file()
