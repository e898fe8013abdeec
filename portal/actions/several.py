"""Applying for several participants of one event in one go: a draft for each, sent in one transaction.

The first draft holds what they share; a row of each holds the rest. The others know the first one's token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actions import documents
from portal.actions.drafting import CHANGED, delete_draft, edition_of, own, save_draft, start_draft
from portal.actions.submitting import submit
from portal.domain.access import NOT_FOUND
from portal.domain.application import Answers, Application, Draft
from portal.domain.document import takes_documents
from portal.domain.fields import counted
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.schemes.loader import Schemes
from portal.store import drafts
from portal.store.session import Session

MOST = 30
TOO_MANY = Refusal("several.too-many", N_("At most %(most)s can be applied for in one go."), {"most": MOST})


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """What stands in the row of one participant; a new one has no token yet."""

    participant_id: int
    answers: Answers
    token: str | None = None
    revision: int = 0


def all_of(session: Session, first: Draft) -> list[Draft]:
    """The first draft and those that are sent with it."""
    return [first, *drafts.beside(session, first)]


def fill(
    session: Session,
    *,
    token: str,
    schemes: Schemes,
    rows: Sequence[ParticipantRow],
    share: bool,
    by: Person,
    at: datetime,
    alike: str | None = None,
) -> list[Draft]:
    """Keep what stands in the rows, each as a draft of its own, with what the first one says of all of them.

    What was changed in one's own form stays as it is there, unless `alike` is that one's token. A participant who is
    there already is not added again. With `share` those of the first one's documents that several may share are
    attached to all; a new draft always gets them. Raises Refused `draft.changed` when another window saved in between.
    """
    first = own(session, token=token, by=by)
    scheme, kind = _several(first, schemes)
    shared = shared_by(first, kind)
    there = {each.participant_id: each for each in all_of(session, first)}
    known = {each.token: each for each in there.values()}
    if len(there.keys() | {row.participant_id for row in rows}) > MOST:
        raise Refused(TOO_MANY)
    for row in rows:
        each = {name: row.answers[name] for name in kind.each if row.answers.get(name)}
        draft = known.get(row.token or "") or there.get(row.participant_id)
        if draft is None:
            draft = start_draft(
                session,
                scheme=scheme,
                kind=kind.key,
                participant_id=row.participant_id,
                answers=shared | each,
                together=first.token,
                shared=shared,
                by=by,
                at=at,
            )
            there[row.participant_id] = draft
        else:
            expected = row.revision if row.token else draft.revision
            others = {} if draft.token in (first.token, alike) else own_changes(draft, shared, kind)
            typed = {name: kept for name, kept in (shared | others | each).items() if kept is not None}
            typed = _with_calendars(kind, draft, typed)
            edition = edition_of(schemes, draft, typed, at=at).key
            save_draft(
                session, token=draft.token, expected=expected, answers=typed, scheme=edition, by=by, at=at
            )
            if draft.token != first.token and draft.shared != shared:
                drafts.keep_shared(session, draft.token, shared)
        if takes_documents(kind) and draft.token != first.token and (share or draft.token not in known):
            kinds = {choice.value for choice in kind.shareable}
            documents.share(session, source=first.token, token=draft.token, kinds=kinds, by=by, at=at)
    return all_of(session, own(session, token=token, by=by))


def shared_by(first: Draft, kind: Kind) -> dict[str, Any]:
    """What the first one answers for all of them: not what is known of it, or which days it was away."""
    fields = kind.fields.values()
    own = {*kind.each, *(f.name for f in fields if f.known or f.type is FieldType.CALENDAR)}
    return {name: answer for name, answer in first.answers.items() if name not in own}


def _with_calendars(kind: Kind, draft: Draft, typed: dict[str, Any]) -> dict[str, Any]:
    """Its own calendars with what was typed, as long as they say what its row counts."""
    for field in kind.of_type(FieldType.CALENDAR):
        ticked = draft.answers.get(field.name)
        typed.pop(field.name, None)
        if ticked and all((typed.get(name) or "") == n for name, n in counted(field, ticked).items()):
            typed[field.name] = ticked
    return typed


def own_changes(draft: Draft, shared: Answers, kind: Kind) -> dict[str, Any]:
    """What was changed in one's own form since it was last shared, and is not what is shared now; None: emptied."""
    before = draft.shared or {}
    names = {*draft.answers, *before} - {*kind.each}
    found = {name: draft.answers.get(name) or None for name in names}
    return {
        name: answer
        for name, answer in found.items()
        if answer not in (before.get(name) or None, shared.get(name) or None)
    }


def as_sent(draft: Draft, shared: Answers, kind: Kind) -> dict[str, Any]:
    """The answers of one of the others: what is shared, but for its own changes, and what its row holds."""
    row = {name: answer for name, answer in draft.answers.items() if name in kind.each}
    merged = {**shared, **own_changes(draft, shared, kind), **row}
    return {name: answer for name, answer in merged.items() if answer is not None}


def leave_out(session: Session, *, token: str, other: str, by: Person, at: datetime) -> None:
    """Take one of the others out again; the first draft stays. Raises Refused."""
    first = own(session, token=token, by=by)
    if other not in {each.token for each in drafts.beside(session, first)}:
        raise Refused(NOT_FOUND)
    delete_draft(session, token=other, by=by, at=at)


def submit_all(
    session: Session,
    *,
    token: str,
    revisions: Mapping[str, int],
    schemes: Schemes,
    by: Person,
    at: datetime,
    shown: Mapping[str, str],
) -> list[Application]:
    """Submit the drafts that the page showed, all or none of them; however often it arrives, it is one submission.

    `shown` are the marks of their documents then.
    Raises Blocked when something blocks one of them, Refused `draft.changed` when one was changed, added or left out.
    """
    first = drafts.find(session, token, for_update=True)
    if first is not None and {
        each.token for each in all_of(session, own(session, token=token, by=by))
    } != set(revisions):
        raise Refused(CHANGED)
    return [
        submit(
            session,
            token=each,
            schemes=schemes,
            revision=revision,
            shown=shown[each],
            by=by,
            at=at,
        )
        for each, revision in revisions.items()
    ]


def _several(first: Draft, schemes: Schemes) -> tuple[Scheme, Kind]:
    scheme = schemes[first.scheme]
    kind = scheme.kinds[first.kind]
    if not kind.each or first.application_id is not None or first.together is not None:
        raise Refused(NOT_FOUND)
    return scheme, kind
