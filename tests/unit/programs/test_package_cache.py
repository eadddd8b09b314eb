"""Where jsii unpacks its packages, with a HOME of any kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from programs.package_cache import FOLDER, OWN, SWITCH, package_cache


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout."""
    (tmp_path / "checkout").mkdir()
    return tmp_path / "checkout"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder of the usual kind."""
    (tmp_path / "home").mkdir(mode=0o755)
    return tmp_path / "home"


def test_jsii_s_own_place_is_left_where_it_can_be_used(root: Path, home: Path) -> None:
    """Checkouts share one cache below HOME, made so that jsii takes it: nobody else may write there."""
    assert package_cache({"HOME": str(home)}, root) == {}
    (made,) = home.rglob("package-cache")
    assert {folder.stat().st_mode & 0o777 for folder in (made, *made.parents) if home in folder.parents} == {0o700}
    assert package_cache({"HOME": str(home)}, root) == {}


@pytest.mark.parametrize("home", ["/proc/nobody", "/dev/null/nobody"])
def test_a_home_that_cannot_be_written_moves_it_into_the_checkout(root: Path, home: str) -> None:
    """No folder can be made there: jsii would end in a JavaScript traceback, or never."""
    assert package_cache({"HOME": home}, root) == {FOLDER: str(root / OWN)}
    assert (root / OWN).is_dir()


def test_a_home_that_others_may_write_moves_it_too(root: Path, home: Path) -> None:
    """Jsii refuses a cache below a folder that the group may change."""
    home.chmod(0o775)
    assert package_cache({"HOME": str(home)}, root) == {FOLDER: str(root / OWN)}


def test_with_nothing_to_write_each_run_unpacks_anew(tmp_path: Path) -> None:
    """A checkout that is read-only, too, works without any cache."""
    (tmp_path / ".tools").write_text("no folder")
    assert package_cache({"HOME": "/dev/null/nobody"}, tmp_path) == {SWITCH: "disabled"}


@pytest.mark.parametrize("variable", [FOLDER, SWITCH])
def test_what_the_user_sets_stays(root: Path, variable: str) -> None:
    """Variables of jsii's own that are set already are obeyed."""
    assert package_cache({"HOME": "/dev/null/nobody", variable: "x"}, root) == {}


def test_without_a_home_jsii_chooses(root: Path) -> None:
    """HOME unset or relative: jsii takes the folder for temporary files."""
    assert package_cache({}, root) == package_cache({"HOME": "here"}, root) == {}
    assert not list(root.iterdir())
