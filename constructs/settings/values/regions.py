"""AWS regions, their partitions and their zones."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.shapes import closest, fitting, mistake
from pydantic import PlainValidator, WithJsonSchema

#: Regions of the partition `aws`, from botocore's endpoints.json (a test compares the two).
COMMERCIAL_REGIONS = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
    *("ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1"),
    *("eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1"),
    *("me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
#: Characters of a region's or a zone's name; the longest has 16.
LONGEST = 40
#: Regions of other partitions are recognised by their shape: few people have them and they are seldom new.
OTHER_PARTITIONS = {"aws-cn": r"cn-[a-z]+-[1-9]", "aws-us-gov": r"us-gov-[a-z]+-[1-9]"}
REGION_PATTERN = "|".join((*COMMERCIAL_REGIONS, *OTHER_PARTITIONS.values()))


def partition_of(region: str) -> str:
    """Return the partition of a region, as its ARNs name it: `aws`, `aws-cn` or `aws-us-gov`."""
    for partition, pattern in OTHER_PARTITIONS.items():
        if fitting(pattern, region, LONGEST):
            return partition
    return "aws"


def _check_region(value: object) -> str:
    if isinstance(value, str) and fitting(REGION_PATTERN, value, LONGEST):
        return value
    nearest = closest(value, COMMERCIAL_REGIONS) if isinstance(value, str) else None
    raise mistake(
        allowed="the name of an AWS region, such as eu-west-1",
        fix=f"did you mean {nearest}?" if nearest else "write a region's name: aws ec2 describe-regions lists them",
        note="no region",
    )


RegionName = Annotated[
    str,
    PlainValidator(_check_region, json_schema_input_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"enum": list(COMMERCIAL_REGIONS)}, {"pattern": f"^(?:{'|'.join(OTHER_PARTITIONS.values())})$"}],
        }
    ),
]
