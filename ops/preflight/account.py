"""The account: who calls, where, and what is allowed there."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.settings.environment import Environment
from constructs.settings.loading.placeholders import placeholders

from ops.clients.aws import Aws, Identity, readable, same_principal
from ops.console.errors import NoPermissionError, NotFoundError, OperationError
from ops.console.pages import Page
from ops.preflight.check import Check, not_yet, ok, problem, unknown

BUCKET = "state bucket"

#: Zones in which EKS places no control plane (EKS user guide, "VPC and subnet considerations").
UNSUPPORTED_ZONES = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})


def check_placeholders(environment: Environment) -> Check:
    """Whether the shipped file was filled in."""
    left = placeholders(environment)
    if left:
        return problem(
            "environment file", f"still placeholders: {', '.join(left)}", "put in your own values", Page.FILL_IN
        )
    return ok("environment file", "filled in")


def check_access_entry(aws: Aws, cluster: str, identity: Identity, *, made: bool) -> Check:
    """Whether the cluster, where there is one, already lets the caller in; `made`: else the deploy makes the entry."""
    subject = "access entry"
    try:
        with readable(f"list the access entries of {cluster}"):
            entries = list(aws.pages("eks", "list_access_entries", "accessEntries", clusterName=cluster))
    except NotFoundError:
        return not_yet(subject, f"there is no cluster {cluster} yet; the first deploy makes the entries")
    except NoPermissionError as refused:
        return unknown(subject, refused.message, refused.fix)
    if any(same_principal(identity.principal, entry) for entry in entries):
        return ok(subject, "the cluster lets you in")
    if made:
        return not_yet(
            subject, f"{identity.principal} has none in {cluster} yet; the deploy of infrastructure makes it"
        )
    return problem(
        subject,
        f"{identity.principal} has no access entry in {cluster}",
        "have one of its administrators deploy infrastructure with you among cluster.administrators",
    )


def check_zones(environment: Environment, aws: Aws) -> Iterator[Check]:
    """Whether the region is open to the account and has the zones."""
    subject, wanted = "region and zones", environment.availability_zones
    try:
        with readable(f"list the zones of {environment.region}"):
            found = aws.client("ec2").describe_availability_zones()["AvailabilityZones"]
    except NoPermissionError as refused:
        yield unknown(subject, refused.message, refused.fix)
        return
    except OperationError as error:
        fix = f"enable {environment.region} for the account (console: Account, AWS Regions), or choose another region"
        yield problem(subject, error.message, error.fix or fix)
        return
    zones = {zone["ZoneName"]: zone for zone in found if zone.get("State", "available") == "available"}
    missing = [zone for zone in wanted if zone not in zones]
    unsupported = [zone for zone in wanted if zone in zones and zones[zone].get("ZoneId") in UNSUPPORTED_ZONES]
    if missing:
        yield problem(
            subject,
            f"the account has no {', '.join(missing)} in {environment.region}",
            f"choose availability_zones among {', '.join(sorted(zones))}",
        )
    if unsupported:
        yield problem(
            subject,
            f"EKS places no control plane in {', '.join(unsupported)}",
            f"choose among {', '.join(sorted(set(zones) - set(unsupported)))}",
        )
    if not missing and not unsupported:
        yield ok(subject, f"{environment.region}: {', '.join(wanted)}")


def check_state_bucket(environment: Environment, aws: Aws) -> Check:
    """Whether the state's bucket is there, in its region, readable, and keeps versions."""
    state = environment.state
    if state.backend == "local":
        return ok(BUCKET, "the state is a file in this checkout")
    bucket, region = str(state.bucket), environment.state_region
    s3 = aws.client("s3", region)
    try:
        with readable(f"read the bucket {bucket}"):
            s3.list_objects_v2(Bucket=bucket, Prefix=f"{state.key_prefix}/{environment.name}/", MaxKeys=1)
    except NotFoundError:
        return problem(BUCKET, f"there is no bucket {bucket}", "make it, or correct state.bucket", Page.STATE)
    except OperationError as refused:
        fix = f"correct state.bucket, or state.region, which says {region}"
        return problem(BUCKET, refused.message, refused.fix or fix)
    try:
        with readable(f"read the settings of the bucket {bucket}"):
            location = s3.get_bucket_location(Bucket=bucket).get("LocationConstraint") or "us-east-1"
            versioning = s3.get_bucket_versioning(Bucket=bucket).get("Status")
    except NoPermissionError as refused:  # Terraform needs neither
        return unknown(BUCKET, f"{bucket} is readable; {refused.message}", refused.fix)
    return judge_bucket(bucket, region, location, versioning)


def judge_bucket(bucket: str, region: str, location: str, versioning: str | None) -> Check:
    """What the settings of a bucket are worth for states in `region`."""
    if location != region:
        return problem(BUCKET, f"{bucket} is in {location}, not in {region}", f"set state.region: {location}")
    if versioning != "Enabled":
        return problem(
            BUCKET,
            f"{bucket} keeps no versions: a damaged state could not be brought back",
            f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled",
        )
    return ok(BUCKET, f"{bucket} in {region}, versioned")
