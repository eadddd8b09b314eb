"""Every pod that the chart makes meets `restricted`, which the namespace enforces; the checker finds what does not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from constructs.checks.pod_security import violations

from tests.chart.conftest import Render
from tests.chart.environments import CASES, EVERYTHING

GOOD: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumes": [{"name": "work", "emptyDir": {}}],
    "containers": [
        {"name": "main", "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
    ],
}

#: What is wrong -> path of the part that is replaced, what it is replaced by.
BAD: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "host network": (("hostNetwork",), True),
    "host processes": (("hostPID",), True),
    "folder of the host": (("volumes", 0), {"name": "work", "hostPath": {"path": "/"}}),
    "sysctl": (("securityContext", "sysctls"), [{"name": "kernel.msgmax", "value": "1"}]),
    "root by the pod": (("securityContext", "runAsUser"), 0),
    "may be root": (("securityContext", "runAsNonRoot"), False),
    "nobody says not root": (("securityContext",), {"seccompProfile": {"type": "RuntimeDefault"}}),
    "no seccomp": (("securityContext",), {"runAsNonRoot": True}),
    "unconfined": (("securityContext", "seccompProfile"), {"type": "Unconfined"}),
    "selinux": (("securityContext", "seLinuxOptions"), {"type": "spc_t"}),
    "app armor": (("containers", 0, "securityContext", "appArmorProfile"), {"type": "Unconfined"}),
    "windows host process": (("securityContext", "windowsOptions"), {"hostProcess": True}),
    "no context": (("containers", 0, "securityContext"), {}),
    "escalation": (("containers", 0, "securityContext", "allowPrivilegeEscalation"), True),
    "privileged": (("containers", 0, "securityContext", "privileged"), True),
    "capabilities kept": (("containers", 0, "securityContext", "capabilities"), {"drop": ["NET_RAW"]}),
    "capabilities added": (
        ("containers", 0, "securityContext", "capabilities"),
        {"drop": ["ALL"], "add": ["SYS_ADMIN"]},
    ),
    "container overrules the pod": (("containers", 0, "securityContext", "runAsNonRoot"), False),
    "root by the container": (("containers", 0, "securityContext", "runAsUser"), 0),
    "unmasked proc": (("containers", 0, "securityContext", "procMount"), "Unmasked"),
    "port of the host": (("containers", 0, "ports"), [{"containerPort": 80, "hostPort": 80}]),
    "init container": (("initContainers",), [{"name": "first"}]),
}


class TestTheChecker:
    def test_lets_a_pod_through_that_meets_the_standard(self) -> None:
        """The pod that all others below differ from is good."""
        assert violations(GOOD) == []

    @pytest.mark.parametrize(("path", "replacement"), BAD.values(), ids=BAD.keys())
    def test_finds_what_is_wrong(self, path: tuple[str | int, ...], replacement: object) -> None:
        """One part replaced by one that the standard forbids is found."""
        spec = deepcopy(GOOD)
        place: Any = spec
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = replacement
        assert violations(spec) != []


class TestEveryPod:
    @pytest.mark.parametrize(("name", "executor"), CASES)
    def test_of_a_shipped_environment_meets_restricted(self, render: Render, name: str, executor: str) -> None:
        """Whatever runs tasks: pods of the release and the pod of a task are let into the namespace."""
        templates = render(name, executor=executor).templates
        assert len(templates) >= 6
        assert {workload: found for workload, pod in templates.items() if (found := violations(pod["spec"]))} == {}

    def test_meets_it_with_everything_switched_on(self, render: Render) -> None:
        """The job that prunes the database, git credentials and an own image change nothing about it."""
        templates = render("dev", executor="CeleryExecutor,KubernetesExecutor", **EVERYTHING).templates
        assert {"task", "airflow-database-cleanup"} < templates.keys()
        assert {workload: found for workload, pod in templates.items() if (found := violations(pod["spec"]))} == {}
