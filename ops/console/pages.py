"""Where the documents say more of what went wrong: each place once, by its path in the checkout."""

from __future__ import annotations

from enum import StrEnum


class Page(StrEnum):
    """A page of the documents, or a place in one; errors, checks and reports name it."""

    CERTIFICATE = "docs/web.md#certificate-renewal"
    CHARTS = "docs/upgrades.md#upgrade-of-the-charts"
    CREDENTIALS = "docs/first-deploy.md#2-credentials"
    DELIVERY = "docs/delivery.md"
    DESTROY_REFUSED = "docs/destroy.md#when-it-refuses"
    DESTROY_STOPPED = "docs/destroy.md#when-it-stops"
    FERNET = "docs/secrets.md#fernet-keys"
    FILL_IN = "docs/first-deploy.md#1-fill-in-the-file"
    IMAGE = "docs/airflow.md#an-image-of-your-own"
    INTERRUPTED = "docs/recovery.md#an-interrupted-deploy"
    KUBERNETES = "docs/upgrades.md#upgrade-of-kubernetes"
    KUBERNETES_BACK = "docs/upgrades.md#back-to-the-version-before"
    LOCAL_ADMIN = "docs/sign-in.md#what-if-the-provider-is-away"
    LOCK = "docs/recovery.md#a-lost-lock"
    LOST_STATE = "docs/recovery.md#a-lost-state"
    MESSAGES = "docs/troubleshooting.md"
    NODE_POOLS = "docs/scaling.md#can-there-be-as-many-nodes-as-there-are-pods-for"
    OPENTOFU = "docs/opentofu.md"
    PARAMETERS = "docs/database.md#parameters-of-the-database"
    PREFLIGHT = "docs/deploy.md#preflight"
    PRIVATE_ENDPOINT = "docs/network.md#a-private-api-endpoint"
    PROVIDER = "docs/upgrades.md#another-version-of-a-provider"
    PROVIDER_VERSIONS = "docs/environment-file.md#provider-versions"
    RECOVER = "docs/recovery.md#what-recover-does"
    REDIS_VOLUME = "docs/nodes.md#a-larger-redis-volume"
    ROOM = "docs/scaling.md#does-it-fit"
    SCHEDULED_SECRET = "docs/troubleshooting.md#a-secret-is-scheduled-for-deletion"  # noqa: S105  # a place
    STATE = "docs/first-deploy.md#state"
    UNWRITTEN_STATE = "docs/recovery.md#a-state-that-could-not-be-written"
