from __future__ import annotations

import pytest

from ops.workflows.changed_environments import touched_environments

EXISTING = ("dev", "prod")


class TestTouchedEnvironments:
    @pytest.mark.parametrize(
        ("paths", "environments"),
        [
            (["environments/dev.yaml"], ("dev",)),
            (["environments/dev.yaml", "README.md", "mkdocs.yml"], ("dev",)),
            (["environments/dev.lock.hcl"], ("dev",)),
            (["constructs/network/peering.py"], EXISTING),
            (["helm/values.yaml"], EXISTING),
            (["main.py"], EXISTING),
            (["Pipfile.lock"], EXISTING),
            (["package-lock.json"], EXISTING),
            (["something/new"], EXISTING),
            (["environments/schema.json"], ()),
            (["docs/delivery.md", "tests/unit/ops/test_x.py", "ops/clients/github.py", ".github/workflows/ci.yml"], ()),
            ([], ()),
        ],
        ids=str,
    )
    def test_follow_from_the_paths(self, paths: list[str], environments: tuple[str, ...]) -> None:
        """A file of environments/ touches its environment, what generates all touches all; docs and tests none."""
        assert touched_environments(paths, EXISTING).environments == environments

    def test_a_deleted_file_is_told_apart(self) -> None:
        """An environment whose file goes can't be planned: somebody has to know."""
        touched = touched_environments(["environments/old.yaml", "environments/dev.yaml"], EXISTING)
        assert (touched.environments, touched.removed) == (("dev",), ("old",))

    def test_odd_names_are_no_environments(self) -> None:
        """Files in folders below, and with other endings, are none."""
        touched = touched_environments(["environments/a/b.yaml", "environments/x.yml"], EXISTING)
        assert (touched.environments, touched.removed) == ((), ())
