"""The provider packages are cheap to import, and nothing else about them is different."""

import re
import shutil
from pathlib import Path

from tests.unit.bindings.runs import ROOT, Run, in_own_process, run_app


def copy_bindings(root: Path) -> Path:
    """Copy the bindings into another checkout, without what other processes compile meanwhile."""
    place = Path("constructs") / "bindings"
    return shutil.copytree(ROOT / place, root / place, ignore=shutil.ignore_patterns("__pycache__"))


class TestBothSides:
    def test_python_imports_only_what_is_asked_for(self, default_run: Run) -> None:
        """Of the AWS package's 2,200 submodules those that the app names are imported."""
        named = ["data_aws_iam_policy_document", "provider", "security_group", "subnet", "vpc"]
        assert default_run.facts["aws_submodules"] == named

    def test_node_loads_the_lazy_indexes(self, whole_run: Run) -> None:
        """Each of the three packages is entered by its lazy index; its full index is never loaded."""
        loaded = whole_run.loaded_by_node
        for package in ("provider-aws", "provider-helm", "provider-kubernetes"):
            assert f"{package}/lib/lazy-index.js" in loaded
            assert f"{package}/lib/index.js" not in loaded
        assert len(loaded) < 100

    def test_classes_are_the_packages_own(self, default_run: Run) -> None:
        """`package.vpc.Vpc` and `from package import vpc` are the same class, of the package's own module."""
        assert default_run.facts["vpc_is_one_class"] is True

    def test_environment_variables_stay_as_they_are(self, default_run: Run) -> None:
        """Neither this process nor its children see another environment than before the import."""
        assert default_run.facts["environment_is_as_before"] is True

    def test_users_node_options_take_effect(self, default_run: Run) -> None:
        """A NODE_OPTIONS of the user's own, here a file to require and a limit, holds in jsii's Node processes."""
        assert default_run.node
        assert {record["stack_trace_limit"] for record in default_run.node} == {7}

    def test_says_nothing(self, default_run: Run) -> None:
        """The app's standard error is empty."""
        assert default_run.stderr == ""

    def test_works_from_a_path_with_spaces(self, default_run: Run, tmp_path: Path) -> None:
        """Checked out and run in folders with spaces, both sides are cheap and the JSON is the same."""
        root = tmp_path / "a folder with spaces"
        copy = copy_bindings(root)
        run = run_app(tmp_path / "an output with spaces", root=root)
        assert run.facts["bindings"] == str(copy / "__init__.py")
        assert run.json_files == default_run.json_files
        assert run.loaded_by_node == default_run.loaded_by_node

    def test_importing_again_changes_nothing(self, tmp_path: Path) -> None:
        """Run a second time, the module keeps the registered packages and does not disturb jsii."""
        program = (
            "import importlib, sys, constructs.bindings as bindings\n"
            "packages = [sys.modules[name] for name in bindings.PROVIDER_PACKAGES]\n"
            "importlib.reload(bindings)\n"
            "assert packages == [sys.modules[name] for name in bindings.PROVIDER_PACKAGES]\n"
            "from cdktf_cdktf_provider_helm.release import Release\n"
        )
        done = in_own_process("-c", program, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


class TestReduced:
    def test_where_the_program_names_the_modules(self, default_run: Run) -> None:
        """Helm's and Kubernetes' packages hold what the app imports, AWS' all: by `aws_package.x` it may be any."""
        loaded = default_run.loaded_by_node
        assert {"provider-helm/lib/index.js", "provider-kubernetes/lib/index.js"} < loaded
        assert {"provider-aws/lib/lazy-index.js", "provider-aws/lib/subnet/index.js"} < loaded
        assert not {"provider-helm/lib/lazy-index.js", "provider-kubernetes/lib/lazy-index.js"} & loaded

    def test_refuses_a_module_that_nothing_was_seen_to_import(self, tmp_path: Path) -> None:
        """What jsii does not know is refused by its name when it is imported, with what to do."""
        program = (
            "import constructs.bindings\n"
            "from cdktf_cdktf_provider_aws.vpc import Vpc\n"
            "name = 'kinesis_stream'\n"
            "__import__(f'cdktf_cdktf_provider_aws.{name}')\n"
        )
        done = in_own_process("-c", program, folder=tmp_path)
        assert "ImportError: cdktf_cdktf_provider_aws.kinesis_stream is imported by nothing in main.py" in done.stderr
        assert "AIRFLOW_BINDINGS=both" in done.stderr
        assert in_own_process("-c", program, folder=tmp_path, AIRFLOW_BINDINGS="both").returncode == 0

    def test_makes_a_package_once(self, tmp_path: Path) -> None:
        """A second run loads what the first has made; where the folder can't be made the whole ones are loaded."""
        root = tmp_path / "checkout"
        copy_bindings(root)
        first = run_app(tmp_path / "first", root=root)
        kept = root / ".tools" / "bindings"
        made = {file.name: file.stat().st_mtime_ns for file in kept.iterdir()}
        assert sorted(name.partition("@")[0] for name in made) == ["provider-helm", "provider-kubernetes"]
        run_app(tmp_path / "second", root=root)
        assert {file.name: file.stat().st_mtime_ns for file in kept.iterdir()} == made
        shutil.rmtree(kept)
        kept.write_text("no folder")
        third = run_app(tmp_path / "third", root=root)
        assert re.findall(r"Warning: (\S+) loads slowly: jsii reads all of it", third.stderr) == [
            "@cdktf/provider-helm",
            "@cdktf/provider-kubernetes",
        ]
        assert "provider-helm/lib/lazy-index.js" in third.loaded_by_node
        assert third.json_files == first.json_files


class TestSlow:
    def test_is_said_of_packages_that_nobody_here_knows(self, tmp_path: Path) -> None:
        """Under another name nothing is cheap, as after a move to another generator: each reason is on stderr."""
        root = tmp_path / "checkout"
        copy_bindings(root)
        used_modules = root / "constructs" / "bindings" / "used_modules.py"
        used_modules.write_text(used_modules.read_text().replace("cdktf_cdktf_provider_", "moved_provider_"))
        script = root / "constructs" / "bindings" / "node_side.py"
        script.write_text(script.read_text().replace("@cdkt[fn]", "@moved"))
        program = "import constructs.bindings\nfrom cdktf_cdktf_provider_helm.release import Release\n"
        done = in_own_process("-c", program, folder=tmp_path, root=root)
        assert done.returncode == 0, done.stderr
        assert done.stderr == (
            "Warning: @cdktf/provider-helm loads slowly: Python imports all of its modules (cdktf_cdktf_provider_helm "
            "is none of PROVIDER_PACKAGES); Node.js loads all of its modules (lazy_provider_index.cjs does not know "
            "its name). See constructs/bindings/.\n"
        )


class TestSameJson:
    """Of the other modes it is shown by tests/synth/test_repeatability.py."""

    def test_with_whole_packages(self, default_run: Run, whole_run: Run) -> None:
        """With whole packages, entered by their lazy indexes, the JSON is the same to the byte."""
        assert whole_run.json_files == default_run.json_files


class TestSwitch:
    def test_refuses_a_mode_that_there_is_not(self, tmp_path: Path) -> None:
        """A mistyped AIRFLOW_BINDINGS is refused with the value and what is allowed."""
        done = in_own_process("-c", "import constructs.bindings", folder=tmp_path, AIRFLOW_BINDINGS="fast")
        assert "AIRFLOW_BINDINGS is 'fast'; allowed: reduced, both, python-only, node-only, as-shipped." in done.stderr
