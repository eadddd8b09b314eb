"""Two packages share the name `constructs`: PyPI's and our folder."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import constructs
import jsii
from constructs import Construct

from main import ROOT


class TestConstructsFolder:
    def test_has_no_init(self) -> None:
        """With an `__init__.py` at its top level our folder would hide PyPI's package, and every import would break."""
        assert (ROOT / "constructs").is_dir()
        assert not (ROOT / "constructs" / "__init__.py").exists()

    def test_package_is_pypis(self) -> None:
        """`from constructs import Construct` is PyPI's, a jsii class."""
        assert "site-packages" in str(constructs.__file__)
        assert Construct.__module__ == "constructs"
        assert isinstance(Construct, jsii._runtime.JSIIMeta)

    def test_folder_extends_it(self) -> None:
        """`constructs.<folder>` is ours."""
        assert str(ROOT / "constructs") in list(constructs.__path__)
        for folder in sorted(path for path in (ROOT / "constructs").iterdir() if (path / "__init__.py").is_file()):
            module = importlib.import_module(f"constructs.{folder.name}")
            assert Path(str(module.__file__)).parent == folder

    def test_no_folder_of_ours_is_named_as_a_module_of_pypis(self) -> None:
        """PyPI's package comes first: a module of the same name would hide ours."""
        theirs = {path.stem for path in Path(str(constructs.__file__)).parent.iterdir()}
        ours = {path.name for path in (ROOT / "constructs").iterdir() if path.name != "__pycache__"}
        assert not ours & theirs
