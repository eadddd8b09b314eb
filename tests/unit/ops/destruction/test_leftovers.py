"""What a cluster leaves in AWS, and only its own."""

from __future__ import annotations

from ops.destruction.leftovers import Cluster, delete
from tests.unit.ops.conftest import TrialAccount


def create_volume(account: TrialAccount, cluster: str) -> str:
    """A volume as the CSI driver of a cluster makes it."""
    tags = {f"kubernetes.io/cluster/{cluster}": "owned", "kubernetes.io/created-for/pvc/name": "redis-db"}
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    created = account.client("ec2").create_volume(
        AvailabilityZone="eu-west-1a", Size=1, TagSpecifications=[{"ResourceType": "volume", "Tags": pairs}]
    )
    return str(created["VolumeId"])


class TestLeftovers:
    def test_an_account_without_any(self, account: TrialAccount) -> None:
        """Nothing is found where nothing is left."""
        assert Cluster(account.names, account.client).leftovers() == []

    def test_only_this_clusters_are_found_and_deleted(self, account: TrialAccount) -> None:
        """A volume of another cluster, and one whose name begins alike, stay."""
        own = create_volume(account, account.names.prefix)
        others = {create_volume(account, f"{account.names.prefix}-2"), create_volume(account, "other")}
        cluster = Cluster(account.names, account.client)
        [found] = cluster.leftovers()
        assert (found.kind, found.identifier, found.free) == ("volume", own, True)
        assert "redis-db" in found.evidence
        assert cluster.awaited() == [found]
        delete(found, account.client)
        assert cluster.leftovers() == []
        listed = account.client("ec2").describe_volumes()["Volumes"]
        assert others <= {volume["VolumeId"] for volume in listed}

    def test_a_log_group_that_came_again(self, account: TrialAccount) -> None:
        """EKS makes its log group again when a late line arrives: found by its name."""
        name = f"/aws/eks/{account.names.prefix}/cluster"
        account.client("logs").create_log_group(logGroupName=name)
        account.client("logs").create_log_group(logGroupName=f"/aws/eks/{account.names.prefix}-2/cluster")
        [found] = Cluster(account.names, account.client).leftovers()
        assert (found.kind, found.identifier) == ("log group", name)
