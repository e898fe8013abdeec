"""What may be granted once only: "medel endast beviljas för en kurs … per person och år", or a refund "per kurs"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.domain.scheme import Scheme


def once_key(
    scheme: Scheme, participant_number: str, typed: Mapping[str, Any], kind: str | None = None
) -> str:
    """Fund, participant and what the scheme names, as one text; equal keys cannot both be granted.

    A kind that leads to another (a pre-approval) has a key of its own. Raises ValueError when a part is not answered.
    """
    chosen = kind or scheme.main_kind.key
    parts = [scheme.fund, chosen, participant_number]
    for name in scheme.once:
        value = typed.get("starts_on" if name == "year" else name)
        if name == "year" and isinstance(value, date):
            value = value.year
        if value is None or value == "":
            raise ValueError(f"{name} is part of what may be granted once only")
        parts.append(value.isoformat() if isinstance(value, date) else str(value).casefold())
    return "|".join(part.replace("|", " ") for part in parts)


def find_once_key(scheme: Scheme, participant_number: str, typed: Mapping[str, Any], kind: str) -> str | None:
    """The key, or None while a part is not answered."""
    try:
        return once_key(scheme, participant_number, typed, kind)
    except ValueError:
        return None
