"""The rule for versions, on the table of this checkout and on days that are given to it."""

from __future__ import annotations

from datetime import date

import pytest
from constructs.versions.fit import misfits
from constructs.versions.rule import advice, judge
from constructs.versions.table import part
from constructs.versions.verdict import Kind

#: The day of the issue that this answers.
TODAY = date(2026, 11, 30)


def kinds(part: str, version: str, today: date = TODAY) -> list[Kind]:
    """Why a version is remarked on."""
    return [remark.kind for remark in judge(part, version, today).remarks]


class TestWhatPasses:
    @pytest.mark.parametrize(
        ("part", "version"),
        [("airflow", "3.3.2"), ("kubernetes", "1.35"), ("postgresql", "17"), ("load-balancer-controller", "3.5.0")],
    )
    def test_tested_is_not_remarked_on(self, part: str, version: str) -> None:
        """What this project was tested with is said to be, and nothing else is."""
        verdict = judge(part, version, TODAY)
        assert verdict.tested
        assert verdict.remarks == ()

    @pytest.mark.parametrize(
        ("part", "version"),
        [("airflow", "3.3.1"), ("kubernetes", "1.36"), ("postgresql", "18.4"), ("postgresql", "16")],
    )
    def test_known_and_supported_is_not_remarked_on(self, part: str, version: str) -> None:
        """It passes without having been tested here."""
        verdict = judge(part, version, TODAY)
        assert not verdict.tested
        assert verdict.remarks == ()


class TestFaults:
    def test_a_severe_one_is_named_with_the_way_out(self) -> None:
        """The CVE, what it lets happen, and the version that was tested and hasn't got it."""
        (remark,) = [each for each in judge("airflow", "3.3.0", TODAY).remarks if each.kind is Kind.FAULTY]
        assert "CVE-2026-58076 (whoever writes a DAG executes code in scheduler and API server" in remark.says
        assert remark.fix == 'write airflow.version: "3.3.2"'

    def test_others_are_known_and_warned_of_by_nobody(self) -> None:
        """They are in the verdict for those who look."""
        verdict = judge("airflow", "3.3.2", TODAY)
        assert [fault.id for fault in verdict.faults] == ["CVE-2026-82337"]
        assert verdict.warnings == ()

    @pytest.mark.parametrize(("version", "has"), [("17.6", True), ("17.8", False), ("16.12", False), ("18.1", True)])
    def test_each_line_gets_its_own_fix(self, version: str, has: bool) -> None:  # noqa: FBT001 - a case
        """17.8 is clean although it is older than 18.2, which is the fix of its line."""
        assert (Kind.FAULTY in kinds("postgresql", version)) is has

    def test_a_database_stays_in_its_line(self) -> None:
        """The advice for a minor version is a minor version."""
        (remark,) = judge("postgresql", "16.9", TODAY).remarks
        assert remark.fix == 'write database.engine_version: "16.14"'

    def test_a_line_without_minor_version_has_none(self) -> None:
        """RDS takes its newest minor version."""
        assert judge("postgresql", "17", TODAY).faults == ()

    def test_one_that_came_later_is_not_in_older_versions(self) -> None:
        """CVE-2026-82355 came with 3.3.0."""
        assert "CVE-2026-82355" not in {fault.id for fault in judge("airflow", "3.2.2", TODAY).faults}

    def test_of_a_package_in_the_image_names_a_better_image(self) -> None:
        """The version of Airflow whose official image has the fix, and what one's own is built with."""
        (remark,) = judge("fab-provider", "3.8.0", TODAY).remarks
        assert remark.kind is Kind.FAULTY
        assert "CVE-2026-82311 (a new password ends no session" in remark.says
        assert remark.fix == (
            'write airflow.version: "3.3.2", whose image has 3.9.0, or build an image of your own with '
            "apache-airflow-providers-fab 3.9.0 or newer"
        )

    def test_of_a_package_that_no_image_has_mended_is_mended_in_an_own_one(self) -> None:
        """The newest git provider of the line 0 is in the newest image."""
        assert advice(part("git-provider"), "0.5.0") == (
            "build an image of your own with apache-airflow-providers-git 1.0.1 or newer"
        )


class TestSupport:
    def test_past_it_names_the_day_the_price_and_the_next_step(self) -> None:
        """EKS's extended support costs, and upgrades go one version at a time."""
        (remark,) = judge("kubernetes", "1.32", TODAY).remarks
        assert remark.kind is Kind.OLD
        assert remark.day == date(2026, 3, 23)
        assert remark.says == (
            "Kubernetes 1.32 gets no standard support any more since 2026-03-23; EKS charges six times the price of "
            "the cluster (cluster.upgrade_support: extended), or upgrades it by itself (standard), until 2027-03-23"
        )
        assert remark.fix == (
            'write cluster.kubernetes_version: "1.35"; a cluster that runs goes one version at a time, first to "1.33"'
        )

    def test_its_end_is_told_ninety_days_before(self) -> None:
        """1.35 ends on 2027-03-27; whoever synthesizes isn't bothered with it yet."""
        assert kinds("kubernetes", "1.35", date(2026, 12, 26)) == []
        verdict = judge("kubernetes", "1.35", date(2026, 12, 27))
        (remark,) = verdict.aging
        assert remark.kind is Kind.ENDING
        assert remark.says.startswith(
            "the standard support of Kubernetes 1.35 ends on 2027-03-27; from then on EKS charges six times"
        )
        assert verdict.warnings == ()

    def test_lasts_to_the_end_of_its_last_day(self) -> None:
        """On the day itself it is near, on the next it is past."""
        assert kinds("kubernetes", "1.34", date(2026, 12, 2)) == [Kind.ENDING]
        assert kinds("kubernetes", "1.34", date(2026, 12, 3)) == [Kind.OLD]

    def test_of_what_nobody_hosts_has_no_price(self) -> None:
        """Airflow 3.2 gets no fixes, and that is all."""
        old = next(each for each in judge("airflow", "3.2.2", TODAY).remarks if each.kind is Kind.OLD)
        assert old.says == "Airflow 3.2 gets no fixes any more since 2026-07-06"

    def test_a_line_that_is_older_than_the_table_has_none(self) -> None:
        """Terraform 1.10 is in no line of the table."""
        assert kinds("terraform", "1.10.5") == [Kind.OLD]


class TestGone:
    @pytest.mark.parametrize("version", ["1.29", "1.30", "1.31"])
    def test_is_what_eks_makes_no_cluster_of(self, version: str) -> None:
        """Its extended support has ended."""
        assert kinds("kubernetes", version) == [Kind.GONE]

    def test_is_a_minor_version_that_rds_has_no_more(self) -> None:
        """The oldest that it still makes is named with the day that this is known of."""
        gone = judge("postgresql", "17.4", TODAY).remarks[0]
        assert gone.kind is Kind.GONE
        assert "(the oldest that it has is 17.5, as of 2026-08-22)" in gone.says

    def test_the_last_day_of_extended_support_is_not_past(self) -> None:
        """1.31 is gone on the day after."""
        assert kinds("kubernetes", "1.31", date(2026, 11, 26)) == [Kind.OLD]


class TestNewer:
    @pytest.mark.parametrize(
        ("part", "version"), [("airflow", "3.3.3"), ("airflow", "3.4.0"), ("kubernetes", "1.37"), ("postgresql", "19")]
    )
    def test_passes_and_what_was_not_tried_is_named(self, part: str, version: str) -> None:
        """So that no security fix waits for this project."""
        (remark,) = judge(part, version, TODAY).remarks
        assert remark.kind is Kind.NEWER
        assert remark.says.startswith(f"{judge(part, version, TODAY).part.name} {version} is newer than what is known")
        assert judge(part, version, TODAY).part.how in remark.says


class TestFit:
    @pytest.mark.parametrize(
        ("chosen", "subject", "part"),
        [
            ({"kubernetes": "1.29", "airflow-chart": "1.22.0"}, "kubernetes", "1.30 or newer: "),
            ({"postgresql": "15.10"}, "postgresql", "16 or newer: parameters"),
            ({"airflow": "3.1.8"}, "airflow", "3.2 or newer: values"),
            ({"airflow": "4.0.0", "airflow-chart": "1.22.0"}, "airflow", "versions below 4: "),
        ],
    )
    def test_what_cannot_work_is_unfit(self, chosen: dict[str, str], subject: str, part: str) -> None:
        """With what fits, why, and what to write."""
        found = list(misfits(chosen, subject))
        assert {remark.kind for remark in found} == {Kind.UNFIT}
        assert all(part in remark.allowed for remark in found)
        assert all(remark.fix for remark in found)

    def test_what_was_not_tried_together_passes(self) -> None:
        """Airflow's own tests end at Kubernetes 1.35."""
        (remark,) = misfits({"airflow": "3.3.2", "kubernetes": "1.36"}, "kubernetes")
        assert remark.kind is Kind.NEWER
        assert "was not tried with it: Airflow is tested with Kubernetes 1.30 to 1.35" in remark.says

    def test_what_fits_is_not_remarked_on(self) -> None:
        """The versions of a new environment."""
        chosen = {"airflow": "3.3.2", "kubernetes": "1.35", "postgresql": "18.4", "airflow-chart": "1.22.0"}
        assert [list(misfits(chosen, subject)) for subject in chosen] == [[], [], [], []]


def test_a_verdict_is_json() -> None:
    """Dates are text, faults and remarks are lists."""
    document = judge("kubernetes", "1.33", TODAY).document()
    assert document["supported_until"] == "2026-07-29"
    assert document["extended_support_until"] == "2027-07-29"
    assert [remark["kind"] for remark in document["remarks"]] == ["out of support"]
    assert document["tested"] is False
