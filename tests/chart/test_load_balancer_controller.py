"""The load balancer controller's chart with the values that it gets."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.charts.airflow_chart import CACHE
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.charts.released_chart import LOAD_BALANCER_CONTROLLER
from constructs.airflow.web.load_balancer_controller_release import (
    LoadBalancerControllerRelease,
    LoadBalancerControllerReleaseProps,
)
from constructs.cluster.load_balancer_controller import NAMESPACE, SERVICE_ACCOUNT
from helm_python import Chart

from tests.chart.environments import ROOT
from tests.chart.test_objects import KUBERNETES_VERSIONS, complaint
from tests.unit.trial_stack import TrialStack

VARIABLE = "LOAD_BALANCER_CONTROLLER_CHART"
FETCHED = CACHE.parent / f"{LOAD_BALANCER_CONTROLLER.name}-{LOAD_BALANCER_CONTROLLER.version}"

Objects = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def folder() -> Path:
    """The chart's folder or archive: the released one."""
    folder = ROOT / os.environ.get(VARIABLE, FETCHED)
    if not folder.exists():
        pytest.skip(f"The load balancer controller's chart is not at hand: {VARIABLE} is not set, no {FETCHED}.")
    assert LOAD_BALANCER_CONTROLLER.is_at(folder)
    return folder


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """What the release is given."""
    stack = TrialStack()
    props = LoadBalancerControllerReleaseProps(
        source=ChartSource(source="https://charts.example.com", chart=LOAD_BALANCER_CONTROLLER),
        cluster_name="airflow-dev",
        vpc_id="vpc-1",
    )
    LoadBalancerControllerRelease(stack, "controller", props)
    given: dict[str, Any] = json.loads(stack.resource("helm_release.load_balancer_controller")["values"][0])
    return given


@pytest.fixture(scope="module")
def objects(folder: Path, values: dict[str, Any]) -> Objects:
    """Kind and name -> object."""
    with Chart.load(folder) as chart:
        rendered = chart.render(values, name=LOAD_BALANCER_CONTROLLER.name, namespace=NAMESPACE)
    bodies = [
        body
        for path, text in rendered.items()
        if not path.endswith("NOTES.txt")
        for document in yaml.safe_load_all(text)
        for body in (document or {}).get("items", [document] if document else [])
    ]
    return {(body["kind"], body["metadata"]["name"]): body for body in bodies}


@pytest.fixture(scope="module")
def deployment(objects: Objects) -> dict[str, Any]:
    """The controller's pods."""
    spec: dict[str, Any] = objects["Deployment", LOAD_BALANCER_CONTROLLER.name]["spec"]["template"]["spec"]
    return spec


class TestTheControllersChart:
    def test_knows_every_value(self, folder: Path, values: dict[str, Any]) -> None:
        """A name that the chart doesn't have would do nothing, silently."""
        with Chart.load(folder) as chart:
            known = chart.values
        assert values.keys() <= known.keys()
        assert values["serviceAccount"].keys() <= known["serviceAccount"].keys()

    def test_tells_the_controller_where_it_is(self, deployment: dict[str, Any]) -> None:
        """Pods reach no instance metadata, so cluster, region and VPC are given."""
        (container,) = deployment["containers"]
        assert {"--cluster-name=airflow-dev", "--aws-region=eu-west-1", "--aws-vpc-id=vpc-1"} <= set(container["args"])
        assert {"--enable-shield=false", "--enable-waf=false", "--enable-wafv2=false"} <= set(container["args"])

    def test_has_the_service_account_with_the_role(self, objects: Objects, deployment: dict[str, Any]) -> None:
        """Pod Identity knows it by this name."""
        assert ("ServiceAccount", SERVICE_ACCOUNT) in objects
        assert deployment["serviceAccountName"] == SERVICE_ACCOUNT

    def test_keeps_no_service_from_being_made(self, objects: Objects) -> None:
        """No webhook for services: each of them would wait for the controller's pods."""
        webhooks = [
            rule
            for (kind, _), body in objects.items()
            if kind == "MutatingWebhookConfiguration"
            for webhook in body["webhooks"]
            for rule in webhook["rules"]
        ]
        assert webhooks
        assert not any("services" in rule["resources"] for rule in webhooks)

    def test_has_the_class_of_the_ingress(self, objects: Objects) -> None:
        """`alb`, as the Ingress says."""
        assert ("IngressClass", "alb") in objects

    @pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
    def test_kubernetes_takes_it(self, objects: Objects, version: str) -> None:
        """Every object of Kubernetes' own kinds."""
        own = [body for body in objects.values() if ".k8s.aws" not in body["apiVersion"]]
        assert [found for body in own if (found := complaint(body, version))] == []
