"""Registering a package without running its `__init__`, and leaving alone what is not a list of imports."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from constructs.bindings.python_side import register

GENERATED = """
raise RuntimeError("the package's __init__ has run")
# Loading modules to ensure their types are registered with the jsii runtime library
from . import vpc
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable package `fake_provider` of one submodule, `vpc`, and an `__init__` as cdktf generates it."""
    folder = tmp_path / "fake_provider"
    folder.mkdir()
    (folder / "__init__.py").write_text(GENERATED)
    (folder / "vpc.py").write_text("class Vpc: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "fake_provider"]:
        del sys.modules[name]


class TestRegister:
    def test_submodules_import_by_themselves(self, package: Path) -> None:
        """A submodule of a registered package is imported from the package's folder; `__init__` does not run."""
        assert register("fake_provider") is True
        assert importlib.import_module("fake_provider.vpc").__file__ == str(package / "vpc.py")

    @pytest.mark.usefixtures("package")
    def test_attributes_are_submodules(self) -> None:
        """`package.vpc` imports the submodule, as if `__init__` had."""
        register("fake_provider")
        assert importlib.import_module("fake_provider").vpc.Vpc.__name__ == "Vpc"

    @pytest.mark.usefixtures("package")
    @pytest.mark.parametrize("name", ["no_such_resource", "_private"])
    def test_unknown_attributes_are_attribute_errors(self, name: str) -> None:
        """An attribute that is no submodule is reported as of any module."""
        register("fake_provider")
        with pytest.raises(AttributeError, match=f"module 'fake_provider' has no attribute '{name}'"):
            getattr(importlib.import_module("fake_provider"), name)


class TestAsShipped:
    def test_a_package_with_classes_of_its_own(self, package: Path) -> None:
        """An `__init__` that defines classes is run as shipped."""
        source = GENERATED.replace("raise RuntimeError", "# raise RuntimeError") + "\n\nclass Provider: ...\n"
        (package / "__init__.py").write_text(source)
        assert register("fake_provider") is False
        assert importlib.import_module("fake_provider").Provider.__name__ == "Provider"

    def test_a_package_of_another_generator(self, package: Path) -> None:
        """An `__init__` without the generator's mark is run as shipped."""
        (package / "__init__.py").write_text("REGION = 'eu-west-1'\n")
        assert register("fake_provider") is False
        assert importlib.import_module("fake_provider").REGION == "eu-west-1"

    def test_a_package_without_init(self, package: Path) -> None:
        """A namespace package is left alone."""
        (package / "__init__.py").unlink()
        assert register("fake_provider") is False

    def test_a_package_that_is_not_installed(self) -> None:
        """A package that there is not stays one, to be reported by whoever imports it."""
        assert register("no_such_provider") is False
        assert "no_such_provider" not in sys.modules

    def test_a_package_that_is_imported_already(self) -> None:
        """What is imported is not replaced."""
        imported = sys.modules["importlib"]
        assert register("importlib") is False
        assert sys.modules["importlib"] is imported
