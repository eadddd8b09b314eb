"""When ranges grow, and when a policy widens."""

from __future__ import annotations

from typing import Any

import pytest

from ops.dangers.ranges import opened, whole_internet
from tests.unit.ops.dangers.judged import Block, allow, deny, judged, policy

BUCKET = "arn:aws:s3:::logs"
OBJECTS = f"{BUCKET}/*"


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (["10.0.0.0/8"], ["10.1.0.0/16"], []),
        (["10.0.0.0/24", "10.0.1.0/24"], ["10.0.0.0/23"], []),
        (["10.0.0.0/24"], ["10.0.0.0/23"], ["10.0.0.0/23"]),
        (["10.0.0.0/24"], ["192.0.2.1/32", "0.0.0.0/0", "10.0.0.0/24"], ["0.0.0.0/0", "192.0.2.1/32"]),
        ([], ["::/0"], ["::/0"]),
        (["0.0.0.0/0"], ["::/0"], ["::/0"]),
        (["sg-1"], ["sg-1", "sg-2"], ["sg-2"]),
    ],
    ids=["within", "joined", "grown", "widest-first", "first", "other-family", "groups"],
)
def test_what_no_former_range_holds_is_new(before: list[str], after: list[str], new: list[str]) -> None:
    """Ranges count by the addresses in them, however they are cut; the widest is named first."""
    assert opened(before, after) == new


def test_two_halves_are_the_whole_internet() -> None:
    """Whoever writes 0.0.0.0/0 in two parts opens as much."""
    assert whole_internet(["0.0.0.0/1", "128.0.0.0/1"])
    assert not whole_internet(["0.0.0.0/1"])


WIDER: dict[str, tuple[list[Block], list[Block], list[str]]] = {
    "another action": (
        [allow("s3:GetObject", OBJECTS)],
        [allow(["s3:GetObject", "iam:PassRole"], OBJECTS)],
        [f"allows more: s3:GetObject on {OBJECTS} -> iam:PassRole on {OBJECTS}"],
    ),
    "a wildcard": (
        [allow("s3:GetObject", OBJECTS)],
        [allow("s3:*", OBJECTS)],
        [f"allows more: s3:GetObject on {OBJECTS} -> s3:* on {OBJECTS}"],
    ),
    "another resource": (
        [allow("s3:GetObject", OBJECTS)],
        [allow("s3:GetObject", "*")],
        [f"allows more: s3:GetObject on {OBJECTS} -> s3:GetObject on *"],
    ),
    "another principal": (
        [{**allow("s3:GetObject", OBJECTS), "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}],
        [{**allow("s3:GetObject", OBJECTS), "Principal": "*"}],
        [
            (
                f"allows more: s3:GetObject on {OBJECTS} for arn:aws:iam::111122223333:root -> s3:GetObject on "
                f"{OBJECTS} for *"
            )
        ],
    ),
    "a condition gone": (
        [allow("s3:GetObject", OBJECTS, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})],
        [allow("s3:GetObject", OBJECTS)],
        ["allows s3:GetObject under fewer conditions: StringEquals aws:SourceAccount 111122223333 -> (none)"],
    ),
    "a condition with more values": (
        [allow("sts:AssumeRole", Condition={"StringEquals": {"sub": ["a"]}})],
        [allow("sts:AssumeRole", Condition={"StringEquals": {"sub": ["a", "b"]}})],
        ["allows sts:AssumeRole under fewer conditions: StringEquals sub a -> StringEquals sub a, b"],
    ),
    "a negated condition with fewer values": (
        [allow("s3:*", Condition={"StringNotEquals": {"x": ["a", "b"]}})],
        [allow("s3:*", Condition={"StringNotEquals": {"x": ["a"]}})],
        ["allows s3:* under fewer conditions: StringNotEquals x a, b -> StringNotEquals x a"],
    ),
    "everything but": (
        [allow("s3:GetObject", OBJECTS)],
        [allow("s3:GetObject", OBJECTS), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        ["allows more: (none) -> all but iam:* on *"],
    ),
    "any characters instead of one, in a resource": (
        [allow("s3:GetObject", "arn:aws:s3:::log?")],
        [allow("s3:GetObject", "arn:aws:s3:::log*")],
        ["allows more: s3:GetObject on arn:aws:s3:::log? -> s3:GetObject on arn:aws:s3:::log*"],
    ),
    "any characters instead of one, in an action": (
        [allow("s3:Get?bject", OBJECTS)],
        [allow("s3:Get*bject", OBJECTS)],
        [f"allows more: s3:Get?bject on {OBJECTS} -> s3:Get*bject on {OBJECTS}"],
    ),
    "everything but the same names": (
        [{"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}],
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": BUCKET}],
        [f"allows more: s3:* on all but {BUCKET} -> all but s3:* on {BUCKET}"],
    ),
    "everybody but": (
        [{**allow("s3:*", BUCKET), "Principal": {"Service": "a.amazonaws.com"}}],
        [{"Effect": "Allow", "Action": "s3:*", "Resource": BUCKET, "NotPrincipal": {"Service": "a.amazonaws.com"}}],
        [f"allows more: s3:* on {BUCKET} for a.amazonaws.com -> s3:* on {BUCKET} for all but a.amazonaws.com"],
    ),
    "a principal of the same name and another kind": (
        [{**allow("sts:AssumeRole", ""), "Principal": {"Service": "x.amazonaws.com"}}],
        [{**allow("sts:AssumeRole", ""), "Principal": {"Federated": "x.amazonaws.com"}}],
        ["allows more: sts:AssumeRole for x.amazonaws.com -> sts:AssumeRole for Federated:x.amazonaws.com"],
    ),
    "a denial gone": (
        [allow("s3:*", BUCKET), deny("s3:DeleteBucket", BUCKET)],
        [allow("s3:*", BUCKET)],
        [f"denies less: deny s3:DeleteBucket on {BUCKET} -> (none)"],
    ),
    "a denial of less": (
        [deny("s3:*", [BUCKET, OBJECTS])],
        [deny("s3:*", [BUCKET])],
        [f"denies less: deny s3:* on {BUCKET}, {OBJECTS} -> deny s3:* on {BUCKET}"],
    ),
    "a denial with one more condition": (
        [deny("s3:*", BUCKET, Condition={"Bool": {"aws:SecureTransport": "false"}})],
        [
            deny(
                "s3:*", BUCKET, Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"user": "nobody"}}
            )
        ],
        [
            (
                f"denies less: deny s3:* on {BUCKET} if Bool aws:SecureTransport false -> deny s3:* on {BUCKET} if "
                "Bool aws:SecureTransport false and StringEquals user nobody"
            )
        ],
    ),
}

NOT_WIDER: dict[str, tuple[list[Block], list[Block]]] = {
    "fewer actions": ([allow(["s3:GetObject", "s3:PutObject"])], [allow("s3:GetObject")]),
    "within a wildcard": ([allow("s3:*", "*")], [allow("s3:getobject", OBJECTS)]),
    "in two statements": (
        [allow(["s3:GetObject", "s3:PutObject"], OBJECTS)],
        [allow("s3:GetObject", OBJECTS), allow("s3:PutObject", OBJECTS)],
    ),
    "another name and order": (
        [allow(["a:B", "a:C"], Sid="One"), allow("d:E")],
        [allow("d:E"), allow(["a:C", "a:B"], Sid="Two")],
    ),
    "one more condition": ([allow("a:B")], [allow("a:B", Condition={"Bool": {"x": "true"}})]),
    "a condition with fewer values": (
        [allow("a:B", Condition={"StringEquals": {"x": ["a", "b"]}})],
        [allow("a:B", Condition={"StringEquals": {"x": "a"}})],
    ),
    "one character instead of any": (
        [allow("s3:Get*", "arn:aws:s3:::log*")],
        [allow("s3:Get?bject", "arn:aws:s3:::log?")],
    ),
    "the same single character": ([allow("s3:Get?bject", "b?[a]")], [allow("s3:get?bject", "b?[a]")]),
    "everybody in other words": (
        [{**allow("s3:GetObject"), "Principal": "*"}],
        [{**allow("s3:GetObject"), "Principal": {"AWS": "*"}}],
    ),
    "a denial of more": ([deny("s3:DeleteBucket")], [deny("s3:*")]),
}


@pytest.mark.parametrize("case", WIDER, ids=str)
def test_a_policy_that_widens_is_told(case: str) -> None:
    """What it allows and did not, or denies no more, with what stood there."""
    before, after, told = WIDER[case]
    found = judged("aws_iam_role_policy", {"policy": policy(*before)}, {"policy": policy(*after)})
    assert found == [f"opens the role's policy {words}" for words in told]


@pytest.mark.parametrize("case", NOT_WIDER, ids=str)
def test_a_policy_that_does_not_widen_is_not(case: str) -> None:
    """Neither one that narrows nor one that says the same in other words."""
    before, after = NOT_WIDER[case]
    assert judged("aws_iam_role_policy", {"policy": policy(*before)}, {"policy": policy(*after)}) == []


def test_a_new_policy_tells_all_that_it_allows_the_widest_first() -> None:
    """In one line, so that a new role is one line."""
    new = policy(allow("s3:GetObject", OBJECTS), allow("*", "*"), deny("kms:*"))
    found = judged("aws_iam_role_policy", None, {"policy": new})
    assert found == [f"opens the role's policy allows: (none) -> * on *; s3:GetObject on {OBJECTS}"]


@pytest.mark.parametrize(
    ("after", "unknown"),
    [({}, {"policy": True}), ({"policy": "${data.x.y.json}"}, {})],
    ids=["unknown", "expression"],
)
def test_a_policy_that_nobody_knows_yet_is_told(after: Block, unknown: dict[str, Any]) -> None:
    """What can't be judged is not taken for harmless."""
    [found] = judged("aws_iam_role_policy", {"policy": policy(allow("a:B"))}, after, after_unknown=unknown)
    assert found.startswith("opens the role's policy: it can't be told what it will allow")


def test_an_action_named_among_many_is_never_cut_off_behind_narrower_ones() -> None:
    """Of a long list the wildcards come first, and the rest is counted."""
    many = [f"ec2:Describe{number}" for number in range(40)]
    [found] = judged("aws_iam_role_policy", {"policy": policy()}, {"policy": policy(allow([*many, "iam:*"]))})
    assert found.startswith("opens the role's policy allows: (none) -> iam:*, ec2:Describe0")
    assert found.endswith(" and 35 more on *")
