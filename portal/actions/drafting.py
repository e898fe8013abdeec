"""Writing: a draft holds whatever has been typed, is saved again and again, and judges nothing."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.actions.cases import take
from portal.domain.access import NOT_FOUND, is_party
from portal.domain.application import Answers, Draft, Status
from portal.domain.digest import canonical
from portal.domain.facts import carried, copied, known_of, with_given
from portal.domain.fields import read_some
from portal.domain.payment import payee_fields
from portal.domain.periods import edition_of_event, local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.schemes.loader import Schemes
from portal.store import applications, audit, documents, drafts, people
from portal.store.session import NotFound, Session

MOST_CHARACTERS = 200_000

CHANGED = Refusal(
    "draft.changed",
    N_(
        "The draft was changed in another window, and nothing was overwritten. "
        "Press “Save the draft”: both texts are shown, and you choose."
    ),
)
TOO_LARGE = Refusal("draft.too-large", N_("The draft holds too much text to be kept."))
NOTHING_FOLLOWS = Refusal(
    "draft.nothing-follows",
    N_("This application does not lead to another, has not been granted, or has been used."),
)
NO_PARTICIPANT = Refusal("draft.participant", N_("Choose the participant from the list."))


def start_draft(
    session: Session,
    *,
    scheme: Scheme,
    by: Person,
    at: datetime,
    kind: str | None = None,
    participant_id: int | None = None,
    answers: Answers | None = None,
    together: str | None = None,
    shared: Answers | None = None,
) -> Draft:
    """Begin to write an application, for oneself unless another participant is named.

    For oneself it takes who is paid and who stands for the counter-financing from the last one, where the register
    does not say it.
    """
    chosen = scheme.kinds[kind] if kind else scheme.main_kind
    if answers is None and participant_id in (None, by.id):
        answers = _remembered(session, scheme, chosen, by)
    draft = Draft(
        token=secrets.token_urlsafe(24),
        owner_id=by.id,
        scheme=scheme.key,
        kind=chosen.key,
        participant_id=_participant(session, participant_id or by.id, by, at),
        answers=_kept(answers or {}),
        revision=0,
        saved_at=at,
        together=together,
        shared=shared,
    )
    drafts.add(session, draft)
    _log(session, "start-draft", draft, by, at)
    return draft


def start_from(session: Session, *, number: str, schemes: Schemes, by: Person, at: datetime) -> Draft:
    """Begin the application that a granted one leads to, filled from it; one begun already is gone on with.

    "Kurs av større omfang kan søke om å forhåndsgodkjennes": nobody types what was approved.
    Raises Refused when nothing follows, or it is not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if not is_party(by, application):
        raise Refused(NOT_FOUND)
    scheme = schemes[application.scheme]
    source = scheme.kinds[application.kind]
    if source.leads_to is None or application.status is not Status.GRANTED:
        raise Refused(NOTHING_FOLLOWS)
    target = scheme.kinds[source.leads_to]
    before = applications.version_of(session, application).answers
    pointing = {field.name: application.number for field in target.of_type(FieldType.APPLICATION)}
    if applications.find_user(session, application.id) is not None:
        raise Refused(NOTHING_FOLLOWS)
    answers = with_given(target, carried(source, target, before), {}) | pointing
    for draft in drafts.written_by(session, by.id):
        if (draft.scheme, draft.kind, draft.participant_id, draft.application_id) == (
            scheme.key, target.key, application.participant_id, None,
        ) and all(draft.answers.get(name) == number for name, number in pointing.items()):  # fmt: skip
            return draft
    return start_draft(
        session,
        scheme=scheme,
        kind=target.key,
        participant_id=application.participant_id,
        answers=answers,
        by=by,
        at=at,
    )


def start_copy(session: Session, *, number: str, scheme: Scheme, by: Person, at: datetime) -> Draft:
    """Begin another application, in an edition that is open, with the answers of an earlier one of one's own.

    Raises Refused when it is not the person's, or the edition has no such kind.
    """
    application = take(session, number=number, act="see", by=by)
    kind = scheme.kinds.get(application.kind)
    if kind is None or scheme.fund != application.fund or not is_party(by, application):
        raise Refused(NOT_FOUND)
    participant = people.get(session, application.participant_id, day=at.date())
    answers = copied(kind, applications.version_of(session, application).answers)
    return start_draft(
        session,
        scheme=scheme,
        kind=kind.key,
        participant_id=participant.id,
        answers={name: answer for name, answer in answers.items() if name not in known_of(kind, participant)},
        by=by,
        at=at,
    )


def _remembered(session: Session, scheme: Scheme, kind: Kind, me: Person) -> Answers:
    written = applications.written_by_or_for(session, me.id, limit=20)
    mine = (
        each
        for each in written
        if each.applicant_id == each.participant_id == me.id and each.fund == scheme.fund
    )
    if (last := next(mine, None)) is None:
        return {}
    answers, known = applications.version_of(session, last).answers, known_of(kind, me)
    asked = {
        *(each.name for each in payee_fields(scheme, answers)),
        *(f.name for f in kind.of_type(FieldType.PERSON)),
    }
    return {
        name: answers[name] for name in kind.fields if name in asked and name in answers and name not in known
    }


def start_answer(session: Session, *, number: str, by: Person, at: datetime) -> Draft:
    """Begin to answer a returned application with what was submitted; a draft begun already is gone on with.

    Raises Refused when the application is not returned or not the person's.
    """
    application = take(session, number=number, act="resubmit", by=by)
    begun = drafts.find_answering(session, application.id)
    if begun is not None:
        return begun
    draft = Draft(
        token=secrets.token_urlsafe(24),
        owner_id=by.id,
        scheme=application.scheme,
        kind=application.kind,
        participant_id=application.participant_id,
        answers=applications.version_of(session, application).answers,
        revision=0,
        saved_at=at,
        application_id=application.id,
    )
    drafts.add(session, draft)
    documents.carry_over(
        session, application_id=application.id, version=application.version, token=draft.token
    )
    _log(session, "start-answer", draft, by, at)
    return draft


def save_draft(
    session: Session,
    *,
    token: str,
    expected: int,
    answers: Answers,
    by: Person,
    at: datetime,
    scheme: str | None = None,
    participant_id: int | None = None,
    window: str = "",
    turn: int = 0,
) -> Draft:
    """Keep what has been typed, over the revision that the page knew, in the edition of the fund that it belongs to.

    The same text again is no new revision. A window counts its saves, so that on a slow line it is neither in its own
    way nor overtaken by a save that it sent before. Raises Refused `draft.changed` when another window has saved in
    between, and then nothing is lost: the draft stays as it is, and what was typed is with the caller.
    """
    draft = own(session, token=token, by=by)
    participant = draft.participant_id
    if participant_id not in (None, participant) and draft.application_id is None:
        participant = _participant(session, participant_id or by.id, by, at)
    edition = draft.scheme if scheme is None or draft.application_id is not None else scheme
    kept, by_itself = _kept(answers), bool(window) and draft.saved_in == window
    if by_itself and turn <= draft.turn:
        return draft
    if (kept, participant, edition) == (draft.answers, draft.participant_id, draft.scheme):
        if by_itself:
            drafts.keep_turn(session, token, turn)
        return draft
    if draft.revision != expected and not by_itself:
        raise Refused(CHANGED)
    saved: dict[str, Any] = {
        "answers": kept, "participant_id": participant, "scheme": edition, "saved_in": window, "turn": turn,
    }  # fmt: skip
    if not drafts.save(session, token, expected=draft.revision, at=at, **saved):
        raise Refused(CHANGED)
    draft = replace(draft, revision=draft.revision + 1, saved_at=at, **saved)
    _log(session, "save-draft", draft, by, at)
    return draft


def edition_of(schemes: Schemes, draft: Draft, answers: Answers, *, at: datetime) -> Scheme:
    """The edition that a draft belongs to with these answers: the first day of the event decides, nobody chooses it."""
    begun = schemes[draft.scheme]
    if draft.application_id is not None:
        return begun
    editions = [each for each in schemes.of_fund(begun.fund) if draft.kind in each.kinds]
    starts_on = read_some(begun.kinds[draft.kind], answers, ("starts_on",)).get("starts_on")
    return edition_of_event(editions, begun, starts_on, local_day(at, begun))


def delete_draft(session: Session, *, token: str, by: Person, at: datetime) -> None:
    """Let a draft go for good. An application that is being answered stays returned."""
    draft = own(session, token=token, by=by)
    drafts.remove(session, token)
    _log(session, "delete-draft", draft, by, at)


def own(session: Session, *, token: str, by: Person) -> Draft:
    """The draft under a row lock, when it is the person's to write: theirs, or answering an application of theirs.

    Raises Refused as for what does not exist.
    """
    draft = drafts.find(session, token, for_update=True)
    if draft is None or not may_write(session, draft, by):
        raise Refused(NOT_FOUND)
    return draft


def may_write(session: Session, draft: Draft, by: Person) -> bool:
    """Whether the draft is the person's to write."""
    if draft.owner_id == by.id:
        return True
    if draft.application_id is None:
        return False
    return is_party(by, applications.get_by_id(session, draft.application_id))


def _participant(session: Session, participant_id: int, by: Person, at: datetime) -> int:
    try:
        return people.get(session, participant_id, day=at.date()).id if participant_id != by.id else by.id
    except NotFound:
        raise Refused(NO_PARTICIPANT) from None


def _kept(answers: Answers) -> Mapping[str, Any]:
    """The answers as the database will give them back. Raises Refused when they are too much."""
    kept = dict(answers)
    if len(canonical(kept)) > MOST_CHARACTERS:
        raise Refused(TOO_LARGE)
    return kept


def draft_name(draft: Draft) -> str:
    """The draft in the log: its token opens it, so only a hash is kept."""
    return hashlib.sha256(draft.token.encode()).hexdigest()[:16]


def _log(session: Session, act: str, draft: Draft, by: Person, at: datetime) -> None:
    body = {"revision": draft.revision, "participant": draft.participant_id}
    audit.log(session, act, by, at, draft.application_id, draft=draft_name(draft), **body)
