import re
import subprocess
from pathlib import Path

import pytest

TARGETS = (
    "help",
    "setup",
    "synth",
    "deploy",
    "destroy",
    "bootstrap",
    "ops",
    "demo",
    "test",
    "cluster",
    "soak",
    "check",
    "bench",
    "chart",
    "lock",
    "versions",
    "schema",
    "docs",
    "clean",
)


def make(checkout: Path, *arguments: str, **environment: str) -> str:
    """The standard output of make in the checkout, with a small environment of its own."""
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


class TestMake:
    def test_lists_every_target_by_default(self, checkout: Path) -> None:
        """`make` alone prints one line per target, each with what it is for."""
        lines = make(checkout).splitlines()
        assert [line.split()[:2] for line in lines] == [["make", target] for target in TARGETS]
        assert all(len(line.split()) > 2 for line in lines)

    @pytest.mark.parametrize("target", [target for target in TARGETS if target not in {"help", "clean"}])
    def test_sets_up_before_anything_else(self, checkout: Path, target: str) -> None:
        """Every target that needs the packages starts with the set-up, so that none has to be run first."""
        first = make(checkout, "--dry-run", target).splitlines()[0]
        assert re.search(
            r"prerequisites\.sh.* -m tooling\.install( checkov airflow airflow-3\.2\.2 cdktn)?( mkdocs)?$", first
        )

    @pytest.mark.parametrize("target", [target for target in TARGETS if target not in {"help", "clean"}])
    def test_installs_what_only_tests_need_for_the_tests_alone(self, checkout: Path, target: str) -> None:
        """Whoever only synthesizes or deploys doesn't wait for hundreds of packages more."""
        first = make(checkout, "--dry-run", target).splitlines()[0]
        assert first.endswith(" checkov airflow airflow-3.2.2 cdktn mkdocs") == (target == "test")
        assert (" mkdocs" in first) == (target in {"test", "docs"})

    def test_installs_the_airflow_that_it_is_told(self, checkout: Path) -> None:
        """AIRFLOW_VERSION adds another one to the two that tests always run."""
        first = make(checkout, "--dry-run", "test", AIRFLOW_VERSION="3.4.0").splitlines()[0]
        assert first.endswith(" airflow airflow-3.2.2 cdktn mkdocs airflow-3.4.0")

    @pytest.mark.parametrize(
        ("target", "environment", "tools"),
        [
            ("synth", {}, ""),
            ("test", {}, "terraform"),
            ("demo", {}, "terraform"),
            ("deploy", {}, "terraform aws"),
            ("deploy", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "terraform"),
        ],
        ids=["synth", "test", "demo", "deploy", "deploy-local"],
    )
    def test_asks_only_for_the_tools_that_a_target_needs(
        self, checkout: Path, target: str, environment: dict[str, str], tools: str
    ) -> None:
        """Terraform is needed where it runs, the AWS CLI for a real account alone."""
        first = make(checkout, "--dry-run", target, **environment).splitlines()[0]
        asked = re.search(r"prerequisites\.sh ?(.*?)\)", first)
        assert asked is not None
        assert asked.group(1).split() == tools.split()

    def test_deploys_into_the_folder_of_the_environment(self, checkout: Path) -> None:
        """Each environment has an output folder of its own; AIRFLOW_ENV chooses it, dev is the default."""
        assert '--output "cdktf.out/dev"' in make(checkout, "--dry-run", "deploy")
        assert '--output "cdktf.out/prod"' in make(checkout, "--dry-run", "deploy", AIRFLOW_ENV="prod")

    def test_deploys_and_destroys_both_stacks_or_the_one_that_is_named(self, checkout: Path) -> None:
        """Both stacks in one run, or the one that STACKS says; cdktf finds the order itself."""
        both = make(checkout, "--dry-run", "deploy")
        assert "cdktf deploy infrastructure platform " in both
        # With this option cdktf would run both at once, in no order.
        assert "--ignore-missing-stack-dependencies" not in both
        assert "cdktf destroy infrastructure platform " in make(checkout, "--dry-run", "destroy")
        assert "cdktf deploy platform --ignore-missing-stack-dependencies " in make(
            checkout, "--dry-run", "deploy", "STACKS=platform"
        )

    def test_deploy_asks_first_about_the_stacks_that_are_deployed(self, checkout: Path) -> None:
        """What must not go before something else is a question of which stacks are applied."""
        for arguments, stacks in (((), "infrastructure platform"), (("STACKS=platform",), "platform")):
            recipe = make(checkout, "--dry-run", "deploy", *arguments)
            asked, deployed = recipe.find(f"-m ops.preflight.deployable {stacks}\n"), recipe.find("cdktf deploy")
            assert 0 <= asked < deployed

    def test_clean_keeps_the_set_up_and_the_state(self, checkout: Path) -> None:
        """What costs time or holds the only record of what is deployed is not removed."""
        recipe = make(checkout, "--dry-run", "clean")
        removed = re.findall(r"rm -rf (.*)$", recipe, re.MULTILINE)[0].split()
        assert "cdktf.out" in removed
        assert {"state", ".venv", ".tools", "node_modules"}.isdisjoint(removed)


class TestTerraformLog:
    @pytest.mark.parametrize("target", ["deploy", "destroy"])
    def test_is_off_unless_asked_for(self, checkout: Path, target: str) -> None:
        """Under cdktf, too, Terraform doesn't see the variables of its log, which shows secret values."""
        logs = {"TF_LOG": "TRACE", "TF_LOG_PROVIDER_AWS": "DEBUG", "AIRFLOW_ENV_FILE": "x.yaml"}
        asked = {**logs, "AIRFLOW_WITH_TERRAFORM_LOG": "1"}
        without = f"env -u TF_LOG -u TF_LOG_PROVIDER_AWS cdktf {target} "
        for variables, off in ((logs, True), (asked, False), ({**asked, "GITHUB_ACTIONS": "true"}, True)):
            assert (without in make(checkout, "--dry-run", target, **variables)) is off
