"""The lock file of the providers, with the real Terraform and packages that hold nothing: only checksums count."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from constructs.providers.demanded import PROVIDERS, required_providers
from constructs.providers.lock_file import locked
from typer.testing import CliRunner

from ops.__main__ import application
from ops.console.errors import OperationError
from ops.stack_clients.terraform import Terraform
from tests.terraform.toolchain import NAMESPACE, Toolchain
from tests.terraform.workspace import environment_file

VERSIONS = {name: provider.proven for name, provider in PROVIDERS.items()}
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
STACKS = ("infrastructure", "platform")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Packages of all providers for all platforms, unpacked."""
    for name, version in VERSIONS.items():
        for platform in PLATFORMS:
            package = tmp_path / "mirror" / NAMESPACE / name / version / platform
            package.mkdir(parents=True)
            (package / f"terraform-provider-{name}_v{version}").write_text(f"{name} {platform}", encoding="utf-8")
    return tmp_path / "mirror"


@pytest.fixture
def environ(toolchain: Toolchain, mirror: Path, tmp_path: Path) -> Mapping[str, str]:
    """Variables for Terraform, which finds providers in the mirror alone."""
    configuration = tmp_path / "terraform.rc"
    configuration.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n', encoding="utf-8"
    )
    path = os.pathsep.join([str(Path(toolchain.terraform).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "TF_CLI_CONFIG_FILE": str(configuration)}


@pytest.fixture
def lock(
    mirror: Path, environ: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Run `ops lock-providers` for an environment file in the test's folder; return what it printed."""
    file = environment_file("dev", tmp_path)
    for name in ("PATH", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, environ[name])

    def run(*options: str) -> str:
        arguments = ["lock-providers", "--env-file", str(file), "--mirror", str(mirror), *options]
        done = CliRunner().invoke(application(), arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def initialised(stack: str, tmp_path: Path, environ: Mapping[str, str]) -> None:
    """`terraform init` as ops does it, in a stack's folder, after a synth."""
    folder = tmp_path / "out" / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"terraform": {"required_providers": required_providers(stack, VERSIONS)}})
    (folder / "cdk.tf.json").write_text(content, encoding="utf-8")
    for each in locked(tmp_path / "dev.yaml", [stack], VERSIONS):
        each.place(tmp_path / "out")
    Terraform(folder, environ).init()


def test_what_was_locked_is_taken(lock: Callable[..., str], environ: Mapping[str, str], tmp_path: Path) -> None:
    """One file beside the environment file serves both stacks; a second run changes nothing."""
    said = json.loads(lock("--json", *(f"--platform={platform}" for platform in PLATFORMS)))
    assert said == {"file": str(tmp_path / "dev.lock.hcl"), "providers": VERSIONS, "changed": list(VERSIONS)}
    before = (tmp_path / "dev.lock.hcl").read_text(encoding="utf-8")
    assert before.count('"h1:') == len(PLATFORMS) * len(VERSIONS)
    for stack in STACKS:
        initialised(stack, tmp_path, environ)
    assert "hashicorp/aws 5.100.0: as it was" in lock(*(f"--platform={platform}" for platform in PLATFORMS))
    assert (tmp_path / "dev.lock.hcl").read_text(encoding="utf-8") == before


def test_another_package_is_refused(
    lock: Callable[..., str], environ: Mapping[str, str], mirror: Path, tmp_path: Path
) -> None:
    """A package that somebody has changed, of the right name and version, in words that say which file knows better."""
    lock()
    for package in (mirror / NAMESPACE / "aws").glob("*/*/terraform-provider-aws*"):
        package.write_text("another", encoding="utf-8")
    with pytest.raises(OperationError) as caught:
        initialised("infrastructure", tmp_path, environ)
    assert "That is another package than the environment's lock file records" in caught.value.message
    assert "find out where the package is from" in caught.value.fix


def test_without_a_lock_file_it_is_as_before(environ: Mapping[str, str], tmp_path: Path) -> None:
    """Terraform takes the demanded version from where it finds it, and a version that is nowhere is explained."""
    initialised("infrastructure", tmp_path, environ)
    template = tmp_path / "out" / "stacks" / "infrastructure" / "cdk.tf.json"
    template.write_text(template.read_text(encoding="utf-8").replace("5.100.0", "6.25.0"), encoding="utf-8")
    (template.parent / ".terraform.lock.hcl").unlink()
    with pytest.raises(OperationError, match="in the version that the environment file demands"):
        Terraform(template.parent, environ).init()


def test_a_mirror_without_the_version_locks_nothing(lock: Callable[..., str], mirror: Path, tmp_path: Path) -> None:
    """What is missing is named by Terraform, and the file stays as it was."""
    lock()
    before = (tmp_path / "dev.lock.hcl").read_bytes()
    (mirror / NAMESPACE / "helm" / VERSIONS["helm"]).rename(mirror / NAMESPACE / "helm" / "3.0.0")
    arguments = ["lock-providers", "--env-file", str(tmp_path / "dev.yaml"), "--mirror", str(mirror)]
    done = CliRunner().invoke(application(), arguments)
    assert done.exit_code == 1
    assert "hashicorp/helm: no available releases match the given" in done.stderr
    assert "Nothing was written." in done.stderr
    assert (tmp_path / "dev.lock.hcl").read_bytes() == before
