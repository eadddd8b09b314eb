"""The synthesized stack: addresses, bucket, trust, and what fits into IAM."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.checks.synthesized import SynthesizedStack
from constructs.delivery import reach
from constructs.identity.policy import LONGEST_POLICY, Statement, fitting_policies
from constructs.settings.loading.environment_file import load_environment

from bootstrap import app
from main import synthesize
from tests.bootstrap.environments import bootstrap_stack, characters, delivered
from tests.security.policy_evaluator import Request, allows
from tests.synth.environments import read
from tests.terraform.toolchain import ROOT

ADDRESSES = Path(__file__).parent / "addresses.txt"
ISSUER = "token.actions.githubusercontent.com"
#: IAM quota: managed policies of a role.
MOST_POLICIES = 10


def document(text: str) -> dict[str, Any]:
    """A policy."""
    parsed: dict[str, Any] = json.loads(text)
    return parsed


class TestAddresses:
    def test_are_those_that_states_in_use_know(self, bootstrap: SynthesizedStack) -> None:
        """A changed address would have Terraform replace a role, or refuse to replace the bucket."""
        assert bootstrap.addresses == ADDRESSES.read_text(encoding="utf-8").splitlines()

    def test_outputs_are_what_github_has_to_know(self, bootstrap: SynthesizedStack) -> None:
        """Roles, GitHub environments and bucket are outputs, for people and their scripts."""
        assert sorted(bootstrap.document["output"]) == [
            "apply_environment",
            "apply_role_arn",
            "permissions_boundary_arn",
            "plan_environment",
            "plan_role_arn",
            "state_bucket",
            "state_key_arn",
        ]


class TestStateBucket:
    def test_keeps_every_version_encrypted_and_to_itself(self, bootstrap: SynthesizedStack) -> None:
        """Versions are kept, KMS encrypts, nothing is public, and Terraform deletes neither bucket nor key."""
        assert bootstrap.resources("aws_s3_bucket_versioning")["state"]["versioning_configuration"] == {
            "status": "Enabled"
        }
        [rule] = bootstrap.resources("aws_s3_bucket_server_side_encryption_configuration")["state"]["rule"]
        assert rule["apply_server_side_encryption_by_default"] == {
            "kms_master_key_id": "${aws_kms_key.state.arn}",
            "sse_algorithm": "aws:kms",
        }
        block = bootstrap.resources("aws_s3_bucket_public_access_block")["state"]
        assert all(block[f"{verb}_public_{what}"] for verb, what in (("block", "acls"), ("block", "policy")))
        assert block["ignore_public_acls"]
        assert block["restrict_public_buckets"]
        for kind in ("aws_s3_bucket", "aws_kms_key"):
            assert bootstrap.resources(kind)["state"]["lifecycle"] == {"prevent_destroy": True}
        assert bootstrap.resources("aws_kms_key")["state"]["enable_key_rotation"]

    @pytest.mark.parametrize(
        ("action", "context", "denied"),
        [
            ("s3:PutObject", {"aws:SecureTransport": "true"}, False),
            ("s3:PutObject", {"aws:SecureTransport": "false"}, True),
            ("s3:GetObject", {"aws:SecureTransport": "false"}, True),
            ("s3:GetObject", {"aws:SecureTransport": "true"}, False),
            ("s3:PutObject", {"s3:x-amz-server-side-encryption": "aws:kms"}, False),
            ("s3:PutObject", {"s3:x-amz-server-side-encryption": "AES256"}, True),
            ("s3:PutObject", {"s3:x-amz-server-side-encryption-aws-kms-key-id": "ours"}, False),
            ("s3:PutObject", {"s3:x-amz-server-side-encryption-aws-kms-key-id": "another"}, True),
            ("s3:DeleteObject", {}, False),
            ("s3:DeleteObjectVersion", {}, True),
        ],
    )
    def test_refuses_plain_http_other_encryption_and_deletion(
        self, bootstrap: SynthesizedStack, action: str, context: dict[str, str], *, denied: bool
    ) -> None:
        """Whoever asks: no plain HTTP, no other encryption or key, no version deleted; a lock, an object, may go."""
        text = bootstrap.resources("aws_s3_bucket_policy")["state"]["policy"]
        policy = document(text.replace("${aws_kms_key.state.arn}", "ours").replace("${aws_s3_bucket.state.arn}", "B"))
        anybody = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}
        request = Request(action=action, resource="B/a", context=context, principal={"AWS": "arn:aws:iam::1:role/r"})
        assert allows([policy, {"Statement": [anybody]}], request) is not denied


class TestTrust:
    def asked(self, **claims: str) -> Request:
        """GitHub's provider brings a token with these claims."""
        provider = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
        context = {f"{ISSUER}:{claim}": text for claim, text in claims.items()}
        return Request(action="sts:AssumeRoleWithWebIdentity", context=context, principal={"Federated": provider})

    @pytest.mark.parametrize(
        ("purpose", "own", "other"), [("plan", "prod-plan", "prod"), ("apply", "prod", "prod-plan")]
    )
    def test_is_in_one_github_environment_of_one_repository(
        self, bootstrap: SynthesizedStack, purpose: str, own: str, other: str
    ) -> None:
        """Jobs of the one environment get the role; another environment, branch, repository or audience doesn't."""
        text = bootstrap.resources("aws_iam_role")[purpose]["assume_role_policy"]
        provider = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
        trust = [document(text.replace("${aws_iam_openid_connect_provider.github.arn}", provider))]
        aud, repository = "sts.amazonaws.com", "repo:acme/airflow"
        assert allows(trust, self.asked(aud=aud, sub=f"{repository}:environment:{own}"))
        for subject in (
            f"{repository}:environment:{other}",
            f"{repository}:environment:{own}2",
            f"{repository}:ref:refs/heads/main",
            f"{repository}:pull_request",
            f"repo:acme/airflow2:environment:{own}",
            f"repo:evil/airflow:environment:{own}",
        ):
            assert not allows(trust, self.asked(aud=aud, sub=subject)), subject
        assert not allows(trust, self.asked(aud="https://github.com/acme", sub=f"{repository}:environment:{own}"))
        assert not allows(trust, self.asked(aud=aud))
        assert not allows(trust, self.asked(sub=f"{repository}:environment:{own}"))

    def test_an_existing_provider_is_used(self, tmp_path: Path) -> None:
        """With its ARN in the file no provider is made, and the roles trust that one."""
        arn = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
        stack = bootstrap_stack(delivered(tmp_path, oidc_provider_arn=arn), tmp_path / "out")
        assert stack.resources("aws_iam_openid_connect_provider") == {}
        for role in stack.resources("aws_iam_role").values():
            [statement] = document(role["assume_role_policy"])["Statement"]
            assert statement["Principal"] == {"Federated": arn}


class TestQuotas:
    @pytest.fixture(scope="class")
    @staticmethod
    def longest(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
        """Of a file in which all that a policy names is there, as long as it may be."""
        folder = tmp_path_factory.mktemp("longest")
        return bootstrap_stack(_longest(folder), folder / "out")

    def test_policies_fit_into_iam(self, longest: SynthesizedStack) -> None:
        """Also with the longest names, all optional parts and many policies: 6,144 characters, 10 policies a role."""
        for name, policy in longest.resources("aws_iam_policy").items():
            assert characters(policy["policy"]) <= LONGEST_POLICY, name
        attachments = [each["role"] for each in longest.resources("aws_iam_role_policy_attachment").values()]
        assert max(map(attachments.count, attachments)) <= MOST_POLICIES

    def test_what_does_not_fit_goes_on_in_a_second_policy(self, longest: SynthesizedStack) -> None:
        """Long names of secrets and policies make a second policy, attached as the first, and nothing is left out."""
        policies = longest.resources("aws_iam_policy")
        assert policies["plan_read_2"]["name"] == f"airflow-{'n' * 20}-ci-plan-read-2"
        both = [document(policies[name]["policy"]) for name in ("plan_read", "plan_read_2")]
        secret = f"arn:aws-us-gov:secretsmanager:us-gov-east-1:111122223333:secret:{'i' * 512}-abcdef"
        assert allows(both, Request(action="secretsmanager:GetSecretValue", resource=secret))
        attached = longest.resources("aws_iam_role_policy_attachment")["plan_read_2"]
        assert attached["policy_arn"] == "${aws_iam_policy.plan_read_2.arn}"
        assert attached["role"] == "${aws_iam_role.plan.name}"

    def test_one_statement_that_fits_nowhere_is_told(self) -> None:
        """A statement isn't cut."""
        with pytest.raises(ValueError, match="Long is too long"):
            fitting_policies([Statement(sid="Long", actions=["s3:GetObject"], resources=["a" * 6144])])


def _longest(folder: Path) -> Path:
    text = delivered(folder, pod_actions=[f"{'a' * 30}:{'B' * 27}{n:02}" for n in range(20)]).read_text(
        encoding="utf-8"
    )
    content = yaml.safe_load(text.replace("aws:", "aws-us-gov:").replace("eu-west-1", "us-gov-east-1"))
    content["name"] = "n" * 20
    arn = "arn:aws-us-gov:{}:us-gov-east-1:111122223333:{}".format
    keys = [arn("kms", f"key/1234abcd-12ab-44cd-96ef-1234567890a{end}") for end in "bcd"]
    airflow = content["airflow"]
    airflow["pod_policy_arns"] = [
        f"arn:aws-us-gov:iam::111122223333:policy/{'p' * 510}/{'p' * 127}{number}" for number in range(8)
    ]
    airflow["workers"] = {
        "w" * 20: {
            "queues": ["q"],
            "pod_policy_arns": [
                f"arn:aws-us-gov:iam::111122223333:policy/{'q' * 510}/{'q' * 127}{number}" for number in range(6)
            ],
        }
    }
    airflow["dags"]["token_secret_name"] = "s" * 512
    secrets = [{"secret": f"{'g' * 126}{number}", "components": ["workers"]} for number in range(10, 30)]
    airflow["environment"] = [{"name": f"V{number}", **each} for number, each in enumerate(secrets)]
    airflow["image"] = {"repository": "example.org/airflow", "tag": "3.3.2", "pull_secret_name": "i" * 512}
    airflow["web"] = {
        "allowed_cidrs": ["203.0.113.0/24"],
        "certificate_arn": arn("acm", "certificate/1234abcd-12ab-44cd-96ef-1234567890ab"),
        "host_name": ".".join(["h" * 60] * 4 + ["example"]),
        "hosted_zone_id": "Z" * 32,
        "further_certificate_arns": [
            arn("acm", f"certificate/{number}234abcd-12ab-44cd-96ef-1234567890ab") for number in range(2, 10)
        ],
        "waf_acl_arn": arn("wafv2", f"regional/webacl/{'a' * 128}/1234abcd-12ab-44cd-96ef-1234567890ab"),
        "access_logs": {},
    }
    airflow["sign_in"] = {
        "provider": "github",
        "client_id": "airflow",
        "client_secret_name": "c" * 128,
        "roles": {"acme": "Viewer"},
    }
    content["database"]["kms_key_arn"], content["cluster"]["node_volume_kms_key_arn"] = keys[:2]
    content["database"]["restore_from_snapshot"] = arn("rds", f"snapshot:{'s' * 255}")
    content["storage"] |= {"volume_kms_key_arn": keys[2], "empty_log_bucket_on_destroy": True}
    content["cluster"]["node_pools"] = {
        "p" * 20: {
            "instance_families": ["m7g"],
            "capacity_types": ["spot"],
            "limits": {"cpu": 64, "memory": "256Gi"},
        }
    }
    content["state"] |= {"bucket": "b" * 63, "key_prefix": "k" * 200}
    path = folder / f"{content['name']}.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


class TestTheOtherStacks:
    @pytest.fixture(scope="class")
    @staticmethod
    def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Infrastructure and platform of an environment that workflows deliver."""
        folder = tmp_path_factory.mktemp("delivered")
        synthesize(load_environment(delivered(folder)), folder / "out")
        return folder / "out"

    def test_every_role_has_the_boundary(self, outdir: Path) -> None:
        """The role for applying may make no role without it."""
        roles = read(outdir).resources("aws_iam_role")
        boundaries = {role["permissions_boundary"] for role in roles.values()}
        assert boundaries == {"arn:aws:iam::111122223333:policy/airflow-prod-boundary"}

    def test_the_policies_name_what_the_stack_makes(self, outdir: Path) -> None:
        """Roles, keys and alarms that the policies spell out are exactly those of the stack."""
        stack = read(outdir)
        for listed, kind, argument, prefix in (
            (reach.ROLES, "aws_iam_role", "name", "airflow-prod-"),
            (reach.KEYS, "aws_kms_alias", "name", "alias/airflow-prod-"),
            (reach.ALARMS, "aws_cloudwatch_metric_alarm", "alarm_name", "airflow-prod-"),
        ):
            names = [resource[argument] for resource in stack.resources(kind).values()]
            assert sorted(names) == sorted(f"{prefix}{each}" for each in listed), kind
        attached = {each["policy_arn"] for each in stack.resources("aws_iam_role_policy_attachment").values()}
        assert attached == {f"arn:aws:iam::aws:policy/{path}" for path in reach.MANAGED_POLICIES}

    def test_the_cluster_lets_both_roles_in(self, outdir: Path) -> None:
        """Who applies administrates the cluster; who plans looks at it, as a plan of platform has to."""
        policies = {
            each["principal_arn"]: each["policy_arn"].rpartition("/")[2]
            for each in read(outdir).resources("aws_eks_access_policy_association").values()
        }
        entries = {
            f"${{aws_eks_access_entry.{name}.principal_arn}}": entry["principal_arn"].rpartition("/")[2]
            for name, entry in read(outdir).resources("aws_eks_access_entry").items()
        }
        assert {entries[principal]: policy for principal, policy in policies.items()} == {
            "airflow-prod-ci-apply": "AmazonEKSClusterAdminPolicy",
            "airflow-prod-ci-plan": "AmazonEKSAdminViewPolicy",
            "platform-engineers": "AmazonEKSClusterAdminPolicy",
        }

    def test_states_get_the_buckets_own_encryption(self, outdir: Path) -> None:
        """Without a key in the file nobody names one: the bucket's default is the key that was made for it."""
        backend = read(outdir).document["terraform"]["backend"]["s3"]
        assert "kms_key_id" not in backend
        assert "encrypt" not in backend
        assert backend["use_lockfile"] is True


def test_the_example_in_prod_yaml_synthesizes(tmp_path: Path) -> None:
    """Uncommented as it stands there, the example is a legal section, whose stack and environment synthesize."""
    text = (ROOT / "environments" / "prod.yaml").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (delivery:|  repository:)", r"\1", text, flags=re.MULTILINE)
    file = tmp_path / "prod.yaml"
    file.write_text(uncommented, encoding="utf-8")
    environment = load_environment(file)
    assert environment.delivery is not None
    assert bootstrap_stack(file, tmp_path / "bootstrap").resources("aws_iam_role")
    synthesize(environment, tmp_path / "out")


def test_every_stack_leaves_others_tags_alone(tmp_path: Path) -> None:
    """What `ignore_tags` names, the provider of each of the three stacks is told."""
    ignored = {"keys": ["map-migrated"], "key_prefixes": ["auto-"]}
    file = delivered(tmp_path, {"ignore_tags": ignored})
    synthesize(load_environment(file), tmp_path / "out")
    stacks = [read(tmp_path / "out", name) for name in ("infrastructure", "platform")]
    for stack in (*stacks, bootstrap_stack(file, tmp_path / "bootstrap")):
        (provider,) = stack.document["provider"]["aws"]
        assert provider["ignore_tags"] == [ignored]


class TestLockFile:
    def test_is_the_environment_s(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bootstrap takes the packages that the environment records, and refuses a record of others."""
        file, outdir = delivered(tmp_path / "of"), tmp_path / "out"
        (outdir / "stacks" / "bootstrap").mkdir(parents=True)
        monkeypatch.setattr(app, "synthesize", lambda *_: None)
        environ = {"AIRFLOW_ENV_FILE": str(file), "CDKTF_OUTDIR": str(outdir)}
        record = file.with_name("prod.lock.hcl")
        record.write_text(
            'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n'
            '  hashes = [\n    "h1:a=",\n  ]\n}\n',
            encoding="utf-8",
        )
        assert app.main(environ) == 0
        assert "h1:a=" in (outdir / "stacks" / "bootstrap" / ".terraform.lock.hcl").read_text(encoding="utf-8")
        record.write_text(record.read_text(encoding="utf-8").replace("5.100.0", "6.25.0"), encoding="utf-8")
        assert app.main(environ) == 2
