"""What may be granted once only: "medel endast beviljas för en kurs … per person och år", or a refund "per kurs"."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from portal.domain.scheme import Scheme


class Values(Protocol):
    """Answers as values: `fields.Typed`, or a mapping that holds every field asked for."""

    def __getitem__(self, name: str, /) -> Any: ...


def once_key(
    scheme: Scheme, participant_number: str, typed: Values | Mapping[str, Any], kind: str | None = None
) -> str:
    """Fund, participant and what the scheme names, as one text; equal keys cannot both be granted.

    A kind that leads to another (a pre-approval) has a key of its own. Raises ValueError when a part is not answered.
    """
    chosen = kind or scheme.main_kind.key
    parts = [scheme.fund, chosen, participant_number]
    for name in scheme.once:
        value = typed["starts_on" if name == "year" else name]
        if name == "year" and isinstance(value, date):
            value = value.year
        if value is None or value == "":
            raise ValueError(f"{name} is part of what may be granted once only")
        parts.append(value.isoformat() if isinstance(value, date) else str(value).casefold())
    return "|".join(part.replace("|", " ") for part in parts)
