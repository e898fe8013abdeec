"""Reading answers: whatever JSON holds is read or becomes a finding, never a crash."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.facts import Facts
from portal.domain.fields import Problem, is_asked, read
from portal.domain.scheme import Kind, Severity
from tests.support.cases import assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()
RFR = SCHEMES["rfr-2024"].main_kind
CLAIM = SCHEMES["kvalitetsfondet-2023"].main_kind
NAMES = sorted(
    {name for scheme in SCHEMES.values() for kind in scheme.kinds.values() for name in kind.fields}
)
WORDS = sorted(
    {
        "yes",
        "no",
        "0",
        "1",
        "-1",
        "2,5",
        "2024-02-29",
        "2023-02-29",
        "9999-12-31",
        "0000-00-00",
        "SE",
        "fee",
        "x" * 5000,
    }
    | {
        c.value
        for scheme in SCHEMES.values()
        for k in scheme.kinds.values()
        for f in k.fields.values()
        for c in f.choices
    }
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=20)
    | st.sampled_from(WORDS)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
cost_lines = st.lists(
    st.dictionaries(
        st.sampled_from(["kind", "amount", "currency", "rate", "rate_on"]), scalars | anything, max_size=5
    ),
    max_size=3,
)


@given(st.dictionaries(st.sampled_from(NAMES), anything | scalars | cost_lines, max_size=12), st.data())
def test_whatever_is_answered_is_judged(changes: dict[str, Any], data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(situations()))
    found = assess({**case.answers, **changes}, SCHEMES[case.scheme], case.facts, case.at, case.kind)
    assert isinstance(found.amount, int)
    assert found.amount >= 0
    known = {rule.code for rule in SCHEMES[case.scheme].rules} | set(SCHEMES[case.scheme].form_rules)
    assert set(found.codes) <= known
    grave = {
        code for code, rule in SCHEMES[case.scheme].form_rules.items() if rule.severity is Severity.BLOCKS
    }
    if grave & set(found.codes):
        assert not found.submittable
    assert len(set(zip(found.codes, (f.field for f in found.findings), strict=True))) == len(found.findings)


@given(st.dictionaries(st.sampled_from(NAMES), anything, max_size=6))
@example({"away": {"2024-02-29": []}})
def test_the_same_answers_are_judged_the_same(changes: dict[str, Any]) -> None:
    case = situations()[0]
    once, again = (
        assess({**case.answers, **changes}, SCHEMES[case.scheme], Facts(), case.at) for _ in range(2)
    )
    assert (once.codes, once.amount, once.mark) == (again.codes, again.amount, again.mark)


def problems(kind: Kind, **answers: object) -> list[Problem]:
    """What is wrong with single answers, those missing left out."""
    return [p for p in read(kind, answers).problems if p.code != "form.required" or p.field in answers]


@pytest.mark.parametrize(
    ("typed", "half_days"),
    [
        ("0", 0),
        ("2", 4),
        ("2,5", 5),
        ("2.5", 5),
        ("2,50", 5),
        ("2,0", 4),
        (2, 4),
        (2.5, 5),
        (Decimal("8.5"), 17),
        (" 3 ", 6),
    ],
)
def test_days_are_read_in_halves(typed: object, half_days: int) -> None:
    assert read(CLAIM, {"preapproved_days": typed})["preapproved_days"] == half_days


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2,25", "form.too-precise"),
        ("-1", "form.negative"),
        ("−0,5", "form.negative"),
        ("two", "form.not-a-number"),
        ("1e2", "form.not-a-number"),
        ("1,", "form.not-a-number"),
        (True, "form.not-a-number"),
        (float("nan"), "form.not-a-number"),
        (["2"], "form.not-a-number"),
        ("10000001", "form.too-large"),
        ("9" * 40, "form.too-large"),
        ("٢", "form.not-a-number"),
    ],
)
def test_what_is_no_number_of_days_is_refused(typed: object, code: str) -> None:
    assert problems(CLAIM, preapproved_days=typed) == [Problem(code, "preapproved_days")]


@pytest.mark.parametrize(
    ("typed", "count"), [("0", 0), ("12", 12), (3, 3), (Decimal("3.0"), 3), ("-0", 0), (" 4", 4)]
)
def test_a_count_is_whole(typed: object, count: int) -> None:
    assert read(CLAIM, {"whole_days": typed})["whole_days"] == count


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1,5", "form.not-a-number"),
        ("-2", "form.negative"),
        ("-x", "form.not-a-number"),
        ("99999999", "form.too-large"),
    ],
)
def test_what_is_no_count_is_refused(typed: object, code: str) -> None:
    assert problems(CLAIM, whole_days=typed) == [Problem(code, "whole_days")]


@pytest.mark.parametrize("typed", ["2024-02-29", " 2024-02-29 "])
def test_a_date_is_read(typed: str) -> None:
    assert str(read(RFR, {"starts_on": typed})["starts_on"]) == "2024-02-29"


@pytest.mark.parametrize(
    "typed",
    [
        "2023-02-29", "2024-2-29", "20240229", "2024-W09-4", "2024-13-01", "2024-00-10", "0000-01-01",
        "2024-02-29T10:00", "29.2.2024", "２０２４-02-29", "tomorrow", 20240229, ["2024-02-29"], True,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(typed: object) -> None:
    assert problems(RFR, starts_on=typed) == [Problem("form.not-a-date", "starts_on")]


def test_what_can_be_two_dates_is_asked_about() -> None:
    assert problems(RFR, starts_on="24-02-29") == [Problem("form.date-unclear", "starts_on")]


def test_a_question_is_asked_while_nothing_speaks_against_it() -> None:
    topic, salary = CLAIM.fields["topic"], CLAIM.fields["salary_cost"]
    assert [is_asked(topic, {}), is_asked(topic, {"course": "other"}), is_asked(topic, {"course": "diabetes"})] == [
        True, True, False,
    ]  # fmt: skip
    assert is_asked(salary, {"payee": "municipality"})
    assert not is_asked(salary, {"payee": "municipality", "in_hours": "no"})


def test_an_answer_is_needed_only_while_its_condition_holds() -> None:
    base = {"payee": "municipality", "in_hours": "yes"}
    for days in ({"whole_days": "1"}, {"half_days": "2"}, {"whole_days": 1}, {"whole_days": "x"}):
        assert Problem("form.required", "salary_cost") in read(CLAIM, base | days).problems
    for days in ({}, {"whole_days": "0"}, {"whole_days": "", "half_days": " "}, {"whole_days": 0}):
        assert Problem("form.required", "salary_cost") not in read(CLAIM, base | days).problems


def test_more_lines_than_a_hundred_are_refused_and_all_of_them_counted() -> None:
    lines = [{"kind": "fee", "amount": "1"}] * 101
    typed = read(RFR, {"costs": lines})
    assert sum(line.amount for line in typed.costs) == 101_00
    assert Problem("form.too-many", "costs") in typed.problems
    assert Problem("form.too-many", "costs") not in read(RFR, {"costs": lines[:100]}).problems


@pytest.mark.parametrize("typed", ["0024-03-01", "0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_a_year_that_cannot_be_meant_is_said(typed: str) -> None:
    for name in ("starts_on", "ends_on", "follow_up_on"):
        assert Problem("form.implausible-date", name) in read(RFR, {name: typed}).problems
    line = {"kind": "fee", "amount": "1", "currency": "EUR", "rate": "11", "rate_on": typed}
    assert Problem("form.implausible-date", "costs-0-rate_on") in read(RFR, {"costs": [line]}).problems


def test_an_event_lasts_a_year_at_most() -> None:
    def found(ends_on: str) -> bool:
        typed = read(RFR, {"starts_on": "2024-01-01", "ends_on": ends_on})
        return Problem("form.implausible-date", "ends_on") in typed.problems

    assert not found("2024-12-31")
    assert found("2025-01-01")


@pytest.mark.parametrize("hidden", ["\u200b", "\u2060", "\u00ad", "\ufeff", "\u200e", "\u2069", "\ufe0f"])
def test_what_nobody_sees_does_not_make_an_answer_unreadable(hidden: str) -> None:
    typed = read(
        RFR, {"starts_on": f"2024{hidden}-08-30", "counter_amount": f"{hidden}10{hidden} 000{hidden},50"}
    )
    assert typed["starts_on"] == date(2024, 8, 30)
    assert typed["counter_amount"] == 10_000_50
    assert read(RFR, {"counter_amount": hidden}).missing("counter_amount")
    line = {
        "kind": "fee",
        "amount": f"1{hidden}00",
        "currency": "EUR",
        "rate": f"11{hidden},5",
        "rate_on": "2024‑03‑01",
    }
    assert [each.amount for each in read(RFR, {"costs": [line]}).costs] == [1_150_00]
    assert read(CLAIM, {"whole_days": f"2{hidden}"})["whole_days"] == 2


def test_each_unreadable_part_of_a_line_is_named() -> None:
    line = {"kind": "gift", "amount": "x", "currency": "EUR", "rate": "y", "rate_on": "z"}
    assert problems(RFR, costs=["no line", line]) == [
        Problem("form.unknown-choice", "costs-0"),
        Problem("form.unknown-choice", "costs-1-kind"),
        Problem("form.not-a-number", "costs-1-amount"),
        Problem("form.not-a-number", "costs-1-rate"),
        Problem("form.not-a-date", "costs-1-rate_on"),
    ]


def test_every_form_finding_blocks_but_an_odd_rate() -> None:
    rules = SCHEMES["rfr-2024"].form_rules.values()
    assert [rule.code for rule in rules if rule.severity is not Severity.BLOCKS] == ["form.rate-odd"]
