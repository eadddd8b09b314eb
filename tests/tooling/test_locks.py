import json
import re
import subprocess
from pathlib import Path

import pytest
from constructs.settings.sections.airflow.airflow import TESTED_VERSION

from tooling.install import AIRFLOW_PROVIDERS
from tooling.lock import (
    AIRFLOWS,
    CHECKOV_REQUIREMENT,
    PIPENV_REQUIREMENT,
    requirements,
    requirements_of_lock,
    requirements_of_uv,
    strip_package_lock,
    strip_pipfile_lock,
)

#: Hosts of package registries, put together here so that this file names none.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("yarn" + "pkg", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
        ("maven", "apache", "org"),
        ("repo1", "maven", "org"),
    )
)
REGISTRY_HOST = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)), re.IGNORECASE)


def committed_files(checkout: Path) -> list[Path]:
    """What git has, and what the next `git add` would give it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [checkout / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


class TestCommittedFiles:
    def test_name_no_package_registry(self, checkout: Path) -> None:
        """No committed file holds the host name of a package registry."""
        files = committed_files(checkout)
        found = {
            f"{path.relative_to(checkout)}: {match.group()}"
            for path in files
            for match in REGISTRY_HOST.finditer(path.read_text(errors="replace"))
        }
        assert len(files) > 20
        assert found == set()

    def test_hosts_are_recognized_in_addresses(self) -> None:
        """The pattern that finds them works: an index address and a package address match, an ordinary one does not."""
        assert REGISTRY_HOST.search(f"https://{REGISTRY_HOSTS[0]}/simple")
        assert REGISTRY_HOST.search(f'"resolved": "https://registry.{REGISTRY_HOSTS[2]}/x/-/x-1.0.0.tgz"')
        assert not REGISTRY_HOST.search("https://airflow.apache.org")


class TestPipfileLock:
    def test_is_stripped_of_sources_and_indexes(self) -> None:
        """Sources become empty and no package names an index; versions, markers and hashes stay."""
        entry = {"hashes": ["sha256:00"], "index": "some", "markers": "python_version >= '3.9'", "version": "==1.0"}
        text = json.dumps(
            {"_meta": {"hash": {"sha256": "11"}, "sources": [{"url": "u"}]}, "default": {"a": entry}, "develop": {}}
        )
        assert json.loads(strip_pipfile_lock(text)) == {
            "_meta": {"hash": {"sha256": "11"}, "sources": []},
            "default": {"a": {key: value for key, value in entry.items() if key != "index"}},
            "develop": {},
        }

    def test_is_refused_where_a_package_has_no_hash(self) -> None:
        """Without the registry's name a hash is all that tells what a package is."""
        text = json.dumps({"_meta": {}, "default": {}, "develop": {"a": {"version": "==1.0"}}})
        with pytest.raises(ValueError, match=r"^Pipfile\.lock: a has no hash$"):
            strip_pipfile_lock(text)

    def test_as_committed_is_stripped(self, checkout: Path) -> None:
        """Stripping the committed file changes nothing."""
        text = (checkout / "Pipfile.lock").read_text()
        assert strip_pipfile_lock(text) == text

    def test_as_committed_belongs_to_the_pipfile(self, checkout: Path) -> None:
        """The lock is up to date with Pipfile, says pipenv."""
        pipenv = checkout / ".tools" / "pipenv" / "bin" / "pipenv"
        if not pipenv.exists():
            pytest.skip("no .tools/pipenv: `make setup` makes it")
        result = subprocess.run(
            [pipenv, "verify"],
            cwd=checkout,
            env={"PATH": "/usr/bin:/bin", "PIPENV_IGNORE_VIRTUALENVS": "1", "PIPENV_VENV_IN_PROJECT": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Pipfile.lock is up-to-date" in result.stdout
        assert result.returncode == 0


class TestPackageLock:
    def test_is_stripped_of_addresses(self) -> None:
        """No package says where it was found; versions and integrity stay, in npm's own order."""
        package = {"version": "1.0.0", "resolved": "https://x/-/x.tgz", "integrity": "sha512-00"}
        text = json.dumps({"name": "n", "packages": {"": {"name": "n"}, "node_modules/x": package}})
        assert json.loads(strip_package_lock(text)) == {
            "name": "n",
            "packages": {"": {"name": "n"}, "node_modules/x": {"version": "1.0.0", "integrity": "sha512-00"}},
        }

    def test_is_refused_where_a_package_has_no_integrity(self) -> None:
        """Without the registry's name the integrity is all that tells what a package is."""
        text = json.dumps({"packages": {"node_modules/x": {"version": "1.0.0"}}})
        with pytest.raises(ValueError, match=r"^package-lock\.json: node_modules/x has no integrity$"):
            strip_package_lock(text)

    def test_as_committed_is_stripped(self, checkout: Path) -> None:
        """Stripping the committed file changes nothing."""
        text = (checkout / "package-lock.json").read_text()
        assert strip_package_lock(text) == text

    def test_as_committed_belongs_to_package_json(self, checkout: Path) -> None:
        """The lock holds exactly what package.json asks for, at the exact version."""
        wanted = json.loads((checkout / "package.json").read_text())["dependencies"]
        packages = json.loads((checkout / "package-lock.json").read_text())["packages"]
        assert packages[""]["dependencies"] == wanted
        assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


class TestRequirementsOfPipenv:
    def item(self, archive: str) -> dict[str, object]:
        """One entry of pip's report."""
        return {
            "metadata": {"name": "a", "version": "1.0"},
            "download_info": {"url": f"https://host/{archive}", "archive_info": {"hashes": {"sha256": "00"}}},
        }

    def test_are_exact_and_hashed(self) -> None:
        """Each package is one line: name, version, hash; where it comes from is not said."""
        text = requirements("pipenv", {"install": [self.item("a-1.0-py3-none-any.whl")]})
        assert text.splitlines()[1:] == ["a==1.0 --hash=sha256:00"]

    def test_are_refused_where_a_wheel_is_for_one_platform(self) -> None:
        """The hash of a wheel for one platform would make the set-up fail on all others."""
        with pytest.raises(ValueError, match="not a wheel for every platform"):
            requirements("pipenv", {"install": [self.item("a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl")]})


class TestRequirementsOfCheckov:
    def test_are_exact_and_hashed_for_every_platform(self) -> None:
        """Each package is one line: name, version, marker, all its hashes."""
        package = {"hashes": ["sha256:00", "sha256:11"], "index": "some", "version": "==1.0"}
        conditional = {"hashes": ["sha256:22"], "markers": "python_version >= '3.9'", "version": "==2.0"}
        text = json.dumps({"_meta": {}, "default": {"b": conditional, "a": package}, "develop": {}})
        assert requirements_of_lock("checkov", text).splitlines() == [
            "# checkov and what it needs. Written by `make lock`.",
            "a==1.0 --hash=sha256:00 --hash=sha256:11",
            "b==2.0 ; python_version >= '3.9' --hash=sha256:22",
        ]

    @pytest.mark.parametrize("requirement", [PIPENV_REQUIREMENT, CHECKOV_REQUIREMENT])
    def test_as_committed_hold_the_version_that_is_asked_for(self, checkout: Path, requirement: str) -> None:
        """The tool's own line is at the version that `make lock` asks for, and every line has a hash."""
        lines = (checkout / "tooling" / f"{requirement.partition('==')[0]}.txt").read_text().splitlines()[1:]
        assert [line for line in lines if line.split()[0] == requirement]
        assert [line for line in lines if " --hash=sha256:" not in line] == []


class TestRequirementsOfAirflow:
    def test_are_exact_and_hashed_for_every_platform(self) -> None:
        """Each package is one line: name, version, marker, all its hashes."""
        separator = " \\\n    "
        package = separator.join(("a==1.0", "--hash=sha256:00", "--hash=sha256:11"))
        conditional = separator.join(("b==2.0 ; os_name == 'nt'", "--hash=sha256:22"))
        text = f"{package}\n{conditional}\n"
        assert requirements_of_uv("apache-airflow", text).splitlines() == [
            "# apache-airflow and what it needs. Written by `make lock`.",
            "a==1.0 --hash=sha256:00 --hash=sha256:11",
            "b==2.0 ; os_name == 'nt' --hash=sha256:22",
        ]

    def test_are_of_the_default_of_environment_files(self) -> None:
        """What is proven without a word about the version is what people get without one."""
        assert AIRFLOWS["airflow"][0] == TESTED_VERSION

    def test_are_refused_where_a_package_has_no_hash(self) -> None:
        """Without the registry's name a hash is all that tells what a package is."""
        with pytest.raises(ValueError, match=r"^apache-airflow: a==1\.0 has no hash$"):
            requirements_of_uv("apache-airflow", "a==1.0\n")

    @pytest.mark.parametrize("name", AIRFLOWS)
    def test_as_committed_hold_what_is_asked_for(self, checkout: Path, name: str) -> None:
        """Airflow is at the version that `make lock` asks for, each provider is there, and every line has a hash."""
        lines = (checkout / "tooling" / f"{name}.txt").read_text().splitlines()[1:]
        packages = dict(line.split()[0].split("==") for line in lines)
        assert packages["apache-airflow"] == AIRFLOWS[name][0]
        assert {f"apache-airflow-providers-{name}" for name in AIRFLOW_PROVIDERS} <= set(packages)
        assert [line for line in lines if " --hash=sha256:" not in line] == []
