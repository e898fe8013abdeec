"""The words for keys that the portal keeps: where things stand, and what funds bring; alike on pages and in files."""

from collections.abc import Mapping
from typing import Final

from portal.domain.refusal import N_
from portal.domain.scheme import Words
from portal.language.catalogue import P_, in_each
from portal.schemes.loader import Schemes
from portal.schemes.vocabulary import vocabulary

Vocabularies = Mapping[str, Mapping[str, Words]]
"""By name of the vocabulary, then by key."""

STATUSES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting for decision"),
    "returned": N_("Returned with a question"),
    "granted": P_("status", "Granted"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "cancelled": N_("Cancelled"),
}
OUTCOMES: Final[Mapping[str, str]] = {"grant": N_("Grant"), "refuse": N_("Refusal")}

STAGES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting for costs"),
    "stated": N_("Costs stated"),
    "invoiced": N_("Invoice registered"),
    "paid": P_("status", "Paid"),
    "released": N_("Released"),
    "cancelled": N_("Cancelled"),
}
LATE: Final[Mapping[str, str]] = {"late": N_("Late")}
PAYMENTS: Final[Mapping[str, str]] = {"pay": N_("Pay"), "reverse": N_("Take back")}
FOLLOWUPS: Final[Mapping[str, str]] = {
    "planned": N_("Planned"),
    "late": N_("Late"),
    "recorded": N_("Recorded"),
    "confirmed": N_("Confirmed"),
}
_OWN: Final = {
    "statuses": STATUSES,
    "outcomes": OUTCOMES,
    "stages": STAGES,
    "late": LATE,
    "payments": PAYMENTS,
    "followups": FOLLOWUPS,
}


def vocabularies(schemes: Schemes) -> Vocabularies:
    """The words of the WORD columns of files: the portal's own, and those that the funds bring."""
    kinds: dict[str, Words] = {}
    periods: dict[str, Words] = {}
    for scheme in schemes.values():
        kinds.update((key, kind.title) for key, kind in scheme.kinds.items() if key not in kinds)
        for period in scheme.budget:
            until = f" {period.starts_on.year}" if period.ends_on else ""
            periods[f"{scheme.key}/{period.key}"] = {
                language: f"{words}{until}" for language, words in period.label.items()
            }
    return own_vocabularies() | {"zones": vocabulary("zones"), "kinds": kinds, "periods": periods}


def own_vocabularies() -> dict[str, Mapping[str, Words]]:
    """The portal's own alone."""
    return {name: {key: in_each(text) for key, text in words.items()} for name, words in _OWN.items()}
