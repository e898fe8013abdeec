"""The result of the one evaluation: findings, amount and how it came about; `assess` makes it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import date
from typing import Any

from portal.domain.scheme import Severity, Source, Words


@dataclass(frozen=True, slots=True)
class Named:
    """Keys of a shared vocabulary (cost kinds, zones), for messages; the words stand in `schemes/form.toml`."""

    vocabulary: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has to say about an application."""

    code: str
    severity: Severity
    field: str
    """The name of the input it speaks of, such as "ends_on" or "costs-2-amount"; empty for the whole."""
    source: Source | None
    message: Words
    """Templates with {placeholders}; filled from `values` by `language.wording`."""
    change: Words = filled(default_factory=dict)
    values: Mapping[str, Any] = filled(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of how the amount came about, in minor units."""

    key: str
    amount: int
    values: Mapping[str, Any] = filled(default_factory=dict)
    decides: bool = False
    """Whether this is the line that limits the amount."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the portal says of an application; equal for every door that asks."""

    scheme: str
    kind: str
    currency: str
    amount: int
    """What would be granted, in minor units, were every block lifted that does not bear on the amount."""
    decidable_from: date | None
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    year: int | None
    """Year in which the event starts."""
    zone: str | None
    quantities: Mapping[str, Any] = filled(default_factory=dict)
    """What was worked out on the way (eligible, half, ceiling …), in minor units or half days."""

    @property
    def submittable(self) -> bool:
        """Whether nothing blocks."""
        return not any(f.severity is Severity.BLOCKS for f in self.findings)

    @property
    def warned(self) -> tuple[str, ...]:
        """The codes of what warns, each once."""
        return tuple(dict.fromkeys(f.code for f in self.findings if f.severity is Severity.WARNS))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(f.code for f in self.findings)

    @property
    def mark(self) -> str:
        """A short value that changes when the amount or any finding does; what a signer saw."""
        said = [str(self.amount), self.currency, *sorted(f"{f.code} {f.field}" for f in self.findings)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
