"""What has happened to an application: its log as a timeline, its earlier versions, and who sits and has signed where.

What a signature says is told only to readers who may know it: a party learns it with the decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from portal.domain.access import may
from portal.domain.application import Outcome, Signature, Version
from portal.domain.events import Event, Recorded
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.scheme import Seat
from portal.domain.signoff import Case, Holding, signs_from
from portal.language.vocabularies import ACTS, STAGES, STATUSES
from portal.store import audit, people, signing
from portal.store.signing import Comment, Question
from portal.web import current
from portal.web.answers import Change, differing, readable
from portal.web.language import _, instant, money, says, word, words

_WITH_AMOUNT = frozenset({"decide", "cancel", "register-invoice", "ask-payment", "pay", "reverse-payment"})
_CHANGED = frozenset({"correct-invoice", "credit-invoice", "return-payment"})
_UNTOLD = frozenset({"start-answer", "save-draft", "delete-draft", "start-draft", "keep-letter"})
_ASKING = frozenset({"return", "attest-refuse"})
_BETWEEN_SEATS = frozenset({"comment", "declare-conflict", "lapse", "take-back"})
_IN_FINANCE = frozenset({"prepare", "confirm-prepared", "decline-prepared", "take-back-prepared"})


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened at an instant, or is to come, on a day if one is set; state: done, now or next."""

    title: str
    at: datetime | date | None = None
    by: str = ""
    text: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to a case, the names of all in it, and what was asked, by the version it was asked of."""

    lines: Sequence[Happening]
    names: Mapping[int, str]
    asked: Mapping[int, Question]
    comments: Sequence[Comment]
    """What the seats wrote to each other; nothing to whoever is not told of them."""


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat: who can sign in it today, and the signature in it that counts."""

    seat: Seat
    holders: Sequence[tuple[Holding, datetime | None]]
    """Each with until when a change of how they sign in holds their signature back."""
    signature: Signature | None
    known: bool
    """Whether the reader may know what the signature says."""
    term_over: date | None
    """The last day of the term it was signed in, when that has passed; what was signed in it counts on."""


def seat_lines(case: Case, reader: Person, *, told: bool) -> list[SeatLine]:
    """Both seats; `told` whether the reader may know what signatures say other than their own."""
    now = current.now()
    day = local_day(now, case.scheme)
    signed = {each.seat: each for each in case.standing}
    terms = {each.id: each.ends_on for each in case.holdings}
    able = [h for h in case.holdings if h.holds_on(day) and h.person_id not in case.conflicts]
    lines = []
    for seat in case.scheme.seats:
        held = sorted((h for h in able if h.seat == seat.key), key=lambda h: h.substitute)
        holders = [(h, signs_from(case, h.person_id, now)) for h in held]
        signature = signed.get(seat.key)
        known = told or (signature is not None and signature.signer_id == reader.id)
        ends_on = None if signature is None else terms.get(signature.holding_id)
        over = ends_on if ends_on is not None and ends_on < day else None
        lines.append(SeatLine(seat, holders, signature, known, over))
    return lines


def earlier(case: Case, versions: Sequence[Version]) -> list[tuple[Version, tuple[Change, ...]]]:
    """The versions before the one that counts, the last first, each with what the next one changed."""
    scheme, kind = case.scheme, case.scheme.kinds[case.application.kind]
    lines = []
    for old, new in pairwise(versions):
        known = (readable(case.application, scheme, each.answers) for each in (old, new))
        lines.append((old, differing(scheme, kind, *known)))
    return lines[::-1]


def history(case: Case, *, told: bool, seats: bool) -> History:
    """The log of an application in words, in order; what signatures say only when `told`, but the reader's own.

    What goes on between the seats is left out without `seats`: the parties learn what comes of it.
    """
    session, reader = current.reading(), current.person()
    log = audit.history(session, case.application.id)
    if not seats:
        log = [each for each in log if each.event.act not in _BETWEEN_SEATS]
    if may(reader, "see-payments", case.application) is not None:
        log = [each for each in log if each.event.act not in _IN_FINANCE]
    asked = signing.questions_on(session, case.application.id)
    names = people.names_of(session, _people_in(case, log))
    signatures = {each.id: each for each in case.signatures}
    comments = signing.comments_on(session, [case.application.id]) if seats else {}
    lines = []
    for recorded in log:
        event = recorded.event
        if event.act in _UNTOLD:
            continue
        text = _text(event, signatures, case, reader, told=told)
        signature = _signature(event, signatures)
        if seats and signature is not None and signature.signed_in_at is not None:
            text = f"{text}\n{_shown(signature, case)}".strip()
        if isinstance(confirmed_by := event.body.get("confirmed"), int):
            said = _(
                "The way to sign in had just been changed; %(name)s had confirmed it.",
                name=names[confirmed_by],
            )
            text = f"{text}\n{said}".strip()
        question = asked.get(int(event.body.get("version") or 0)) if event.act in _ASKING else None
        lines.append(
            Happening(
                title=_title(event, case),
                at=event.at,
                by=names.get(event.actor_id, "") if event.actor_id else "",
                text=question.text if question else text,
            )
        )
    return History(lines, names, asked, comments.get(case.application.id, ()))


def _title(event: Event, case: Case) -> str:
    decided = word(STATUSES, "granted" if event.body.get("outcome") == Outcome.GRANT else "refused")
    seat = next((words(s.title) for s in case.scheme.seats if s.key == event.body.get("seat")), "")
    titles = {
        "submit": _("Submitted"),
        "resubmit": _("Submitted again, version %(number)s", number=event.body.get("version")),
        "return": _("Returned with a question"),
        "sign": _("Signed: %(seat)s", seat=seat),
        "attest": _("Confirmed by the head"),
        "attest-refuse": _("The head says no"),
        "lapse-attest": _("The head’s word no longer counts, because what it confirms was changed"),
        "change-head": _("Another head stands for the counter-financing"),
        "take-over": _("A colleague has taken the case over"),
        "give-back": _("Given back to who wrote it"),
        "take-back": _("Took back the signature: %(seat)s", seat=seat),
        "lapse": _("The signature no longer counts: %(seat)s", seat=seat),
        "decide": decided,
        "declare-conflict": _("Declared a conflict of interest"),
        "comment": _("Wrote to the other seat"),
        "register-number": _("Gave a registration number"),
        "withdraw": _("Withdrawn"),
        "decline": _("The participant said no"),
        "lose-approval": _("The approval pointed at was cancelled"),
        "cancel": _("Grant cancelled"),
        "state-costs": _("Actual costs stated"),
        "register-invoice": _("Invoice registered"),
        "release": _("What is not used went back to the fund"),
        "correct-invoice": _("Invoice corrected"),
        "correct-payee": _("Who is paid was corrected"),
        "credit-invoice": _("Invoice credited"),
        "return-payment": _("Money that has come back"),
        "ask-payment": _("Sent to be paid"),
        "pay": word(STAGES, "paid"),
        "reverse-payment": _("Sent to be taken back"),
        "record-follow-up": _("Follow-up recorded"),
        "confirm-follow-up": _("Follow-up confirmed"),
        "deny-follow-up": _("The head says that the follow-up is not so"),
    }
    if event.act in _IN_FINANCE:
        return word(ACTS, event.act)
    return titles.get(event.act, event.act.replace("-", " ").capitalize())


def _text(
    event: Event, signatures: Mapping[int, Signature], case: Case, reader: Person, *, told: bool
) -> str:
    signature = _signature(event, signatures)
    if signature is not None and (told or signature.signer_id == reader.id):
        return "\n".join(filter(None, (says(signature, case.scheme.currency), signature.reason)))
    amount, was = event.body.get("amount"), event.body.get("was")
    if event.act in _CHANGED and isinstance(amount, int) and isinstance(was, int):
        currency = case.scheme.currency
        return _("%(was)s became %(amount)s.", was=money(was, currency), amount=money(amount, currency))
    if event.act in _WITH_AMOUNT and isinstance(amount, int) and amount:
        return money(amount, case.scheme.currency)
    return ""


def _signature(event: Event, signatures: Mapping[int, Signature]) -> Signature | None:
    number = event.body.get("signature")
    return signatures.get(number) if isinstance(number, int) and event.act == "sign" else None


def _shown(signature: Signature, case: Case) -> str:
    """When the signer had last shown who they are, and how, where a provider said it."""
    assert signature.signed_in_at is not None  # noqa: S101 - its caller asks
    at = instant(signature.signed_in_at, case.scheme.zone)
    if signature.acr:
        return _("Signed in %(at)s, level %(level)s.", at=at, level=signature.acr)
    return _("Signed in %(at)s.", at=at)


def _people_in(case: Case, log: Sequence[Recorded]) -> set[int]:
    """Everybody whose name the page of a case needs."""
    ids = {h.person_id for h in case.holdings} | {s.signer_id for s in case.signatures}
    ids |= {each.event.actor_id for each in log if each.event.actor_id is not None}
    ids |= {by for each in log if isinstance(by := each.event.body.get("confirmed"), int)}
    head_id = case.application.head_id
    return ids | ({head_id} if head_id is not None else set())
