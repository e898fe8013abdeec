"""Columns that stand in several files, with one heading and one meaning wherever they do."""

from typing import Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind


def in_each(sv: str, nb: str, en: str) -> Words:
    """One text in each language."""
    return {"sv": sv, "nb": nb, "en": en}


CURRENCY: Final = Column(
    "currency",
    Kind.TEXT,
    in_each("Valuta", "Valuta", "Currency"),
    in_each(
        "Valutan för beloppen på raden.",
        "Valutaen for beløpene på raden.",
        "The currency of the amounts in the row.",
    ),
)
KIND: Final = Column(
    "kind",
    Kind.WORD,
    in_each("Slag", "Slag", "Kind"),
    in_each("Vad det är för slags ansökan.", "Hva slags søknad det er.", "What kind of application it is."),
    "kinds",
)
NUMBER: Final = Column(
    "number",
    Kind.TEXT,
    in_each("Nummer", "Nummer", "Number"),
    in_each(
        "Ansökans nummer; det ändras aldrig.",
        "Søknadens nummer; det endres aldri.",
        "The number of the application; it never changes.",
    ),
)
SCHEME: Final = Column(
    "scheme",
    Kind.TEXT,
    in_each("Omgång", "Omgang", "Round"),
    in_each(
        "Fondens omgång, till exempel rfr-2026.",
        "Fondens omgang, for eksempel rfr-2026.",
        "The round of the fund, such as rfr-2026.",
    ),
)
STARTS_ON: Final = Column(
    "starts_on",
    Kind.DATE,
    in_each("Första dag", "Første dag", "First day"),
    in_each("Evenemangets första dag.", "Arrangementets første dag.", "The first day of the event."),
)
