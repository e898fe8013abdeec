"""Builds the page of one case: everything that bears on signing it, and each act with its button or why not.

Whether an act would be refused is asked of the domain in the order in which the action asks, so that the words beside
the button are the words of the POST.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from portal.actions.judging import case_of
from portal.domain.access import may
from portal.domain.application import Application, Outcome, Status, Version
from portal.domain.events import Recorded
from portal.domain.money import plain
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.queue import Tab
from portal.domain.refusal import Refusal
from portal.domain.signoff import (
    DECIDED,
    Case,
    after_signature,
    budget_refusal,
    check_words,
    may_return,
    may_sign,
)
from portal.language.vocabularies import STATUSES
from portal.language.wording import day, money
from portal.schemes.vocabulary import vocabulary
from portal.store import applications, audit, people, signing
from portal.store.queue import Place
from portal.store.session import Session
from portal.web import current, proof
from portal.web.answers import AnswerRow, AnswerSection, Change, in_words, of_version
from portal.web.language import _, amount_of, instant, language, spoken, standing, word, words
from portal.web.pages.signoff import Act, Acts, AsidePage, CasePage, EarlierLine, Stale
from portal.web.signoff import case_history, comparison, queue_page

PARTIAL = frozenset({"signoff.participant", "signoff.applicant", "signoff.head", "signoff.reports"})
"""Who is refused for one of these learns what a signature says with the decision."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody tried on this page just now, and why it was not done."""

    act: str
    says: str
    field: str = ""
    """Where the sentence belongs: amount, text, password or, empty, the whole page."""
    text: str = ""
    amount: str = ""
    shown: str = ""
    saw: str = ""
    stale: bool = False


def build(
    session: Session, application: Application, reader: Person, tab: Tab, tried: Tried | None = None
) -> CasePage | AsidePage:
    """The page of a case for a reader; only that they stepped aside for one who declared a conflict of interest."""
    for declared in signing.conflicts_in(session, application.id):
        if declared.person_id == reader.id:
            back = url_for("signoff.queue", tab=tab.value)
            return AsidePage(application.number, declared.declared_at, declared.note, back)
    case = case_of(session, application, current.schemes()[application.scheme], at=current.now())
    return _page(session, case, reader, tab, tried)


def _page(session: Session, case: Case, reader: Person, tab: Tab, tried: Tried | None) -> CasePage:
    application, scheme, code = case.application, case.scheme, language()
    versions = {each.number: each for each in applications.versions_of(session, application.id)}
    log: Sequence[Recorded] = audit.history(session, application.id)
    if not current.reads(application, "seats"):
        log = case_history.without_seats(log)
    asked = signing.questions_on(session, application.id)
    names = people.names_of(session, case_history.people_in(case, application, log))
    told = not application.status.open or not _is_partial(case, reader)
    kind, status = _status(case)
    above, below = queue_page.neighbours(session, reader, tab, Place(application.starts_on, application.id))
    decision = None if application.status.open else signing.find_decision(session, application.id)
    left, short = _left(session, case)
    return CasePage(
        number=application.number,
        title=application.title,
        fund=words(scheme.title),
        kind=kind,
        status=status,
        back_href=url_for("signoff.queue", tab=tab.value),
        previous_href=_case_href(above.number, tab) if above else "",
        next_href=_case_href(below.number, tab) if below else "",
        tab=tab.value,
        currency=scheme.currency,
        about=_about(case, names),
        sections=_sections(case, versions),
        assessed=comparison.compare(versions[application.version].assessment, case),
        earlier=_earlier(session, case, tab),
        year=application.year,
        versions=case_history.version_lines(case, tuple(versions.values())),
        history=case_history.timeline(
            case, log, asked, reader, names, told=told and (not application.status.open or _disagreed(case))
        ),
        seats=case_history.seat_lines(case, reader, names, told=told),
        differ=_disagreed(case) and told,
        left=left,
        left_short=short,
        question=application.question or "",
        answered=asked[application.version - 1].text if application.version - 1 in asked else "",
        decision=_decision_words(case, decision.amount) if decision else "",
        decision_reason=decision.reason if decision else "",
        effect=_effect(case, reader),
        amount=plain(case.assessment.amount),
        figure=money(case.assessment.amount, scheme.currency, code),
        shown=case.page_digest,
        saw=comparison.saw(case.assessment),
        acts=_acts(case, reader, tried),
        waiting=application.status is Status.WAITING,
        proof=application.status is Status.WAITING and proof.asked(),
        refused=tried.says if tried and not tried.field else "",
        stale=_stale(case, tuple(versions.values()), tried),
    )


def _sections(case: Case, versions: Mapping[int, Version]) -> tuple[AnswerSection, ...]:
    """The answers that count, with what they changed of the version before marked."""
    application, scheme = case.application, case.scheme
    kind, before = scheme.kinds[application.kind], versions.get(application.version - 1)
    return in_words(
        scheme,
        case.typed,
        before=before.answers if before else None,
        attached=of_version(application, kind, application.version),
        application=application,
    )


def _stale(case: Case, versions: Sequence[Version], tried: Tried | None) -> Stale | None:
    if tried is None or not tried.stale:
        return None
    return comparison.since(case, versions, shown=tried.shown, seen=tried.saw)


def _case_href(number: str, tab: Tab) -> str:
    return url_for("signoff.case", number=number, tab=tab.value)


def _is_partial(case: Case, reader: Person) -> bool:
    refusal = may_return(case, reader, current.now())
    return refusal is not None and refusal.code in PARTIAL


def _disagreed(case: Case) -> bool:
    return after_signature(case.standing).state == "disagreed"


def _status(case: Case) -> tuple[str, str]:
    day = local_day(current.now(), case.scheme)
    return standing(
        case.application.status,
        next_year=day < case.scheme.decides_from,
        signed=bool(case.standing),
        disagreed=_disagreed(case),
    )


def _about(case: Case, names: Mapping[int, str]) -> tuple[AnswerRow, ...]:
    """Who, when and where, before the answers."""
    application, zones = case.application, vocabulary("zones")
    who, scheme = case.participant, case.scheme
    dates = day(application.starts_on, language())
    if application.ends_on != application.starts_on:
        dates = f"{dates} – {day(application.ends_on, language())}"
    rows = [AnswerRow(_("Participant"), f"{who.name}, {who.unit}" if who.unit else who.name)]
    if case.applicant.id != who.id:
        rows.append(AnswerRow(_("Written by"), case.applicant.name))
    if application.head_id is not None:
        rows.append(AnswerRow(_("Head who stands for the counter-financing"), names[application.head_id]))
    rows.append(AnswerRow(_("Dates"), dates))
    if application.zone and application.zone in zones:
        rows.append(AnswerRow(_("Where"), words(zones[application.zone])))
    rows.append(AnswerRow(_("Received"), instant(application.received_at, scheme.zone)))
    if application.version > 1:
        again = instant(application.submitted_at, scheme.zone)
        rows.append(
            AnswerRow(_("Version"), _("%(number)s, submitted %(at)s", number=application.version, at=again))
        )
    return tuple(rows)


def _earlier(session: Session, case: Case, tab: Tab) -> tuple[EarlierLine, ...]:
    """The register: what else this participant has asked the fund for in the year of the event."""
    application = case.application
    found = applications.earlier_requests(
        session,
        participant_id=application.participant_id,
        fund=application.fund,
        year=application.year,
        but=application.id,
    )
    return tuple(
        EarlierLine(
            each.number,
            _case_href(each.number, tab),
            each.title,
            each.starts_on,
            *standing(each.status),
            amount_of(each),
        )
        for each in found
        if current.reads(each)
    )


def _left(session: Session, case: Case) -> tuple[Change | None, bool]:
    """What is left of the budget period that the next decision draws from: now, and were this granted."""
    asked = case.application.status.open and _gives_money(case)
    found = queue_page.left_next(session, case.scheme) if asked else None
    if found is None:
        return None, False
    period, left = found
    after, code = left - case.assessment.amount, language()
    change = Change(
        f"{period[:1].upper()}{period[1:]}",
        money(left, case.scheme.currency, code),
        money(after, case.scheme.currency, code),
    )
    return change, after < 0


def _gives_money(case: Case) -> bool:
    return case.scheme.kinds[case.application.kind].gives_money


def _decision_words(case: Case, amount: int) -> str:
    if case.application.status is Status.REFUSED:
        return word(STATUSES, "refused")
    if not _gives_money(case):
        return word(STATUSES, "granted")
    return _("Granted %(amount)s", amount=money(amount, case.scheme.currency, language()))


def _effect(case: Case, reader: Person) -> str:
    """What a signature would do now, said before it is given."""
    if any(each.signer_id == reader.id for each in case.standing):
        return _("You have signed. You can take your signature back until the application is decided.")
    if not case.standing:
        return _(
            "Yours would be the first signature. It then waits for the other seat, "
            "and you can take it back until it is decided."
        )
    return _(
        "Yours would be the second signature. If it says the same as the first, the application is decided at once, "
        "and the applicant and the participant get an e-mail. If it differs, both are shown and nothing is decided."
    )


def _acts(case: Case, reader: Person, tried: Tried | None) -> Acts:
    """Each act with its button, and the words if it would be refused."""
    now, amount = current.now(), case.assessment.amount
    figure = money(amount, case.scheme.currency, language())
    grant = may_sign(case, reader, now)
    mine = case.application.status is Status.WAITING and any(s.signer_id == reader.id for s in case.standing)
    less = _act("less", _("Grant less"), grant or budget_refusal(case, 1), tried)
    refuse = may_sign(case, reader, now, outcome=Outcome.REFUSE)
    ask = may(reader, "return", case.application) or may_return(case, reader, now)
    step_aside = None if case.application.status.open else DECIDED
    return Acts(
        grant=_act(
            "grant",
            _("Grant %(amount)s", amount=figure) if _gives_money(case) else _("Approve"),
            grant or budget_refusal(case, amount) or check_words(case, Outcome.GRANT, amount, ""),
            tried,
        ),
        less=less if amount > 1 else None,
        refuse=_act("refuse", _("Refuse"), refuse, tried),
        ask=_act("ask", _("Return to the applicant"), ask, tried),
        conflict=_act("conflict", _("Step aside"), step_aside, tried),
        take_back=_act("take-back", _("Take back your signature"), None, tried) if mine else None,
    )


def _act(name: str, button: str, refusal: Refusal | None, tried: Tried | None) -> Act:
    mine = tried is not None and tried.act == name
    return Act(
        name=name,
        button=button,
        reason="" if refusal is None else spoken(refusal),
        open=mine,
        typed=tried.text if tried and mine else "",
        amount=tried.amount if tried and mine else "",
        errors=(tried.says,) if tried and mine and tried.field == "text" else (),
        amount_errors=(tried.says,) if tried and mine and tried.field == "amount" else (),
        password_errors=(tried.says,) if tried and mine and tried.field == "password" else (),
    )
