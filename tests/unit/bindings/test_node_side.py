"""The script in Node, and jsii's refusal of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from constructs.bindings import node_side

from tests.unit.bindings.runs import ROOT, in_own_process

SCRIPT = ROOT / "constructs" / "bindings" / "lazy_provider_index.cjs"


def _entered_by(package: Path, tmp_path: Path) -> str:
    """What `require(<package>)` gives in a Node process with the script: each file of `_package` exports its name."""
    program = "console.log(require(process.argv[1]))"
    node = Path(sys.executable).with_name("node")
    done = subprocess.run(
        [node, "--require", str(SCRIPT), "-e", program, str(package)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def _package(folder: Path, *files: str) -> Path:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"module.exports = '{file}'")
    (folder / "package.json").write_text(f'{{"main": "{files[0]}"}}')
    return folder


class TestScript:
    @pytest.mark.parametrize("name", ["@cdktf/provider-aws", "@cdktn/provider-aws"])
    def test_prefers_the_lazy_index(self, name: str, tmp_path: Path) -> None:
        """With both a provider package is entered by the lazy one, of both generators, in a path with spaces too."""
        package = _package(tmp_path / "with space" / name, "lib/index.js", "lib/lazy-index.js")
        assert _entered_by(package, tmp_path) == "lib/lazy-index.js"
        assert node_side.knows(name)

    @pytest.mark.parametrize(
        ("name", "files"),
        [
            pytest.param("@cdktf/provider-aws", ["lib/index.js"], id="no lazy index"),
            pytest.param("@cdktf/provider-aws", ["dist/index.js", "dist/lazy-index.js"], id="another layout"),
            pytest.param("@cdktf/provider-aws", ["lib/main.js", "lib/lazy-index.js"], id="another main file"),
            pytest.param("@cdktf/commons", ["lib/index.js", "lib/lazy-index.js"], id="no provider"),
            pytest.param("provider-aws", ["lib/index.js", "lib/lazy-index.js"], id="not cdktf's"),
            pytest.param("@other/provider-aws", ["lib/index.js", "lib/lazy-index.js"], id="another generator's"),
        ],
    )
    def test_leaves_everything_else_alone(self, name: str, files: list[str], tmp_path: Path) -> None:
        """Where there is no lazy index beside a provider's index, Node's own answer stands."""
        assert _entered_by(_package(tmp_path / name, *files), tmp_path) == files[0]

    def test_packed_bytes_are_stable(self) -> None:
        """The package is the same to the byte every time: jsii's cache on disk does not grow."""
        assert node_side._packed() == node_side._packed()


class TestRefusal:
    def test_warns_and_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If jsii refuses the package, here for its version, a warning says that imports will be slow."""
        node_side.load_lazy_provider_index()
        monkeypatch.setattr(node_side, "_VERSION", "2.0.0")
        with pytest.warns(
            UserWarning, match=r"load slowly, as shipped: jsii refused lazy_provider_index\.cjs: .*2\.0\.0"
        ):
            node_side.load_lazy_provider_index()

    def test_packages_then_work_as_shipped(self, tmp_path: Path) -> None:
        """After a refusal a provider package is loaded by its full index."""
        program = (
            "import jsii, constructs\n"
            "def refuse(*arguments): raise RuntimeError('refused')\n"
            "jsii.load = refuse\n"
            "import constructs.bindings\n"
            "from cdktf_cdktf_provider_helm.release import ReleaseSet\n"
            "print(ReleaseSet(name='a', value='b').name)\n"
        )
        done = in_own_process("-c", program, folder=tmp_path, AIRFLOW_BINDINGS="both")
        assert done.stdout.strip() == "a", done.stderr
        assert "refused" in done.stderr
