"""What happens after a grant in the demo: costs, invoices, batches and the ledger's word, and what comes to nothing.

How far a grant comes is its fate; what would lie after today has not happened yet.
"""

from datetime import date, datetime, timedelta
from typing import Final

from portal.demo import stories
from portal.demo.days import office_hour
from portal.demo.stage import Stage
from portal.demo.stories import Plan, Signers, Story
from portal.domain.scheme import Scheme

FATES: Final = (
    "paid",
    "less",
    "late",
    "paid",
    "stated",
    "paid late",
    "released",
    "less",
    "paid",
    "refunded",
)
"""In turn; one that is old has been settled, whatever its fate."""

LESSONS: Final = (
    (
        "APT",
        "Samtalsmallen från workshopen går att använda direkt på mottagningen. Den ligger i vår mapp.",
    ),
    (
        "Morgonmötet",
        "Nya riktlinjerna flyttar gränsen för när vi ska remittera. Vi gick igenom tre exempel.",
    ),
    (
        "Journal club",
        "Två studier talar för kortare behandling. Vi provar i höst och följer upp efter ett halvår.",
    ),
    (
        "Läkarmötet",
        "Simulering i team var det som gav mest. Vi lägger in en halvdag per termin på sjukhuset.",
    ),
    (
        "Fortbildningseftermiddag",
        "Ultraljud vid sängen sparar tid när frågan är enkel. Alla får checklistan.",
    ),
)
"""Where it was told, and what colleagues can learn from it."""
PAID_BACK: Final = "Kursen ställdes in och avgiften betalades tillbaka."
OLD: Final = timedelta(days=150)
PAYDAY: Final = 25
SETTLING: Final = timedelta(days=12)
"""The last invoices always wait for a batch."""
PAYDAYS: Final = 14
"""Months in which finance has made batches."""


def settled(plan: Plan, signers: Signers, fate: str, today: date, *, share: int = 100) -> Story:
    """Granted, and then as its fate has it, as far as today."""
    number, granted_at = yield from stories.granted(plan, signers, share=share)
    if plan.starts_on < today - OLD and fate in ("late", "stated"):
        fate = "paid"
    stage, finance = plan.stage, stories.FINANCE_OFFICER
    tardy = 26 if fate == "paid late" else 0

    def after(days: int) -> datetime:
        return max(plan.at(plan.starts_on + timedelta(days=days)), granted_at + stories.AN_HOUR * days)

    if fate == "late":
        return
    if fate == "released":
        at = after(18)
        if at.date() < today:
            yield at
            stage.release(number, finance, at)
        return
    at = after(9 + tardy)
    if at.date() >= today:
        return
    yield at
    stage.state_costs(number, plan.applicant, at, fewer=fate == "less")
    yield from _brought_home(plan, number, after(13 + tardy), after(15 + tardy), today, confirmed=not tardy)
    at = after(17 + tardy)
    if fate == "stated" or at.date() >= today:
        return
    yield at
    stage.invoice(number, finance, f"{700000 + stage.chance.randrange(90000)}", at)
    at = after(62)
    if fate == "refunded" and at.date() < today:
        yield at
        stage.cancel(number, plan.applicant, PAID_BACK, at)


def _brought_home(
    plan: Plan, number: str, recorded_at: datetime, confirmed_at: datetime, today: date, *, confirmed: bool
) -> Story:
    """Recorded by the participant and, with time, confirmed by the head."""
    if recorded_at.date() >= today:
        return
    yield recorded_at
    forum, lesson = plan.stage.chance.choice(LESSONS)
    plan.stage.bring_home(number, plan.who, recorded_at, forum=forum, lesson=lesson)
    if confirmed and confirmed_at.date() < today:
        yield confirmed_at
        plan.stage.confirm(number, confirmed_at)


def paydays(stage: Stage, scheme: Scheme, today: date) -> Story:
    """Each month finance makes a batch, and some days later the ledger says that it is paid."""
    finance = stories.FINANCE_OFFICER
    months = [today.year * 12 + today.month - 1 - back for back in range(PAYDAYS, -1, -1)]
    for month in months:
        day = date(month // 12, month % 12 + 1, PAYDAY)
        paid_on = day + timedelta(days=5)
        if day >= today - SETTLING:
            return
        at = office_hour(scheme, day, stage.chance)
        yield at
        made = stage.make_batch(scheme.fund, finance, at)
        if made and paid_on < today:
            at = office_hour(scheme, paid_on, stage.chance)
            yield at
            stage.paid_by_ledger(made, finance, at)
