"""The amount against an independent reckoning in fractions, for thousands of applications nobody thought of."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.assessment import Assessment
from portal.domain.facts import Facts, Register
from tests.support.cases import assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()
BASE = {case.scheme: case for case in reversed(situations()) if not case.codes and case.kind != "preapproval"}
KINDS = ("fee", "travel", "lodging", "salary", "meals", "other")
CEILINGS = {"SE": 5_000, "FR": 10_000, "CY": 10_000, "XK": 10_000, "JP": 20_000, "TR": 20_000, "GL": 20_000}
COURSES = {"diabetes": "2", "e-konsultasjon": "3", "kloke-valg": "5/2", "basisseminar": "1", "other": "6"}
RATES = {
    "2021-06-01": 8_080,
    "2022-01-01": 8_500,
    "2022-12-31": 8_500,
    "2023-01-01": 8_750,
    "2024-05-01": 8_750,
}

cents = st.integers(0, 4_000_000) | st.integers(0, 300)
lines = st.lists(
    st.tuples(st.sampled_from(KINDS), cents, st.none() | st.integers(1, 30_000_000)), min_size=0, max_size=8
)


def spelled(amount: int) -> str:
    """Minor units as a Swede may type them."""
    return f"{amount // 100:,}".replace(",", " ") + f",{amount % 100:02d}"


def typed_line(kind: str, amount: int, rate: int | None) -> dict[str, Any]:
    """A cost as typed, in euro when it has a rate (in millionths)."""
    line = {"kind": kind, "amount": spelled(amount)}
    if rate is not None:
        line |= {"currency": "EUR", "rate": f"{rate // 10**6},{rate % 10**6:06d}", "rate_on": "2024-01-02"}
    return line


def counted(amount: int, rate: int | None) -> int:
    """Minor units of the fund: amount × rate, rounded half up."""
    return amount if rate is None else int(Fraction(amount * rate, 10**6) + Fraction(1, 2))


def is_odd(rate: int | None, reference: Fraction) -> bool:
    """Whether a rate of the euro (in millionths) is more than three times above or below the reference."""
    return rate is not None and not reference / 3 <= Fraction(rate, 10**6) <= reference * 3


def judged(scheme: str, answers: dict[str, Any], **facts: Any) -> Assessment:
    """The evaluation of the base case with other answers."""
    base = BASE[scheme]
    return assess(dict(base.answers) | answers, SCHEMES[scheme], Facts(**facts), base.at)


@given(lines, cents, st.sampled_from(sorted(CEILINGS)), st.booleans(), st.none() | cents)
def test_a_grant_is_the_least_of_half_ceiling_and_counter_financing(
    costs: list[tuple[str, int, int | None]], counter: int, country: str, digital: bool, left: int | None
) -> None:
    found = judged(
        "rfr-2024",
        {
            "costs": [typed_line(*line) for line in costs],
            "counter_amount": spelled(counter),
            "country": country,
            "mode": "digital" if digital else "in_person",
        },
        budget_left=left,
    )
    eligible = sum(
        counted(amount, rate) for kind, amount, rate in costs if kind in ("fee", "travel", "lodging")
    )
    ceiling = (5_000 if digital else CEILINGS[country]) * 100
    half = Fraction(eligible, 2).__floor__()
    amount = min(ceiling, half, counter)
    expected = {
        "rfr.no-eligible-cost": eligible == 0,
        "rfr.digital-travel": digital
        and any(counted(amount, rate) and kind in ("travel", "lodging") for kind, amount, rate in costs),
        "form.rate-odd": any(is_odd(rate, Fraction("11.0960")) for _kind, _amount, rate in costs),
        "rfr.cost-not-covered": any(
            counted(amount, rate) and kind in ("salary", "meals", "other") for kind, amount, rate in costs
        ),
        "rfr.ceiling": half > ceiling and counter >= ceiling,
        "rfr.counter-missing": counter == 0,
        "rfr.counter-short": 0 < counter < min(ceiling, half),
        "rfr.uncovered": eligible - amount - counter > 0,
        "rfr.budget-low": left is not None and left < amount,
    }
    assert found.amount == amount
    assert set(found.codes) == {code for code, trips in expected.items() if trips}
    assert isinstance(found.amount, int)
    assert all(isinstance(step.amount, int) for step in found.steps)
    if amount:
        assert sum(step.decides for step in found.steps) == 1, "exactly one line of the calculation decides"
        assert next(step.amount for step in found.steps if step.decides) == amount


@given(
    payee=st.sampled_from(["self_employed", "locum", "municipality"]),
    course=st.sampled_from(sorted(COURSES)),
    starts_on=st.sampled_from(sorted(RATES)),
    in_hours=st.booleans(),
    whole=st.integers(0, 15),
    half=st.integers(0, 15),
    fee=cents,
    salary=st.integers(0, 15_000_000),
    approved=st.none() | st.integers(1, 30),
    costs=lines,
)
def test_a_refund_is_the_fee_and_the_days_each_up_to_its_limit(
    payee: str, course: str, starts_on: str, in_hours: bool, whole: int, half: int, fee: int, salary: int,
    approved: int | None, costs: list[tuple[str, int, int | None]],
) -> None:  # fmt: skip
    found = judged(
        "kvalitetsfondet-2023",
        {
            "payee": payee, "org_number": "972418013", "course": course, "course_title": "Kurs",
            "topic": "Pasientsikkerhet", "starts_on": starts_on, "ends_on": "2024-05-02",
            "in_hours": "yes" if in_hours else "no", "whole_days": str(whole),
            "half_days": str(half), "fee": spelled(fee), "salary_cost": spelled(salary),
            "preapproved_days": "" if approved is None else f"{approved // 2},{approved % 2 * 5}",
            "costs": [typed_line(*line) for line in costs],
        },
    )  # fmt: skip
    paid = fee + sum(counted(amount, rate) for kind, amount, rate in costs if kind == "fee")
    cap = Fraction(COURSES[course])
    if approved is not None:
        cap = min(max(cap, Fraction(approved, 2)), Fraction(12))
    claimed = whole + Fraction(half, 2) if in_hours else Fraction(0)
    practice = RATES[starts_on] * 100 * min(claimed, cap)
    compensation = min(practice, salary) if payee == "municipality" else practice
    assert found.amount == min(paid, 7_000_00) + compensation
    expected = {
        "form.implausible-date": date.fromisoformat(starts_on) < date(2023, 5, 3),
        "kf.not-completed": True,
        "kf.fee-cap": paid > 7_000_00,
        "kf.days-cap": claimed > cap,
        "kf.days-beyond-dates": claimed > (date(2024, 5, 2) - date.fromisoformat(starts_on)).days + 1,
        "form.rate-odd": any(is_odd(rate, Fraction("11.2405")) for _kind, _amount, rate in costs),
        "form.rate-future": any(rate is not None for _kind, _amount, rate in costs),
        "kf.outside-hours": not in_hours,
        "kf.rate-unconfirmed": starts_on >= "2024",
        "kf.course-unlisted": course == "other",
        "kf.nothing-to-refund": found.amount == 0,
        "kf.cost-not-covered": any(
            counted(amount, rate) and kind in ("travel", "lodging", "meals") for kind, amount, rate in costs
        ),
    }
    assert set(found.codes) == {code for code, trips in expected.items() if trips}


@given(
    st.integers(0, 3), st.integers(0, 3), st.integers(0, 3),
    st.sampled_from(["no", "requested", "granted"]),
)  # fmt: skip
def test_the_register_and_the_answer_are_compared(granted: int, pending: int, other: int, prior: str) -> None:
    requested = granted + pending + other
    found = judged("rfr-2024", {"prior": prior}, register=Register(granted, pending, requested))
    expected = {
        "rfr.second-grant": granted > 0 or prior == "granted",
        "rfr.second-pending": pending > 0,
        "rfr.prior-mismatch": prior == "no" and requested > 0,
    }
    assert set(found.codes) == {code for code, trips in expected.items() if trips}


@given(
    st.datetimes(
        min_value=datetime(2023, 6, 1),
        max_value=datetime(2025, 3, 1),
        timezones=st.just(UTC),
    )
)
def test_the_first_decision_day_is_the_first_that_is_no_pause(at: datetime) -> None:
    scheme = SCHEMES["rfr-2024"]
    found = assess({}, scheme, Facts(), at)
    today = at.astimezone(scheme.zone).date()
    days = [
        day
        for n in range(400)
        if (day := datetime.fromordinal(today.toordinal() + n).date()).year == 2024
        and not any(p.starts_on <= day <= p.ends_on for p in scheme.pauses)
    ]
    assert found.decidable_from == (days[0] if days else None)
