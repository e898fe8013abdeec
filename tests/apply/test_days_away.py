"""The days away of a claim are ticked in a calendar of the course's days, and the numbers follow from it."""

import re

from tests.apply.acts import save
from tests.support.fund import Fund
from tests.support.region import text_of
from tests.support.typed import HTMX, start, typed_as


def test_days_away_are_ticked_and_the_numbers_follow(fund: Fund) -> None:
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="claim")
    assert "then the days stand here to be ticked" in text_of(kari.get(path))
    days = {"starts_on": "2024-02-08", "ends_on": "2024-02-10"}
    claim = {"payee": "self_employed", "course": "diabetes", "in_hours": "yes", "fee": "4 500"} | days
    save(kari, path, claim | {"whole_days": "3", "away": {"2024-02-08": "whole", "2024-02-10": "half"}})
    page = kari.get(path).get_data(as_text=True)
    assert re.findall(r'name="(away-[\d-]+)" value="(\w*)" checked', page) == [
        ("away-2024-02-08", "whole"), ("away-2024-02-09", ""), ("away-2024-02-10", "half"),
    ]  # fmt: skip
    assert re.search(r'name="whole_days"[^>]*value="1"', page)
    assert re.search(r'name="half_days"[^>]*value="1"', page)
    assert "NOK 17,625" in text_of(kari.get(path)), "4 500 and one and a half days"
    assert "10 February 2024 is a Saturday or Sunday." in text_of(kari.get(path))
    wild = {
        "away-2024-13-45": "whole",
        "away-0024-02-08": "half",
        "away-２０２４-02-08": "half",
        "away-": "whole",
    }
    assert kari.post(f"{path}/check", typed_as(claim) | wild | {"away-2024-02-08": "most"}).status_code == 200
    typed = typed_as(claim | {"ends_on": "2024-02-09", "away": {"2024-02-10": "half"}})
    part = kari.post(f"{path}/days", typed, headers=HTMX).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="calendar"')
    assert "away-2024-02-10-half" in part, "a day that is ticked stays to be taken away"
    assert "is not one of the days of the course" in part
