"""Permissions of the EBS CSI driver on a KMS key of the user's."""

from __future__ import annotations

from constructs.identity.policy import Statement
from constructs.naming.names import Names


def statements(names: Names, key_arn: str) -> list[Statement]:
    """What making and attaching volumes under the key needs, and through EC2 alone.

    After the driver's installation guide ("Encrypted EBS Volumes via KMS") and the EBS user guide ("Requirements for
    Amazon EBS encryption"): AWS's policy for the driver has nothing of KMS, as AWS's own key needs nothing.
    """
    through = {"kms:ViaService": f"ec2.{names.region}.amazonaws.com"}
    return [
        Statement(
            sid="EncryptVolumes",
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"],
            resources=[key_arn],
            conditions={"StringEquals": through},
        ),
        # EC2 gets a grant for as long as a volume is attached.
        Statement(
            sid="LetEc2UseTheKey",
            actions=["kms:CreateGrant"],
            resources=[key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}, "StringEquals": through},
        ),
    ]
