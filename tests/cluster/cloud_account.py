"""What a cluster's controllers make in the AWS account, by itself and in no state: volumes and load balancers."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.emulator import Emulator
from tests.terraform.account import client


class CloudAccount:
    """The account of a cluster; everything is tagged as EKS's EBS driver and the load balancer controller do it."""

    def __init__(self, aws: Emulator, cluster: str) -> None:
        self._ec2, self._elb, self._cluster = client(aws, "ec2"), client(aws, "elbv2"), cluster
        self._balancers: dict[str, str] = {}
        self.keep_volumes = False
        """True: the driver is busy, and deletes none for now."""

    def make_volume(self, claim: str, zone: str) -> str:
        """Return the ID of a new volume for a claim."""
        tags = {f"kubernetes.io/cluster/{self._cluster}": "owned", "kubernetes.io/created-for/pvc/name": claim}
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        specification = [{"ResourceType": "volume", "Tags": pairs}]
        made = self._ec2.create_volume(AvailabilityZone=zone, Size=1, TagSpecifications=specification)
        return str(made["VolumeId"])

    def delete_volume(self, number: str) -> bool:
        """Delete a volume, or find it gone, which is as good to the driver; False: not now."""
        if not self.keep_volumes:
            try:
                self._ec2.delete_volume(VolumeId=number)
            except ClientError as error:
                if error.response["Error"]["Code"] != "InvalidVolume.NotFound":
                    raise
        return not self.keep_volumes

    def make_balancer(self, name: str, subnets: list[str]) -> None:
        """Make the load balancer of an Ingress."""
        tags = [{"Key": "elbv2.k8s.aws/cluster", "Value": self._cluster}]
        [made] = self._elb.create_load_balancer(Name=name, Subnets=subnets, Type="application", Tags=tags)[
            "LoadBalancers"
        ]
        self._balancers[name] = made["LoadBalancerArn"]

    def delete_balancer(self, name: str) -> None:
        """Delete it."""
        self._elb.delete_load_balancer(LoadBalancerArn=self._balancers.pop(name))
