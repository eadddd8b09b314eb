"""What README, the documents and helm/values.yaml tell people to write is rendered, and would run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.charts.rendering import Rendering
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import FILE, read_user_values, release_values
from constructs.airflow.values.merge import merged
from constructs.checks.rendered_release import findings
from helm_python import Chart

from tests.airflow.authority import Authority
from tests.chart.environments import (
    EVERYTHING,
    OWN_IMAGE,
    PRIVATE_BY_SSH,
    PRIVATE_BY_TOKEN,
    ROOT,
    components,
    environment,
    props,
)
from tests.chart.test_objects import complaint

EXECUTORS = ("CeleryExecutor", "KubernetesExecutor", "CeleryExecutor,KubernetesExecutor")
PUBLIC = {"repository": "https://github.com/acme/dags.git"}
#: Every way to say what is deployed, and how git-sync gets in.
DAGS = {
    "branch": {**PUBLIC, "branch": "release"},
    "tag": {**PRIVATE_BY_TOKEN, "tag": "v1"},
    "commit": {**PRIVATE_BY_SSH, "commit": "0123456789abcdef0123456789abcdef01234567"},
}
IMAGES: Mapping[str, Any] = {
    "official": {},
    "own by tag": {"image": {"repository": OWN_IMAGE["repository"], "tag": "3.3.2-1"}},
    "own by digest, with a login": {"image": OWN_IMAGE},
}
EXTRAS: Mapping[str, Any] = {
    "off": {},
    "on": {name: EVERYTHING[name] for name in ("cleanup", "scraping", "secrets_backend")}
    | {"quota": {"cpu": "64", "memory": "256Gi", "pods": 200}, "limit_range": {"cpu": "100m", "memory": "256Mi"}},
}
#: Each pair of any two of them: nine of the 54.
COMBINATIONS = [
    (executor, dags, list(IMAGES)[(row + column) % 3], "on" if row == column else "off")
    for row, executor in enumerate(EXECUTORS)
    for column, dags in enumerate(DAGS)
]

#: What refusals send people to.
ADVISED = {
    "autoscaling by CPU": "workers: {celery: {hpa: {enabled: true, minReplicaCount: 1, maxReplicaCount: 3}}}",
    "configuration of the api-server": "apiServer: {apiServerConfig: 'WTF_CSRF_ENABLED = True'}",
    "pod cleanup": "cleanup: {enabled: true}",
    "secret of one's own": "secret: [{envName: MY_TOKEN, secretName: mine, secretKey: token}]",
    "secrets of one's own": 'extraEnvFrom: "- secretRef:\\n    name: mine\\n"',
    "task pods": "workers: {kubernetes: {nodeSelector: {disk: fast}}}",
}

Deployed = Callable[[str, Mapping[str, Any]], Rendering]


@pytest.fixture
def deployed(chart: Chart, chart_folder: Path, tmp_path: Path) -> Deployed:
    """Render as a synth does, the shipped file with some values more, and find nothing wrong with it."""

    def rendering(more: str, changes: Mapping[str, Any]) -> Rendering:
        path = tmp_path / "values.yaml"
        shipped = yaml.safe_load((ROOT / FILE).read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump(merged(shipped, yaml.safe_load(more) or {})), encoding="utf-8")
        user, dev = read_user_values(path), environment("dev", **changes)
        assert user.warnings == []
        made = Rendering(chart, yaml.safe_load(release_values(user, computed_values(props(dev)), chart_folder)))
        assert list(findings(made, components(dev, pod_cleanup=user.cleans_pods))) == []
        assert "WARNING" not in made.notes
        assert [found for body in made.objects if (found := complaint(body, "1.35"))] == []
        return made

    return rendering


def blocks() -> list[tuple[str, dict[str, Any]]]:
    """Place and section `airflow` of each example of an environment file, with the nodes that stand beside it.

    A certificate, of which the documents show the beginning, is filled in.
    """
    found = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = path.read_text(encoding="utf-8")
        for block in re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            example = yaml.safe_load(block[1])
            if section := example.get("airflow"):
                if "trusted_certificates" in section:
                    section["trusted_certificates"] = Authority.make("Acme Root CA").pem
                line = text.count("\n", 0, block.start()) + 1
                cluster = example.get("cluster", {})
                nodes = {kind: cluster.get(kind) for kind in ("node_groups", "node_pools")}
                found.append((f"{path.relative_to(ROOT)}:{line}", section | nodes))
    return found


def often_wanted() -> list[str]:
    """The examples at the head of helm/values.yaml, what is left open filled in."""
    head, _, _ = (ROOT / FILE).read_text(encoding="utf-8").partition("\n\n")
    examples = re.findall(r"^#   (\w+: (?:\{.*\}|\[.*\]))", head, re.MULTILINE)
    filled_in = {"{...}": "{disk: fast}", ": ...": ": registry.example.com/x"}
    for left_open, value in filled_in.items():
        examples = [example.replace(left_open, value) for example in examples]
    return examples


class TestCombinations:
    def test_have_every_pair(self) -> None:
        """Of executor, DAGs, image and extras, any two values come together once at least."""
        factors = (EXECUTORS, DAGS, IMAGES, EXTRAS)
        for one, other in itertools.combinations(range(4), 2):
            pairs = {(combination[one], combination[other]) for combination in COMBINATIONS}
            assert pairs == set(itertools.product(factors[one], factors[other]))

    @pytest.mark.parametrize(("executor", "dags", "image", "extras"), COMBINATIONS)
    def test_of_settings_would_run(self, deployed: Deployed, executor: str, dags: str, image: str, extras: str) -> None:
        """Executor, DAGs, image, and what can be switched on: nothing is found, deprecated, or invalid."""
        changes = {"executor": executor, "dags": DAGS[dags], **IMAGES[image], **EXTRAS[extras]}
        made = deployed("", changes)
        assert ("airflow-worker" in made.templates) == ("Celery" in executor)
        assert ("task" in made.templates) == ("Kubernetes" in executor)
        if "Celery" in executor:
            names = {container.name for container in made.containers}
            assert "airflow-worker/worker-log-groomer" in names


class TestTheDocuments:
    @pytest.mark.parametrize(("place", "section"), blocks(), ids=[place for place, _ in blocks()])
    def test_show_settings_that_would_run(self, deployed: Deployed, place: str, section: dict[str, Any]) -> None:
        """Each example of section `airflow`, in the environment dev."""
        assert deployed("", section).templates, place

    def test_have_such_examples(self) -> None:
        """The search for them finds some."""
        assert len(blocks()) >= 4


class TestTheValuesFile:
    @pytest.mark.parametrize("example", often_wanted())
    @pytest.mark.parametrize("executor", EXECUTORS)
    def test_shows_values_that_would_run(self, deployed: Deployed, example: str, executor: str) -> None:
        """What is often wanted, as its head has it."""
        assert deployed(example, {"executor": executor}).templates

    def test_has_such_examples(self) -> None:
        """The search for them finds all that are there."""
        assert len(often_wanted()) >= 4


class TestAdvice:
    @pytest.mark.parametrize("more", ADVISED.values(), ids=ADVISED.keys())
    @pytest.mark.parametrize("executor", EXECUTORS)
    def test_would_run(self, deployed: Deployed, more: str, executor: str) -> None:
        """What a refusal says to write instead is taken, with every executor."""
        assert deployed(more, {"executor": executor}).templates
