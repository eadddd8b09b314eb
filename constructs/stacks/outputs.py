"""What the stacks publish: the contract between them, and what people ask for.

One class serves both sides: a value that is not published, or that nobody declared, is an error of types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self, get_origin, get_type_hints

from cdktf import TerraformOutput, TerraformStack, Token


class Outputs:
    """The outputs of a stack: one field each, of the name that it has in the state, with its description."""

    def publish(self, stack: TerraformStack) -> None:
        """Declare one Terraform output per field that has a value."""
        for name, hint in get_type_hints(type(self), include_extras=True).items():
            description = hint.__metadata__[0]
            value = getattr(self, name)
            if value is not None:
                TerraformOutput(stack, name, static_id=True, value=value, description=description)

    @classmethod
    def of_state(cls, stack: str) -> Self:
        """Expressions for what `stack` has published, from its state: for another stack, which reads it (`read_state`).

        Plain text, no token of CDKTF's, but for lists: whoever makes a checksum of it gets the same one in every run.
        """
        expressions = {name: f"${{{_reference(stack, name)}}}" for name in get_type_hints(cls)}
        return cls(
            **{
                name: Token.as_list(expressions[name]) if get_origin(hint) is list else expressions[name]
                for name, hint in get_type_hints(cls).items()
            }
        )

    @classmethod
    def entry_of_state(cls, stack: str, name: str, position: int) -> str:
        """Expression for one entry of a published list.

        Raises:
            KeyError: there is no such list.
        """
        if get_origin(get_type_hints(cls)[name]) is not list:
            raise KeyError(name)
        return f"${{{_reference(stack, name)}[{position}]}}"


def _reference(stack: str, name: str) -> str:
    return f"data.terraform_remote_state.{stack}.outputs.{name}"


@dataclass(frozen=True, kw_only=True)
class InfrastructureOutputs(Outputs):
    """Every output of `infrastructure`. ARNs of secrets cross; their values never do."""

    cluster_name: Annotated[str, "Name of the EKS cluster"]
    cluster_endpoint: Annotated[str, "URL of the Kubernetes API"]
    cluster_certificate_authority: Annotated[str, "Certificate authority of the Kubernetes API: PEM in Base64"]
    cluster_version: Annotated[str, "Kubernetes version of the control plane"]
    cluster_vpc_id: Annotated[str, "VPC of the cluster"]
    public_subnet_ids: Annotated[list[str], "Subnets for internet-facing load balancers, in the order of the zones"]
    private_subnet_ids: Annotated[list[str], "Subnets of nodes, pods and internal load balancers, in the same order"]
    database_host: Annotated[str, "Host name of PostgreSQL; resolves to a private address inside the two VPCs"]
    database_port: Annotated[int | str, "Port of PostgreSQL"]
    database_name: Annotated[str, "Database that belongs to Airflow"]
    database_username: Annotated[str, "Owner of the database"]
    database_changes: Annotated[str, "When changes that interrupt the database take effect"]
    database_secret_arn: Annotated[str, "Secret with the password of the database's owner"]
    redis_secret_arn: Annotated[str, "Secret with the password of the Celery broker"]
    api_secret_arn: Annotated[str, "Secret with the secret key of Airflow's api-server"]
    jwt_secret_arn: Annotated[str, "Secret with which Airflow's components sign their tokens"]
    admin_secret_arn: Annotated[str, "Secret with the password of the user admin"]
    admin_secret_version: Annotated[str, "ID of the version of that secret, another one after each rotation"]
    fernet_secret_arns: Annotated[list[str], "Secrets with the Fernet keys, newest first"]
    log_bucket: Annotated[str, "Bucket for task logs"]
    image_repository: Annotated[str | None, "Repository in ECR for images of one's own, to push to"]
    flow_log_group: Annotated[str, "Log group with the flow logs of both VPCs"]
    airflow_role_arn: Annotated[str, "Role of Airflow's pods by Pod Identity"]
    kubeconfig_command: Annotated[str, "Command that adds the cluster to your kubeconfig"]
    admin_password_command: Annotated[str, "Command that prints the password of the user admin"]


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs(Outputs):
    """Every output of `platform`."""

    airflow_url: Annotated[str, "Address of Airflow's web UI"]
    load_balancer_host_name: Annotated[str | None, "Host name of the load balancer, for a DNS record of your own"]
    port_forward_command: Annotated[str | None, "Command that forwards the web UI's port to this machine"]
    airflow_version: Annotated[str, "Version of Airflow"]
    airflow_namespace: Annotated[str, "Kubernetes namespace of Airflow"]
    pods_command: Annotated[str, "Command that lists Airflow's pods"]
