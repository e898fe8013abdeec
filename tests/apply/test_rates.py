"""Tables of exchange rates: what central banks publish, loaded by finance and suggested in the form."""

import html
import re
from datetime import date
from io import BytesIO

import pytest

from portal.domain.rates import NoRates, read_tables, suggested
from tests.support.region import Region, text_of
from tests.support.typed import HTMX, start

SINCE, TODAY = date(2023, 1, 1), date(2024, 3, 1)
ECB = (
    b"Date,USD,JPY,SEK,\n2024-02-29,1.0826,162.5,11.2028,\n2024-02-28,N/A,162.9,11.2135,\n2022-12-30,1,1,1,\n"
)
RIKSBANK = (
    "Datum;Grupp;Serie;Värde\n2024-02-29;Valutor;1 EUR;11,2028\n2024-02-29;Valutor;100 JPY;6,894\n".encode()
)
NORGES = b"FREQ;BASE_CUR;QUOTE_CUR;UNIT_MULT;TIME_PERIOD;OBS_VALUE\nB;JPY;NOK;2;2024-02-29;7.0535\n"


@pytest.mark.parametrize(
    ("content", "currency", "fund", "rate"),
    [
        (ECB, "EUR", "SEK", "11.2028"),
        (ECB, "JPY", "SEK", "0.068940"),
        (RIKSBANK, "EUR", "SEK", "11.2028"),
        (RIKSBANK, "JPY", "SEK", "0.068940"),
        (NORGES, "JPY", "NOK", "0.070535"),
    ],
)
def test_what_central_banks_publish(content: bytes, currency: str, fund: str, rate: str) -> None:
    found = suggested(read_tables(content, "A bank", SINCE), currency, fund, TODAY)
    assert found is not None
    assert (f"{found[0]:f}", found[1].on) == (rate, date(2024, 2, 29))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00", b"a;b\n1;2\n", b"Date,USD\n2024-02-29,x\n", b"Date,USD\nsoon,1\n"]
)
def test_what_is_no_table_of_rates(content: bytes) -> None:
    with pytest.raises(NoRates):
        read_tables(content, "A bank", SINCE)


def test_days_that_are_too_old_are_said_to_be() -> None:
    with pytest.raises(NoRates) as none:
        read_tables(b"Date,USD\n2019-02-28,1.1\n", "A bank", SINCE)
    assert none.value.line is None


def test_finance_loads_a_table_and_the_form_suggests_from_it(region: Region) -> None:
    finance = region.at("finn")
    wrong = finance.post("/finance/rates", {"source": "ECB", "file": (BytesIO(b"a;b\n1;2"), "x.csv")})
    assert wrong.status_code == 422
    done = finance.post("/finance/rates", {"source": "ECB", "file": (BytesIO(ECB), "rates.csv")})
    assert done.status_code == 303
    assert region.at("anna").post("/finance/rates", {"source": "ECB"}).status_code == 404

    anna = region.at("anna")
    path = start(anna)
    # 2 March 2024 is a Saturday: the rate of the day before that has one.
    typed = {
        "costs-0-kind": "fee",
        "costs-0-amount": "100",
        "costs-0-currency": "EUR",
        "action": "use-rate-0",
    }
    shown = anna.post(f"{path}/check", typed).get_data(as_text=True)
    assert "1 EUR = 11.2028 SEK, exchange rate of 29 February 2024 (ECB)" in html.unescape(shown).replace(
        "\xa0", " "
    )
    used = anna.post(path, typed | {"revision": "0"})
    assert used.headers["Location"].endswith("#costs-0-rate")
    page = anna.get(path).get_data(as_text=True)
    assert re.findall(r'name="costs-(\d)-amount"', page) == ["0", "1", "2"], (
        "travel and lodging are still offered"
    )
    assert 'value="11,2028"' in page
    assert 'value="29/02/2024"' in page
    assert "exchange rate of 29 February" not in page


def test_what_ships_with_the_portal_is_marked_as_assumed(small_region: Region) -> None:
    assumed = "Assumed are those of 29 December 2023 (ECB), which ship with the portal."
    finance, anna = small_region.at("finn"), small_region.at("anna")
    assert assumed in text_of(finance.get("/finance/rates"))
    typed = {"costs-0-kind": "fee", "costs-0-amount": "100", "costs-0-currency": "EUR"}
    path = start(anna)
    said = "(ECB). Assumed: no newer rates are loaded."
    assert said in text_of(anna.post(f"{path}/check", typed, headers=HTMX))
    finance.post("/finance/rates", {"source": "ECB", "file": (BytesIO(ECB), "rates.csv")})
    page = text_of(finance.get("/finance/rates"))
    assert assumed not in page
    assert "The newest rates are of 29 February 2024 (ECB)" in page
    assert "One unit of SEK EUR 11.2028 JPY 0.06894 SEK 1 USD 10.348" in page.replace("\xa0", " ")
    assert "Assumed" not in text_of(anna.post(f"{path}/check", typed, headers=HTMX))
