"""Who somebody is and what they are to the portal; what they may do stands in `access`."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

FINANCE = "finance"
ADMINISTRATOR = "administrator"
AUDITOR = "auditor"
ROLES = (FINANCE, ADMINISTRATOR, AUDITOR)


CAN_WAIT = frozenset(
    {
        "attest-late", "approval-lapses", "answer-awaited", "cancelled", "cancelled-used", "comment", "declined",
        "disagreed", "follow-up-due", "follow-up-late", "follow-up-recorded", "granted", "invoice-corrected",
        "invoice-due", "invoice-late", "pause-over", "received", "received-again", "refused", "released",
        "signature-void", "to-attest", "to-sign", "withdrawn", "withdrawn-head", "withdrawn-signed", "year-begun",
    }
)  # fmt: skip
"""Kinds of e-mail that whoever chooses so gets once a day, together: nothing about how one signs in or who is paid."""
_LONGEST_LOGIN = 100
# What every mail server takes: an atom with single dots before the @, a name with a dot after it.
_ATOM = r"[!#$%&'*+/=?^_`{|}~A-Za-z0-9-]+"
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_MAILABLE = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?![0-9]+\Z|.\Z){_LABEL}")


def mailable(email: str) -> str:
    """One address as it stands on an envelope: the part after the @ in ASCII. Raises ValueError for one that none is.

    Letters beyond ASCII before the @ would need SMTPUTF8 in every server on the way, which nobody can promise.
    """
    name, _at, host = email.strip().rpartition("@")
    try:
        plain = f"{name}@{host.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if len(plain) > 254 or not _MAILABLE.fullmatch(plain):
        raise ValueError("no address that can be mailed")
    return plain


def as_login(typed: str) -> str:
    """A login as it is kept, looked up, counted and logged: whatever reads the same is the same."""
    return typed.strip().lower()[:_LONGEST_LOGIN].strip()


@dataclass(frozen=True, slots=True)
class Person:
    """One natural person; `number` is the stable personal id that "per person och år" counts by."""

    id: int
    number: str
    name: str
    email: str
    unit: str
    language: str = "sv"
    head_id: int | None = None
    head_number: str | None = field(default=None, compare=False)
    """The personal id of the head, as long as the head is here; it follows from `head_id`."""
    specialist: bool = False
    specialty: str = ""
    administration: str = ""
    """The administration (förvaltning) that employs them, which a grant is paid to."""
    cost_centre: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    """Words of `ROLES`; finance in one fund alone has the fund with it, as `role_in` makes it."""
    funds: frozenset[str] = field(default_factory=frozenset)
    """Funds in which the person holds a seat today, as holder or substitute."""
    leads: bool = False
    """Whether somebody has this person as head."""
    known_as: str | None = field(default=None, compare=False)
    """What once-only keys have called this person since before keys went by person; None for everybody newer."""

    @property
    def once(self) -> str:
        """The person in a once-only key: the same whatever becomes of the number or the name."""
        return self.known_as or f"person-{self.id}"

    @property
    def as_found(self) -> str:
        """How a list offers the person to colleagues: never by personal id."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def mark(self) -> str:
        """What an administrator can change of a person, as one value: a form that shows another is out of date."""
        kept = (self.number, self.name, self.email, self.unit, self.language, self.head_id, self.specialist)
        works = (self.specialty, self.administration, self.cost_centre)
        return sha256(repr((*kept, *works, sorted(self.roles))).encode()).hexdigest()[:16]

    @property
    def approves(self) -> bool:
        """Whether the person holds a seat in any fund today."""
        return bool(self.funds)

    @property
    def audits(self) -> bool:
        return AUDITOR in self.roles

    def signs(self, fund: str | None = None) -> bool:
        """Whether the person holds a seat of the fund today; without one, of any."""
        return self.approves if fund is None else fund in self.funds

    def pays(self, fund: str | None = None) -> bool:
        """Whether the person is finance of the fund; without one, of any."""
        if fund is None:
            return any(kept_role(each)[0] == FINANCE for each in self.roles)
        return not self.roles.isdisjoint((FINANCE, role_in(FINANCE, fund)))


def role_in(role: str, fund: str) -> str:
    """The role in one fund, as one word: finance:rfr; without a fund, in every one."""
    return f"{role}:{fund}" if fund else role


def kept_role(word: str) -> tuple[str, str]:
    """The role of such a word, and its fund, empty for all."""
    role, _colon, fund = word.partition(":")
    return role, fund
