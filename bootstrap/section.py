"""The section `delivery` that all of this is made from."""

from __future__ import annotations

from constructs.settings.environment import Environment
from constructs.settings.sections.delivery import DeliverySettings


class NotDeliveredError(Exception):
    """The environment file has no section delivery; the message says what to do."""


def section(environment: Environment) -> DeliverySettings:
    """Return the section.

    Raises:
        NotDeliveredError: the file has none.
    """
    if environment.delivery is None:
        raise NotDeliveredError(
            f"The environment {environment.name} has no section delivery, which says whose workflows deploy it.\n"
            "Fix: add it to the environment file, with the state in S3 (docs/bootstrap.md):\n"
            "  delivery:\n    repository: OWNER/NAME\n  state:\n    backend: s3\n    bucket: NAME-OF-A-NEW-BUCKET"
        )
    return environment.delivery
