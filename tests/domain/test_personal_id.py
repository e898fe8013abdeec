"""Personal ids in the spelling that is kept: one for each human, whatever was typed."""

import pytest

from portal.domain.personal_id import canonical, check


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        (
            "19700101-1233",
            (
                "19700101-1233",
                "197001011233",
                "700101-1233",
                "7001011233",
                "700101\u20111233",
                "19700101 1233",
                " 700101\u20131233 ",
                "1970-01-01-1233",
                "19700101/1233",
                "1970.01.01 1233",
                "700101_1233",
                "".join(chr(0xFF10 + int(each)) for each in "197001011233"),
                "".join(chr(0x660 + int(each)) for each in "7001011233"),
            ),
        ),
        ("19811218-9876", ("811218-9876", "8112189876")),
        ("19121212-1212", ("191212121212", "121212+1212")),
        ("19700161-1230", ("700161-1230", "197001611230")),
        (
            "01010750160",
            (
                "01010750160",
                "010107 50160",
                "010107-50160",
                "010107\u00a050160",
                "010107.50160",
                "01.01.07/50160",
            ),
        ),
        ("41010750154", ("410107 50154",)),
    ],
)
def test_every_spelling_of_one_number_is_the_same(kept: str, typed: tuple[str, ...]) -> None:
    assert {canonical(each) for each in typed} == {kept}
    assert all(check(each) is None for each in typed)


@pytest.mark.parametrize(
    "typed", ["19700101-1234", "700101-1234", "197001011234", "01010750161", "010107 50170"]
)
def test_wrong_check_digits_are_said(typed: str) -> None:
    assert check(typed) is not None


@pytest.mark.parametrize(
    "typed",
    [
        "1970-0001",
        "p1",
        "HSA-4711",
        "7013991234",
        "99990750160",
        "123456",
        "Å-1",
        "7001.01.1234",
        "12-34-567890",
    ],
)
def test_other_ids_stay_as_they_are_typed(typed: str) -> None:
    assert canonical(f" {typed} ") == typed
    assert check(typed) is None
