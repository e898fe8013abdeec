"""A claim starts from its pre-approval, and nobody types what was approved."""

from datetime import UTC, datetime

from portal.domain.facts import Facts, carried, with_given
from tests.support.cases import assess
from tests.support.portals import own_schemes

KF = own_schemes()["kvalitetsfondet-2023"]
CLAIM, PREAPPROVAL = KF.kinds["claim"], KF.kinds["preapproval"]
APPROVED = {
    "course": "other",
    "course_title": "Lang uke",
    "topic": "Pasientsikkerhet",
    "starts_on": "2023-11-06",
    "ends_on": "2023-11-17",
    "days_wanted": "8,5",
}


def test_a_claim_starts_from_its_pre_approval() -> None:
    answers = carried(PREAPPROVAL, CLAIM, APPROVED)
    assert answers == {k: v for k, v in APPROVED.items() if k != "days_wanted"} | {"preapproved_days": "8,5"}


def test_the_days_approved_are_the_cap_of_the_claim() -> None:
    answers = carried(PREAPPROVAL, CLAIM, APPROVED) | {"payee": "locum", "in_hours": "yes", "whole_days": "9"}
    found = assess(answers, KF, Facts(), datetime(2023, 12, 1, tzinfo=UTC))
    assert found.amount == 8_750_00 * 17 // 2
    assert "kf.days-cap" in found.codes


def test_what_the_portal_fills_in_cannot_be_typed() -> None:
    typed = {"course": "other", "preapproved_days": "12"}
    assert with_given(CLAIM, typed, {"preapproved_days": "8,5"}) == {
        "course": "other",
        "preapproved_days": "8,5",
    }
    assert with_given(CLAIM, typed, {}) == {"course": "other"}
    assert carried(PREAPPROVAL, CLAIM, APPROVED | {"preapproved_days": "12"})["preapproved_days"] == "8,5"
    assert "preapproved_days" not in carried(PREAPPROVAL, CLAIM, {"preapproved_days": "12"})
