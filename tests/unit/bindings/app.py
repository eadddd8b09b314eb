"""A small app over the three provider packages, run by the tests as a program: `python app.py <outdir> [<another>]`.

It has resources, data sources, structs in lists, provider classes and all three forms of import. On standard output:
what the tests want to know about the process, as JSON. Into the other folder, if there is one, the shipped environments
are synthesized afterwards: importing the packages as shipped is what takes long.
"""

import gc
import json
import os
import subprocess
import sys

before = dict(os.environ)
if len(sys.argv) > 2:
    gc.disable()  # next to nothing of the packages is ever garbage, and looking for it is a sixth of the time

import constructs.bindings  # noqa: E402 (what the environment was before it is the point)

# isort: split

import cdktf_cdktf_provider_aws as aws_package  # noqa: E402
from cdktf import App, LocalBackend, TerraformStack  # noqa: E402
from cdktf_cdktf_provider_aws import vpc  # noqa: E402
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (  # noqa: E402
    DataAwsIamPolicyDocument,
    DataAwsIamPolicyDocumentStatement,
    DataAwsIamPolicyDocumentStatementPrincipals,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags  # noqa: E402
from cdktf_cdktf_provider_aws.security_group import SecurityGroup, SecurityGroupIngress  # noqa: E402
from cdktf_cdktf_provider_helm.provider import HelmProvider, HelmProviderKubernetes  # noqa: E402
from cdktf_cdktf_provider_helm.release import Release, ReleaseSet  # noqa: E402
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1, NamespaceV1Metadata  # noqa: E402
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider, KubernetesProviderExec  # noqa: E402

app = App(outdir=sys.argv[1])
stack = TerraformStack(app, "small")
LocalBackend(stack, path="small.tfstate")

AwsProvider(stack, "aws", region="eu-west-1", default_tags=[AwsProviderDefaultTags(tags={"Project": "small"})])
network = vpc.Vpc(stack, "network", cidr_block="10.0.0.0/16", enable_dns_support=True)
aws_package.subnet.Subnet(stack, "subnet", vpc_id=network.id, cidr_block="10.0.0.0/24")
SecurityGroup(
    stack,
    "database",
    vpc_id=network.id,
    ingress=[SecurityGroupIngress(from_port=5432, to_port=5432, protocol="tcp", cidr_blocks=["10.0.0.0/24"])],
)
DataAwsIamPolicyDocument(
    stack,
    "trust",
    statement=[
        DataAwsIamPolicyDocumentStatement(
            actions=["sts:AssumeRole"],
            principals=[DataAwsIamPolicyDocumentStatementPrincipals(type="Service", identifiers=["eks.amazonaws.com"])],
        )
    ],
)
KubernetesProvider(
    stack,
    "kubernetes",
    host="https://cluster.example",
    exec=[KubernetesProviderExec(api_version="client.authentication.k8s.io/v1", command="aws")],
)
namespace = NamespaceV1(stack, "namespace", metadata=NamespaceV1Metadata(name="airflow"))
HelmProvider(stack, "helm", kubernetes=HelmProviderKubernetes(host="https://cluster.example"))
Release(
    stack, "release", name="airflow", chart="airflow", namespace=namespace.id, set=[ReleaseSet(name="a", value="b")]
)
app.synth()

print_environment = "import json, os; print(json.dumps(dict(os.environ)))"
child = subprocess.run([sys.executable, "-c", print_environment], capture_output=True, check=True, text=True)
imported = (name.split(".") for name in sys.modules)
submodules = {name[1] for name in imported if name[0] == "cdktf_cdktf_provider_aws" and name[1:] and name[1] != "_jsii"}
json.dump(
    {
        "bindings": constructs.bindings.__file__,
        "aws_submodules": sorted(submodules),
        "vpc_is_one_class": aws_package.vpc.Vpc is vpc.Vpc and vpc.Vpc.__module__ == "cdktf_cdktf_provider_aws.vpc",
        "environment_is_as_before": dict(os.environ) == before and json.loads(child.stdout) == before,
    },
    sys.stdout,
)

if len(sys.argv) > 2:
    from pathlib import Path

    from tests.synth.environments import NAMES, synthesize_environment

    for environment in NAMES:
        synthesize_environment(environment, Path(sys.argv[2]) / environment)
