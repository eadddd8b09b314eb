"""Values that fit their own rule and that CDKTF, IAM, EKS or Kubernetes would refuse or misread later."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Refused = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

GROUP = "cluster/node_groups/default"


class TestTokens:
    @pytest.mark.parametrize(
        ("place", "piece", "key"),
        [
            ("name", "tftoken", "name"),
            ("tags", "{Owner: a TfToken}", "tags.Owner"),
            ("tags", "{TFTOKEN: a}", "tags.TFTOKEN"),
            (
                "database",
                '{parameters: {log_line_prefix: "${TfToken[TOKEN.0]}"}}',
                "database.parameters.log_line_prefix",
            ),
        ],
        ids=["name", "tag", "tag-key", "parameter"],
    )
    def test_text_with_cdktfs_own_word_is_refused(self, problems: Refused, place: str, piece: str, key: str) -> None:
        """CDKTF would take such text for a placeholder of its own: the report names the key and the word."""
        (problem,) = problems({place: piece})
        assert problem.key == key
        assert "TfToken" in problem.allowed


class TestTags:
    def test_keys_that_differ_in_case_alone_are_refused(self, problems: Refused) -> None:
        """IAM takes `Team` and `team` for one key and refuses the role."""
        (problem,) = problems({"tags": "{Team: a, team: b}"})
        assert problem.key == "tags"
        assert "alike: Team, team" in problem.received

    @pytest.mark.parametrize(
        ("ignored", "key"),
        [("{keys: [Team]}", "ignore_tags.keys[0]"), ("{key_prefixes: [Te]}", "ignore_tags.key_prefixes[0]")],
    )
    def test_what_the_file_sets_cant_be_ignored(self, problems: Refused, ignored: str, key: str) -> None:
        """A tag that is ignored is never set: the file says one or the other."""
        (problem,) = problems({"tags": "{Team: a}", "ignore_tags": ignored})
        assert problem.key == key
        assert "`tags`" in problem.allowed


class TestNodeGroups:
    @pytest.mark.parametrize(
        "labels", ["{team: ''}", f"{{{'d' * 60}.com/team: a}}"], ids=["empty-value", "key-of-69-characters"]
    )
    def test_labels_that_eks_does_not_take_are_refused(self, problems: Refused, labels: str) -> None:
        """EKS wants 1 to 63 characters for key and value, prefix included."""
        (problem,) = problems({GROUP: f"{{labels: {labels}}}"})
        assert problem.key.startswith("cluster.node_groups.default.labels")
        assert "EKS" in problem.allowed

    def test_two_taints_of_one_key_and_effect_are_refused(self, problems: Refused) -> None:
        """Kubernetes registers no node with such a pair, whatever the values."""
        taints = "[{key: a, value: b, effect: PREFER_NO_SCHEDULE}, {key: a, value: c, effect: PREFER_NO_SCHEDULE}]"
        (problem,) = problems({GROUP: f"{{taints: {taints}}}"})
        assert problem.key == "cluster.node_groups.default.taints"
        assert "a PREFER_NO_SCHEDULE" in problem.received

    def test_taints_may_share_a_key_or_be_without_a_value(self, load: Load) -> None:
        """One key with two effects is legal, and so is a taint without a value."""
        taints = "[{key: a, effect: PREFER_NO_SCHEDULE}, {key: a, effect: NO_SCHEDULE}]"
        groups = f"{{default: {{}}, other: {{taints: {taints}}}}}"
        group = load({"cluster/node_groups": groups}).cluster.node_groups["other"]
        assert [taint.value for taint in group.taints] == ["", ""]
