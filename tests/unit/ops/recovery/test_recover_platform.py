"""What `recover` finds in a cluster, on a small stand-in for the Kubernetes API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from constructs.checks.synthesized import SynthesizedStack

from ops.recovery.finding import Finding, Repair
from ops.recovery.platform import Inspection
from ops.stack_clients.kubernetes import Kubernetes

LABELS = {"app.kubernetes.io/managed-by": "cdktf", "app.kubernetes.io/part-of": "airflow-dev"}
SECRETS = "/api/v1/namespaces/airflow/secrets"
JOB = "/apis/batch/v1/namespaces/airflow/jobs/airflow-database"

_NAMESPACE = "${kubernetes_namespace_v1.airflow.metadata[0].name}"
STACK = SynthesizedStack(
    "platform",
    json.dumps(
        {
            "resource": {
                "kubernetes_namespace_v1": {"airflow": {"metadata": {"name": "airflow"}}},
                "kubernetes_secret_v1": {"jwt": {"metadata": {"name": "airflow-ext-jwt", "namespace": _NAMESPACE}}},
                "kubernetes_job_v1": {"database": {"metadata": {"name": "airflow-database", "namespace": _NAMESPACE}}},
                "helm_release": {"airflow": {"name": "airflow", "namespace": _NAMESPACE}},
            }
        }
    ),
)


class Api:
    """Objects by their path; collections of secrets are answered from what is below them."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.accepted: dict[str, str] = {}

    def put(self, path: str, *, labels: dict[str, str] | None = None, **content: Any) -> None:
        """Have an object at a path."""
        metadata = {"name": path.rpartition("/")[2], "labels": LABELS if labels is None else labels}
        self.objects[path] = {"metadata": metadata, **content}

    def revision(self, number: int, status: str) -> None:
        """Have a revision of the release as Helm keeps it."""
        labels = {"owner": "helm", "name": "airflow", "version": str(number), "status": status}
        self.put(f"{SECRETS}/sh.helm.release.v1.airflow.v{number}", labels=labels)

    def answer(self, path: str, selector: str) -> Any:
        """The object at a path, or the list below it; None where there is nothing."""
        if path != SECRETS:
            return self.objects.get(path)
        wanted = [part.partition("=")[::2] for part in selector.split(",") if part]
        below = [item for where, item in self.objects.items() if where.startswith(f"{SECRETS}/")]
        return {"items": [i for i in below if all(i["metadata"]["labels"].get(key) == text for key, text in wanted)]}


@pytest.fixture
def api() -> Api:
    """A cluster that is empty."""
    return Api()


@pytest.fixture
def kubernetes(api: Api) -> Iterator[Kubernetes]:
    """A client of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            asked = urlparse(self.path)
            api.accepted[asked.path] = self.headers["Accept"]
            found = api.answer(asked.path, parse_qs(asked.query).get("labelSelector", [""])[0])
            body = json.dumps(found or {"message": "not found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Kubernetes(f"http://127.0.0.1:{server.server_port}", "", "token")
        server.shutdown()


def find(kubernetes: Kubernetes, recorded: set[str] = frozenset(), tainted: set[str] = frozenset()) -> list[Finding]:  # type: ignore[assignment]
    """What is found where the state knows some addresses."""
    return Inspection(
        stack=STACK, recorded=frozenset(recorded), tainted=frozenset(tainted), kubernetes=kubernetes, labels=LABELS
    ).findings()


class TestPlatform:
    def test_an_empty_cluster(self, kubernetes: Kubernetes) -> None:
        """Nothing is found where nothing is."""
        assert find(kubernetes) == []

    def test_a_namespace_that_no_state_knows_is_imported(self, api: Api, kubernetes: Kubernetes) -> None:
        """An object under the declared name with our labels is imported by that name."""
        api.put("/api/v1/namespaces/airflow")
        [found] = find(kubernetes)
        assert (found.what, found.identifier) == ("kubernetes_namespace_v1.airflow", "airflow")
        assert found.repair is Repair.IMPORT
        assert find(kubernetes, {"kubernetes_namespace_v1.airflow"}) == []

    def test_somebody_elses_object_is_left_alone(self, api: Api, kubernetes: Kubernetes) -> None:
        """Without this environment's labels an object of the name is for people to decide about."""
        api.put("/api/v1/namespaces/airflow", labels={**LABELS, "app.kubernetes.io/part-of": "airflow-prod"})
        assert [found.repair for found in find(kubernetes)] == [Repair.DECIDE]

    def test_a_secret_is_deleted_and_never_imported(self, api: Api, kubernetes: Kubernetes) -> None:
        """An import would put the value into the state: the secret goes, and the next deploy writes it anew."""
        api.put(f"{SECRETS}/airflow-ext-jwt", data={"jwt-secret": "c2VjcmV0"})
        [found] = find(kubernetes)
        assert (found.identifier, found.repair) == ("airflow/airflow-ext-jwt", Repair.DELETE)
        assert "c2VjcmV0" not in str(found.document())

    def test_a_pending_revision_is_deleted(self, api: Api, kubernetes: Kubernetes) -> None:
        """The secret of the revision that Helm was stopped in goes; the one before it stays."""
        api.revision(1, "deployed")
        api.revision(2, "pending-upgrade")
        [found] = find(kubernetes, {"helm_release.airflow"})
        assert (found.identifier, found.repair) == ("airflow/sh.helm.release.v1.airflow.v2", Repair.DELETE)

    def test_a_release_that_no_state_knows_is_imported(self, api: Api, kubernetes: Kubernetes) -> None:
        """A complete release is imported by namespace and name."""
        api.revision(1, "deployed")
        [found] = find(kubernetes)
        assert (found.identifier, found.repair) == ("airflow/airflow", Repair.IMPORT)

    @pytest.mark.parametrize(("tainted", "repair"), [(True, Repair.REPLACE), (False, Repair.DELETE)])
    def test_a_failed_job_runs_again(self, api: Api, kubernetes: Kubernetes, *, tainted: bool, repair: Repair) -> None:
        """Its reason is told; Terraform replaces it where it knows it, else it is deleted first."""
        conditions = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]
        api.put(JOB, status={"conditions": conditions})
        known = {"kubernetes_job_v1.database"} if tainted else set()
        [found] = find(kubernetes, known, known)
        assert found.repair is repair
        assert "BackoffLimitExceeded" in found.evidence

    def test_somebody_elses_job_is_left_alone(self, api: Api, kubernetes: Kubernetes) -> None:
        """A job of the declared name without our labels is never deleted, though it has ended."""
        api.put(JOB, labels={}, status={"conditions": [{"type": "Complete", "status": "True"}]})
        [found] = find(kubernetes)
        assert (found.repair, found.what) == (Repair.DECIDE, "kubernetes_job_v1.database")

    def test_no_value_of_a_secret_is_asked_for(self, api: Api, kubernetes: Kubernetes) -> None:
        """Of secrets, ours and Helm's, the API is asked for the metadata alone."""
        api.put(f"{SECRETS}/airflow-ext-jwt")
        api.revision(1, "deployed")
        find(kubernetes)
        assert api.accepted[f"{SECRETS}/airflow-ext-jwt"].startswith("application/json;as=PartialObjectMetadata;")
        assert api.accepted[SECRETS].startswith("application/json;as=PartialObjectMetadataList;")

    def test_a_job_at_work_is_left_alone(self, api: Api, kubernetes: Kubernetes) -> None:
        """A migration that runs is waited for by people, never deleted."""
        api.put(JOB, status={"active": 1})
        assert [found.repair for found in find(kubernetes)] == [Repair.DECIDE]
