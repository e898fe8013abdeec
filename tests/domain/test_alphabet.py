"""What a name is sorted by: the last letters of each alphabet, and letters of others where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.alphabet import NORWEGIAN, SWEDISH, alphabet_of, name_key


@pytest.mark.parametrize(
    ("alphabet", "names"),
    [
        (SWEDISH, "Aalto Étienne Eva Müller Myrberg Zorn Åsa Ängla Æsop Öst Østby"),
        (NORWEGIAN, "Abel Étienne Eva Myhre Müller Zorn Ærlig Østby Åse Aasen Åsne"),
        (SWEDISH, "anna Bo carl O’Hara Olsson"),
    ],
)
def test_names_stand_in_order(alphabet: str, names: str) -> None:
    keys = [name_key(name, alphabet) for name in names.split()]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_a_shorter_family_name_comes_first() -> None:
    names = ["Berg", "Berg Anna", "Berg-Dahl", "Berg Eva", "Bergman"]
    assert sorted(names, key=lambda name: name_key(name, SWEDISH)) == names


def test_a_letter_in_two_parts_is_that_letter() -> None:
    assert name_key("A\u030asa", SWEDISH) == name_key("Åsa", SWEDISH)


def test_english_readers_get_one_of_the_two() -> None:
    assert (alphabet_of("nb"), alphabet_of("sv"), alphabet_of("en")) == (NORWEGIAN, SWEDISH, SWEDISH)


@given(st.text(), st.sampled_from([SWEDISH, NORWEGIAN]))
def test_any_text_has_a_key_and_case_does_not_count(name: str, alphabet: str) -> None:
    key = name_key(name, alphabet)
    assert key == key.strip()
    assert "\0" not in key
    assert name_key(f" {name} ", alphabet) == key
