"""Audit events: who did what to what and when, in a hash chain, so that no later change goes unseen.

An event holds ids, codes, amounts and hashes, never free text and never a name: deleting personal text leaves the
chain whole. Keeping and numbering events is `store.audit`'s.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from portal.domain.digest import canonical

FIRST = "0" * 64
"""What the first event follows."""

Scalar = int | bool | str | None

_CODE = re.compile(r"[A-Za-z0-9._:/+-]{0,80}")
_ACT = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Event:
    """One act; `actor_id` None is the command line. Raises ValueError for a body that could hold text of people."""

    act: str
    actor_id: int | None
    at: datetime
    application_id: int | None = None
    body: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        if not _ACT.fullmatch(self.act):
            raise ValueError(f"an act is a word, not {self.act!r}")
        for key, value in self.body.items():
            if isinstance(value, str) and not _CODE.fullmatch(value):
                raise ValueError(f"{key} of {self.act} is no code: the log holds no free text")

    def hashed(self, seq: int, previous: str) -> str:
        """The event's SHA-256 at its place in the chain."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return digest(
            seq, at, self.actor_id, self.act, self.application_id, canonical(dict(self.body)), previous
        )


def digest(
    seq: int, at: str, actor_id: int | None, act: str, application_id: int | None, body: str, previous: str
) -> str:
    """The SHA-256 of an event, of its parts as kept: the instant as ISO text of UTC, the body as canonical JSON.

    The text is the canonical JSON of the seven in a list, put together in a quarter of the time.
    """
    actor = "null" if actor_id is None else actor_id
    case = "null" if application_id is None else application_id
    said = f"[{seq},{quoted(at)},{actor},{quoted(act)},{case},{body},{quoted(previous)}]"
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as kept, with its place in the chain."""

    seq: int
    event: Event
    previous: str
    hash: str
