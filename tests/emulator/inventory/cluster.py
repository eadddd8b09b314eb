"""EKS: clusters and what goes with them."""

from collections.abc import Iterator

from tests.emulator.services.eks.state import REGIONS, Cluster


def lines(account_id: str) -> Iterator[str]:
    """Yields a line per EKS resource."""
    for (account, region), eks in REGIONS.items():
        if account == account_id:
            for cluster in eks.clusters.values():
                for line in _cluster(cluster):
                    yield f"{region} eks:{line}"


def _cluster(cluster: Cluster) -> Iterator[str]:
    yield f"cluster {cluster.name} {cluster.version}"
    for name, group in cluster.node_groups.items():
        yield f"nodegroup {cluster.name}/{name} {group['version']} {group['status']}"
    for name, addon in cluster.addons.items():
        yield f"addon {cluster.name}/{name} {addon['addonVersion']} {addon['status']}"
    for principal, entry in cluster.access_entries.items():
        yield f"access-entry {cluster.name} {principal} {entry['type']}"
        for policy in cluster.access_policies[principal]:
            yield f"access-policy {cluster.name} {principal} {policy.rsplit('/', 1)[1]}"
    for association in cluster.pod_identities.values():
        account = f"{association['namespace']}/{association['serviceAccount']}"
        yield f"pod-identity-association {cluster.name} {account} {association['roleArn']}"
