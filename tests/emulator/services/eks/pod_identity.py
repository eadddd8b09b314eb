"""EKS Pod Identity associations."""

import secrets

from tests.emulator.services.eks.state import (
    Cluster,
    Description,
    EksRegion,
    Parameters,
    in_use,
    invalid,
    invalid_request,
    not_found,
    now,
    operation,
)
from tests.emulator.services.references import require_trust

_PRINCIPAL = "pods.eks.amazonaws.com"


def put_association(
    region: EksRegion,
    cluster: Cluster,
    namespace: str,
    service_account: str,
    role_arn: str,
    *,
    owner: str | None = None,
    tags: dict[str, str] | None = None,
) -> Description:
    """Makes an association. Refused: a second one for the same service account, a role that pods cannot assume."""
    require_trust(region.account_id, role_arn, _PRINCIPAL, invalid)
    taken = {(other["namespace"], other["serviceAccount"]) for other in cluster.pod_identities.values()}
    if (namespace, service_account) in taken:
        in_use(f"Association already exists for {namespace}/{service_account}", clusterName=cluster.name)
    association_id, created = f"a-{secrets.token_hex(9)[:17]}", now()
    association: Description = {
        "clusterName": cluster.name,
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": role_arn,
        "associationArn": region.arn("podidentityassociation", cluster.name, association_id),
        "associationId": association_id,
        "createdAt": created,
        "modifiedAt": created,
        "tags": dict(tags or {}),
    }
    if owner:
        association["ownerArn"] = owner
    cluster.pod_identities[association_id] = association
    return association


def remove_association(cluster: Cluster, arn: str) -> None:
    """Removes an association by its ARN."""
    cluster.pod_identities.pop(arn.rsplit("/", 1)[1], None)


def _association(cluster: Cluster, parameters: Parameters) -> Description:
    association_id = parameters["associationId"]
    if association_id not in cluster.pod_identities:
        not_found(f"Association {association_id} not found", clusterName=cluster.name)
    return cluster.pod_identities[association_id]


def _refuse_owned(association: Description) -> None:
    if owner := association.get("ownerArn"):
        invalid_request(f"The association is managed by {owner} and can only be changed through it")


@operation("CreatePodIdentityAssociation")
def create_pod_identity_association(region: EksRegion, parameters: Parameters) -> Description:
    """Lets a service account assume a role."""
    cluster = region.cluster(parameters)
    association = put_association(
        region,
        cluster,
        parameters["namespace"],
        parameters["serviceAccount"],
        parameters["roleArn"],
        tags=parameters.get("tags"),
    )
    return {"association": association}


@operation("DescribePodIdentityAssociation")
def describe_pod_identity_association(region: EksRegion, parameters: Parameters) -> Description:
    """Describes an association."""
    return {"association": _association(region.cluster(parameters), parameters)}


@operation("ListPodIdentityAssociations")
def list_pod_identity_associations(region: EksRegion, parameters: Parameters) -> Description:
    """Lists associations, of one namespace or service account where asked, on one page."""
    return {
        "associations": [
            association
            for association in region.cluster(parameters).pod_identities.values()
            if parameters.get("namespace") in (None, association["namespace"])
            and parameters.get("serviceAccount") in (None, association["serviceAccount"])
        ]
    }


@operation("UpdatePodIdentityAssociation")
def update_pod_identity_association(region: EksRegion, parameters: Parameters) -> Description:
    """Changes the role of an association that no add-on owns."""
    association = _association(region.cluster(parameters), parameters)
    _refuse_owned(association)
    if role := parameters.get("roleArn"):
        require_trust(region.account_id, role, _PRINCIPAL, invalid)
        association["roleArn"] = role
    association["modifiedAt"] = now()
    return {"association": association}


@operation("DeletePodIdentityAssociation")
def delete_pod_identity_association(region: EksRegion, parameters: Parameters) -> Description:
    """Deletes an association that no add-on owns."""
    cluster = region.cluster(parameters)
    association = _association(cluster, parameters)
    _refuse_owned(association)
    remove_association(cluster, association["associationArn"])
    return {"association": association}
