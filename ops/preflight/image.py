"""An image of one's own: whether it is in ECR, and for the processors of the nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from constructs.capacity.placement import placed
from constructs.capacity.pools import pools_of
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.image import ImageSettings

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError, UnreachableError
from ops.preflight.check import Check, ok, problem, unknown

SUBJECT = "image"
SECONDS = 15

_ECR = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(.+)")
#: Docker's and OCI's: a list of images, one for each platform, or one image.
_LISTS = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_ONE = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
#: Components of images that are the chart's, not Airflow's.
_OTHER_IMAGES = frozenset({"pgbouncer", "redis", "statsd"})
#: As Go, and with it every registry, calls the processors of EC2.
_PLATFORMS = {"x86_64": "amd64", "arm64": "arm64"}


def check_image(environment: Environment, aws: Aws) -> Iterator[Check]:
    """Whether the nodes can pull and run the image; nothing where it is Airflow's own."""
    image = environment.airflow.own_image
    if image is None:
        return
    found = _ECR.fullmatch(image.repository)
    if not found:
        yield unknown(SUBJECT, f"{image.reference} is not in ECR: whether it is there is not asked")
        return
    registry, region, repository = found.groups()
    try:
        has = _architectures(image, aws.client("ecr", region), registry, repository)
    except NotFoundError:
        yield problem(
            SUBJECT,
            f"there is no {image.reference} in ECR: no pod would start",
            "deploy without tag and digest first, which makes the repository; push the image, then write it"
            if image.is_managed
            else "push it, or correct airflow.image",
        )
        return
    named = {each.place for name, each in placed(environment.airflow).items() if name not in _OTHER_IMAGES}
    wanted = {
        name: _PLATFORMS[group.architecture]
        for name, group in environment.cluster.node_groups.items()
        # Of the others, those without taints: the database job runs anywhere there.
        if name in named or not group.repels_pods
    } | {
        f"{pool.name}, {processors}": _PLATFORMS[processors]
        for pool in pools_of(environment.cluster)
        if pool.name in named or not pool.settings.repels_pods
        for processors in pool.architectures
    }
    yield judge(image.reference, has, wanted)


def judge(reference: str, has: frozenset[str], wanted: Mapping[str, str]) -> Check:
    """What an image for these platforms is worth for node groups, given by name with theirs."""
    missing = {name: platform for name, platform in wanted.items() if platform not in has}
    platforms = ", ".join(sorted(has)) or "no platform"
    if not missing:
        return ok(SUBJECT, f"{reference} for {platforms}")
    groups = ", ".join(f"{name} ({platform})" for name, platform in sorted(missing.items()))
    build = ",".join(f"linux/{platform}" for platform in sorted(set(wanted.values())))
    return problem(
        SUBJECT,
        f"{reference} is for {platforms}, and cannot run on the nodes of {groups}: exec format error",
        f"build it for the nodes: docker buildx build --platform {build} --push; or choose other instance_types",
    )


def _architectures(image: ImageSettings, ecr: Any, registry: str, repository: str) -> frozenset[str]:
    """`amd64`, `arm64`, ...: what the image, or each image of a list, is for."""
    identifier = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    with readable(f"look at the image {image.reference}"):
        answer = ecr.batch_get_image(
            registryId=registry,
            repositoryName=repository,
            imageIds=[identifier],
            acceptedMediaTypes=[*_LISTS, *_ONE],
        )
    if not answer["images"]:
        raise NotFoundError(f"ECR has no {image.reference}.")
    manifest = json.loads(answer["images"][0]["imageManifest"])
    if "manifests" in manifest:
        # Attestations of a build stand beside the images, for a platform `unknown`.
        platforms = (each.get("platform", {}).get("architecture") for each in manifest["manifests"])
        return frozenset(map(str, platforms)) - {"unknown", "None"}
    with readable(f"look at the configuration of {image.reference}"):
        place = ecr.get_download_url_for_layer(
            registryId=registry, repositoryName=repository, layerDigest=manifest["config"]["digest"]
        )
    return frozenset({str(_read(place["downloadUrl"])["architecture"])})


def _read(url: str) -> Any:
    """The JSON at a signed address of S3, which is as good as a password and in no message.

    Raises:
        UnreachableError: S3 doesn't give it.
    """
    session = URLLib3Session(proxies=get_environ_proxies(url), timeout=SECONDS)
    try:
        answer = session.send(AWSRequest(method="GET", url=url).prepare())
        return json.loads(answer.content)
    except (BotoCoreError, ValueError):
        raise UnreachableError("S3 does not give the image's configuration, which says what it is for.") from None
