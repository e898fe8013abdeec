"""How an amount came about: the steps in their order, and the one line that limits it, at equal values too."""

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.domain.assessment import Assessment
from portal.domain.facts import Facts
from portal.domain.money import Money
from tests.support.cases import assess
from tests.support.portals import own_schemes

SCHEMES = own_schemes()


def grant(eligible: str, counter: str) -> Assessment:
    """Costs in Sweden, where the ceiling is 5 000."""
    answers = {
        "mode": "in_person",
        "country": "SE",
        "counter_amount": counter,
        "costs": [{"kind": "fee", "amount": eligible}],
    }
    return assess(answers, SCHEMES["rfr-2024"], Facts(), datetime(2024, 3, 1, tzinfo=UTC))


def refund(**answers: Any) -> Assessment:
    """A course of two days at 8 750 a day."""
    base = {"course": "diabetes", "starts_on": "2023-09-14", "ends_on": "2023-09-15", "in_hours": "yes"}
    return assess(base | answers, SCHEMES["kvalitetsfondet-2023"], Facts(), datetime(2023, 10, 1, tzinfo=UTC))


def deciding(found: Assessment) -> list[str]:
    """The steps that limit the amount."""
    return [step.key for step in found.steps if step.decides]


@pytest.mark.parametrize(
    ("eligible", "counter", "decides"),
    [
        ("8000", "5000", ["part"]),
        ("8000", "4000", ["part"]),
        ("8000", "3999.99", ["counter"]),
        ("10000", "6000", ["part"]),
        ("10000", "5000", ["part"]),
        ("10000.02", "6000", ["ceiling"]),
        ("12000", "5000", ["ceiling"]),
        ("12000", "4999.99", ["counter"]),
    ],
)
def test_one_line_limits_a_grant(eligible: str, counter: str, decides: list[str]) -> None:
    found = grant(eligible, counter)
    assert deciding(found) == decides
    assert [step.key for step in found.steps] == ["line", "eligible", "part", "ceiling", "counter"]


@pytest.mark.parametrize(
    ("answers", "steps", "decides"),
    [
        ({"fee": "7000"}, ["fee-paid", "fee"], []),
        ({"fee": "7000.01"}, ["fee-paid", "fee"], ["fee"]),
        ({"fee": "1", "whole_days": "2"}, ["fee-paid", "fee", "practice"], []),
        ({"whole_days": "2", "half_days": "1"}, ["fee-paid", "fee", "practice"], ["practice"]),
        ({"whole_days": "2", "in_hours": "no"}, ["fee-paid", "fee"], []),
        (
            {"whole_days": "2", "payee": "municipality", "salary_cost": "17500"},
            ["fee-paid", "fee", "practice", "salary"],
            [],
        ),
        (
            {"whole_days": "2", "payee": "municipality", "salary_cost": "17499.99"},
            ["fee-paid", "fee", "practice", "salary"],
            ["salary"],
        ),
    ],
)
def test_each_limit_of_a_refund_that_was_reached_is_marked(
    answers: dict[str, str], steps: list[str], decides: list[str]
) -> None:
    found = refund(**answers)
    assert [step.key for step in found.steps] == steps
    assert deciding(found) == decides


def test_days_before_the_first_rate_are_shown_at_a_rate_of_nothing() -> None:
    found = refund(starts_on="2019-12-31", whole_days="1")
    practice = next(step for step in found.steps if step.key == "practice")
    assert (practice.amount, practice.values["rate"]) == (0, Money(0, "NOK"))


def test_a_pre_approval_has_no_steps() -> None:
    found = assess(
        {}, SCHEMES["kvalitetsfondet-2023"], Facts(), datetime(2023, 10, 1, tzinfo=UTC), "preapproval"
    )
    assert (found.amount, found.steps) == (0, ())
