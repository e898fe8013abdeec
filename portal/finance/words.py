"""The words for the keys that stand in WORD columns: the portal's own, and those that the funds bring."""

from collections.abc import Mapping
from typing import Final

from portal.domain.scheme import Words
from portal.schemes.loader import Schemes
from portal.schemes.vocabulary import vocabulary

Vocabularies = Mapping[str, Mapping[str, Words]]
"""By name of the vocabulary, then by key."""

STATUSES: Final[Mapping[str, Words]] = {
    "waiting": {"sv": "Väntar", "nb": "Venter", "en": "Waiting"},
    "returned": {"sv": "Återsänd", "nb": "Sendt tilbake", "en": "Returned"},
    "granted": {"sv": "Beviljad", "nb": "Innvilget", "en": "Granted"},
    "refused": {"sv": "Avslagen", "nb": "Avslått", "en": "Refused"},
    "withdrawn": {"sv": "Återkallad", "nb": "Trukket", "en": "Withdrawn"},
    "cancelled": {"sv": "Avbokad", "nb": "Avbestilt", "en": "Cancelled"},
}
OUTCOMES: Final[Mapping[str, Words]] = {
    "grant": {"sv": "Bifall", "nb": "Innvilgelse", "en": "Grant"},
    "refuse": {"sv": "Avslag", "nb": "Avslag", "en": "Refusal"},
}

STAGES: Final[Mapping[str, Words]] = {
    "waiting": {"sv": "Väntar på kostnader", "nb": "Venter på kostnader", "en": "Waiting for costs"},
    "stated": {"sv": "Kostnader uppgivna", "nb": "Kostnader oppgitt", "en": "Costs stated"},
    "invoiced": {"sv": "Faktura registrerad", "nb": "Faktura registrert", "en": "Invoice registered"},
    "paid": {"sv": "Betald", "nb": "Betalt", "en": "Paid"},
    "released": {"sv": "Frigjord", "nb": "Frigitt", "en": "Released"},
    "cancelled": {"sv": "Avbokad", "nb": "Avbestilt", "en": "Cancelled"},
}
LATE: Final[Mapping[str, Words]] = {"late": {"sv": "Försenad", "nb": "Forsinket", "en": "Late"}}
PAYMENTS: Final[Mapping[str, Words]] = {
    "pay": {"sv": "Betala", "nb": "Betal", "en": "Pay"},
    "reverse": {"sv": "Återta", "nb": "Tilbakefør", "en": "Take back"},
}
FOLLOWUPS: Final[Mapping[str, Words]] = {
    "planned": {"sv": "Planerad", "nb": "Planlagt", "en": "Planned"},
    "late": {"sv": "Försenad", "nb": "Forsinket", "en": "Late"},
    "recorded": {"sv": "Registrerad", "nb": "Registrert", "en": "Recorded"},
    "confirmed": {"sv": "Bekräftad", "nb": "Bekreftet", "en": "Confirmed"},
}


def vocabularies(schemes: Schemes) -> Vocabularies:
    """The words of the WORD columns: the portal's own, and those that the funds bring."""
    kinds: dict[str, Words] = {}
    periods: dict[str, Words] = {}
    for scheme in schemes.values():
        kinds.update((key, kind.title) for key, kind in scheme.kinds.items() if key not in kinds)
        for period in scheme.budget:
            until = f" {period.starts_on.year}" if period.ends_on else ""
            periods[f"{scheme.key}/{period.key}"] = {
                language: f"{words}{until}" for language, words in period.label.items()
            }
    return {
        "statuses": STATUSES,
        "outcomes": OUTCOMES,
        "stages": STAGES,
        "late": LATE,
        "payments": PAYMENTS,
        "followups": FOLLOWUPS,
        "zones": vocabulary("zones"),
        "kinds": kinds,
        "periods": periods,
    }
