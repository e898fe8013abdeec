"""Which passwords are too easy to guess: what many choose, what the place and the person are called, and repetition."""

import pytest

from portal.domain.passwords import LONGEST, check_password

ANNA = ("Anna Berg", "anna.berg@region.test", "197001011234", "Sahlgrenska, Ortopedkliniken")


@pytest.mark.parametrize(
    "password",
    [
        "sahlgrenska2026", "S@hlgr3nska 2026", "sahlgrenskauniversitetssjukhuset", "VästraGötaland2026!",
        "Göteborg sommar 2026!", "helsebergen2026!", "iloveyouiloveyou", "monkeydragonmaster", "password123456789",
        "p@ssw0rdp@ssw0rd", "qwertyuiopasdfghjkl", "abcdefghijklmnopq", "a" * LONGEST, "ab" * 20, "annaannaannaanna",
        "kvalitetsfondet2026", "drottningsilvia1", "bodokommune12345", "kursochkonferens", "utbildningsfonden2026",
        "kompetensutveckling1", "ortopedkliniken1", "berg19700101-1234", "lösenord lösenord 1",
    ],
)  # fmt: skip
def test_what_others_would_guess_is_refused(password: str) -> None:
    refusal = check_password(password, about=ANNA)
    assert refusal is not None
    assert refusal.code == "password.common"


@pytest.mark.parametrize(
    "password",
    [
        "fyra glada grodor sjunger högt", "sju sjösjuka sjömän sköljde", "trygg blå cykel i regn",
        "correct horse battery staple", "kvxqzjwpfmhytrb", "monkey dragon master shadow tulip",
    ],
)  # fmt: skip
def test_words_that_have_nothing_to_do_with_each_other_are_enough(password: str) -> None:
    assert check_password(password, about=ANNA) is None
