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
from constructs.settings.loading.environment_file import load_environment

from bootstrap import app
from main import synthesize
from tests.bootstrap.environments import bootstrap_stack, delivered
from tests.security.policy_evaluator import Request, allows
from tests.synth.environments import read
from tests.terraform.toolchain import ROOT

ADDRESSES = Path(__file__).parent / "addresses.txt"
ISSUER = "token.actions.githubusercontent.com"
#: IAM quotas: characters of a managed policy without white space, and managed policies of a role.
LONGEST_POLICY, MOST_POLICIES = 6144, 10


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
    def test_policies_fit_into_iam(self, tmp_path: Path) -> None:
        """Also with the longest names, all optional parts and many policies: 6,144 characters, 10 policies a role."""
        stack = bootstrap_stack(_longest(tmp_path), tmp_path / "out")
        for name, policy in stack.resources("aws_iam_policy").items():
            text = json.dumps(document(policy["policy"]), separators=(",", ":"))
            resolved = re.sub(r"\$\{[^}]*\}", f"arn:aws-us-gov:kms:us-gov-east-1:111122223333:key/{'k' * 36}", text)
            assert len(resolved) <= LONGEST_POLICY, (name, len(resolved))
        attachments = [each["role"] for each in stack.resources("aws_iam_role_policy_attachment").values()]
        assert max(map(attachments.count, attachments)) <= MOST_POLICIES


def _longest(folder: Path) -> Path:
    text = delivered(folder, pod_actions=[f"{'a' * 30}:{'B' * 27}{n:02}" for n in range(20)]).read_text(
        encoding="utf-8"
    )
    content = yaml.safe_load(text.replace("aws:", "aws-us-gov:").replace("eu-west-1", "us-gov-east-1"))
    content["name"] = "n" * 20
    policies = [f"arn:aws-us-gov:iam::111122223333:policy/{'p' * 100}{number}" for number in range(8)]
    key = "arn:aws-us-gov:kms:us-gov-east-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"
    content["airflow"]["pod_policy_arns"] = policies
    content["airflow"]["dags"]["token_secret_name"] = "s" * 100
    content["database"]["kms_key_arn"] = key
    content["database"]["restore_from_snapshot"] = "s" * 255
    content["cluster"]["node_volume_kms_key_arn"] = key
    content["storage"]["empty_log_bucket_on_destroy"] = True
    content["state"]["bucket"] = "b" * 63
    content["state"]["key_prefix"] = "k" * 200
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
