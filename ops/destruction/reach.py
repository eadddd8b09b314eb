"""Whether what Terraform would destroy in the cluster is reached: said before, as Terraform says it less well."""

from __future__ import annotations

from ops.console.errors import ClusterUnreachableError
from ops.environment.operated import STACKS
from ops.frame.session import Session
from ops.stack_clients.kubernetes import Kubernetes, connect
from ops.state.reading import read_state


def require_cluster(session: Session) -> Kubernetes | None:
    """Return the cluster, which answers us; None where the state of `infrastructure` knows none.

    Raises:
        OperationError: it doesn't answer, or doesn't let us in; says what to do.
    """
    operated = session.operated
    below = read_state(operated, STACKS[0], session.aws)
    if not below.knows_cluster:
        return None
    try:
        kubernetes = connect(below, operated.environment.region, operated.environ)
        kubernetes.helm_revisions(operated.environment.airflow.namespace)
    except ClusterUnreachableError as error:
        raise ClusterUnreachableError(
            f"{error.message}. Nothing was destroyed.",
            fix=f"{error.fix}; if the cluster is gone for good: python -m ops destroy --abandon-platform",
        ) from error
    return kubernetes
