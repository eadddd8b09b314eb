"""The roles of an environment: who may take them, and what their own policies let them read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from constructs.checks.synthesized import SynthesizedStack

from ops.dangers.policies import Statement, statements

READING = "secretsmanager:GetSecretValue"
_NAMESPACE = "StringEquals aws:RequestTag/kubernetes-namespace"
_ACCOUNT = "StringEquals aws:RequestTag/kubernetes-service-account"


@dataclass(frozen=True, kw_only=True)
class Role:
    """One role."""

    name: str
    taken_by: str
    """Service accounts of pods, or the service of AWS."""

    statements: tuple[Statement, ...]
    """Of the policies that stand in the JSON."""

    attached: tuple[str, ...]
    """ARNs of policies that don't: AWS's own, and those that the environment file names."""

    @property
    def policies(self) -> list[str]:
        """The same, AWS's own by their name."""
        return [arn.partition("::aws:policy/")[2] or arn for arn in self.attached]

    def reads(self, *arns: str) -> str:
        """Whether the role may read a secret, however its ARN is written: empty, `yes`, `under conditions`."""
        probes = [_probe(arn) for arn in arns]
        found = [each for each in self.statements if any(_covers(each, probe) for probe in probes)]
        allowed, denied = ([each for each in found if each.denies is denies] for denies in (False, True))
        if not allowed or not all(each.conditions for each in denied):
            return ""
        freely = any(not each.conditions and not each.inverted for each in allowed)
        return "yes" if freely and not denied else "under conditions"

    @property
    def readable(self) -> set[str]:
        """ARNs and patterns of all secrets that its statements let it read."""
        return {
            resource
            for each in self.statements
            if not each.denies and not each.inverted
            for resource in each.resources
            if _covers(each, _probe(resource))
        }


def roles(stack: SynthesizedStack) -> list[Role]:
    """Return the roles of a stack, by name."""
    own, attached = stack.resources("aws_iam_role_policy"), stack.resources("aws_iam_role_policy_attachment")
    made = stack.resources("aws_iam_policy")
    found = []
    for name, body in stack.resources("aws_iam_role").items():
        documents = [policy["policy"] for policy in own.values() if _is_of(policy["role"], name)]
        arns = [str(each["policy_arn"]) for each in attached.values() if _is_of(each["role"], name)]
        arns += [str(arn) for arn in body.get("managed_policy_arns") or ()]
        by_reference = {f"${{aws_iam_policy.{policy}.arn}}": content["policy"] for policy, content in made.items()}
        documents += [by_reference[arn] for arn in arns if arn in by_reference]
        found.append(
            Role(
                name=str(body["name"]),
                taken_by="; ".join(_takers(body["assume_role_policy"])),
                statements=tuple(each for document in documents for each in statements(document) or ()),
                attached=tuple(arn for arn in arns if arn not in by_reference),
            )
        )
    return sorted(found, key=lambda role: role.name)


def _takers(trust: str) -> Iterator[str]:
    for statement in statements(trust) or ():
        accounts = statement.conditions.get(_ACCOUNT, ())
        namespaces = statement.conditions.get(_NAMESPACE, ())
        if accounts:
            yield f"pods of {', '.join(namespaces) or 'any namespace'} with service account {', '.join(accounts)}"
        else:
            yield ", ".join(principal.partition(":")[2] or principal for principal in statement.principals)


def _is_of(reference: object, role: str) -> bool:
    return str(reference).startswith(f"${{aws_iam_role.{role}.")


def _probe(arn: str) -> Statement:
    return Statement(denies=False, actions=(READING,), resources=(arn,), principals=("",), conditions={})


def _covers(statement: Statement, probe: Statement) -> bool:
    """What says NotAction or NotResource is taken for one that does, whatever it leaves out."""
    if statement.inverted:
        return not statement.denies
    return replace(statement, denies=False).covers(probe, whatever_conditions=True)
