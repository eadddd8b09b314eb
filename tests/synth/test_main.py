"""The program: exit codes, messages, and what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.checks.proofs import ProofError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

import main
from tests.synth.environments import files, in_own_process

#: A day on which every version of dev is supported, and one on which none is: seconds since 1970.
TODAY, MUCH_LATER = "1795996800", "1893456000"


@pytest.fixture(scope="module")
def dev_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder into which `python main.py` has synthesized dev."""
    folder = tmp_path_factory.mktemp("main") / "out"
    done = in_own_process("main.py", AIRFLOW_ENV="dev", CDKTF_OUTDIR=str(folder), SOURCE_DATE_EPOCH=TODAY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


class TestSuccess:
    def test_of_another_day_is_the_same_but_for_what_is_said(self, dev_folder: Path, tmp_path: Path) -> None:
        """The JSON is byte for byte that of today; versions that are out of support by then are warned of."""
        folder = tmp_path / "out"
        done = in_own_process("main.py", AIRFLOW_ENV="dev", CDKTF_OUTDIR=str(folder), SOURCE_DATE_EPOCH=MUCH_LATER)
        assert done.returncode == 0
        assert "Warning: cluster.kubernetes_version: EKS makes no new cluster of Kubernetes 1.35 since" in done.stderr
        for stack in ("infrastructure", "platform"):
            name = Path("stacks", stack, "cdk.tf.json")
            assert (folder / name).read_bytes() == (dev_folder / name).read_bytes()

    def test_writes_where_cdktf_says(self, dev_folder: Path) -> None:
        """The stacks are in the folder that cdktf looks into, marked as the environment's."""
        assert {path.parent.name for path in dev_folder.glob("stacks/*/cdk.tf.json")} == {"infrastructure", "platform"}
        assert (dev_folder / ".environment").read_text() == "dev\n"

    def test_dev_is_the_default(self, dev_folder: Path) -> None:
        """Without AIRFLOW_ENV the same folder may be used for dev again, and holds the same bytes afterwards."""
        before = files(dev_folder)
        assert in_own_process("main.py", CDKTF_OUTDIR=str(dev_folder)).returncode == 0
        assert files(dev_folder) == before

    def test_no_path_of_this_machine(self, dev_folder: Path) -> None:
        """The JSON is the same on everybody's machine: it holds no absolute path."""
        for file in dev_folder.glob("stacks/*/cdk.tf.json"):
            text = file.read_text()
            assert str(main.ROOT) + '"' not in text
            assert str(dev_folder) not in text


class TestAnotherEnvironmentInTheFolder:
    def test_is_refused_and_nothing_written(self, dev_folder: Path) -> None:
        """A switch without a folder of its own ends with exit code 2 and a sentence; the folder stays as it was."""
        before = files(dev_folder)
        done = in_own_process("main.py", AIRFLOW_ENV="prod", CDKTF_OUTDIR=str(dev_folder))
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith(f"{dev_folder} holds the environment dev, and this is prod")
        assert "Nothing was written." in done.stderr
        assert "Fix: " in done.stderr
        assert files(dev_folder) == before

    def test_has_a_folder_of_its_own(self, tmp_path: Path) -> None:
        """With another folder it synthesizes."""
        done = in_own_process("main.py", AIRFLOW_ENV="prod", CDKTF_OUTDIR=str(tmp_path / "prod"))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "prod" / ".environment").read_text() == "prod\n"


class TestMistakes:
    def test_broken_environment_file(self, tmp_path: Path) -> None:
        """All mistakes of the file on standard error, no traceback, exit code 2, and no output folder."""
        text = (main.ROOT / "environments" / "dev.yaml").read_text()
        file = tmp_path / "mine.yaml"
        file.write_text(text.replace("eu-west-1b]", "us-east-1b]").replace("db.t4g.medium", "m7g"))
        done = in_own_process("main.py", AIRFLOW_ENV_FILE=str(file), CDKTF_OUTDIR=str(tmp_path / "out"))
        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert "availability_zones" in done.stderr
        assert "database.instance_class" in done.stderr
        assert str(file) in done.stderr
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("variable", "value"), [("AIRFLOW_ENV", "devv"), ("AIRFLOW_ENV_FILE", "/nowhere/dev.yaml")]
    )
    def test_no_such_environment(self, tmp_path: Path, variable: str, value: str) -> None:
        """A name or path without a file is named, with exit code 2 and without a traceback."""
        done = in_own_process("main.py", CDKTF_OUTDIR=str(tmp_path / "out"), **{variable: value})
        assert done.returncode == 2
        assert value in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out").exists()


class TestLockFile:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An environment file whose stacks are made without what is in them."""

        def folders(environment: Environment, outdir: Path) -> None:
            for stack in ("infrastructure", "platform"):
                Path(outdir, "stacks", stack).mkdir(parents=True)
            assert environment.name == "dev"

        file = tmp_path / "dev.yaml"
        file.write_bytes((main.ROOT / "environments" / "dev.yaml").read_bytes())
        monkeypatch.setattr(main, "synthesize", folders)
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "out"))
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(file))
        return file

    def test_beside_the_environment_file_goes_into_the_stacks_folders(self, file: Path, tmp_path: Path) -> None:
        """Whoever runs Terraform there, ops, make or cdktf, gets the packages that it records."""
        versions = {"aws": "5.100.0", "helm": "3.1.1", "kubernetes": "2.38.0"}
        text = "\n".join(
            f'provider "registry.terraform.io/hashicorp/{name}" {{\n  version = "{version}"\n'
            '  hashes = [\n    "h1:abc=",\n  ]\n}\n'
            for name, version in versions.items()
        )
        (file.parent / "dev.lock.hcl").write_text(text, encoding="utf-8")
        assert main.main() == 0
        for stack, count in (("infrastructure", 1), ("platform", 3)):
            copy = tmp_path / "out" / "stacks" / stack / ".terraform.lock.hcl"
            assert copy.read_text(encoding="utf-8").count("h1:abc=") == count

    def test_of_other_versions_is_a_mistake(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, before anything is written."""
        (file.parent / "dev.lock.hcl").write_text("", encoding="utf-8")
        assert main.main() == 2
        assert "Fix: python -m ops lock-providers" in capsys.readouterr().err
        assert not (file.parent / "out").exists()

    def test_without_one_nothing_is_written(self, file: Path) -> None:
        """An environment that has none is as it was."""
        assert main.main() == 0
        assert not list(file.parent.rglob("*.hcl"))


class TestDefects:
    def test_a_proof_that_fails_is_exit_code_1(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A defect of the project is told from a mistake of the user's: exit code 1, and the message as it is."""

        def fails(environment: Environment, outdir: Path) -> None:
            del environment, outdir
            raise ProofError("A defect of this project")

        monkeypatch.setattr(main, "synthesize", fails)
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "out"))
        monkeypatch.setenv("AIRFLOW_ENV", "dev")
        monkeypatch.delenv("AIRFLOW_ENV_FILE", raising=False)
        assert main.main() == 1
        assert capsys.readouterr().err == "A defect of this project\n"

    def test_synth_proves(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every synth ends with the proofs, over the folder that it wrote."""
        proved: list[Path] = []
        monkeypatch.setattr(main, "prove", proved.append)
        environment = load_environment(main.ROOT / "environments" / "dev.yaml")
        main.synthesize(environment, tmp_path)
        assert proved == [tmp_path]
        assert (tmp_path / "stacks" / "infrastructure" / "cdk.tf.json").is_file()
