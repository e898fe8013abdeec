"""Every rule, term and limit stands on words that are in its letter, as written there."""

import re
from pathlib import Path

import pytest

from portal.domain.scheme import Scheme
from tests.support.portals import own_schemes

LETTERS = {
    "rfr-2024": "rfr-2024-letter.sv.txt",
    "kvalitetsfondet-2023": "kvalitetsfondet-2023.nb.txt",
}
SCHEMES = own_schemes()


def folded(text: str) -> str:
    """The words alone: no line breaks, bullets or doubled spaces."""
    return " ".join(re.sub(r"[•\u00a0]", " ", text).split())


def letter(key: str) -> str:
    """The letter of a scheme as one line."""
    return folded((Path(__file__).parent / "letters" / LETTERS[key]).read_text("utf-8"))


def quoted(scheme: Scheme) -> dict[str, str]:
    """Every sentence that the scheme quotes, by where it stands."""
    rules = {rule.code: rule.source.sentence for rule in scheme.rules if rule.source}
    terms = {f"term {term.topic}": term.source.sentence for term in scheme.terms}
    limits = {
        f"limit {limit.key} {n}": entry.source
        for limit in scheme.limits.values()
        for n, entry in enumerate(limit.entries)
    }
    return rules | terms | limits | {"letter": scheme.letter}


@pytest.mark.parametrize("key", LETTERS)
def test_every_sentence_is_in_the_letter(key: str) -> None:
    text = letter(key).casefold()
    absent = [
        f"{where}: {part}"
        for where, sentence in quoted(SCHEMES[key]).items()
        for part in parts_of(sentence, text)
        if part not in text and not is_rate(where)
    ]
    assert absent == []


def parts_of(sentence: str, text: str) -> list[str]:
    """The whole, or its sentences: a rule may stand on several that do not follow one another, or leave a name out."""
    whole = folded(sentence).casefold()
    return [whole] if whole in text else re.split(r"(?<=\.) | \[…\] ", whole)


def is_rate(where: str) -> bool:
    """The rates' source is the association's list, which the text only names."""
    return where.startswith(("limit central", "limit general-practice"))


@pytest.mark.parametrize("key", LETTERS)
def test_every_heading_is_in_the_letter(key: str) -> None:
    scheme, text = SCHEMES[key], letter(key)
    headings = {
        source.heading
        for source in [r.source for r in scheme.rules] + [t.source for t in scheme.terms]
        if source
    }
    assert {heading for heading in headings - {"Rubriken", ""} if heading not in text} == set()


def test_the_courses_and_their_days_are_those_of_the_list() -> None:
    text = letter("kvalitetsfondet-2023")
    found = re.findall(r"(SKIL – [^(]+?) \(ref inntil ([0-9,]+) dag(?:er)?\)(?: \(tidl: ([^)]+)\))?", text)
    courses = SCHEMES["kvalitetsfondet-2023"].main_kind.fields["course"].choices
    listed = {choice.also: choice.days for choice in courses if choice.value != "other"}
    assert len(found) == 11
    assert listed == {
        tuple(filter(None, (name, former))): int(float(days.replace(",", ".")) * 2)
        for name, days, former in found
    }


def test_the_keys_of_the_courses_are_those_that_lines_use() -> None:
    courses = SCHEMES["kvalitetsfondet-2023"].main_kind.fields["course"].choices
    assert [choice.value for choice in courses] == (
        "diabetes e-konsultasjon legemiddelgjennomgang kloke-valg grunnkurs-kvalitetsarbeid sykmeldingsarbeid "
        "seksuell-helse vanedannende-legemidler basisseminar skropelige-eldre trivsel other"
    ).split()


def test_the_rates_are_the_dated_table() -> None:
    series = {
        key: [(str(entry.starts_on), entry.value // 100, entry.confirmed) for entry in limit.entries]
        for key, limit in SCHEMES["kvalitetsfondet-2023"].limits.items()
        if key in ("central", "general-practice")
    }
    assert series == {
        "central": [
            ("2020-01-01", 8080, True),
            ("2022-01-01", 8500, True),
            ("2023-01-01", 8750, True),
            ("2024-01-01", 8750, False),
        ],
        "general-practice": [
            ("2021-01-01", 9982, True),
            ("2022-01-01", 10313, True),
            ("2024-01-01", 11178, True),
        ],
    }


def test_no_person_is_named() -> None:
    for path in (Path(__file__).parents[2] / "portal" / "schemes").glob("*.toml"):
        for line in path.read_text("utf-8").splitlines():
            assert not re.search("Swolin|Norström|Torstensson|5974079", line), line
