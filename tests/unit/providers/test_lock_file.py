"""The lock file beside an environment file."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.providers.demanded import required_providers
from constructs.providers.lock_file import TERRAFORMS, Locked, LockFileError, locked

VERSIONS = {"aws": "5.100.0", "helm": "3.1.1", "kubernetes": "2.38.0"}
STACKS = ("infrastructure", "platform")


def block(name: str, version: str, checksum: str = "h1:abc=") -> str:
    """What Terraform writes of a provider."""
    return (
        f'provider "registry.terraform.io/hashicorp/{name}" {{\n  version     = "{version}"\n'
        f'  constraints = "{version}"\n  hashes = [\n    "{checksum}",\n  ]\n}}\n'
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An environment file with a lock file beside it."""
    (tmp_path / "dev.lock.hcl").write_text(
        "# Written by a command.\n\n" + "\n".join(block(*each) for each in VERSIONS.items()), encoding="utf-8"
    )
    return tmp_path / "dev.yaml"


def placed(found: list[Locked], outdir: Path) -> dict[str, str]:
    """What the stacks' folders hold for Terraform, those that hold anything."""
    for each in found:
        (outdir / "stacks" / each.stack).mkdir(parents=True, exist_ok=True)
        each.place(outdir)
    return {path.parent.name: path.read_text(encoding="utf-8") for path in outdir.glob(f"stacks/*/{TERRAFORMS}")}


class TestCopies:
    def test_each_stack_gets_its_providers(self, file: Path, tmp_path: Path) -> None:
        """What a stack does not demand Terraform would take out of its copy."""
        found = placed(locked(file, STACKS, VERSIONS), tmp_path / "out")
        heading = "# A copy of dev.lock.hcl, made at each synth.\n\n"
        aws, helm, kubernetes = (block(*each) for each in VERSIONS.items())
        assert found == {
            "infrastructure": heading + aws,
            "platform": f"{heading}{aws}\n{helm}\n{kubernetes}",
        }

    def test_a_copy_is_made_anew_each_time(self, file: Path, tmp_path: Path) -> None:
        """What Terraform or somebody has written there counts no more."""
        folder = tmp_path / "out" / "stacks" / "infrastructure"
        folder.mkdir(parents=True)
        (folder / TERRAFORMS).write_text(block("aws", "6.25.0"), encoding="utf-8")
        assert '"5.100.0"' in placed(locked(file, ["infrastructure"], VERSIONS), tmp_path / "out")["infrastructure"]

    def test_carriage_returns_do_no_harm(self, file: Path) -> None:
        """Git may have put them there."""
        path = file.with_name("dev.lock.hcl")
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        (found,) = locked(file, ["infrastructure"], VERSIONS)
        assert found.text is not None
        assert found.text.endswith(block("aws", "5.100.0"))


class TestWithout:
    def test_nothing_is_placed(self, tmp_path: Path) -> None:
        """An environment without a lock file is as it was."""
        assert placed(locked(tmp_path / "dev.yaml", STACKS, VERSIONS), tmp_path / "out") == {}

    @pytest.mark.parametrize(("version", "stays"), [("5.100.0", True), ("6.25.0", False)])
    def test_what_terraform_has_written_stays_as_long_as_it_fits(
        self, tmp_path: Path, version: str, *, stays: bool
    ) -> None:
        """With the lock of another version there `terraform init` refuses the demanded one."""
        folder = tmp_path / "out" / "stacks" / "infrastructure"
        folder.mkdir(parents=True)
        (folder / TERRAFORMS).write_text(block("aws", version), encoding="utf-8")
        found = placed(locked(tmp_path / "dev.yaml", ["infrastructure"], VERSIONS), tmp_path / "out")
        assert bool(found) is stays


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (
                block("aws", "6.25.0"),
                "locks hashicorp/aws 6.25.0, and the environment demands 5.100.0 (providers.aws)",
            ),
            ("", "locks no hashicorp/aws, and the environment demands it in version 5.100.0"),
            ("nonsense {", "locks no hashicorp/aws, and the environment demands it in version 5.100.0"),
            (
                block("aws", "5.100.0").replace("version  ", "versio   ", 1),
                "locks hashicorp/aws without a version, and the environment demands 5.100.0 (providers.aws)",
            ),
            (block("aws", "5.100.0").replace('    "h1:abc=",\n', ""), "has no checksum of hashicorp/aws 5.100.0"),
        ],
    )
    def test_what_does_not_fit_is_named_with_the_command_that_mends_it(self, file: Path, text: str, says: str) -> None:
        """Before anything is synthesized, so that ops, make and cdktf say the same."""
        path = file.with_name("dev.lock.hcl")
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LockFileError) as caught:
            locked(file, ["infrastructure"], VERSIONS)
        assert str(caught.value) == (
            f"{path} {says}. Nothing was synthesized.\nFix: python -m ops lock-providers writes it anew, for the "
            "versions that the environment file demands; then commit it"
        )

    @pytest.mark.parametrize("missing", ["helm", "kubernetes"])
    def test_a_provider_of_one_stack_is_missed_whichever_is_looked_at(self, file: Path, missing: str) -> None:
        """Terraform would add it on its own, unchecked."""
        path = file.with_name("dev.lock.hcl")
        path.write_text("\n".join(block(*each) for each in VERSIONS.items() if each[0] != missing), encoding="utf-8")
        with pytest.raises(LockFileError, match=f"locks no hashicorp/{missing}"):
            locked(file, STACKS, VERSIONS)
        assert locked(file, ["infrastructure"], VERSIONS)[0].demanded == required_providers("infrastructure", VERSIONS)

    def test_what_cannot_be_read_is_said(self, file: Path) -> None:
        """A folder, or bytes that are no text."""
        path = file.with_name("dev.lock.hcl")
        path.write_bytes(b"\xff")
        with pytest.raises(LockFileError, match="can't be read: it is no text in UTF-8"):
            locked(file, STACKS, VERSIONS)
        path.unlink()
        path.mkdir()
        with pytest.raises(LockFileError, match="can't be read: Is a directory"):
            locked(file, STACKS, VERSIONS)
