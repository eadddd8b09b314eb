from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.ops.conftest import TrialAccount

IRELAND = {"LocationConstraint": "eu-west-1"}


def create_vpc(account: TrialAccount, address: str = "aws_vpc.cluster", **changes: str) -> str:
    """Make a VPC with the stack's tags, some of them changed; return its ID."""
    created = account.client("ec2").create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=account.tagged("vpc", address, **changes)
    )
    return str(created["Vpc"]["VpcId"])


def create_role(account: TrialAccount, name: str = "", address: str = "aws_iam_role.node") -> Any:
    """Make a role, that of the nodes by default; return the client that did."""
    iam = account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(
        RoleName=name or account.names.of("node"), AssumeRolePolicyDocument=trust, Tags=account.pairs(address)
    )
    return iam


class TestByTags:
    def test_an_empty_account_holds_nothing(self, account: TrialAccount) -> None:
        """Where nothing exists nothing is found, and no call fails."""
        assert account.find() == {}

    def test_the_state_knows_its_own_object(self, account: TrialAccount) -> None:
        """An object is found until the state records it, under its address and with its ID."""
        vpc = create_vpc(account)
        [found] = account.find_all()
        assert (found.address, found.import_id) == ("aws_vpc.cluster", vpc)
        assert found.evidence == f"{vpc} carries the tag Address"
        assert account.find(aws_vpc__cluster=vpc) == {}

    def test_a_second_object_under_one_address(self, account: TrialAccount) -> None:
        """Of two objects with one address the one is found that the state doesn't know."""
        first, second = create_vpc(account), create_vpc(account)
        assert account.find(aws_vpc__cluster=first) == {"aws_vpc.cluster": second}
        assert sorted(item.import_id for item in account.find_all()) == sorted([first, second])

    def test_an_object_that_the_stack_no_longer_declares(self, account: TrialAccount) -> None:
        """What was taken out of the environment file after it had been made is found by its tag alone."""
        vpc = create_vpc(account, "aws_vpc.gone")
        assert account.find() == {"aws_vpc.gone": vpc}

    @pytest.mark.parametrize("tag", ["Project", "Environment", "Stack", "ManagedBy"])
    def test_others_objects_are_left_alone(self, account: TrialAccount, tag: str) -> None:
        """With another project's, environment's or stack's tags an object is not ours, whatever its address."""
        create_vpc(account, **{tag: "other"})
        assert account.find() == {}

    def test_a_tag_copied_from_a_parent(self, account: TrialAccount) -> None:
        """An address of another type than the object's is a copy of somebody else's tags."""
        create_vpc(account, "aws_db_instance.metadata")
        assert account.find() == {}

    def test_a_key_or_secret_scheduled_for_deletion_is_gone(self, account: TrialAccount) -> None:
        """Neither is found: they can't be used, and a new one may be made."""
        kms, manager = account.client("kms"), account.client("secretsmanager")
        as_kms_takes_them = [
            {"TagKey": key, "TagValue": value} for key, value in account.tags("aws_kms_key.logs").items()
        ]
        key = kms.create_key(Tags=as_kms_takes_them)["KeyMetadata"]["KeyId"]
        secret = manager.create_secret(
            Name=account.names.secret("redis"), Tags=account.pairs("aws_secretsmanager_secret.redis")
        )["ARN"]
        assert account.find() == {"aws_kms_key.logs": key, "aws_secretsmanager_secret.redis": secret}
        kms.schedule_key_deletion(KeyId=key)
        manager.delete_secret(SecretId=secret)
        assert account.find() == {}

    def test_a_key_that_others_keep_to_themselves(self, account: TrialAccount) -> None:
        """A key whose policy doesn't let us look is not ours, and hides none that is."""
        kms = account.client("kms")
        foreign = kms.create_key()["KeyMetadata"]["KeyId"]
        tags = [{"TagKey": key, "TagValue": value} for key, value in account.tags("aws_kms_key.logs").items()]
        ours = kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"]

        def describe_key(**asked: Any) -> Any:
            if asked["KeyId"] == foreign:
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeKey")
            return kms.describe_key(**asked)

        refusing = SimpleNamespace(
            list_keys=kms.list_keys,
            describe_key=describe_key,
            get_paginator=kms.get_paginator,
            exceptions=kms.exceptions,
        )
        assert account.find_with(kms=refusing) == {"aws_kms_key.logs": ours}

    def test_the_role_of_a_set_of_workers(self, account: TrialAccount) -> None:
        """Found by its tag whether the file still has the set or not."""
        name = account.names.worker_role("large")
        create_role(account, name, "aws_iam_role.worker_large")
        assert account.find() == {"aws_iam_role.worker_large": name}

    def test_the_role_of_pods_that_tasks_start(self, account: TrialAccount) -> None:
        """Likewise."""
        name = account.names.pod_role("reporting")
        create_role(account, name, "aws_iam_role.pod_reporting")
        assert account.find() == {"aws_iam_role.pod_reporting": name}

    def test_another_environment_whose_name_begins_alike(self, account: TrialAccount) -> None:
        """Tags of roles and database groups of `trial-10` are not asked for by `trial-1`: they may be denied to it."""
        iam, rds = account.client("iam"), account.client("rds")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName=f"{account.names.prefix}x-node", AssumeRolePolicyDocument=trust)
        rds.create_db_parameter_group(
            DBParameterGroupName=f"{account.names.prefix}x", DBParameterGroupFamily="postgres17", Description="another"
        )

        def paginator(operation: str) -> Any:
            assert operation != "list_role_tags"
            return iam.get_paginator(operation)

        assert (
            account.find_with(
                iam=SimpleNamespace(
                    get_paginator=paginator, get_instance_profile=iam.get_instance_profile, exceptions=iam.exceptions
                ),
                rds=SimpleNamespace(get_paginator=rds.get_paginator),
            )
            == {}
        )


class TestByParent:
    def test_routes_and_associations(self, account: TrialAccount) -> None:
        """A route is found by its table and destination, an association by its table and subnet."""
        ec2, vpc = account.client("ec2"), create_vpc(account)
        table = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=account.tagged("route-table", "aws_route_table.private_a")
        )["RouteTable"]["RouteTableId"]
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock="10.0.0.0/18", TagSpecifications=account.tagged("subnet", "aws_subnet.private_a")
        )["Subnet"]["SubnetId"]
        parents = {"aws_vpc__cluster": vpc, "aws_route_table__private_a": table, "aws_subnet__private_a": subnet}
        assert account.find(**parents) == {}
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        assert account.find(**parents) == {
            "aws_route.private_a_internet": f"{table}_0.0.0.0/0",
            "aws_route_table_association.private_a": f"{subnet}/{table}",
        }

    def test_policies_of_a_role_that_is_unrecorded_itself(self, account: TrialAccount) -> None:
        """Inline policy and attachment are found with their role, which the state doesn't know either."""
        iam, role = create_role(account), account.names.of("node")
        statement = {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="node", PolicyDocument=document)
        worker = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
        iam.attach_role_policy(RoleName=role, PolicyArn=worker)
        assert account.find() == {
            "aws_iam_role.node": role,
            "aws_iam_role_policy.node": f"{role}:node",
            "aws_iam_role_policy_attachment.node_worker": f"{role}/{worker}",
        }

    def test_a_secrets_version_is_never_imported(self, account: TrialAccount) -> None:
        """The current version is listed and marked, as importing it would write the value into the state."""
        manager = account.client("secretsmanager")
        secret = manager.create_secret(
            Name=account.names.secret("redis"), Tags=account.pairs("aws_secretsmanager_secret.redis")
        )["ARN"]
        version = manager.put_secret_value(SecretId=secret, SecretString="value")["VersionId"]
        found = {item.address: item for item in account.find_all()}
        assert not found["aws_secretsmanager_secret.redis"].never_import
        assert found["aws_secretsmanager_secret_version.redis"].never_import
        assert found["aws_secretsmanager_secret_version.redis"].import_id == f"{secret}|{version}"
        assert all("value" not in item.evidence for item in found.values())

    def test_an_alias(self, account: TrialAccount) -> None:
        """An alias is found by its declared name."""
        kms, alias = account.client("kms"), f"alias/{account.names.of('logs')}"
        kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        assert account.find() == {"aws_kms_alias.logs": alias}


class TestTopic:
    def test_a_repository_and_what_expires_in_it(self, account: TrialAccount) -> None:
        """The repository is found by its name and tags; its lifecycle policy, which carries none, by the repository."""
        ecr, name = account.client("ecr"), account.names.image_repository
        ecr.create_repository(repositoryName=name, tags=account.pairs("aws_ecr_repository.images"))
        assert account.find() == {"aws_ecr_repository.images": name}
        selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
        rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [rule]}))
        assert account.find(aws_ecr_repository__images=name) == {"aws_ecr_lifecycle_policy.images": name}

    def test_somebody_elses_repository_of_that_name(self, account: TrialAccount) -> None:
        """Without the stack's tags it is not ours, and nor is what expires in it."""
        account.client("ecr").create_repository(repositoryName=account.names.image_repository)
        assert account.find() == {}

    def test_a_topic_and_its_confirmed_subscription(self, account: TrialAccount) -> None:
        """The topic is found by its name and tags; a subscription, which carries none, by its topic and address."""
        sns = account.client("sns")
        topic = sns.create_topic(Name=account.names.alarm_topic, Tags=account.pairs("aws_sns_topic.alarms"))["TopicArn"]
        assert account.find() == {"aws_sns_topic.alarms": topic}
        confirmed = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@acme.org", ReturnSubscriptionArn=True)
        assert account.find(aws_sns_topic__alarms=topic) == {
            "aws_sns_topic_subscription.alarms_a": confirmed["SubscriptionArn"]
        }

    def test_a_subscription_that_nobody_has_confirmed(self, account: TrialAccount) -> None:
        """SNS gives no ARN of it: it is left to the next apply, which SNS answers with this very subscription."""
        sns = account.client("sns")
        topic = sns.create_topic(Name=account.names.alarm_topic, Tags=account.pairs("aws_sns_topic.alarms"))["TopicArn"]
        page = {"Subscriptions": [{"Endpoint": "a@acme.org", "SubscriptionArn": "PendingConfirmation"}]}
        waiting = SimpleNamespace(
            list_tags_for_resource=sns.list_tags_for_resource,
            exceptions=sns.exceptions,
            get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [page]),
        )
        assert account.find_with(sns=waiting) == {"aws_sns_topic.alarms": topic}

    def test_somebody_elses_topic_of_that_name(self, account: TrialAccount) -> None:
        """Without the stack's tags it is not ours, and neither is who is subscribed to it."""
        sns = account.client("sns")
        topic = sns.create_topic(Name=account.names.alarm_topic)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@acme.org")
        assert account.find() == {}


class TestBucket:
    def test_a_bucket_without_tags(self, account: TrialAccount) -> None:
        """A bucket is made by one call and tagged by the next: with the declared name and no tags it is ours."""
        bucket = account.names.log_bucket
        account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=IRELAND)
        [found] = account.find_all()
        assert (found.address, found.import_id) == ("aws_s3_bucket.logs", bucket)
        assert "no tags" in found.evidence

    def test_a_bucket_with_others_tags(self, account: TrialAccount) -> None:
        """A bucket of the declared name that carries other tags is somebody else's, and so is what is set on it."""
        s3, bucket = account.client("s3"), account.names.log_bucket
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=IRELAND)
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "Project", "Value": "other"}]})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        assert account.find() == {}

    def test_what_is_set_on_it(self, account: TrialAccount) -> None:
        """Versioning counts when it was set; encryption when it is another than S3's own for every new bucket."""
        s3, bucket = account.client("s3"), account.names.log_bucket
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=IRELAND)
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": account.pairs("aws_s3_bucket.logs")})
        encrypt(s3, bucket, "AES256")
        assert account.find(aws_s3_bucket__logs=bucket) == {}
        encrypt(s3, bucket, "aws:kms")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        assert account.find(aws_s3_bucket__logs=bucket) == {
            "aws_s3_bucket_server_side_encryption_configuration.logs": bucket,
            "aws_s3_bucket_versioning.logs": bucket,
        }


def encrypt(s3: Any, bucket: str, algorithm: str) -> None:
    """Set the bucket's default encryption."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
