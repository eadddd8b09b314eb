"""Whatever environment is delivered, its stack `bootstrap` is one that IAM takes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from constructs.identity.policy import LONGEST_POLICY
from hypothesis import given, settings

from tests.bootstrap.environments import bootstrap_stack, characters
from tests.property.environment_files import valid_files
from tests.property.mistakes import yaml_text
from tests.property.place import Values
from tests.property.profiles import PROFILE


@settings(PROFILE, max_examples=20)
@given(values=valid_files().filter(lambda values: "delivery" in values))
def test_a_legal_section_becomes_policies_that_fit(values: Values) -> None:
    """No legal file makes a policy that is too long, or one whose trust is in more than one subject."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / f"{values['name']}.yaml"
        file.write_text(yaml_text(values), encoding="utf-8")
        stack = bootstrap_stack(file, Path(name) / "out")
    for policy in stack.resources("aws_iam_policy").values():
        assert characters(policy["policy"]) <= LONGEST_POLICY, policy["name"]
    subjects = set()
    for role in stack.resources("aws_iam_role").values():
        [statement] = json.loads(role["assume_role_policy"])["Statement"]
        [subject] = [text for key, text in statement["Condition"]["StringEquals"].items() if key.endswith(":sub")]
        subjects.add(subject)
    assert len(subjects) == 2
