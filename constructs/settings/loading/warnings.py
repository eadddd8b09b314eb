"""What an environment file may say, and what its user should know about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from constructs.settings.environment import Environment
from constructs.settings.loading.versions import version_warnings
from constructs.settings.sections.airflow.airflow import AirflowSettings
from constructs.settings.sections.database import DatabaseSettings

#: EKS replaces a node by force when its pods have not left it after 15 minutes.
NODE_DRAIN_SECONDS = 900


def warnings(environment: Environment, today: date) -> list[str]:
    """Return a sentence for each legal setting that may surprise, its key first; `today` is what versions age by."""
    airflow = environment.airflow
    return [
        *version_warnings(environment, today),
        *_of_the_image(airflow),
        *_of_the_pods(airflow),
        *_without_effect(airflow),
        *_of_the_alarms(environment.database),
    ]


def _of_the_image(airflow: AirflowSettings) -> Iterator[str]:
    image = airflow.image
    if image and image.named_versions and airflow.version not in image.named_versions:
        yield (
            f"airflow.image.tag: {image.tag} says {image.named_versions[0]}, and airflow.version {airflow.version}, "
            "which the release is made for; write there what the image is built from"
        )
    elif image and image.tag and not image.named_versions and "version" not in airflow.model_fields_set:
        yield (
            f"airflow.image.tag: {image.tag} does not say which Airflow the image holds; write airflow.version, which "
            f"the release is made for, beside it, if it is not {airflow.version}, too"
        )
    if image and image.tag == "latest":
        yield (
            "airflow.image.tag: latest means another image after each build, and no pod restarts for it; take a tag "
            "that is written once, or a digest"
        )


def _of_the_pods(airflow: AirflowSettings) -> Iterator[str]:
    for key, workers in airflow.celery_workers.items():
        grace = workers.termination_grace_seconds
        if workers.replicas and grace > NODE_DRAIN_SECONDS:
            yield (
                f"{key}.termination_grace_seconds: {grace} is more than the {NODE_DRAIN_SECONDS} that EKS gives a node "
                "when it updates or repairs it; tasks that run longer are lost then"
            )
    if airflow.uses_kubernetes and airflow.task_egress != "any":
        yield (
            "airflow.task_egress: it does not bind the pods of the KubernetesExecutor; EKS applies network policies "
            "only to pods that belong to a Deployment, StatefulSet or the like"
        )


def _of_the_alarms(database: DatabaseSettings) -> Iterator[str]:
    if not database.alarms_are_told:
        yield (
            "database.alarm_emails: nobody is told of the database's alarms (storage, memory, CPU, connections); write "
            "addresses, or [] if that is meant"
        )


def _without_effect(airflow: AirflowSettings) -> Iterator[str]:
    used = {"workers": airflow.uses_celery, "redis": airflow.uses_celery, "task_pod": airflow.uses_kubernetes}
    for component, is_there in used.items():
        if not is_there and component in airflow.components.model_fields_set:
            yield f"airflow.components.{component}: it has no effect with the executor {airflow.executor}"
    if airflow.workers and not airflow.uses_celery:
        yield f"airflow.workers: it has no effect with the executor {airflow.executor}"
    if airflow.task_pods and not airflow.uses_kubernetes:
        yield f"airflow.task_pods: it has no effect with the executor {airflow.executor}"
