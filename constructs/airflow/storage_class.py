"""The class of the cluster's volumes."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.storage_class_v1 import StorageClassV1
from constructs.naming.component import Component, Scope

#: What the class is called in the cluster.
NAME = "gp3"


class StorageClass(Component):
    """The cluster's default class: encrypted gp3 volumes of EBS, made in the zone of the pod that asks, expandable.

    They are encrypted with the key at `kms_key_arn`, which the CSI driver's role has to be let use, or with the
    account's default one. A volume goes with its claim. It carries the environment's constant tags and the class's
    address, so that one that is left behind can be found. The user's come from the driver's own configuration
    (`Addons`): Kubernetes replaces a class to change its parameters.
    """

    def __init__(self, scope: Scope, id_: str, kms_key_arn: str | None = None) -> None:
        super().__init__(scope, id_)
        tags = {**self.labels.constant_tags, "Address": f"kubernetes_storage_class_v1.{NAME}"}
        storage_class = self.add(
            StorageClassV1,
            NAME,
            metadata={
                "name": NAME,
                "labels": self.labels.kubernetes,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            storage_provisioner="ebs.csi.aws.com",
            reclaim_policy="Delete",
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            parameters={
                "type": "gp3",
                "encrypted": "true",
                **({"kmsKeyId": kms_key_arn} if kms_key_arn else {}),
                **{f"tagSpecification_{n}": f"{key}={value}" for n, (key, value) in enumerate(tags.items(), start=1)},
            },
        )
        self.resource: ITerraformDependable = storage_class
        self.name: str = storage_class.metadata.name
        """A reference: whatever names it is made after the class."""
