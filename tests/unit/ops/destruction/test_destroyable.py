"""What is asked before an environment is destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructs.settings.loading.environment_file import load_environment

from ops.destruction.destroyable import ROOT, main, objection


class TestDestroyable:
    def test_a_protected_environment_is_refused_before_anything_happens(self) -> None:
        """Prod says why, which key it is and what to do."""
        refused = objection(load_environment(ROOT / "environments" / "prod.yaml"))
        assert refused == (
            "prod is protected: database.deletion_protection is true. Nothing was destroyed.\n"
            "Fix: set it to false in the environment file, `make deploy`, then `make destroy` again."
        )

    def test_a_protected_cluster_is_refused_too(self, tmp_path: Path) -> None:
        """`cdktf destroy` would take everything else away before EKS says no."""
        file = tmp_path / "kept.yaml"
        text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
        text = text.replace("cluster:\n", "providers: {aws: 6.25.0}\ncluster:\n  deletion_protection: true\n", 1)
        file.write_text(text, encoding="utf-8")
        refused = objection(load_environment(file))
        assert refused is not None
        assert refused.startswith("dev is protected: cluster.deletion_protection is true. Nothing was destroyed.\n")

    def test_an_unprotected_one_may_go(self) -> None:
        """Dev is made to be destroyed."""
        assert objection(load_environment(ROOT / "environments" / "dev.yaml")) is None

    def test_one_with_node_pools_is_for_ops_to_destroy(self, tmp_path: Path) -> None:
        """Nobody but `ops` would wait a second time for nodes that are in no state."""
        file = tmp_path / "pools.yaml"
        text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
        pool = "{tasks: {instance_families: [m7g], limits: {cpu: 64, memory: 256Gi}}}"
        file.write_text(text.replace("cluster:\n", f"cluster:\n  node_pools: {pool}\n", 1), encoding="utf-8")
        refused = objection(load_environment(file))
        assert refused is not None
        assert refused.startswith(
            "dev has cluster.node_pools, and their nodes are in no state. Nothing was destroyed.\n"
        )
        assert "`make ops COMMAND=destroy`" in refused

    @pytest.mark.parametrize(("name", "code"), [("dev", 0), ("prod", 2), ("missing", 2)])
    def test_the_exit_code_stops_make(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, code: int
    ) -> None:
        """0 lets cdktf start; 2 with a sentence does not, for a mistake in the choice of the file too."""
        monkeypatch.delenv("AIRFLOW_ENV_FILE", raising=False)
        monkeypatch.setenv("AIRFLOW_ENV", name)
        assert main() == code
        assert bool(capsys.readouterr().err) == bool(code)

    def test_it_looks_into_the_file_that_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """AIRFLOW_ENV_FILE counts, as it does for the destroy itself."""
        file = tmp_path / "other.yaml"
        file.write_bytes((ROOT / "environments" / "prod.yaml").read_bytes())
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(file))
        monkeypatch.setenv("AIRFLOW_ENV", "dev")
        assert main() == 2
