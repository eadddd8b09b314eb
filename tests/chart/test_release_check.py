"""Every synth with the chart at hand renders what it deploys, and refuses what would not run or not be safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.release_check import check_release
from constructs.airflow.user_values.file import FILE, read_user_values, release_values
from constructs.airflow.values.merge import merged
from constructs.checks.rendered_release import findings
from constructs.settings.document.problems import EnvironmentFileError, Problem

from tests.chart.conftest import Render
from tests.chart.environments import CASES, EVERYTHING, PRIVATE_BY_SSH, ROOT, components, environment, props

ALL = "CeleryExecutor,KubernetesExecutor"
SHIPPED = (ROOT / FILE).read_text(encoding="utf-8")

Checked = Callable[..., list[str]]
Refused = Callable[[str], list[Problem]]


@pytest.fixture
def checked(tmp_path: Path, chart_folder: Path) -> Checked:
    """Warnings about the shipped file with some values more."""

    def warnings(more: str, executor: str = ALL) -> list[str]:
        path = tmp_path / "values.yaml"
        values = merged(yaml.safe_load(SHIPPED), yaml.safe_load(more) or {})
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        user, dev = read_user_values(path), environment("dev", executor=executor)
        text = release_values(user, computed_values(props(dev)), chart_folder)
        of_policies = components(dev, pod_cleanup=user.cleans_pods)
        return check_release(text, chart_folder, document=user.document, namespace="airflow", components=of_policies)

    return warnings


@pytest.fixture
def refused(checked: Checked) -> Refused:
    """What is refused of the shipped file with some values more."""

    def problems(more: str) -> list[Problem]:
        with pytest.raises(EnvironmentFileError) as caught:
            checked(more)
        return caught.value.problems

    return problems


CONTEXT = "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"
MINE = "{name: mine, image: busybox}"
#: What is added to the shipped file -> key, part of what was received, part of the fix.
REFUSED = {
    "volume": ("volumes: [{name: host, hostPath: {path: /}}]\n", "volumes[0]", "a volume of kind hostPath", "emptyDir"),
    "container": (
        f"triggerer:\n  extraContainers: [{MINE}]\n",
        "triggerer.extraContainers[0]",
        "in airflow-triggerer: mine: allowPrivilegeEscalation is not false",
        "drop: [ALL]",
    ),
    "container of task pods": (
        f"workers:\n  kubernetes:\n    extraInitContainers: [{MINE}]\n",
        "workers.kubernetes.extraInitContainers[0]",
        "in task: mine: ",
        "drop: [ALL]",
    ),
    "root": (
        "securityContexts: {pod: {runAsUser: 0}}\n",
        "securityContexts",
        " more: runAsUser is 0",
        "as helm/values.yaml came",
    ),
    "variable twice": (
        "env:\n  - {name: MINE, value: x}\n  - {name: MINE, value: y}\n",
        "env[0]",
        "the variable MINE twice",
        "remove one MINE",
    ),
    "service": (
        "redis:\n  service: {type: LoadBalancer}\n",
        "redis",
        "in airflow-redis: Service: its type LoadBalancer",
        "remove what makes it",
    ),
    "label": ("labels: {component: mine}\n", "", "twice in a map: component", "the value that the message names"),
    "template": (
        "apiServer:\n  apiServerConfig: '{{ .No.x }}'\n",
        "",
        "nil pointer",
        "the value that the message names",
    ),
}


class TestWhatIsShipped:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_has_nothing_to_find(self, render: Render, name: str, executor: str) -> None:
        """With every executor."""
        found = findings(render(name, executor=executor), components(environment(name, executor=executor)))
        assert list(found) == []

    @pytest.mark.parametrize("dags", [EVERYTHING["dags"], PRIVATE_BY_SSH], ids=["token", "key"])
    def test_has_nothing_to_find_with_everything_on(self, render: Render, dags: dict[str, str]) -> None:
        """Pruning, scraping, an own image, credentials, both executors."""
        settings = {**EVERYTHING, "dags": dags, "executor": ALL}
        assert list(findings(render("prod", **settings), components(environment("prod", **settings)))) == []

    def test_warns_of_nothing(self, checked: Checked) -> None:
        """The chart finds nothing old in it."""
        assert checked("") == []


class TestAUsersValue:
    @pytest.mark.parametrize(("more", "key", "received", "fix"), REFUSED.values(), ids=REFUSED.keys())
    def test_is_refused(self, refused: Refused, more: str, key: str, received: str, fix: str) -> None:
        """Once, however many pods have it, at the place in the file that it comes from."""
        (problem,) = refused(more)
        assert (problem.key, problem.line is None) == (key, not key)
        assert received in problem.received
        assert fix in problem.fix

    @pytest.mark.parametrize(
        "more",
        [
            f"triggerer: {{extraContainers: [{MINE[:-1]}, securityContext: {CONTEXT}}}]}}\n",
            "volumes: [{name: work, emptyDir: {}}]\nvolumeMounts: [{name: work, mountPath: /work}]\n",
            "cleanup: {enabled: true}\n",
            "env: [{name: URL, value: 'redis://$(NAME):$(WORD)@example.com'}]\n",
        ],
        ids=["container", "volume", "pod cleanup", "password by reference"],
    )
    def test_is_taken_if_it_works(self, checked: Checked, more: str) -> None:
        """With a word about nothing."""
        assert checked(more) == []

    @pytest.mark.parametrize(
        "template", ["{{ .No.x }}", "{{ .No", '{{ fail "hunter2-hunter2" }}', '{{ fail "a" | f }}']
    )
    def test_is_not_in_the_report(self, refused: Refused, template: str) -> None:
        """Helm quotes the text that it can't evaluate, in which may be a secret: the report names its template only."""
        (problem,) = refused(f"apiServer: {{apiServerConfig: 'KEY = \"hunter2-hunter2\" {template}'}}\n")
        assert "hunter2" not in str(problem)
        assert "api-server-configmap.yaml" in problem.received

    def test_of_an_old_name_is_warned_about(self, checked: Checked) -> None:
        """What the chart's notes would say after the deploy is said before it, with the line."""
        context = "{runAsUser: 50000, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"
        (warning,) = checked(f"scheduler: {{securityContext: {context}}}\n")
        assert "`scheduler.securityContext` has been renamed to `scheduler.securityContexts`" in warning
        assert "values.yaml:" in warning
