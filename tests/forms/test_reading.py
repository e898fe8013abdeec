"""What was typed becomes answers: cleaned, by name, and never more than the form asks for."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.domain.facts import Facts
from portal.domain.fields import COST_KINDS
from portal.domain.scheme import LANGUAGES
from portal.domain.zones import COUNTRIES
from portal.forms.application import changed_by, read_answers, to_keep, without_last_blanks
from portal.forms.names import choice_value, countries, country_code, currencies
from portal.forms.typed import clean, folded
from tests.actions.world import MARCH, answers, rfr, schemes
from tests.support.cases import assess
from tests.support.typed import typed_as

TODAY = date(2024, 3, 1)


def read(
    typed: dict[str, Any] | MultiDict[str, str], scheme: str = "rfr-2024", kind: str = "application"
) -> dict[str, Any]:
    """The answers in a posted form."""
    return read_answers(schemes()[scheme].kinds[kind], MultiDict(typed), TODAY)


def test_a_form_gives_back_the_answers_it_was_filled_with() -> None:
    assert read(typed_as(answers())) == answers()


def test_what_the_form_does_not_ask_for_is_not_read() -> None:
    extra = {
        "status": "granted",
        "amount": "1",
        "id": "7",
        "participant_id": "3",
        "costs-0-status": "x",
        "answers": "x",
    }
    assert read(typed_as(answers()) | extra) == answers()


def test_the_first_of_two_values_counts() -> None:
    assert read(MultiDict([("event", "first"), ("event", "second")])) == {"event": "first"}


def test_nothing_of_one_form_is_left_for_the_next() -> None:
    assert read(typed_as(answers()))["event"] == "ESC Congress"
    assert read({}) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  A\u030angstro\u0308m ", "Ångström"),
        ("a\x00b\x07c", "abc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("half \ud83d sign", "half  sign"),
        ("{{7*7}} %(x)s <b>", "{{7*7}} %(x)s <b>"),
    ],
)
def test_text_is_composed_and_holds_nothing_unseen(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    once = clean(typed)
    assert clean(once) == once
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Storbritannien", "GB"),
        ("storbritannia", "GB"),
        ("United Kingdom", "GB"),
        ("england", "GB"),
        ("Osterrike", "AT"),
        ("ØSTERRIKE", "AT"),
        ("usa", "US"),
        ("se", "SE"),
        ("Atlantis", "Atlantis"),
        ("", ""),
    ],
)
def test_a_country_is_found_by_its_name_in_any_language(typed: str, code: str) -> None:
    assert country_code(typed) == code


def test_every_country_is_found_by_each_of_its_names() -> None:
    for language in LANGUAGES:
        rows = countries(language)
        assert {code for code, _name, _also in rows} == COUNTRIES
        assert {code: country_code(name) for code, name, _also in rows} == {
            code: code for code, _n, _a in rows
        }


def test_countries_stand_in_the_order_of_each_alphabet() -> None:
    swedish = [name for _code, name, _also in countries("sv")]
    assert swedish.index("Zimbabwe") < swedish.index("Åland") < swedish.index("Österrike")
    assert [name for _c, name, _a in countries("nb")][-1] == "Åland"


def test_each_currency_stands_once() -> None:
    codes = [code for code, _name in currencies("sv")]
    assert codes[:3] == ["SEK", "NOK", "EUR"]
    assert len(codes) == len(set(codes))


def test_a_course_is_found_by_its_former_name() -> None:
    course = schemes()["kvalitetsfondet-2023"].main_kind.fields["course"]
    former = next(choice for choice in course.choices if choice.also)
    assert choice_value(former.also[0].upper(), course.choices) == former.value
    assert choice_value("no such course", course.choices) == "no such course"


def test_a_line_left_out_keeps_the_others_in_their_places() -> None:
    found = read(
        {"costs-0-kind": "fee", "costs-0-amount": "5", "costs-2-amount": "7", "costs-2-currency": "eur"}
    )
    assert found["costs"] == [{"kind": "fee", "amount": "5"}, {}, {"amount": "7", "currency": "EUR"}]


def test_lines_with_wild_names_are_not_read() -> None:
    wild = {f"costs-{position}-amount": "1" for position in ("-1", "x", "１", "1000", "1e9", "")}
    assert read(wild | {"costs--amount": "1", "costsx-0-amount": "1", "costs-0": "1"}) == {}
    assert len(read({"costs-150-amount": "1"})["costs"]) == 151, "more than may be, so that it can be said"


def test_the_buttons_for_lines_add_one_and_take_one_away() -> None:
    lines = [{"amount": "1"}, {"amount": "2"}]
    assert changed_by("add-line", lines) == [*lines, {}]
    assert changed_by("remove-line-0", lines) == [{"amount": "2"}]
    assert changed_by("remove-line-7", lines) == lines
    assert changed_by("remove-line-x", lines) == lines
    assert changed_by("save", lines) is None
    posted = {"costs-0-amount": "1", "costs-1-amount": "2", "action": "remove-line-0"}
    assert read(posted)["costs"] == [{"amount": "2"}]


def test_room_to_write_in_is_not_kept() -> None:
    lines = [{"amount": "1"}, {"kind": "fee"}, {"amount": "2"}, {"kind": "travel"}, {}]
    assert without_last_blanks(lines) == lines[:3]
    assert "costs" not in to_keep(rfr().main_kind, {"costs": [{"kind": "fee"}]})


def test_every_question_of_every_fund_is_read_and_what_is_given_is_not() -> None:
    for scheme in schemes().values():
        for kind in scheme.kinds.values():
            ticked = {"away-2024-02-05": "whole", "away-2024-02-06": "half"} if "away" in kind.fields else {}
            typed = MultiDict(dict.fromkeys([*kind.fields, "costs-0-amount"], "1") | ticked)
            assert read_answers(kind, typed, TODAY).keys() == kind.fields.keys() - kind.given


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        # Before the event the first day is to come, and the rest are not before it.
        (
            {"starts_on": "14/12", "ends_on": "18 dec", "follow_up_on": "10.1"},
            ["2024-12-14", "2024-12-18", "2025-01-10"],
        ),
        ({"starts_on": "28/2", "ends_on": "1/3"}, ["2025-02-28", "2025-03-01"]),
        ({"starts_on": "14.12.26", "ends_on": "Friday 18 December 2026"}, ["2026-12-14", "2026-12-18"]),
        ({"starts_on": "26-12-14", "ends_on": "soon"}, ["26-12-14", "soon"]),
        # What was paid has been.
        ({"costs-0-amount": "1", "costs-0-rate_on": "14/12"}, [[{"amount": "1", "rate_on": "2023-12-14"}]]),
    ],
)
def test_days_are_kept_in_one_form_however_they_are_typed(typed: dict[str, str], kept: list[Any]) -> None:
    assert list(read(typed).values()) == kept


@given(
    st.dictionaries(
        st.sampled_from(
            [*answers(), *(f"costs-{i}-{part}" for i in range(3) for part in ("kind", "amount", "rate"))]
        ),
        st.one_of(
            st.text(max_size=40),
            st.sampled_from([*COST_KINDS, "2024-08-30", "5 000,50", "yes", "NaN", "1e9"]),
        ),
    )
)
def test_whatever_is_typed_can_be_judged(typed: dict[str, str]) -> None:
    found = read(typed)
    assert assess(found, rfr(), Facts(), MARCH).currency == "SEK"
    assert folded("Å") == "a"
