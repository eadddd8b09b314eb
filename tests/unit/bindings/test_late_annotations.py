"""Modules of provider packages whose annotations wait until something asks for them."""

import importlib
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from constructs.bindings.late_annotations import LateAnnotations, SubmodulesOf

SOURCE = """
asked = []

def hint(kind):
    asked.append(kind)
    return kind

def create(count: hint(int)) -> None: ...
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `late_provider` with the modules `vpc` and, in a package beside it, `other_package.vpc`."""
    for name in ("late_provider", "other_package"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "vpc.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [SubmodulesOf(["late_provider"]), *sys.meta_path])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield tmp_path
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in {"late_provider", "other_package"}]:
        del sys.modules[name]


def _vpc(package: str = "late_provider") -> ModuleType:
    _forget()
    importlib.invalidate_caches()
    return importlib.import_module(f"{package}.vpc")


def _kept(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "late_provider" / "__pycache__").glob("vpc.*"))


class TestLateAnnotations:
    @pytest.mark.usefixtures("package")
    def test_are_evaluated_when_asked_for(self) -> None:
        """Importing the module evaluates none of its annotations; asked for them, Python gives what they say."""
        vpc = _vpc()
        assert vpc.asked == []
        assert typing.get_type_hints(vpc.create) == {"count": int, "return": type(None)}
        assert vpc.asked == [int]

    @pytest.mark.usefixtures("package")
    def test_of_other_packages_are_as_written(self) -> None:
        """Nobody else's modules are touched."""
        assert _vpc("other_package").asked == [int]

    def test_bytecode_is_kept_apart(self, package: Path) -> None:
        """Compiled once, beside the usual bytecode and not in its place; a changed source is compiled again."""
        first = _vpc()
        assert isinstance(first.__loader__, LateAnnotations)
        tag = sys.implementation.cache_tag
        assert _kept(package) == [f"vpc.{tag}.late-annotations.pyc"]
        (package / "late_provider" / "vpc.py").write_text(SOURCE + "\nchanged = True\n")
        assert _vpc().changed is True

    def test_as_shipped_where_nothing_can_be_kept(self, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a place for bytecode the module is imported as shipped; what is kept already is still used."""
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        assert _vpc().asked == [int]
        assert _kept(package) == []
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        _vpc()
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        assert _vpc().asked == []

    @pytest.mark.usefixtures("package")
    def test_a_module_that_there_is_not(self) -> None:
        """It is reported as of any package."""
        with pytest.raises(ModuleNotFoundError, match=r"No module named 'late_provider\.vpn'"):
            importlib.import_module("late_provider.vpn")
