"""Whether an image of one's own is in ECR, and runs on the nodes; the registry is the emulated one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.sections.airflow.components import ComponentsSettings
from constructs.settings.sections.airflow.image import ImageSettings
from constructs.settings.sections.node_groups import NodeGroupSettings, TaintSettings

from ops.clients.aws import Aws
from ops.console.errors import UnreachableError
from ops.preflight.check import Check, Result
from ops.preflight.image import check_image
from programs.own_tools import ROOT
from tests.emulator import Emulator
from tests.unit.ops.conftest import TrialAccount

REGION = "eu-west-1"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def registry(account: TrialAccount) -> Any:
    """The emulated ECR; its repository `airflow` is there."""
    ecr = account.client("ecr")
    # Tests of others have repositories in the same account.
    if "airflow" not in {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}:
        ecr.create_repository(repositoryName="airflow")
    return ecr


@pytest.fixture
def configuration() -> Iterator[str]:
    """Where an image's configuration is downloaded from: that of an image for amd64."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"architecture": "amd64", "os": "linux"}')

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/blob?signature=s3cr3t"
        server.shutdown()


def pushed(ecr: Any, tag: str, *architectures: str) -> None:
    """An image for several platforms, with the attestation that buildx writes beside them."""
    platforms = [*architectures, "unknown"]
    manifests = [
        {"mediaType": MANIFEST, "digest": DIGEST, "size": 1, "platform": {"architecture": name, "os": "linux"}}
        for name in platforms
    ]
    text = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": {"tag": tag}})
    ecr.put_image(repositoryName="airflow", imageManifest=text, imageManifestMediaType=INDEX, imageTag=tag)


def pushed_alone(ecr: Any, tag: str) -> None:
    """An image for one platform, which its configuration tells."""
    content = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": DIGEST, "size": 1}, "layers": []}
    ecr.put_image(
        repositoryName="airflow", imageManifest=json.dumps(content), imageManifestMediaType=MANIFEST, imageTag=tag
    )


def checks(
    ecr: Any,
    aws: Emulator,
    image: ImageSettings | None,
    components: ComponentsSettings | None = None,
    **groups: NodeGroupSettings,
) -> list[Check]:
    """What is said of dev with that image, those components and those node groups."""
    environment: Environment = load_environment(ROOT / "environments" / "dev.yaml")
    cluster = environment.cluster.model_copy(update={"node_groups": groups or environment.cluster.node_groups})
    changes = {"image": image, "components": components or environment.airflow.components}
    airflow = environment.airflow.model_copy(update=changes)
    changed = environment.model_copy(update={"airflow": airflow, "cluster": cluster})
    return list(check_image(changed, Aws(REGION, aws.account_id, {("ecr", REGION): ecr})))


def in_ecr(aws: Emulator, tag: str, repository: str = "airflow") -> ImageSettings:
    """An image of the account's registry."""
    name = f"{aws.account_id}.dkr.ecr.{REGION}.amazonaws.com/{repository}"
    return ImageSettings.model_construct(repository=name, tag=tag, digest=None)


INTEL = NodeGroupSettings(instance_types=("m7i.large",))
GRAVITON = NodeGroupSettings(instance_types=("m7g.large",))


class TestImage:
    def test_airflows_own(self, registry: Any, aws: Emulator) -> None:
        """It is there for every processor: no line, and nothing is asked."""
        assert checks(registry, aws, None) == []

    def test_for_all_nodes(self, registry: Any, aws: Emulator) -> None:
        """One image for both processors runs on every group."""
        pushed(registry, "both", "amd64", "arm64")
        [check] = checks(registry, aws, in_ecr(aws, "both"), graviton=GRAVITON, intel=INTEL)
        assert check.result is Result.OK
        assert check.detail.endswith("/airflow:both for amd64, arm64")

    def test_for_other_processors(self, registry: Any, aws: Emulator) -> None:
        """An image that the nodes can't run is a problem, with the groups and the build that fits."""
        pushed(registry, "intel", "amd64")
        [check] = checks(registry, aws, in_ecr(aws, "intel"), graviton=GRAVITON, intel=INTEL)
        assert check.result is Result.PROBLEM
        assert "is for amd64, and cannot run on the nodes of graviton (arm64)" in check.detail
        assert "docker buildx build --platform linux/amd64,linux/arm64" in check.fix

    def test_nodes_that_keep_pods_off_do_not_count(self, registry: Any, aws: Emulator) -> None:
        """A tainted group is for pods of somebody else."""
        pushed(registry, "amd", "amd64")
        taint = TaintSettings(key="team", value="x", effect="NO_SCHEDULE")
        other = NodeGroupSettings(instance_types=("m7g.large",), taints=(taint,))
        [check] = checks(registry, aws, in_ecr(aws, "amd"), intel=INTEL, other=other)
        assert check.result is Result.OK

    @pytest.mark.parametrize(
        ("component", "result"), [("workers", Result.PROBLEM), ("triggerer", Result.PROBLEM), ("redis", Result.OK)]
    )
    def test_nodes_that_a_component_names_do(
        self, registry: Any, aws: Emulator, component: str, result: Result
    ) -> None:
        """The taint lets its pods in; redis is of another image, which is there for every processor."""
        pushed(registry, f"for-{component}", "amd64")
        taint = TaintSettings(key="team", value="x", effect="NO_SCHEDULE")
        other = NodeGroupSettings(instance_types=("m7g.large",), taints=(taint,))
        components = ComponentsSettings.model_validate({component: {"node_group": "other"}})
        [check] = checks(registry, aws, in_ecr(aws, f"for-{component}"), components, intel=INTEL, other=other)
        assert check.result is result

    def test_for_one_platform(
        self, registry: Any, aws: Emulator, configuration: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a plain image is for stands in its configuration, which ECR keeps in S3."""
        pushed_alone(registry, "plain")
        monkeypatch.setattr(registry, "get_download_url_for_layer", lambda **_: {"downloadUrl": configuration})
        [check] = checks(registry, aws, in_ecr(aws, "plain"), graviton=GRAVITON)
        assert check.result is Result.PROBLEM
        assert "is for amd64" in check.detail

    def test_a_configuration_that_is_not_reached(
        self, registry: Any, aws: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it is for is not known then; the signed address is in no message."""
        pushed_alone(registry, "far")
        place = {"downloadUrl": "http://127.0.0.1:1/blob?signature=s3cr3t"}
        monkeypatch.setattr(registry, "get_download_url_for_layer", lambda **_: place)
        with pytest.raises(UnreachableError, match="S3 does not give") as caught:
            checks(registry, aws, in_ecr(aws, "far"))
        assert "s3cr3t" not in str(caught.value)

    @pytest.mark.parametrize(("tag", "repository"), [("none", "airflow"), ("1", "nowhere")], ids=["tag", "repository"])
    def test_not_there(self, registry: Any, aws: Emulator, tag: str, repository: str) -> None:
        """Without image or repository no pod would start."""
        [check] = checks(registry, aws, in_ecr(aws, tag, repository))
        assert check.result is Result.PROBLEM
        assert f"/{repository}:{tag} in ECR: no pod would start" in check.detail
        assert check.fix == "push it, or correct airflow.image"

    def test_elsewhere(self, registry: Any, aws: Emulator) -> None:
        """Other registries aren't asked, which is said, and never called ok."""
        image = ImageSettings.model_construct(repository="ghcr.io/acme/airflow", tag="1", digest=None)
        [check] = checks(registry, aws, image)
        assert check.result is Result.UNKNOWN
        assert check.detail == "ghcr.io/acme/airflow:1 is not in ECR: whether it is there is not asked"
