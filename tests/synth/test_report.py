"""The page of `ops report`, of the shipped environments: what it says, and what it never says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack

from ops.console.errors import OperationError
from ops.pictures.stacks import Stacks
from ops.report.content import Content, content
from ops.report.facts import read_facts
from ops.report.page import page
from tests.security.secret_scan import leaks, looks_secret
from tests.synth.environments import NAMES, STACKS, read
from tests.synth.reported import PLANTED, deployed, found, whole


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        if tag == "tr":
            self.rows.append([])
        self._cell = tag in {"td", "th"} or (self._cell and tag not in {"table", "tr"})
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in {"td", "th"}


def rows(html: str) -> dict[str, list[str]]:
    """First cell -> the others, of each row of each table; of two with one first cell the last one."""
    words = _Words()
    words.feed(html)
    return {row[0].strip(): [" ".join(cell.split()) for cell in row[1:]] for row in words.rows if row}


@pytest.fixture(scope="module")
def prod_folder(outdirs: dict[str, Path]) -> Path:
    """Where prod is synthesized."""
    return outdirs["prod"]


@pytest.fixture(scope="module")
def reported(prod_folder: Path) -> Content:
    """The report of prod, deployed."""
    return whole("prod", prod_folder)


class TestPage:
    @pytest.mark.parametrize("name", NAMES)
    def test_says_that_nothing_is_deployed(self, outdirs: dict[str, Path], name: str) -> None:
        """Before the first deploy it has all that the JSON says: pictures, resources, outputs, alarms, secrets."""
        html = page(content(found(name, outdirs[name])))
        assert html.count("not deployed") > 100
        assert "<dt>infrastructure</dt><dd>not deployed</dd>" in html
        assert html.count("<svg ") == 4
        said = rows(html)
        assert said["aws_vpc.cluster"] == ["", "not deployed"]
        assert said["airflow_url"][1] == "not known"
        assert said[f"airflow-{name}/admin"][1] == "none of its roles"
        assert said[f"airflow-{name}-database-cpu"][0] == "not known"

    def test_says_why_a_state_is_not_read(self, prod_folder: Path) -> None:
        """And calls nothing undeployed of which nobody knows."""
        error = OperationError("No AWS credentials")
        html = page(content(found("prod", prod_folder, states={}, not_read={"state of platform": error})))
        assert "state of platform: No AWS credentials" in html
        assert "not deployed" not in html
        assert rows(html)["Kubernetes"][:2] == ["state not read", "1.35"]

    def test_leads_into_the_console(self, reported: Content) -> None:
        """From each object that has a page there, by what the state knows of it."""
        html = page(reported)
        assert (
            'href="https://console.aws.amazon.com/vpcconsole/home?region=eu-west-1#VpcDetails:VpcId=vpc-cluster-0a1b2c"'
        ) in html
        assert 'secret?name=airflow-prod%2Fadmin&amp;region=eu-west-1"' in html
        assert html.count("https://console.aws.amazon.com/") > 60

    def test_has_what_runs_with_its_dates(self, reported: Content) -> None:
        """As `status` has it: version, what the file asks for, until when it is supported."""
        said = rows(page(reported))
        assert said["Kubernetes"] == ["1.35", "1.35", "yes", "2027-03-27", ""]
        assert said["Airflow"][:2] == ["3.3.2", "3.3.2"]

    def test_has_alarms_with_their_state_and_receivers(self, reported: Content) -> None:
        """What each watches, in words, and who hears of it."""
        said = rows(page(reported))["airflow-prod-database-cpu"]
        assert said == [
            "ALARM",
            "CPUUtilization > 80 (average of 300 s, 3 times in a row)",
            "CPU above 80 % for 15 minutes",
            "airflow-prod-alarms: 1 address",
        ]

    def test_says_of_an_object_that_is_missing_or_left_over(self, prod_folder: Path) -> None:
        """What the file asks for and the state has not, what it has beside that, and what is made again."""
        infrastructure = read(prod_folder)
        state = deployed(infrastructure, aws_eip__nat_a=None)
        known = [replace(each, tainted=each.address == "aws_vpc.cluster") for each in state.instances]
        known.append(replace(known[0], address='aws_vpc.old["a"]', type="aws_vpc"))
        states = {
            "infrastructure": replace(state, instances=tuple(known)),
            "platform": deployed(read(prod_folder, "platform")),
        }
        said = rows(page(whole("prod", prod_folder, states=states)))
        assert said["aws_eip.nat_a"] == ["", "missing"]
        assert said["aws_vpc.cluster"] == ["vpc-cluster-0a1b2c", "is made again"]
        assert said['aws_vpc.old["a"]'][1] == "not in the file any more"

    def test_escapes_what_it_shows(self, prod_folder: Path) -> None:
        """A text with markup in it is a text; an address that is none becomes no link."""
        platform = read(prod_folder, "platform")
        state = deployed(platform)
        outputs = {**state.outputs, "airflow_url": "javascript:alert(1)", "airflow_namespace": "</script><b>x"}
        states = {"infrastructure": deployed(read(prod_folder)), "platform": replace(state, outputs=outputs)}
        html = page(whole("prod", prod_folder, states=states))
        assert "<b>x" not in html
        assert 'href="javascript' not in html
        assert html.count("</script>") == 2

    def test_asks_no_network_for_anything(self, reported: Content) -> None:
        """Nothing is loaded, and the policy would let nothing be; links are followed by whoever clicks them."""
        html = page(reported)
        assert re.findall(r"<(?:link|img|iframe|object|embed|base|form)\b|\bsrc=|url\((?!#)|@import", html) == []
        [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
        assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
        assert "unsafe" not in policy


class TestSecrets:
    def test_no_value_is_on_the_page(self, prod_folder: Path) -> None:
        """Not of a sensitive output or attribute, nor of a pod's variable: planted ones are nowhere on it."""
        platform = read(prod_folder, "platform")
        text = platform.text.replace("aws://", f"aws://{PLANTED['pod']}")
        assert PLANTED["pod"] in text
        planted = Stacks(read(prod_folder), SynthesizedStack("platform", text))
        states = {stack: deployed(read(prod_folder, stack)) for stack in STACKS}
        assert all(PLANTED["attribute"] in state.text for state in states.values())
        html = page(content(found("prod", prod_folder, stacks=planted, states=states)))
        assert leaks(PLANTED, {"page": html}) == []
        assert looks_secret(re.sub(r'href="[^"]+"|sha256-[^&]+', "", html)) == []
        assert rows(html)["planted"][1] == "sensitive, not shown"

    def test_who_reads_one_is_told_by_the_policies(self, prod_folder: Path) -> None:
        """A role that may read one is named with the pods that take it, and so are names beyond the environment."""
        document = json.loads(read(prod_folder).text)
        policy = document["resource"]["aws_iam_role_policy"]["airflow"]
        content_of = json.loads(policy["policy"])
        arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
        allowed = [f"{arn}airflow-prod/jwt-??????", f"{arn}airflow-prod/connections/*"]
        content_of["Statement"].append(
            {"Effect": "Allow", "Action": ["secretsmanager:Get*"], "Resource": allowed, "Sid": "X"}
        )
        policy["policy"] = json.dumps(content_of)
        changed = SynthesizedStack("infrastructure", json.dumps(document))
        said = rows(page(content(found("prod", prod_folder, stacks=Stacks(changed, read(prod_folder, "platform"))))))
        reader = "airflow-prod-airflow, taken by pods of airflow with service account airflow-api-server, "
        assert said["airflow-prod/jwt"][1].startswith(reader)
        assert said[f"{arn}airflow-prod/connections/*"][1].startswith(reader)
        assert said["airflow-prod/admin"][1] == "none of its roles"

    def test_of_the_cluster_are_traced_to_who_holds_them(self, prod_folder: Path) -> None:
        """From Secrets Manager to the jobs and to the values of the chart, or with the chart at hand to its pods."""
        said = rows(page(whole("prod", prod_folder)))
        assert said["airflow-ext-fernet"] == [
            "airflow-prod/fernet-1",
            "kubernetes_job_v1.database, value fernetKeySecretName",
        ]
        pods = {"airflow-ext-fernet": ["airflow-worker"]}
        said = rows(page(whole("prod", prod_folder, pods=pods)))
        assert said["airflow-ext-fernet"][1] == "kubernetes_job_v1.database, airflow-worker"

    def test_are_for_whoever_starts_pods(self, prod_folder: Path) -> None:
        """Where a DAG may start them, a pod names any secret: the page says so, and elsewhere doesn't."""
        platform = read(prod_folder, "platform").text
        changed = platform.replace("executor: CeleryExecutor", "executor: KubernetesExecutor")
        assert changed != platform
        stacks = Stacks(read(prod_folder), SynthesizedStack("platform", changed))
        said = "Who writes a DAG starts pods"
        assert said in page(content(found("prod", prod_folder, stacks=stacks)))
        assert said not in page(content(found("prod", prod_folder)))

    def test_of_the_cluster_are_for_its_administrators(self, reported: Content) -> None:
        """Each entry with what its policy allows."""
        assert rows(page(reported))["arn:aws:iam::111122223333:role/platform-engineers"] == [
            "AmazonEKSClusterAdminPolicy",
            "everything in the cluster, secrets among it",
            "the whole cluster",
        ]


class TestSinceTheLastReport:
    def test_is_empty_for_the_same_environment(self, reported: Content, prod_folder: Path, tmp_path: Path) -> None:
        """The page is its own memory: what it says is read from it again."""
        (tmp_path / "report.html").write_text(page(reported), encoding="utf-8")
        before = read_facts(tmp_path / "report.html")
        assert before == reported.facts
        again = whole("prod", prod_folder, before=before)
        assert again.changes == []
        assert "has changed since the report of 2026-11-30" in page(again)

    def test_names_what_came_went_and_changed(self, prod_folder: Path, reported: Content) -> None:
        """Versions, resources and outputs, with before and after."""
        infrastructure = deployed(read(prod_folder), aws_vpc__cluster={"id": "vpc-2"}, aws_eip__nat_a=None)
        platform = deployed(read(prod_folder, "platform"))
        platform = replace(platform, outputs={**platform.outputs, "airflow_version": "3.4.0"})
        states = {"infrastructure": infrastructure, "platform": platform}
        after = whole("prod", prod_folder, states=states, before=reported.facts)
        assert {(each.part, each.what, each.name, each.was, each.now) for each in after.changes} >= {
            ("version", "changed", "Airflow", "3.3.2", "3.4.0"),
            ("resource", "changed", "infrastructure: aws_vpc.cluster", "vpc-cluster-0a1b2c", "vpc-2"),
            ("resource", "changed", "infrastructure: aws_eip.nat_a", "eip-nat_a-0a1b2c", "missing"),
            ("output", "changed", "platform: airflow_version", "3.3.2", "3.4.0"),
        }
        assert rows(page(after))["infrastructure: aws_vpc.cluster"] == [
            "resource changed",
            "vpc-cluster-0a1b2c",
            "vpc-2",
        ]

    def test_tells_nothing_of_what_was_not_read(self, prod_folder: Path, reported: Content) -> None:
        """A state that was not read is no change; that nothing was compared is said."""
        lost: dict[str, Any] = {"states": {}, "not_read": {"state of platform": OperationError("no")}}
        after = content(found("prod", prod_folder, before=reported.facts, **lost))
        assert after.changes == []
        assert "Not compared" in page(after)
