from __future__ import annotations

from string import Formatter

import pytest

from ops.report.console import PAGES, Console

EUROPE = Console("eu-west-1", "aws")


class TestPage:
    @pytest.mark.parametrize(
        ("console", "start"),
        [
            (EUROPE, "https://console.aws.amazon.com/vpcconsole/home?region=eu-west-1#"),
            (Console("cn-north-1", "aws-cn"), "https://console.amazonaws.cn/vpcconsole/home?region=cn-north-1#"),
            (
                Console("us-gov-west-1", "aws-us-gov"),
                "https://console.amazonaws-us-gov.com/vpcconsole/home?region=us-gov-west-1#",
            ),
        ],
        ids=["aws", "China", "GovCloud"],
    )
    def test_is_in_the_console_of_the_partition(self, console: Console, start: str) -> None:
        """China and GovCloud have hosts of their own."""
        assert console.page("aws_vpc", {"id": "vpc-1"}) == f"{start}VpcDetails:VpcId=vpc-1"

    @pytest.mark.parametrize(
        ("terraform_type", "attributes", "end"),
        [
            (
                "aws_secretsmanager_secret",
                {"name": "airflow-dev/jwt"},
                "secret?name=airflow-dev%2Fjwt&region=eu-west-1",
            ),
            (
                "aws_cloudwatch_log_group",
                {"name": "/aws/eks/x/cluster"},
                "log-group/$252Faws$252Feks$252Fx$252Fcluster",
            ),
            ("aws_sns_topic", {"arn": "arn:aws:sns:eu-west-1:1:x"}, "#/topic/arn:aws:sns:eu-west-1:1:x"),
            ("aws_eks_node_group", {"cluster_name": "x", "node_group_name": "y"}, "#/clusters/x/nodegroups/y"),
        ],
    )
    def test_is_written_as_the_console_reads_it(
        self, terraform_type: str, attributes: dict[str, str], end: str
    ) -> None:
        """Names with slashes, ARNs, names inside of others."""
        assert EUROPE.page(terraform_type, attributes).endswith(end)

    @pytest.mark.parametrize("terraform_type", PAGES)
    def test_needs_all_that_it_names(self, terraform_type: str) -> None:
        """An object of which too little is known has no link, and neither has one without a page; no half a link."""
        names = {name.removeprefix("$") for _, name, _, _ in Formatter().parse(PAGES[terraform_type]) if name}
        known = dict.fromkeys(names - {"region"}, "x")
        assert known
        assert "{" not in EUROPE.page(terraform_type, known)
        assert EUROPE.page(terraform_type, {**known, min(known): ""}) == ""
        assert EUROPE.page("aws_route", known) == ""

    def test_is_no_way_out_of_the_console(self) -> None:
        """Whatever an object is called, the link leads to AWS."""
        link = EUROPE.page("aws_s3_bucket", {"bucket": "../@evil.example/?x#y"})
        assert link == "https://console.aws.amazon.com/s3/buckets/..%2F%40evil.example%2F%3Fx%23y?region=eu-west-1"
