"""Reads all that bears on signing one application, for the case page and, under locks, for the signature itself."""

from datetime import datetime

from portal.domain.application import Application
from portal.domain.assess import assess
from portal.domain.periods import local_day
from portal.domain.scheme import Scheme
from portal.domain.sign_in import HOLD
from portal.domain.signoff import Case
from portal.store import applications, budgets, people, seats, sign_in, signing
from portal.store.facts import facts_for
from portal.store.session import Session


def load(session: Session, application: Application, scheme: Scheme, *, at: datetime) -> Case:
    """The case as it stands: answers judged by when they were received, register and budget as they are at `at`."""
    day = local_day(at, scheme)
    version = applications.version_of(session, application)
    parties = people.get_all(session, (application.applicant_id, application.participant_id), day=day)
    participant = parties[application.participant_id]
    facts = facts_for(
        session, scheme, participant, version.answers, at=at, kind=application.kind, but=application.id
    )
    holdings = seats.of_fund(session, application.fund)
    return Case(
        scheme=scheme,
        application=application,
        assessment=assess(version.answers, scheme, facts, application.received_at, application.kind),
        applicant=parties[application.applicant_id],
        participant=participant,
        holdings=holdings,
        conflicts=frozenset(c.person_id for c in signing.conflicts_in(session, application.id)),
        signatures=signing.signatures_on(session, application.id),
        granted_already=signing.granted_already(session, application),
        budget_left=budgets.left_on(session, scheme, day),
        sign_in_changes=sign_in.since(session, [each.person_id for each in holdings], after=at - HOLD),
    )
