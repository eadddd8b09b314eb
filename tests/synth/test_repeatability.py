"""The same file gives the same bytes, whatever else is synthesized and however the provider packages are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synth.environments import NAMES, STACKS, files, in_own_process, synthesize_environment
from tests.unit.bindings.runs import Run, run_app


def _in_own_process(folder: Path, mode: str) -> dict[str, bytes]:
    """Everything that a process of its own writes for both environments, the bindings cured as `mode` says."""
    done = in_own_process("-m", "tests.synth.environments", str(folder), AIRFLOW_BINDINGS=mode)
    assert done.returncode == 0, done.stderr
    return files(folder)


class TestSameBytes:
    @pytest.mark.parametrize("name", NAMES)
    def test_twice(self, outdirs: dict[str, Path], name: str) -> None:
        """A second synth of the same environment writes the same files to the byte."""
        again = synthesize_environment(name, outdirs[name].with_name(f"{name}-again"))
        assert files(again) == files(outdirs[name])

    def test_in_another_process(self, outdirs: dict[str, Path]) -> None:
        """Nothing depends on what the process did before: not on hashes, order or the other environment."""
        fresh = _in_own_process(outdirs["dev"].parent.with_name("fresh"), "both")
        assert set(fresh) > {"dev/manifest.json", "prod/manifest.json"}
        for name in NAMES:
            mine = {f"{name}/{path}": content for path, content in files(outdirs[name]).items()}
            assert {path: content for path, content in fresh.items() if path.startswith(f"{name}/")} == mine


class TestSideBySide:
    def test_environments_do_not_influence_each_other(self, outdirs: dict[str, Path]) -> None:
        """After all others a process synthesizes an environment as it does at first."""
        folder = outdirs["dev"].parent
        order = ["prod", "dev", "prod"]
        last = [synthesize_environment(name, folder / f"{position}-{name}") for position, name in enumerate(order)]
        assert files(last[1]) == files(outdirs["dev"])
        assert files(last[0]) == files(last[2]) == files(outdirs["prod"])


#: AIRFLOW_BINDINGS -> whether Python imports every submodule of a package, and Node its full index.
WHOLE = {
    "reduced": (False, False),
    "both": (False, False),
    "python-only": (False, True),
    "node-only": (True, False),
    "as-shipped": (True, True),
}


def _loaded(folder: Path, mode: str) -> tuple[Run, dict[str, bytes]]:
    """The small app's run, and what is written for both environments: by the same process where importing takes long.

    Packages are reduced to what a program names, so that each program has a process of its own there.
    """
    environments = folder / "environments"
    if any(WHOLE[mode]):
        return run_app(folder / "app", mode, environments=environments), files(environments)
    return run_app(folder / "app", mode), _in_own_process(environments, mode)


@pytest.fixture(scope="module")
def as_shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, bytes]]:
    """All of it with the provider packages as shipped: half a minute."""
    return _loaded(tmp_path_factory.mktemp("as-shipped"), "as-shipped")


@pytest.mark.slow
class TestBindings:
    @pytest.mark.parametrize("mode", [mode for mode in WHOLE if mode != "as-shipped"])
    def test_cheap_packages_synthesize_the_same(
        self, as_shipped: tuple[Run, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory, mode: str
    ) -> None:
        """The JSON of the small app and of both environments is the same to the byte with each side cured, with both,
        and with neither.
        """
        app, environments = as_shipped
        assert {f"{name}/stacks/{stack}/cdk.tf.json" for name in NAMES for stack in STACKS} <= set(environments)
        cured = _loaded(tmp_path_factory.mktemp(mode), mode)
        assert cured[0].json_files == app.json_files
        assert cured[1] == environments
        assert [_whole(app), _whole(cured[0])] == [WHOLE["as-shipped"], WHOLE[mode]]


def _whole(run: Run) -> tuple[bool, bool]:
    """What of `WHOLE` a run of the small app has done."""
    imported = run.facts["aws_submodules"]
    assert isinstance(imported, list)
    return len(imported) > 1000, "provider-aws/lib/index.js" in run.loaded_by_node
