"""The wiring of the stack `infrastructure`: what the environment file says is what is deployed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.sections.tags import MOST_TAGS, OWN_KEYS, SUBNET_KEYS

from tests.unit.stacks.environments import infrastructure
from tests.unit.trial_stack import LONGEST_ENVIRONMENT, statements_of

ADDONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver", "metrics-server")
BEFORE_NODES = {"aws_eks_addon.vpc_cni", "aws_eks_addon.kube_proxy", "aws_eks_addon.eks_pod_identity_agent"}


def _one(stack: SynthesizedStack, address: str) -> dict[str, Any]:
    terraform_type, _, name = address.partition(".")
    return stack.resources(terraform_type)[name]


@pytest.fixture(scope="module")
def default() -> SynthesizedStack:
    """The stack of an environment of required keys only."""
    return infrastructure()


class TestWithDefaultConfiguration:
    def test_works_in_the_named_account_only(self, default: SynthesizedStack) -> None:
        """The provider refuses credentials of another account and works in the environment's region."""
        assert default.document["provider"]["aws"] == [{"region": "eu-west-1", "allowed_account_ids": ["111122223333"]}]

    def test_terraform_knows_write_only_arguments(self, default: SynthesizedStack) -> None:
        """An older Terraform is refused with a clear sentence of its own."""
        assert default.document["terraform"]["required_version"] == ">= 1.11"

    def test_database_accepts_the_clusters_security_group(self, default: SynthesizedStack) -> None:
        """The source of connections is the group that nodes carry: the one that EKS makes."""
        (rule,) = _one(default, "aws_security_group.database")["ingress"]
        group = "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"
        assert rule["security_groups"] == [group]

    def test_nodes_come_between_the_addons(self, default: SynthesizedStack) -> None:
        """Nodes wait for what makes them ready, and the deployments wait for the nodes."""
        group = _one(default, "aws_eks_node_group.default")
        assert set(group["depends_on"]) >= BEFORE_NODES
        for name in ("coredns", "aws_ebs_csi_driver", "metrics_server"):
            assert "aws_eks_node_group.default" in _one(default, f"aws_eks_addon.{name}")["depends_on"]
        for address in BEFORE_NODES:
            assert "aws_eks_node_group.default" not in _one(default, address).get("depends_on", [])

    def test_nodes_wait_for_the_internet(self, default: SynthesizedStack) -> None:
        """A node that starts without a way out can't pull its images."""
        depends_on = _one(default, "aws_eks_node_group.default")["depends_on"]
        assert {"aws_route.private_a_internet", "aws_route.private_b_internet"} <= set(depends_on)

    def test_nodes_and_control_plane_are_in_private_subnets(self, default: SynthesizedStack) -> None:
        """Nothing of the cluster is in a public subnet."""
        private = ["${aws_subnet.private_a.id}", "${aws_subnet.private_b.id}"]
        assert _one(default, "aws_eks_node_group.default")["subnet_ids"] == private
        assert _one(default, "aws_eks_cluster.cluster")["vpc_config"]["subnet_ids"] == private

    def test_what_holds_data_is_not_replaced(self, default: SynthesizedStack) -> None:
        """Region and ranges of cluster and database are remembered, and a file that differs is refused at plan."""
        cluster = _one(default, "terraform_data.cluster_as_deployed")["input"]
        assert set(cluster) == {"account_id", "region", "network.cluster_vpc_cidr", "cluster.service_cidr", "subnets"}
        assert set(cluster["subnets"]) == {"private_a", "private_b", "public_a", "public_b"}
        database = _one(default, "terraform_data.database_as_deployed")["input"]
        remembered = {"account_id", "region", "network.database_vpc_cidr", "database.kms_key_arn", "subnets"}
        assert set(database) == remembered
        assert set(database["subnets"]) == {"database_a", "database_b"}
        for address in ("aws_eks_cluster.cluster", "aws_db_instance.metadata"):
            assert _one(default, address)["lifecycle"]["precondition"]

    def test_commands_for_people(self, default: SynthesizedStack) -> None:
        """The commands among the outputs work as they are, without looking anything up."""
        outputs = default.document["output"]
        kubeconfig = "aws eks update-kubeconfig --name airflow-dev --region eu-west-1"
        assert outputs["kubeconfig_command"]["value"] == kubeconfig
        assert outputs["admin_password_command"]["value"] == (
            "aws secretsmanager get-secret-value --region eu-west-1 --query SecretString --output text "
            "--secret-id airflow-dev/admin"
        )

    @pytest.mark.parametrize(
        ("apply_immediately", "text"),
        [
            (True, "at once; static parameters at the next restart"),
            (False, "in the maintenance window, sun:04:00-sun:05:00 UTC; static parameters at the next restart"),
        ],
    )
    def test_says_when_the_database_changes(self, text: str, *, apply_immediately: bool) -> None:
        """Who raises the instance class reads among the outputs when that takes effect."""
        stack = infrastructure(database={"apply_immediately": apply_immediately})
        assert stack.document["output"]["database_changes"]["value"] == text

    def test_outputs_refer_to_resources(self, default: SynthesizedStack) -> None:
        """What crosses to the platform is known only when the resource exists."""
        outputs = {name: output["value"] for name, output in default.document["output"].items()}
        assert outputs["cluster_name"] == "${aws_eks_cluster.cluster.id}"
        assert outputs["database_host"] == "${aws_db_instance.metadata.address}"
        assert outputs["database_port"] == 5432
        assert outputs["private_subnet_ids"] == ["${aws_subnet.private_a.id}", "${aws_subnet.private_b.id}"]
        assert outputs["fernet_secret_arns"] == ["${aws_secretsmanager_secret.fernet_1.arn}"]
        for name in ("database", "redis", "api", "jwt", "admin"):
            assert outputs[f"{name}_secret_arn"] == f"${{aws_secretsmanager_secret.{name}.arn}}"


class TestWithCustomConfiguration:
    def test_pinned_addons_need_no_data_source(self) -> None:
        """With every add-on pinned nothing is asked of AWS at plan."""
        stack = infrastructure(cluster={"addons": dict.fromkeys(ADDONS, "v1.2.3-eksbuild.1")})
        assert "data" not in stack.document

    def test_node_groups(self) -> None:
        """Each group of the file is one group of the cluster, in its own zones, with its labels and taints."""
        groups = {
            "default": {"instance_types": ("m7g.large",)},
            "batch-x86": {
                "instance_types": ("m7i.large",),
                "min_size": 0,
                "max_size": 9,
                "capacity_type": "spot",
                "labels": {"kind": "batch"},
                "taints": ({"key": "batch", "effect": "NO_SCHEDULE"},),
                "availability_zones": ("eu-west-1b",),
                "node_repair": False,
            },
        }
        batch = _one(infrastructure(cluster={"node_groups": groups}), "aws_eks_node_group.batch_x86")
        assert batch["subnet_ids"] == ["${aws_subnet.private_b.id}"]
        assert batch["ami_type"] == "AL2023_x86_64_STANDARD"
        assert batch["scaling_config"] == {"min_size": 0, "max_size": 9, "desired_size": 0}
        assert batch["labels"] == {"kind": "batch"}
        assert batch["taint"] == [{"key": "batch", "effect": "NO_SCHEDULE"}]
        assert batch["node_repair_config"] == {"enabled": False}

    def test_addons_wait_for_every_node_group(self) -> None:
        """Deployments start when all groups are up."""
        groups = {name: {"instance_types": ("m7g.large",)} for name in ("one", "two")}
        coredns = _one(infrastructure(cluster={"node_groups": groups}), "aws_eks_addon.coredns")
        assert {"aws_eks_node_group.one", "aws_eks_node_group.two"} <= set(coredns["depends_on"])

    def test_private_endpoint(self) -> None:
        """A file without public access leaves the API to the VPC."""
        stack = infrastructure(cluster={"endpoint": {"public_access": False}})
        assert _one(stack, "aws_eks_cluster.cluster")["vpc_config"]["endpoint_public_access"] is False

    @pytest.mark.parametrize(
        ("section", "address"), [("cluster", "aws_eks_cluster.cluster"), ("database", "aws_db_instance.metadata")]
    )
    def test_replacement_on_purpose(self, section: str, address: str) -> None:
        """Each may be replaced where its own section of the file says so."""
        stack = infrastructure(**{section: {"allow_replacement": True}})
        assert "precondition" not in _one(stack, address)["lifecycle"]
        protected = {"aws_eks_cluster.cluster", "aws_db_instance.metadata"} - {address}
        assert all("precondition" in _one(stack, other)["lifecycle"] for other in protected)

    def test_volume_key(self) -> None:
        """The named key encrypts the volumes of every node group."""
        key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
        template = _one(infrastructure(cluster={"node_volume_kms_key_arn": key}), "aws_launch_template.default")
        assert template["block_device_mappings"][0]["ebs"]["kms_key_id"] == key

    def test_key_of_claims_volumes(self) -> None:
        """The EBS CSI driver may encrypt with the named key through EC2 and let EC2 alone use it, and nothing more."""
        key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"
        stack = infrastructure(storage={"volume_kms_key_arn": key})
        statements = statements_of(_one(stack, "aws_iam_role_policy.aws_ebs_csi_driver")["policy"])
        assert {sid: statement["Action"] for sid, statement in statements.items()} == {
            "EncryptVolumes": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"],
            "LetEc2UseTheKey": ["kms:CreateGrant"],
        }
        for statement in statements.values():
            assert statement["Resource"] == [key]
            assert statement["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
        assert statements["LetEc2UseTheKey"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
        assert "aws_ebs_csi_driver" not in infrastructure().resources("aws_iam_role_policy")

    def test_user_tags_are_on_everything(self) -> None:
        """Each resource with tags has the user's, and so has whatever EKS and its add-ons make."""
        stack = infrastructure(tags={"CostCenter": "4711"}, cluster={"roll_nodes_on_tag_change": True})
        tags = [one["tags"] for named in stack.document["resource"].values() for one in named.values() if "tags" in one]
        assert tags
        assert all(each["CostCenter"] == "4711" for each in tags)
        template = _one(stack, "aws_launch_template.default")
        assert all(item["tags"]["CostCenter"] == "4711" for item in template["tag_specifications"])
        assert "lifecycle" not in template
        for addon in ("vpc_cni", "aws_ebs_csi_driver"):
            assert "CostCenter" in _one(stack, f"aws_eks_addon.{addon}")["configuration_values"]

    def test_tags_of_others_are_left_alone(self) -> None:
        """The provider is told what to ignore; it isn't where the file names nothing."""
        ignored = {"keys": ("map-migrated",), "key_prefixes": ("auto-",)}
        (provider,) = infrastructure(ignore_tags=ignored).document["provider"]["aws"]
        assert provider["ignore_tags"] == [{"keys": ["map-migrated"], "key_prefixes": ["auto-"]}]
        (provider,) = infrastructure(ignore_tags={"keys": ("map-migrated",)}).document["provider"]["aws"]
        assert provider["ignore_tags"] == [{"keys": ["map-migrated"]}]
        (provider,) = infrastructure().document["provider"]["aws"]
        assert "ignore_tags" not in provider

    def test_parameters_arrive_literally(self) -> None:
        """`${` and `%{` in a parameter are text for PostgreSQL, never expressions for Terraform."""
        stack = infrastructure(database={"parameters": {"log_line_prefix": "${path.root} %{if true}%m"}})
        parameters = _one(stack, "aws_db_parameter_group.metadata")["parameter"]
        assert {item["name"]: item["value"] for item in parameters}["log_line_prefix"] == (
            "$${path.root} %%{if true}%m"
        )

    def test_rotation(self) -> None:
        """A raised revision changes the stored secret, no other one's, and a second Fernet key joins the first."""
        stack = infrastructure(secrets={"revisions": {"database": 2}, "fernet_keys": (2, 1)})
        assert _one(stack, "aws_secretsmanager_secret_version.database")["secret_string_wo_version"] == 2
        assert _one(stack, "aws_secretsmanager_secret_version.redis")["secret_string_wo_version"] == 1
        assert stack.document["output"]["fernet_secret_arns"]["value"] == [
            "${aws_secretsmanager_secret.fernet_2.arn}",
            "${aws_secretsmanager_secret.fernet_1.arn}",
        ]

    def test_another_partition(self) -> None:
        """In GovCloud every ARN that we write is GovCloud's."""
        stack = infrastructure(
            region="us-gov-west-1",
            availability_zones=("us-gov-west-1a", "us-gov-west-1b"),
            cluster={"administrators": ("arn:aws-us-gov:iam::111122223333:role/platform-engineers",)},
        )
        assert "arn:aws:" not in stack.text
        assert "eu-west-1" not in stack.text

    @pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
    def test_zones(self, count: int) -> None:
        """From two to six zones, each has its three subnets, of distinct ranges inside their VPC."""
        zones = tuple(f"us-east-1{letter}" for letter in "abcdef"[:count])
        stack = infrastructure(region="us-east-1", availability_zones=zones)
        subnets = stack.resources("aws_subnet")
        assert len(subnets) == 3 * count
        assert len({subnet["cidr_block"] for subnet in subnets.values()}) == 3 * count


class TestImages:
    def test_are_in_another_registry_by_default(self, default: SynthesizedStack) -> None:
        """Without a managed repository there is none, and no output about it."""
        assert not default.resources("aws_ecr_repository")
        assert "image_repository" not in default.document["output"]

    def test_have_a_repository_where_the_file_says_so(self, longest: SynthesizedStack) -> None:
        """Encrypted with the key of the task logs, and published for who pushes."""
        [encryption] = _one(longest, "aws_ecr_repository.images")["encryption_configuration"]
        assert encryption["kms_key"] == "${aws_kms_key.storage.arn}"
        assert longest.document["output"]["image_repository"]["value"] == "${aws_ecr_repository.images.repository_url}"


@pytest.fixture(scope="module")
def longest() -> SynthesizedStack:
    """The stack of the longest legal environment name, with a node group of the longest legal name."""
    groups = {"g" * 20: {"instance_types": ("m7g.large",)}}
    emails = {"alarm_emails": ("oncall@acme.org",)}
    image = {"image": {"repository": "managed"}}
    return infrastructure(name=LONGEST_ENVIRONMENT, cluster={"node_groups": groups}, database=emails, airflow=image)


class TestNames:
    #: Most characters that AWS takes: IAM, EKS, EC2, RDS, S3, Secrets Manager, KMS, CloudWatch API references.
    LIMITS = (
        ("aws_iam_role", "name", 64),
        ("aws_iam_role", "description", 1000),
        ("aws_iam_role_policy", "name", 128),
        ("aws_eks_cluster", "name", 100),
        ("aws_eks_node_group", "node_group_name", 63),
        ("aws_launch_template", "name", 128),
        ("aws_db_instance", "identifier", 63),
        ("aws_db_parameter_group", "name", 255),
        ("aws_db_subnet_group", "name", 255),
        ("aws_security_group", "name", 255),
        ("aws_security_group", "description", 255),
        ("aws_s3_bucket", "bucket", 63),
        ("aws_secretsmanager_secret", "name", 512),
        ("aws_kms_alias", "name", 256),
        ("aws_cloudwatch_log_group", "name", 512),
        ("aws_cloudwatch_metric_alarm", "alarm_name", 255),
        ("aws_sns_topic", "name", 256),
        ("aws_ecr_repository", "name", 256),
        ("aws_eks_addon", "addon_name", 100),
    )

    @pytest.mark.parametrize(("terraform_type", "argument", "limit"), LIMITS)
    def test_fit_into_aws_limits(
        self, longest: SynthesizedStack, terraform_type: str, argument: str, limit: int
    ) -> None:
        """With the longest environment name each name is still one that AWS takes."""
        texts = [resource[argument] for resource in longest.resources(terraform_type).values()]
        assert texts
        assert max(map(len, texts)) <= limit

    def test_every_name_has_a_known_limit(self, longest: SynthesizedStack) -> None:
        """A new kind of resource with a name of ours is added to the table above."""
        prefix = f"airflow-{LONGEST_ENVIRONMENT}"
        ours = {
            (terraform_type, argument)
            for terraform_type, named in longest.document["resource"].items()
            for resource in named.values()
            for argument, value in resource.items()
            if ("name" in argument or argument in {"identifier", "bucket"}) and prefix in str(value)
        }
        assert ours <= {(terraform_type, argument) for terraform_type, argument, _ in self.LIMITS}

    def test_final_snapshot_fits(self, longest: SynthesizedStack) -> None:
        """With a security group's ID in it the snapshot's name has at most 255 characters and no double hyphen."""
        expression = _one(longest, "aws_db_instance.metadata")["final_snapshot_identifier"]
        name = expression.replace("${aws_security_group.database.id}", "sg-0123456789abcdef0")
        assert len(name) <= 255
        assert "--" not in name
        assert "$" not in name

    def test_tags_fit(self, longest: SynthesizedStack) -> None:
        """A tag's key has at most 128 characters, its value 256, and with the user's there are at most 50."""
        for named in longest.document["resource"].values():
            for resource in named.values():
                tags = resource.get("tags", {})
                assert len(tags) + MOST_TAGS <= 50
                assert all(len(key) <= 128 and len(value) <= 256 for key, value in tags.items())

    def test_inline_policies_fit(self, longest: SynthesizedStack) -> None:
        """IAM counts at most 10,240 characters without white space in a role's inline policies."""
        for policy in longest.resources("aws_iam_role_policy").values():
            assert len(json.dumps(json.loads(policy["policy"]), separators=(",", ":"))) <= 10_240

    def test_the_environment_file_knows_our_tags(self, default: SynthesizedStack) -> None:
        """Every key that the stack sets on anything is refused in `tags` and `ignore_tags` instead of being lost."""
        tags = [
            tagged.get("tags", {})
            for named in default.document["resource"].values()
            for resource in named.values()
            for tagged in (resource, *resource.get("tag_specifications", ()))
        ]
        assert {key for keys in tags for key in keys} == {*OWN_KEYS, *SUBNET_KEYS}


class TestWorkerSets:
    def test_share_the_role_of_all_pods(self) -> None:
        """A set that names no policies of its own has the default workers' service account: nothing changes in AWS."""
        assert (
            infrastructure(airflow={"workers": {"large": {"queues": ("large",)}}}).document == infrastructure().document
        )

    def test_have_a_role_for_policies_of_their_own(self) -> None:
        """They get these and not those of all pods; an empty list is none beside the log bucket."""
        athena, glue = (f"arn:aws:iam::aws:policy/{name}" for name in ("Athena", "Glue"))
        sets = {
            "large": {"queues": ("large",), "pod_policy_arns": (glue,)},
            "bare": {"queues": ("bare",), "pod_policy_arns": ()},
        }
        stack = infrastructure(airflow={"workers": sets, "pod_policy_arns": (athena,)})
        attached = {
            (each["role"], each["policy_arn"]) for each in stack.resources("aws_iam_role_policy_attachment").values()
        }
        assert {policy for role, policy in attached if role == "${aws_iam_role.worker_large.name}"} == {glue}
        assert not [policy for role, policy in attached if role == "${aws_iam_role.worker_bare.name}"]
        assert ("${aws_iam_role.airflow.name}", athena) in attached
        for name in ("large", "bare"):
            association = _one(stack, f"aws_eks_pod_identity_association.airflow_worker_{name}")
            assert association["role_arn"] == f"${{aws_iam_role.worker_{name}.arn}}"


class TestAutoscaling:
    def test_has_a_secret_for_the_role_in_the_database(self) -> None:
        """Generated and kept as the others; without autoscaling there is none."""
        scaled = {"components": {"workers": {"autoscaling": {"max": 3}}}}
        secret = _one(infrastructure(airflow=scaled), "aws_secretsmanager_secret.scaler")
        assert secret["name"] == "airflow-dev/scaler"
        assert secret["kms_key_id"] == "${aws_kms_key.secrets.arn}"
        assert "scaler" not in infrastructure().resources("aws_secretsmanager_secret")
