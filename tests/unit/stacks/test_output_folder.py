"""The folder that synthesized JSON goes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.stacks.output_folder import MARKER, OutputFolderError, claim, output_folder


class TestOutputFolder:
    def test_with_default_configuration(self, tmp_path: Path) -> None:
        """Each environment has a folder of its own under the checkout."""
        assert output_folder({}, "dev", tmp_path) == tmp_path / "cdktf.out" / "dev"
        assert output_folder({}, "prod", tmp_path) == tmp_path / "cdktf.out" / "prod"

    def test_cdktf_says_where(self, tmp_path: Path) -> None:
        """Under cdktf the folder is the one that it looks into afterwards."""
        chosen = str(tmp_path / "elsewhere")
        assert output_folder({"CDKTF_OUTDIR": chosen}, "dev", tmp_path) == tmp_path / "elsewhere"

    def test_is_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative folder of cdktf's is meant from where it was started."""
        monkeypatch.chdir(tmp_path)
        assert output_folder({"CDKTF_OUTDIR": "cdktf.out"}, "dev", Path("/root")) == tmp_path / "cdktf.out"

    def test_empty_variable_counts_as_unset(self, tmp_path: Path) -> None:
        """An empty CDKTF_OUTDIR doesn't mean the current folder."""
        assert output_folder({"CDKTF_OUTDIR": ""}, "dev", tmp_path) == tmp_path / "cdktf.out" / "dev"

    def test_is_refused_where_it_is_no_path(self, tmp_path: Path) -> None:
        """A loop of links, and bytes that are no text, can't be written into the JSON: said in our words."""
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for chosen in (str(tmp_path / "loop"), "/dev/\udcff"):
            with pytest.raises(OutputFolderError, match="Fix: let CDKTF_OUTDIR name a folder"):
                claim(output_folder({"CDKTF_OUTDIR": chosen}, "dev", tmp_path), "dev")


class TestClaim:
    @pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/x", f"/proc/{'x' * 300}", f"/dev/{'x/' * 3000}"])
    def test_refuses_what_cannot_be_made(self, folder: str) -> None:
        """Below a file, in /proc, or too long: the message has the folder, the machine's reason and the fix."""
        with pytest.raises(OutputFolderError, match="can't be the output folder: ") as refused:
            claim(Path(folder), "dev")
        assert "Fix: let CDKTF_OUTDIR name a folder that can be made and written" in str(refused.value)

    def test_refuses_a_marker_that_is_no_text(self, tmp_path: Path) -> None:
        """A file of that name that somebody else has written is no crash."""
        (tmp_path / MARKER).write_bytes(b"\xff")
        with pytest.raises(OutputFolderError, match="can't be the output folder"):
            claim(tmp_path, "dev")

    def test_takes_a_new_folder(self, tmp_path: Path) -> None:
        """A folder that isn't there yet is made, and remembers whose it is."""
        claim(tmp_path / "a" / "b", "dev")
        assert (tmp_path / "a" / "b" / MARKER).read_text() == "dev\n"

    def test_takes_it_again(self, tmp_path: Path) -> None:
        """The same environment is synthesized into it as often as one likes; what is in it stays."""
        claim(tmp_path, "dev")
        (tmp_path / "stacks").mkdir()
        claim(tmp_path, "dev")
        assert (tmp_path / "stacks").is_dir()

    def test_refuses_another_environment(self, tmp_path: Path) -> None:
        """The message names both environments, what would go wrong, and both ways out; the folder stays as it was."""
        claim(tmp_path, "dev")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(OutputFolderError) as refused:
            claim(tmp_path, "prod")
        message = str(refused.value)
        assert f"{tmp_path} holds the environment dev, and this is prod" in message
        assert "Nothing was written." in message
        assert "make deploy AIRFLOW_ENV=prod" in message
        assert "cdktf deploy --output cdktf.out/prod" in message
        assert f"delete {tmp_path}" in message
        assert sorted(tmp_path.rglob("*")) == before
        assert (tmp_path / MARKER).read_text() == "dev\n"

    def test_a_deleted_folder_is_free(self, tmp_path: Path) -> None:
        """Deleting the folder, as the message offers, lets the other environment in."""
        folder = tmp_path / "out"
        claim(folder, "dev")
        (folder / MARKER).unlink()
        folder.rmdir()
        claim(folder, "prod")
        assert (folder / MARKER).read_text() == "prod\n"
