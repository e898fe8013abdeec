"""The head's word on an application: asked for at submission, given, or a no that returns it to the applicant."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from portal.actions.cases import said
from portal.actions.notices import is_told, tell, tell_parties, tell_signers
from portal.domain.access import NOT_FOUND
from portal.domain.application import Application, Status
from portal.domain.attest import HeadWord, check_confirmed, is_attested, may_attest, standing_word, touches
from portal.domain.fields import read
from portal.domain.periods import first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.domain.signoff import STALE
from portal.schemes.loader import Schemes
from portal.store import applications, audit, heads, people, signing
from portal.store.session import Session
from portal.store.signing import Question

PASSED_ON = "passed-on"
NO_REASON = Refusal("attest.reason", N_("Say why, so that the applicant knows what to change."))


class Unconfirmed(Refused):
    """Not everything was confirmed: nothing was kept, and `wrong` says what is missing, by its key."""

    def __init__(self, wrong: Mapping[str, Refusal]) -> None:
        super().__init__(Refusal("attest.incomplete", N_("Something is not confirmed yet.")))
        self.wrong = wrong


def ask_head(
    session: Session, scheme: Scheme, application: Application, before: Application | None, *, at: datetime
) -> bool:
    """Ask for the head's word on what was just submitted; whether it is awaited.

    A yes on the version `before` stays where this one changes nothing of what it confirms.
    """
    if not is_attested(scheme, application):
        return False
    word = standing_word(heads.words_on(session, application.id))
    if (
        before is not None
        and (word is None or word.given)
        and _says_the_same(session, scheme, before, application)
    ):
        return word is None
    if word is not None:
        heads.void_word(session, application.id, at=max(at, word.said_at))
    if word is not None and word.given:
        audit.log(session, "lapse-attest", None, at, application.id, version=word.version, head=word.head_id)
    _tell(session, application, at=at)
    return True


def asked_head(session: Session, application: Application) -> set[int]:
    """The head who has been asked for their word and has not given it yet, if there is one."""
    head = heads.stands_for(session, application.id)
    if head is None or standing_word(heads.words_on(session, application.id)) is not None:
        return set()
    return {head} if is_told(session, "to-attest", application, head, occasions=("", PASSED_ON)) else set()


def _says_the_same(session: Session, scheme: Scheme, before: Application, after: Application) -> bool:
    kind = scheme.kinds[after.kind]
    old, new = (read(kind, applications.version_of(session, each).answers) for each in (before, after))
    return before.head_id == after.head_id and not touches(kind, old, new)


def _tell(session: Session, application: Application, *, at: datetime, occasion: str = "") -> None:
    head = heads.stands_for(session, application.id)
    tell(session, "to-attest", application, () if head is None else (head,), at=at, occasion=occasion)


def give_word(
    session: Session,
    *,
    number: str,
    version: int,
    confirmed: Collection[str],
    schemes: Schemes,
    by: Person,
    at: datetime,
) -> None:
    """Confirm, as head, everything that the unit promises in the version shown; twice gives the same answer.

    Raises Unconfirmed, or Refused when it is not the person's word or another version has come.
    """
    application, scheme, word = _taken(session, number, schemes, by)
    if word is not None and word.given and word.head_id == by.id and application.version == version:
        return
    _may(session, application, by, version)
    if wrong := check_confirmed(scheme.kinds[application.kind], confirmed):
        raise Unconfirmed(wrong)
    _keep(session, application, word, HeadWord(application.id, version, by.id, True, "", at))
    audit.log(session, "attest", by, at, application.id, version=version)
    today = local_day(at, scheme)
    if scheme.attest == "required" and first_decision_day(scheme, max(today, scheme.decides_from)) == today:
        parties = people.get_all(session, (application.applicant_id, application.participant_id), day=today)
        applicant, participant = parties[application.applicant_id], parties[application.participant_id]
        tell_signers(session, application, applicant, participant, day=today, at=at)


def say_no(
    session: Session, *, number: str, version: int, reason: str, schemes: Schemes, by: Person, at: datetime
) -> None:
    """Say no, as head, to the version shown: the applicant gets it back with the reason. Twice gives the same answer.

    Raises Refused without a reason, when it is not the person's word, or another version has come.
    """
    application, _scheme, word = _taken(session, number, schemes, by)
    why = said(reason)
    if word is not None and not word.given and (word.head_id, word.reason) == (by.id, why):
        return
    _may(session, application, by, version)
    if not why:
        raise Refused(NO_REASON)
    _keep(session, application, word, HeadWord(application.id, version, by.id, False, why, at))
    applications.set_status(session, application.id, Status.RETURNED, question=why)
    signing.add_question(session, application_id=application.id, question=Question(version, why, by.id, at))
    tell_parties(session, "head-says-no", application, at=at)
    audit.log(session, "attest-refuse", by, at, application.id, version=version)


def _taken(
    session: Session, number: str, schemes: Schemes, by: Person
) -> tuple[Application, Scheme, HeadWord | None]:
    """The application under a row lock with the word that counts, when the person has a word in it. Raises Refused."""
    application = applications.find(session, number=number, for_update=True)
    if application is None or not is_attested(schemes[application.scheme], application):
        raise Refused(NOT_FOUND)
    if not has_a_word(session, application, by):
        raise Refused(NOT_FOUND)
    word = standing_word(heads.words_on(session, application.id))
    return application, schemes[application.scheme], word


def has_a_word(session: Session, application: Application, by: Person) -> bool:
    """Whether it is the person's word on what an application asks a head for, or they have said it."""
    if heads.stands_for(session, application.id) == by.id:
        return True
    return any(each.head_id == by.id for each in heads.words_on(session, application.id))


def _may(session: Session, application: Application, by: Person, version: int) -> None:
    refuse(may_attest(application, by, stands=heads.stands_for(session, application.id)))
    if application.version != version:
        raise Refused(STALE)


def _keep(session: Session, application: Application, before: HeadWord | None, word: HeadWord) -> None:
    if before is not None:
        heads.void_word(session, application.id, at=max(word.said_at, before.said_at))
    heads.add_word(session, word)


def waiting_for(session: Session, head_id: int | None, schemes: Schemes) -> set[str]:
    """The numbers of the applications on which a head's word is awaited."""
    return (
        set()
        if head_id is None
        else {each.application.number for each in heads.awaited_of(session, head_id, asking(schemes))}
    )


def pass_word_on(session: Session, numbers: Iterable[str], *, at: datetime) -> None:
    """Tell whoever's word it is on these now, where it was somebody else's before, or nobody's."""
    for number in sorted(numbers):
        _tell(session, applications.get(session, number=number), at=at, occasion=PASSED_ON)


def follow_register(
    session: Session, participant_id: int, *, was: int | None, head_id: int | None, at: datetime
) -> None:
    """Let a participant's new head stand for what nobody has confirmed yet, where the former one did."""
    if was is None or head_id is None or head_id == was:
        return
    for application in applications.open_of(session, participant_id, head_id=was):
        word = standing_word(heads.words_on(session, application.id))
        if head_id != application.applicant_id and (word is None or not word.given):
            applications.set_head(session, application.id, head_id)
            moved = {"was": was, "head": head_id}
            audit.log(session, "change-head", None, at, application.id, version=application.version, **moved)


def asking(schemes: Schemes) -> list[str]:
    """The editions that ask heads for their word."""
    return [key for key, each in schemes.items() if each.attest != "off"]
