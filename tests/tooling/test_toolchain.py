"""Which providers tests and demo take, and where from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.toolchain import MissingToolError, Toolchain

PACKED = "terraform-provider-aws_6.25.0_linux_amd64.zip"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Variables with a Terraform on PATH and a mirror that has the AWS provider 5.100.0 and 6.25.0, packed."""
    terraform = tmp_path / "bin" / "terraform"
    terraform.parent.mkdir()
    terraform.write_text("", encoding="utf-8")
    terraform.chmod(0o755)
    folder = tmp_path / "mirror" / "registry.terraform.io" / "hashicorp" / "aws"
    (folder / "5.100.0" / "linux_amd64").mkdir(parents=True)
    (folder / PACKED).write_text("", encoding="utf-8")
    return {"PATH": str(terraform.parent), "TERRAFORM_PROVIDER_MIRROR": str(tmp_path / "mirror")}


class TestToolchain:
    def test_takes_the_proven_versions_by_name(self, environ: dict[str, str]) -> None:
        """Whatever else the mirror has; what it lacks in that version is Terraform's to install, in that version."""
        found = Toolchain.find(environ)
        assert found.required_providers("platform") == {
            "aws": {"source": "hashicorp/aws", "version": "5.100.0"},
            "helm": {"source": "hashicorp/helm", "version": "3.1.1"},
            "kubernetes": {"source": "hashicorp/kubernetes", "version": "2.38.0"},
        }
        assert set(found.mirrors) == {"aws"}

    def test_no_cache_of_the_machine_gets_a_package_of_a_mirror(self, environ: dict[str, str], tmp_path: Path) -> None:
        """In HOME cdktf keeps one: the provider of the tests would be there for every later deploy of anybody."""
        variables = Toolchain.find(environ).environment({"TF_PLUGIN_CACHE_DIR": "/somewhere"}, tmp_path)
        assert variables["CDKTF_DISABLE_PLUGIN_CACHE_ENV"] == "1"
        assert "TF_PLUGIN_CACHE_DIR" not in variables

    def test_a_variable_names_another_version(self, environ: dict[str, str]) -> None:
        """Packed as the registry has it, it comes from the mirror, too."""
        found = Toolchain.find(environ | {"AWS_PROVIDER_VERSION": "6.25.0"})
        assert found.required_providers("infrastructure")["aws"]["version"] == "6.25.0"
        assert set(found.mirrors) == {"aws"}

    def test_a_version_that_no_mirror_has_is_installed_from_the_registry(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """The mirror is not taken for it: Terraform would find nothing there and look no further."""
        found = Toolchain.find(environ | {"AWS_PROVIDER_VERSION": "6.30.0"})
        assert found.required_providers("bootstrap")["aws"]["version"] == "6.30.0"
        assert found.mirrors == {}
        assert "TF_CLI_CONFIG_FILE" not in found.environment({}, tmp_path)

    def test_opentofu_finds_the_same_providers_under_its_own_address(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """Where TERRAFORM_BINARY_NAME names it: a mirror of Terraform's is linked under OpenTofu's registry."""
        tofu = tmp_path / "bin" / "tofu"
        (tmp_path / "bin" / "terraform").rename(tofu)
        found = Toolchain.find(environ | {"TERRAFORM_BINARY_NAME": "tofu"})
        variables = found.environment({}, tmp_path)
        assert variables["TERRAFORM_BINARY_NAME"] == str(tofu)
        configuration = Path(variables["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")
        assert 'include = ["registry.opentofu.org/hashicorp/aws"]' in configuration
        linked = tmp_path / "mirror" / "registry.opentofu.org" / "hashicorp" / "aws"
        assert (linked / "5.100.0" / "linux_amd64").is_symlink()
        assert not (linked / "5.100.0").is_symlink()

    def test_without_terraform_there_is_nothing_to_find(self, tmp_path: Path) -> None:
        """Tests are skipped with that sentence."""
        with pytest.raises(MissingToolError, match="Terraform is not on PATH"):
            Toolchain.find({"PATH": str(tmp_path)})
