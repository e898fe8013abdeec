"""Days as people write them, without a year the first from the first of November 2026 on."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.days import read_day
from portal.domain.money import Unreadable
from portal.domain.scheme import LANGUAGES
from portal.language.wording import day, day_typed

SINCE = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-12-14", "2026-12-14"),
        ("2026/12/14", "2026-12-14"),
        ("20261214", "2026-12-14"),
        ("14/12", "2026-12-14"),
        ("14.12.", "2026-12-14"),
        ("14.12.26", "2026-12-14"),
        ("14-12-2026", "2026-12-14"),
        ("14/12 2026", "2026-12-14"),
        ("14/12-26", "2026-12-14"),
        ("14. 12. 2026", "2026-12-14"),
        ("14.12 26", "2026-12-14"),
        ("14 dec", "2026-12-14"),
        ("14. des. 2026", "2026-12-14"),
        ("den 14 december", "2026-12-14"),
        ("December 14th, 2026", "2026-12-14"),
        ("mån 14 dec 26", "2026-12-14"),
        ("31/10", "2027-10-31"),
        ("1/11", "2026-11-01"),
        ("29/2", "2028-02-29"),
        ("45-12-14", "2045-12-14"),
        ("\u200b14/12", "2026-12-14"),
        ("26-12-14", "form.date-unclear"),
        ("261214", "form.date-unclear"),
        ("12/14", "form.date-unclear"),
        ("12/14/2026", "form.date-unclear"),
        ("12/14 2026", "form.date-unclear"),
        ("tisdag 14 december 2026", "form.date-unclear"),
        ("31/2", "form.not-a-date"),
        ("2026-12", "form.not-a-date"),
        ("14 foo", "form.not-a-date"),
        ("14 m", "form.not-a-date"),
        ("١٤/١٢", "form.not-a-date"),
        ("14.12.1926", "form.implausible-date"),
    ],
)
def test_a_day_as_typed(typed: str, read: str) -> None:
    if read.startswith("form."):
        with pytest.raises(Unreadable, match=read):
            read_day(typed, SINCE)
    else:
        assert read_day(typed, SINCE).isoformat() == read


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(LANGUAGES))
def test_what_the_portal_writes_it_reads(written: date, language: str) -> None:
    for text in (
        day_typed(written.isoformat(), language),
        *(day(written, language, style) for style in ("full", "long", "medium")),
    ):
        assert read_day(text, SINCE) == written


@given(st.text())
def test_whatever_is_typed_is_a_day_or_none(typed: str) -> None:
    with suppress(Unreadable):
        assert 2000 <= read_day(typed, SINCE).year <= 2100
