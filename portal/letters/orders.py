"""Orders letters in the transaction of what they tell, and prints them after it.

Ordering fixes every word. Printing needs nothing but those words, so it can happen after the commit, and again after a
crash: docs/decisions/0006.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.application import Answers, Application, Decision, Outcome, Signature, Version
from portal.domain.claim import Payable, is_invoiced
from portal.domain.events import Event, Scalar
from portal.domain.fields import Typed, read
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.scheme import Scheme
from portal.domain.signoff import Case
from portal.letters import composing
from portal.letters.composing import Matter, SignedDecision
from portal.letters.document import Letter, digest_of
from portal.letters.press import Unprinted, print_apart
from portal.store import applications, audit, letters, people, signing
from portal.store.letters import DueLetter, LetterRecord
from portal.store.session import Database, Session

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Printed:
    """What a round of printing came to; `failed` holds the ids of letters that could not be printed."""

    made: int
    failed: tuple[int, ...] = ()


def order_confirmation(
    session: Session,
    *,
    scheme: Scheme,
    application: Application,
    version: Version,
    typed: Typed,
    participant: Person,
    applicant: Person,
    at: datetime,
) -> None:
    """Fix the words of the confirmation of a submitted version."""
    matter = Matter(scheme, application, version, typed, participant, applicant)
    for language in _languages(scheme, applicant):
        _order(session, matter, composing.confirmation(matter, language), at)


def order_decision(
    session: Session,
    case: Case,
    decision: Decision,
    signatures: tuple[Signature, Signature],
    *,
    at: datetime,
) -> None:
    """Fix the words of the decision, and of the invoice's basis when money is granted that is invoiced."""
    version = applications.get_version(session, case.application.id, decision.version)
    matter = Matter(case.scheme, case.application, version, case.typed, case.participant, case.applicant)
    word, spoke = case.head_word, [each.signer_id for each in signatures]
    spoke += [word.head_id] if word is not None else []
    decided = SignedDecision(decision, signatures, people.names_of(session, spoke), word)
    for language in _languages(case.scheme, case.applicant):
        _order(session, matter, composing.decision(matter, decided, language), at)
        if decision.outcome is Outcome.GRANT and decision.amount and is_invoiced(case.scheme):
            _order(session, matter, composing.invoice(matter, decision, language), at)


def order_basis_anew(
    session: Session,
    scheme: Scheme,
    application: Application,
    answers: Answers,
    worth: Payable | None,
    *,
    at: datetime,
) -> None:
    """Fix the words of the invoice's basis once more, by the actual costs and the payee; the one before stays."""
    made = signing.get_decision(session, application.id)
    if not made.amount or not is_invoiced(scheme):
        return
    kept = applications.get_version(session, application.id, made.version)
    version, typed = replace(kept, answers=answers), read(scheme.kinds[application.kind], answers)
    day = local_day(at, scheme)
    parties = people.get_all(session, (application.applicant_id, application.participant_id), day=day)
    applicant = parties[application.applicant_id]
    matter = Matter(scheme, application, version, typed, parties[application.participant_id], applicant)
    before = letters.find_latest(session, application.id, composing.INVOICE, version=made.version)
    for language in _languages(scheme, applicant):
        letter = composing.invoice(matter, made, language, worth=worth, at=at)
        _order(session, matter, letter, at, edition=before.edition + 1 if before else 1)


def _languages(scheme: Scheme, applicant: Person) -> tuple[str, ...]:
    """The fund's language, in which the letter counts, and English for an applicant who reads the portal in it."""
    english = applicant.language == ENGLISH != scheme.language
    return (scheme.language, ENGLISH) if english else (scheme.language,)


def _order(session: Session, matter: Matter, letter: Letter, at: datetime, *, edition: int = 1) -> None:
    record = letter.as_record()
    letters.order(
        session,
        application_id=matter.application.id,
        kind=letter.kind,
        version=matter.version.number,
        language=letter.language,
        content=record,
        content_digest=digest_of(record),
        at=at,
        edition=edition,
    )


def print_due(
    database: Database,
    *,
    at: datetime,
    failing: Callable[[int, Exception], None],
    since: datetime | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Printed:
    """Print every letter that is due, each outside any transaction, and keep it; one that fails stays due.

    `failing` is told of each failure; `since` narrows what is printed; once `stopped`, those under way are the last.
    Two who print the same letter at once make the same bytes; one is kept.
    """
    made = 0
    failed: list[int] = []
    while not stopped():
        with database.reading() as session:
            waiting = letters.due(session, but=failed, since=since)
        if not waiting:
            break
        for each, pdf in zip(waiting, print_apart([each.content for each in waiting]), strict=True):
            if digest_of(each.content) != each.content_digest:
                pdf = Unprinted("the words of the letter are not those that were fixed")
            if isinstance(pdf, Unprinted):
                failed.append(each.id)
                failing(each.id, pdf)
            else:
                made += database.write(keep_letter, letter=each, pdf=pdf, at=at)
    return Printed(made, tuple(failed))


def pdf_of(session: Session, letter: LetterRecord) -> bytes:
    """The letter as it was kept; one that is not printed yet, printed now: the same words give the same bytes.

    Nothing is written: whoever asks need not wait for the worker, which keeps it all the same. Raises Unprinted.
    """
    if letter.made_at is not None:
        return letters.read_pdf(session, letter.id)
    due = letters.get_due(session, letter.id)
    if due is None:
        return letters.read_pdf(session, letter.id)
    if digest_of(due.content) != due.content_digest:
        raise Unprinted("the words of the letter are not those that were fixed")
    [pdf] = print_apart([due.content])
    if isinstance(pdf, Unprinted):
        raise pdf
    return pdf


def keep_letter(session: Session, *, letter: DueLetter, pdf: bytes, at: datetime) -> bool:
    """Keep a printed letter and log its SHA-256; False when it was kept already."""
    kept = letters.keep(session, letter.id, pdf, at=at)
    if kept is None:
        return False
    body: dict[str, Scalar] = {
        "kind": kept.kind,
        "version": kept.version,
        "language": kept.language,
        "content": kept.content_digest,
        "sha256": kept.sha256,
    }
    audit.append(session, Event("keep-letter", None, at, kept.application_id, body))
    return True
