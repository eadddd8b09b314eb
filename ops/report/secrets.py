"""Who can read which secret: in Secrets Manager by the roles' policies, in the cluster by what pods are given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from constructs.checks.synthesized import texts
from constructs.naming.names import Names

from ops.dangers.identity import allows
from ops.pictures.stacks import Stacks
from ops.report.identities import Role

_SECRET, _KUBERNETES_SECRET = "aws_secretsmanager_secret", "kubernetes_secret_v1"  # types of resources
_READ_VERSION = re.compile(r"ephemeral\.aws_secretsmanager_secret_version\.(\w+)\.")
_PUBLISHED = re.compile(r"outputs\.(\w+)")
_ARN_OF = re.compile(r"aws_secretsmanager_secret\.(\w+)\.arn")
#: Stands for the six characters that Secrets Manager adds to a name; policies match them by `*` or `??????`.
_ENDING = "-AbCdEf"


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    """A secret of Secrets Manager, or a pattern of names that some role may read."""

    name: str
    address: str
    description: str
    readers: tuple[str, ...]
    """Roles, with who takes them."""


@dataclass(frozen=True, kw_only=True)
class ClusterSecret:
    """A secret of Kubernetes."""

    name: str
    made_from: tuple[str, ...]
    """Secrets of Secrets Manager, by name."""

    readers: tuple[str, ...]
    """Resources of the stack, and pods of the chart, or the chart's values where no chart was at hand."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Somebody whom the cluster lets in."""

    principal: str
    policy: str
    may: str
    scope: str


def stored_secrets(stacks: Stacks, names: Names, all_roles: Sequence[Role]) -> list[StoredSecret]:
    """Return the environment's secrets, then what its roles may read beside them."""
    found, own = [], set[str]()
    for key, body in stacks.infrastructure.resources(_SECRET).items():
        reference, arn = f"${{{_SECRET}.{key}.arn}}", names.arn("secretsmanager", f"secret:{body['name']}{_ENDING}")
        own |= {reference, arn}
        found.append(
            StoredSecret(
                name=str(body["name"]),
                address=f"{_SECRET}.{key}",
                description=str(body.get("description", "")),
                readers=tuple(_readers(all_roles, reference, arn)),
            )
        )
    others = sorted({pattern for role in all_roles for pattern in role.readable} - own)
    for pattern in others:
        readers = tuple(_readers(all_roles, pattern))
        found.append(StoredSecret(name=pattern, address="", description="", readers=readers))
    return found


def cluster_secrets(stacks: Stacks, pods: Mapping[str, Sequence[str]] | None) -> list[ClusterSecret]:
    """Return the secrets in the cluster; `pods` says which of the chart's read each, None where there is no chart."""
    found = []
    for key, body in stacks.platform.resources(_KUBERNETES_SECRET).items():
        name, address = str(body["metadata"]["name"]), f"{_KUBERNETES_SECRET}.{key}"
        read = dict.fromkeys(_READ_VERSION.findall(json.dumps(body)))
        made_from = tuple(dict.fromkeys(_stored_name(stacks, version) for version in read))
        own = list(_own_readers(stacks, name, address))
        of_chart = pods.get(name, ()) if pods is not None else [f"value {place}" for place in _places(stacks, name)]
        found.append(ClusterSecret(name=name, made_from=made_from, readers=(*own, *of_chart)))
    return sorted(found, key=lambda secret: secret.name)


def cluster_access(stacks: Stacks) -> list[Access]:
    """Return who has an entry to the cluster, and what its policies let them do."""
    infrastructure = stacks.infrastructure
    entries = infrastructure.resources("aws_eks_access_entry")
    found = []
    for body in infrastructure.resources("aws_eks_access_policy_association").values():
        match = re.match(r"\$\{aws_eks_access_entry\.(\w+)\.", str(body["principal_arn"]))
        principal = entries[match[1]]["principal_arn"] if match else body["principal_arn"]
        scope = body["access_scope"]
        where = "the whole cluster" if scope["type"] == "cluster" else ", ".join(scope.get("namespaces", ()))
        policy = str(body["policy_arn"])
        found.append(
            Access(principal=str(principal), policy=policy.rpartition("/")[2], may=allows(policy), scope=where)
        )
    return sorted(found, key=lambda access: access.principal)


def remarks(stacks: Stacks) -> Iterator[str]:
    """Yield what the tables can't show: who gets further than what is given to pods."""
    values = stacks.values
    if "Kubernetes" in stacks.executor or values.get("allowPodLaunching") is True:
        yield (
            "Who writes a DAG starts pods, and a pod may name any secret of Airflow's namespace: so may they "
            f"(executor {stacks.executor}, allowPodLaunching {str(values.get('allowPodLaunching')).lower()})."
        )
    others = sorted(name for name in stacks.platform.resources("helm_release") if name != "airflow")
    if others:
        yield f"What pods of other charts read in the cluster, their charts say: {', '.join(others)}."


def _readers(all_roles: Sequence[Role], *arns: str) -> Iterator[str]:
    for role in all_roles:
        if answer := role.reads(*arns):
            yield f"{role.name}, taken by {role.taken_by}{'' if answer == 'yes' else f', {answer}'}"


def _stored_name(stacks: Stacks, version: str) -> str:
    """The name of the secret that an ephemeral block reads: of the environment's own, or as the file names it."""
    block = stacks.platform.document["ephemeral"]["aws_secretsmanager_secret_version"][version]
    text = str(block["secret_id"])
    published = _PUBLISHED.search(text)
    if published:
        output = stacks.infrastructure.document.get("output", {}).get(published[1], {})
        listed = output.get("value")
        position = re.search(r"\[(\d+)\]", text)
        text = str(listed[int(position[1])] if isinstance(listed, list) and position else listed)
    own = _ARN_OF.search(text)
    return str(stacks.infrastructure.resources(_SECRET)[own[1]]["name"]) if own else text


def _own_readers(stacks: Stacks, name: str, address: str) -> Iterator[str]:
    """Resources of the stack that name a secret: jobs, their pods."""
    wanted = {name, f"${{{address}.metadata[0].name}}"}
    for kind, named in stacks.platform.document["resource"].items():
        if kind not in {"helm_release", _KUBERNETES_SECRET}:
            yield from (f"{kind}.{key}" for key, body in named.items() if wanted & {text for _, text in texts(body)})


def _places(stacks: Stacks, name: str) -> Iterator[str]:
    """Where Airflow's values name a secret: `apiServer.env`."""
    for path, text in texts(stacks.values):
        if text == name or f"name: {name}\n" in f"{text}\n":
            yield ".".join(path)
