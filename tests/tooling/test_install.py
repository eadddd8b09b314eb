import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tooling import install, virtual_environments
from tooling.install import Step
from tooling.progress import run_logged
from tooling.virtual_environments import is_usable, python_line

EXTRAS = ("extra", "further", "last")


@dataclass
class SetUp:
    """A set-up of two steps whose making is only recorded."""

    root: Path
    made: list[str] = field(default_factory=list)
    breaks_at: str | None = None
    together: threading.Barrier | None = None
    """Where it is set, each extra folder is begun when another one is."""

    def steps(self, *names: str) -> tuple[Step, ...]:
        """Steps of these names, made from one lock file each."""
        return tuple(
            Step(
                folder=self.root / name,
                title=name,
                made_from=(self.root / f"{name}.lock",),
                make=lambda name=name: self.make(name),  # type: ignore[misc]
            )
            for name in names
        )

    def make(self, name: str) -> None:
        """Makes one folder, or is interrupted half-way."""
        self.made.append(name)
        (self.root / name).mkdir(exist_ok=True)
        if name == self.breaks_at:
            raise KeyboardInterrupt
        if self.together and name in EXTRAS:
            self.together.wait(60)


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """A checkout of its own with lock files and nothing installed."""
    scene = SetUp(tmp_path)
    for name in ("first", "second", *EXTRAS):
        (tmp_path / f"{name}.lock").write_text("1")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(virtual_environments, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(install, "STEPS", scene.steps("first", "second"))
    monkeypatch.setattr(install, "EXTRA_STEPS", dict(zip(EXTRAS, scene.steps(*EXTRAS), strict=True)))
    return scene


class TestInstall:
    def test_makes_every_folder_once(self, set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
        """The first run makes all folders and says so, the second does nothing and prints nothing."""
        install.install()
        assert "Set-up 1 of 2: first into first/" in capsys.readouterr().out
        install.install()
        assert set_up.made == ["first", "second"]
        assert capsys.readouterr().out == ""

    def test_goes_on_where_it_was_interrupted(self, set_up: SetUp) -> None:
        """A folder that an interruption left unfinished is made again, one that was complete is not."""
        set_up.breaks_at = "second"
        with pytest.raises(KeyboardInterrupt):
            install.install()
        set_up.breaks_at = None
        install.install()
        assert set_up.made == ["first", "second", "second"]

    def test_adds_what_is_asked_for(self, set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
        """An extra step is done for who names it, after the others, and by no one else."""
        install.install()
        assert "extra" not in set_up.made
        capsys.readouterr()
        install.install(["extra"])
        assert set_up.made == ["first", "second", "extra"]
        assert "Set-up 3 of 3: extra into extra/" in capsys.readouterr().out

    def test_makes_two_extras_at_a_time(self, set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
        """While one waits for the network another one is made; each says what it is of all."""
        set_up.together = threading.Barrier(2)
        install.install(["extra", "further"])
        assert set_up.made[:2] == ["first", "second"]
        assert set(set_up.made[2:]) == {"extra", "further"}
        shown = capsys.readouterr().out
        assert "Set-up 3 of 4: extra into extra/" in shown
        assert "Set-up 4 of 4: further into further/" in shown

    def test_begins_no_further_extra_after_a_failure(self, set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was not begun is the next run's; the failure is the caller's."""
        monkeypatch.setattr(install, "AT_ONCE", 1)
        set_up.breaks_at = "extra"
        with pytest.raises(KeyboardInterrupt):
            install.install(list(EXTRAS))
        assert set_up.made == ["first", "second", "extra"]
        set_up.breaks_at = None
        install.install(list(EXTRAS))
        assert all((set_up.root / name / install.STAMP).is_file() for name in EXTRAS)

    def test_knows_an_airflow_of_any_version(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """One that no lock file names is installed beside the others, with the providers that we use, by uv."""
        commands: list[tuple[str, ...]] = []
        monkeypatch.setattr(install, "virtual_environment", lambda folder: folder.mkdir())
        monkeypatch.setattr(install, "run", lambda *command, **_: commands.append(tuple(map(str, command))))
        monkeypatch.setattr(install, "TOOLS", tmp_path)
        step = install.extra_step("airflow-3.4.0")
        assert step.folder == install.another_airflow("3.4.0") == tmp_path / "airflow-3.4.0"
        step.make()
        assert commands[-1][:3] == (str(step.folder / "bin" / "uv"), "pip", "install")
        assert {"apache-airflow[google-auth]==3.4.0", "apache-airflow-providers-fab"} <= set(commands[-1])

    @pytest.mark.parametrize("name", ["checkov", "airflow", "airflow-3.2.2", "mkdocs"])
    def test_takes_what_is_locked_from_its_lock_file(self, checkout: Path, name: str) -> None:
        """The tools and both Airflows that the tests always run are exact."""
        assert install.extra_step(name).made_from == (checkout / "tooling" / f"{name}.txt",)

    def test_knows_no_other_extra(self) -> None:
        """What is neither a tool nor a version of Airflow is a mistake of the caller."""
        with pytest.raises(KeyError, match="airflaw"):
            install.extra_step("airflaw")

    def test_follows_a_changed_lock_file(self, set_up: SetUp) -> None:
        """Only the folder whose lock file changed is made again."""
        install.install()
        (set_up.root / "second.lock").write_text("2")
        install.install()
        assert set_up.made == ["first", "second", "second"]

    def test_notices_a_folder_that_was_deleted(self, set_up: SetUp) -> None:
        """Whoever deletes a folder gets it back by the next target."""
        install.install()
        shutil.rmtree(set_up.root / "first")
        install.install()
        assert set_up.made == ["first", "second", "first"]

    def test_of_this_checkout_is_over_in_no_time_when_up_to_date(self, checkout: Path) -> None:
        """The real set-up, run again, installs nothing and prints nothing."""
        # Else this would be the set-up: of minutes, under the hands of whoever works in the checkout.
        if not all(step.is_complete() for step in install.STEPS):
            pytest.skip("this checkout was not set up by `make setup`, or its lock files have changed since")
        result = subprocess.run(
            [sys.executable, "-m", "tooling.install"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


class TestVirtualEnvironment:
    def test_of_another_place_is_not_usable(self, tmp_path: Path) -> None:
        """An environment that was moved has scripts that run the old place: it is made anew."""
        folder = tmp_path / "made"
        subprocess.run([sys.executable, "-m", "venv", "--symlinks", "--without-pip", folder], check=True)
        # As good as pip here, and there at once.
        (folder / "bin" / "pip").write_text(f"#!{folder}/bin/python\n")
        next((folder / "lib").glob("python*/site-packages")).joinpath("pip.py").touch()
        assert is_usable(folder)
        assert not is_usable(folder.rename(tmp_path / "moved"))

    def test_that_was_left_half_made_is_not_usable(self, tmp_path: Path) -> None:
        """Without a Python and a pip there is nothing to go on with."""
        (tmp_path / "bin").mkdir()
        assert not is_usable(tmp_path)

    def test_is_told_apart_by_the_line_of_python(self) -> None:
        """3.11.7 and 3.11.9 share an environment, 3.12 does not."""
        assert python_line("3.11.7 (main, Nov 23 2026)") == python_line("3.11.9") == "3.11"
        assert python_line("3.12.0rc1 (main)") == "3.12"


class TestBytecode:
    def test_of_what_is_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was installed is compiled; the provider packages, 2,300 modules of which 60 are used, are not."""
        folder = tmp_path / "an environment"
        subprocess.run([sys.executable, "-m", "venv", "--symlinks", "--without-pip", folder], check=True)
        for package in ("boto3", "cdktf_cdktf_provider_aws"):
            (folder / "lib" / package).mkdir()
            (folder / "lib" / package / "vpc.py").touch()
        (folder / "lib" / "boto3" / "template.py").write_text("no {{ python }}")
        monkeypatch.setattr(virtual_environments, "TOOLS", tmp_path / ".tools")
        virtual_environments.compile_used(folder)
        assert [file.parents[1].name for file in folder.rglob("vpc.*.pyc")] == ["boto3"]

    def test_is_not_made_by_pip(self, tmp_path: Path) -> None:
        """pip, as set-up runs it, compiles nothing of what it installs."""
        with zipfile.ZipFile(tmp_path / "plain-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("plain.py", "")
            wheel.writestr("plain-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: plain\nVersion: 1\n")
            wheel.writestr("plain-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr("plain-1.dist-info/RECORD", "")
        target = tmp_path / "target"
        pip = [sys.executable, "-m", "pip", "install", "--no-index", "--target", str(target), wheel.filename or ""]
        subprocess.run(pip, env=virtual_environments.environment(), check=True, capture_output=True)
        assert (target / "plain.py").is_file()
        assert list(target.rglob("*.pyc")) == []


class TestProgress:
    def test_shows_the_end_of_the_output_of_what_failed(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A failing command's last lines are printed, the log holds all of it."""
        log = tmp_path / "log"
        script = "import sys; [print(n) for n in range(100)]; sys.exit(3)"
        with pytest.raises(subprocess.CalledProcessError) as failure:
            run_logged([sys.executable, "-c", script], cwd=tmp_path, env={}, log=log)
        shown = capsys.readouterr().err.splitlines()
        assert failure.value.returncode == 3
        assert (shown[0], shown[-1]) == ("75", "99")
        assert "0\n1\n2\n" in log.read_text()

    def test_gives_signs_of_life(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A long step prints the elapsed seconds and what it has got so far, a success no output of the command."""
        monkeypatch.setattr("tooling.progress.QUIET_INTERVAL", 0.0)
        counted = tmp_path / "counted"
        os.mkfifo(counted)

        def count() -> str:
            with counted.open("w") as told:  # the command goes on when it was counted for the first time
                told.write("\n")
            counted.unlink()
            counted.touch()
            return "7 packages"

        command = [sys.executable, "-c", f"print('chatter'); open({str(counted)!r}).readline()"]
        run_logged(command, cwd=tmp_path, env={}, log=tmp_path / "log", count=count)
        shown = capsys.readouterr().out
        assert "s, 7 packages\n" in shown
        assert "chatter" not in shown
