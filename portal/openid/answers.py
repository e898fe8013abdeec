"""What a sign-in asks of a provider, what the provider then says, and that it cannot be relied on."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Distrusted(Exception):
    """What the provider did cannot be relied on; `code` says why, for the log and for the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(value: object, longest: int) -> str:
    """A text in a claim that can be kept, composed, on one line; empty for any other, and for one that is too long."""
    if not isinstance(value, str) or len(value) > longest:
        return ""
    plain = " ".join(value.split())
    return unicodedata.normalize("NFC", plain) if plain.isprintable() else ""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a sign-in was begun with, and its answer has to fit."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    max_age: int | None = None
    """Seconds; None: any sign-in will do."""
    acr: tuple[str, ...] = ()
    """One of these must be in the token."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of whoever has signed in there."""

    issuer: str
    subject: str
    auth_time: datetime | None
    acr: str
    sid: str
    id_token: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
