"""Tags."""

from __future__ import annotations

from constructs.naming.labels import Labels
from constructs.naming.names import Names
from constructs.settings.sections.tags import OWN_KEYS

from tests.unit.trial_stack import ACCOUNT


def _labels(**user_tags: str) -> Labels:
    names = Names(environment="dev", region="eu-west-1", account_id=ACCOUNT)
    return Labels(names=names, stack="infrastructure", user_tags=user_tags)


class TestLabels:
    def test_with_default_configuration(self) -> None:
        """Name, project, environment, tool, stack and the address of the managing line."""
        assert _labels().tags("aws_nat_gateway.nat_a") == {
            "Name": "airflow-dev-nat-a",
            "Project": "airflow",
            "Environment": "dev",
            "ManagedBy": "cdktf",
            "Stack": "infrastructure",
            "Address": "aws_nat_gateway.nat_a",
        }

    def test_own_tags_are_those_that_are_set(self) -> None:
        """The list that the environment file is checked against holds every tag of the project and no other."""
        assert set(_labels().tags("aws_vpc.cluster")) == set(OWN_KEYS)

    def test_user_tags_are_added(self) -> None:
        """The environment file's tags stand beside the project's."""
        assert _labels(CostCenter="4711").tags("aws_vpc.cluster")["CostCenter"] == "4711"

    def test_user_tags_never_override_the_projects(self) -> None:
        """A tag that the project sets keeps the project's value whatever the user's says: operations rely on it."""
        stranger = _labels(**dict.fromkeys(OWN_KEYS, "mine"))
        assert stranger.tags("aws_vpc.cluster") == _labels().tags("aws_vpc.cluster")

    def test_constant_tags_ignore_the_users(self) -> None:
        """What would be replaced by a change of tags gets only such as never change."""
        constant = _labels(CostCenter="4711").constant_tags
        assert constant == _labels().constant_tags
        assert set(constant) == {"Project", "Environment", "ManagedBy", "Stack"}

    def test_controllers_get_what_they_can_pass_on(self) -> None:
        """Nothing that a controller's flag cuts short; values may hold anything."""
        assert _labels(**{"Team": "a=b", "a=b": "cut"}).for_controllers == {"Team": "a=b"}
        assert _labels().for_controllers == {}
