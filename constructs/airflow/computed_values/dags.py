"""Values of git-sync, which fetches the DAGs, or of none."""

from __future__ import annotations

from typing import Any

from constructs.airflow.secrets import secret_names
from constructs.settings.sections.airflow.dags import DagsSettings

#: For so long git-sync tries again by itself; then its container ends, and Kubernetes starts it anew, ever less often.
GIVE_UP_AFTER_SECONDS = 300


def dags_values(dags: DagsSettings) -> dict[str, Any]:
    """Return the repository, what of it is deployed, and how git-sync gets in; that nothing is fetched, for an image.

    Without git-sync and without a volume the chart leaves `[core] dags_folder` at the image's own folder.
    """
    if not dags.uses_git_sync:
        return {"persistence": {"enabled": False}, "gitSync": {"enabled": False}}
    period = dags.sync_period_seconds
    return {
        "persistence": {"enabled": False},
        "gitSync": {
            "enabled": True,
            "repo": dags.url,
            "subPath": dags.sub_path,
            "period": f"{period}s",
            "maxFailures": max(1, GIVE_UP_AFTER_SECONDS // period),
            **_reference(dags),
            **_access(dags),
        },
    }


def _reference(dags: DagsSettings) -> dict[str, str]:
    """Return what to deploy, in the one combination for each kind that git-sync 4 obeys.

    The chart passes both the names of git-sync 3 (`branch`, `rev`) and of 4 (`ref`), and the old ones win: a branch
    where `rev` is empty or HEAD, else `rev`. With a branch and another `rev` git-sync 4.4 refuses to start, so the
    branch has to be empty there (the chart's default is one of Airflow's own).
    """
    if dags.tag or dags.commit:
        return {"branch": "", "rev": dags.reference, "ref": dags.reference}
    return {"branch": dags.reference, "rev": "HEAD", "ref": dags.reference}


def _access(dags: DagsSettings) -> dict[str, str]:
    if dags.uses_ssh and dags.known_hosts:
        return {"sshKeySecret": secret_names.GIT, "knownHosts": dags.known_hosts}
    return {"credentialsSecret": secret_names.GIT} if dags.token_secret_name else {}
