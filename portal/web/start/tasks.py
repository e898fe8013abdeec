"""Tasks on the start page: what follows a grant (costs, follow-ups), and what waits for a role (invoices, e-mails)."""

from collections.abc import Iterator
from datetime import date

from flask import url_for

from portal.domain.claim import Stage
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.store import claims, followups, outbox
from portal.web import current
from portal.web.language import _, count, day
from portal.web.pages.start import Task


def after_grants(me: Person) -> Iterator[Task]:
    """Everything that the person owes after a grant, the first due first."""
    today = current.today()
    owed = sorted((*_to_state(me, today), *_to_record(me, today), *_to_confirm(me)), key=lambda each: each[0])
    for _due, task in owed:
        yield task


def of_roles(me: Person) -> Iterator[Task]:
    """What waits for whoever has the person's roles: invoices to register, e-mails that could not be sent."""
    if FINANCE in me.roles:
        yield from _to_register()
    if ADMINISTRATOR in me.roles:
        yield from _parked()


def _to_register() -> Iterator[Task]:
    number, first = claims.stated(current.reading())
    if first is None:
        return
    late = first < current.today()
    yield Task(
        title=count("%(num)s invoice to register", "%(num)s invoices to register", number),
        href=url_for("claims.claims", stage=Stage.STATED.value),
        kind="late" if late else "waiting",
        status=_("Late") if late else _("Invoice"),
        due=day(first),
    )


def _parked() -> Iterator[Task]:
    _waiting, parked, _since = outbox.waiting(current.reading())
    if parked:
        yield Task(
            title=count("%(num)s e-mail could not be sent", "%(num)s e-mails could not be sent", parked),
            href=url_for("outbox.show"),
            kind="late",
            status=_("Given up"),
        )


def _to_state(me: Person, today: date) -> Iterator[tuple[date, Task]]:
    for number, title, claim in claims.owed_by_person(current.reading(), me.id):
        if claim.due_on is None:
            continue
        late = claim.is_late(today)
        yield (
            claim.due_on,
            Task(
                title=_("State what %(title)s cost, for the invoice", title=title),
                href=url_for("costs.show", number=number),
                hint=number,
                kind="late" if late else "waiting",
                status=_("Late") if late else _("Invoice"),
                due=day(claim.due_on),
            ),
        )


def _to_record(me: Person, today: date) -> Iterator[tuple[date, Task]]:
    for each in followups.owed_by_person(current.reading(), me.id):
        late = each.followup.is_overdue(today)
        yield (
            each.followup.planned_on,
            Task(
                title=_("Record the follow-up of %(title)s", title=each.event),
                href=url_for("followups.show", number=each.number),
                hint=each.number,
                kind="late" if late else "waiting",
                status=_("Late") if late else _("Planned"),
                due=day(each.followup.planned_on),
            ),
        )


def _to_confirm(me: Person) -> Iterator[tuple[date, Task]]:
    if not me.leads:
        return
    for each in followups.to_confirm(current.reading(), me.id):
        yield (
            each.followup.held_on or each.followup.planned_on,
            Task(
                title=_("Confirm the follow-up of %(title)s", title=each.event),
                href=url_for("followups.show", number=each.number),
                hint=f"{each.participant} · {each.number}",
                kind="signed",
                status=_("Recorded"),
            ),
        )
