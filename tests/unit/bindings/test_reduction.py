"""What a program uses of the provider packages, and packages made smaller by what it does not."""

import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from constructs.bindings.reduced_packages import reduced
from constructs.bindings.used_modules import program_sources, used_modules

ASSEMBLY = {
    "name": "@cdktf/provider-fake",
    "version": "1.0.0",
    "readme": {"markdown": "words"},
    "submodules": {
        "@cdktf/provider-fake.vpc": {"symbolId": "src/vpc/index:"},
        "@cdktf/provider-fake.natGateway": {"symbolId": "src/nat-gateway/index:"},
    },
    "types": {
        "@cdktf/provider-fake.vpc.Vpc": {"docs": {"summary": "words"}, "methods": [{"name": "a", "docs": {}}]},
        "@cdktf/provider-fake.natGateway.NatGateway": {"kind": "class"},
    },
}
FILES = {
    ".jsii": json.dumps(ASSEMBLY),
    "README.md": "words",
    "package.json": "{}",
    "lib/index.js": "all",
    "lib/lazy-index.js": "lazy",
    "lib/vpc/index.js": "vpc",
    "lib/vpc/index.d.ts": "words",
    "lib/nat-gateway/index.js": "nat",
    "lib/nat-gateway/index-structs/structs0.js": "struct",
}


def packed(folder: Path, files: dict[str, str]) -> Path:
    """A package as cdktf generates them."""
    file = folder / "provider-fake@1.0.0.jsii.tgz"
    with tarfile.open(file, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return file


def content(file: Path) -> dict[str, str]:
    """The files of a package, and what is in them."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(file.read_bytes()))) as archive:
        return {
            member.name.removeprefix("package/"): (archive.extractfile(member) or io.BytesIO()).read().decode()
            for member in archive
        }


class TestUsedModules:
    @pytest.mark.parametrize(
        ("source", "used"),
        [
            (b"from cdktf_cdktf_provider_aws.vpc import Vpc", {"vpc"}),
            (b"    from cdktf_cdktf_provider_aws.vpc import (\n    Vpc,\n)", {"vpc"}),
            (b"import cdktf_cdktf_provider_aws.vpc as v", {"vpc"}),
            (b"from cdktf_cdktf_provider_aws import vpc", None),
            (b"from cdktf_cdktf_provider_aws.vpc import Vpc\nimport cdktf_cdktf_provider_aws as aws", None),
        ],
        ids=["from", "indented", "import", "attribute of the package", "both ways"],
    )
    def test_are_those_that_are_imported(self, source: bytes, used: set[str] | None) -> None:
        """A module's full name counts; a package that is imported as a whole may be used as a whole."""
        assert dict(used_modules([source])) == {"cdktf_cdktf_provider_aws": used}

    def test_of_all_sources_come_together(self) -> None:
        """What one file imports and what another does."""
        sources = [b"from cdktf_cdktf_provider_helm.release import R", b"import cdktf_cdktf_provider_helm.provider"]
        assert used_modules(sources)["cdktf_cdktf_provider_helm"] == frozenset({"release", "provider"})

    def test_of_this_project_are_named_one_by_one(self) -> None:
        """No file of the product uses a package as a whole, which would cost everybody seconds at every start."""
        used = used_modules(program_sources())
        assert set(used) == {f"cdktf_cdktf_provider_{name}" for name in ("aws", "helm", "kubernetes")}
        assert all(modules is not None for modules in used.values())


class TestReduced:
    def test_holds_the_modules_that_are_used(self, tmp_path: Path) -> None:
        """Their JavaScript and their types; the index is the lazy one; words for people are gone."""
        small = reduced(packed(tmp_path, FILES), frozenset({"nat_gateway"}), tmp_path / "kept")
        assert small is not None
        files = content(small)
        assert set(files) == {
            ".jsii",
            "package.json",
            "lib/index.js",
            "lib/nat-gateway/index.js",
            "lib/nat-gateway/index-structs/structs0.js",
        }
        assert files["lib/index.js"] == "lazy"
        assembly = json.loads(files[".jsii"])
        assert (assembly["name"], assembly["version"]) == ("@cdktf/provider-fake", "1.0.0")
        assert assembly["types"] == {"@cdktf/provider-fake.natGateway.NatGateway": {"kind": "class"}}

    def test_holds_what_these_modules_require(self, tmp_path: Path) -> None:
        """A module that another one's JavaScript requires comes along, as CDK Terrain's provider functions do."""
        files = {**FILES, "lib/vpc/index.js": 'const functions = require("../nat-gateway/index"); require("./more");'}
        small = reduced(packed(tmp_path, files), frozenset({"vpc"}), tmp_path / "kept")
        assert small is not None
        assert "lib/nat-gateway/index.js" in content(small)
        assert "@cdktf/provider-fake.natGateway.NatGateway" in json.loads(content(small)[".jsii"])["types"]

    def test_keeps_of_types_what_is_no_description(self, tmp_path: Path) -> None:
        """Members stay, documentation goes, on every level."""
        small = reduced(packed(tmp_path, FILES), frozenset({"vpc"}), tmp_path / "kept")
        assert small is not None
        types = json.loads(content(small)[".jsii"])["types"]
        assert types == {"@cdktf/provider-fake.vpc.Vpc": {"methods": [{"name": "a"}]}}

    def test_is_another_file_for_other_modules(self, tmp_path: Path) -> None:
        """What was made for fewer modules is not taken for more."""
        whole, kept = packed(tmp_path, FILES), tmp_path / "kept"
        one = reduced(whole, frozenset({"vpc"}), kept)
        two = reduced(whole, frozenset({"vpc", "nat_gateway"}), kept)
        assert one != two
        assert reduced(whole, frozenset({"vpc"}), kept) == one

    @pytest.mark.parametrize(
        ("without", "module"),
        [("lib/lazy-index.js", "vpc"), (".jsii", "vpc"), ("", "no_such_module")],
        ids=["no lazy index", "no types", "no such module"],
    )
    def test_is_not_made_of_another_layout(self, without: str, module: str, tmp_path: Path) -> None:
        """A package that is not as cdktf generates it, or lacks the module, stays whole."""
        files = {name: text for name, text in FILES.items() if name != without}
        assert reduced(packed(tmp_path, files), frozenset({module}), tmp_path / "kept") is None

    @pytest.mark.parametrize(
        "assembly",
        [
            "words",
            "[]",
            '{"schema": "jsii/file-redirect", "filename": ".jsii.gz"}',
            json.dumps({key: value for key, value in ASSEMBLY.items() if key != "submodules"}),
            json.dumps({key: value for key, value in ASSEMBLY.items() if key != "types"}),
        ],
        ids=["no JSON", "no map", "in another file", "no submodules", "no types"],
    )
    def test_is_not_made_where_the_types_are_elsewhere(self, assembly: str, tmp_path: Path) -> None:
        """A package whose types stand in another way stays whole."""
        whole = packed(tmp_path, {**FILES, ".jsii": assembly})
        assert reduced(whole, frozenset({"vpc"}), tmp_path / "kept") is None

    def test_is_not_made_of_half_a_package(self, tmp_path: Path) -> None:
        """A file that ends too early is handed on as it is: jsii says what is wrong with it."""
        whole = packed(tmp_path, FILES)
        whole.write_bytes(whole.read_bytes()[:-60])
        assert reduced(whole, frozenset({"vpc"}), tmp_path / "kept") is None

    def test_is_made_anew_for_another_package_of_the_same_size(self, tmp_path: Path) -> None:
        """A package that was installed again has another time."""
        whole, kept = packed(tmp_path, FILES), tmp_path / "kept"
        first = reduced(whole, frozenset({"vpc"}), kept)
        os.utime(whole, (1, 1))
        assert reduced(whole, frozenset({"vpc"}), kept) != first

    def test_leaves_nothing_unfinished(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the disk is full the whole package is loaded, and no piece stays."""

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", refuse)
        assert reduced(packed(tmp_path, FILES), frozenset({"vpc"}), tmp_path / "kept") is None
        assert list((tmp_path / "kept").iterdir()) == []

    def test_is_not_left_half_made(self, tmp_path: Path) -> None:
        """Where the file can't be put in place nothing is."""
        (tmp_path / "kept").write_text("no folder")
        assert reduced(packed(tmp_path, FILES), frozenset({"vpc"}), tmp_path / "kept") is None
