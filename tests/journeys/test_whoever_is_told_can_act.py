"""Every link in every e-mail, and every task on a start page, opens for its receiver and lets them do it."""

import html
import re
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.actions.attesting import give_word, say_no
from portal.actions.claiming import correct_payee
from portal.actions.following_up import confirm_followup, deny_followup, record_followup
from portal.actions.handing_over import give_back, take_over
from portal.actions.notices import remind, reminders_due
from portal.actions.signing import comment
from portal.actions.standing_in import allow, end_substitute, set_substitute
from portal.actions.submitting import decline
from portal.domain.application import Outcome
from portal.mail.notices import NOTICES
from portal.store import seats
from portal.store.tables import OutboxRow
from tests.actions.world import MARCH, STOCKHOLM, World, schemes
from tests.support.fund import AT, Fund
from tests.support.region import Region

ACCOUNT = {
    "new-browser",
    "signed-out",
    "sign-in-code",
    "sign-in-changed",
    "sign-in-changed-other",
    "linked",
    "link-undone",
    "break-glass",
    "joined",
    "roles-by-claim",
    "roles-by-claim-other",
}
"""What is told of the way somebody signs in; their links lead to one's own account, or to where everybody begins."""

LETS = {
    "to-sign": 'value="grant"',
    "disagreed": "/take-back",
    "returned": "/answer",
    "to-attest": 'name="confirm-pays"',
    "attest-late": 'name="confirm-pays"',
    "head-says-no": "/answer",
    "applied-for-you": "/decline",
    "payee-corrected": 'name="cost_centre"',
    "follow-up-due": 'name="lesson"',
    "follow-up-late": 'name="lesson"',
    "follow-up-recorded": "/follow-up/confirm",
    "follow-up-denied": 'name="lesson"',
    "invoice-due": "/claim",
    "invoice-late": "/claim",
    "taken-from": "/take-over",
    "given-back": "/answer",
    "answer-missing": 'value="refuse"',
    "comment": "/comment",
    "seat-empty": 'name="person"',
}
"""What the page of an e-mail's link, or of the task, has to hold for who is told to do something."""


REMINDED = ((9, 18), (9, 25), (10, 20))
"""Days on which reminders go out: before the follow-up, before the invoice, and after both."""


class Post:
    """The e-mails of a region, each opened by its receiver when it comes."""

    def __init__(self, region: Region | Fund, *gone: str) -> None:
        self.region, self.last, self.seen, self.gone = region, 0, set[str](), set(gone)
        self.names = {person.id: name for name, person in region.world.people.items()}

    def deliver(self) -> None:
        """Open the link of every e-mail since, and every task of everybody."""
        row = OutboxRow
        with self.region.world.reading() as session:
            new = session.execute(
                select(row.id, row.kind, row.receiver_id, row.params)
                .where(row.id > self.last)
                .order_by(row.id)
            ).all()
        for entry in new:
            self.last = entry.id
            self.seen.add(entry.kind)
            path, _text = NOTICES[entry.kind].link
            self.opens(self.names[entry.receiver_id], path.format(**entry.params), LETS.get(entry.kind, ""))
        for name in set(self.region.world.people) - self.gone:
            page = self.region.at(name).get("/").get_data(as_text=True)
            owed = page.partition('aria-labelledby="owed"')[2].partition("</section>")[0]
            for path in re.findall(r'href="([^"]+)"', owed):
                self.opens(name, html.unescape(path))

    def opens(self, name: str, path: str, lets: str = "") -> None:
        visitor = self.region.at(name)
        answer = visitor.get(path)
        assert answer.status_code == 200, f"{name}: {path}"
        page = answer.get_data(as_text=True)
        assert lets in page, f"{name}: {path} lacks {lets}"


def remind_all(world: World, at: datetime) -> None:
    with world.reading() as session:
        due = reminders_due(session, schemes=world.schemes, at=at)
    world.write(remind, reminders=due, at=at)


def test_whoever_is_told_can_act(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("director", language="en")
    world.change("boss", head_id=world["director"].id)
    world.change("bo", head_id=world["chair"].id)
    post = Post(region)
    number = world.apply().number
    led = world.apply("bo", head=world["boss"].number).number
    assert led not in region.at("chair").get("/queue?tab=mine").get_data(as_text=True), (
        "bo's head signs nothing"
    )
    late = MARCH + timedelta(days=8)
    remind_all(world, late)
    post.deliver()
    world.write(
        say_no, number=number, version=1, reason="Less", schemes=world.schemes, by=world["boss"], at=MARCH
    )
    post.deliver()
    world.answer(number, counter_amount="9 000")
    post.deliver()
    world.ask(number)
    post.deliver()
    world.answer(number)
    post.deliver()
    world.write(comment, number=number, text="Is it far?", schemes=world.schemes, by=world["chair"], at=MARCH)
    assert world.told("comment") == {"rep"}
    post.deliver()
    world.sign(number, "chair")
    world.sign(number, "rep", Outcome.REFUSE, reason="Too late")
    post.deliver()
    world.take_back(number, "rep")
    world.sign(number, "rep")
    post.deliver()
    payee = {"administration": "Sahlgrenska", "cost_centre": "4712"}
    world.write(
        correct_payee, number=number, answers=payee, schemes=world.schemes, by=world["anna"], at=MARCH
    )
    post.deliver()
    world.sign(led, "rep")
    four = [each.key for each in world.schemes["rfr-2024"].main_kind.confirms]
    word = {"version": 1, "confirmed": four, "schemes": world.schemes, "by": world["boss"]}
    world.write(give_word, number=led, at=MARCH, **word)
    world.withdraw(led, "bo")
    post.deliver()
    third = world.apply("boss", participant="bo", head=world["director"].number).number
    post.deliver()
    world.sign(third, "sub")
    world.change("bo", head_id=world["sub"].id)
    world.sign(third, "rep")
    post.deliver()
    world.change("bo", head_id=world["boss"].id)
    world.sign(third, "chair")
    post.deliver()
    for day in (datetime(2024, month, of_month, tzinfo=STOCKHOLM) for month, of_month in REMINDED):
        region.clock.set(day)
        remind_all(world, day)
        post.deliver()
    record = {"held_on": day.date(), "forum": "APT", "audience": "All", "lesson": "A lesson"}
    world.write(record_followup, number=number, schemes=world.schemes, by=world["anna"], at=day, **record)
    world.write(record_followup, number=third, schemes=world.schemes, by=world["boss"], at=day, **record)
    post.deliver()
    world.write(deny_followup, number=number, reason="Nobody was there", by=world["boss"], at=day)
    post.deliver()
    world.write(confirm_followup, number=number, by=world["boss"], at=day)
    post.deliver()
    world.deactivate("boss", at=day)
    post.gone.add("boss")
    post.deliver()
    region.clock.set(MARCH)
    fourth = world.apply("outsider", head=world["director"].number).number
    post.deliver()
    world.grant(fourth)
    world.cancel(fourth, "outsider")
    fifth = world.apply("outsider", head=world["director"].number).number
    sixth = world.apply("outsider", participant="sub", head=world["director"].number).number
    post.deliver()
    for name in ("chair", "rep"):
        world.sign(fifth, name, Outcome.REFUSE, reason="Not a course")
    world.write(decline, number=sixth, reason="Not I", by=world["sub"], at=MARCH)
    post.deliver()
    for name in ("stina", "ture"):
        post.names[world.add(name, language="en").id] = name
    seventh = world.apply("outsider", participant="stina", head=world["director"].number).number
    post.deliver()
    world.ask(seventh)
    post.deliver()
    for act in (take_over, give_back):
        world.write(act, number=seventh, schemes=world.schemes, by=world["ture"], at=MARCH)
        post.deliver()
    _stands_in(world, post)
    world.conflict(seventh, "rep")
    assert world.told("seat-empty") == {"admin", "admin2"}
    post.deliver()
    region.clock.set(late := MARCH + timedelta(days=31))
    remind_all(world, late)
    post.deliver()
    eighth = world.apply("ture", head=world["director"].number, at=late).number
    post.deliver()
    world.withdraw(eighth, "ture", at=late)
    post.deliver()
    assert {NOTICES[kind].link[0] for kind in ACCOUNT} <= {
        "/",
        "/account",
        "/first-sign-in",
        "/administration",
    }
    assert set(NOTICES) - post.seen - ACCOUNT <= {
        "year-begun",
        "pause-over",
        "last-call",
        "answer-awaited",
        "approval-gone",
        "approval-lapses",
        "directory-missed",
        "cancelled-used",
        "released",
        "invoice-corrected",
        "right-given",
        "right-taken",
        "right-taken-other",
        "to-confirm",
        "prepared-confirmed",
        "prepared-declined",
    }


def _stands_in(world: World, post: Post) -> None:
    """One who holds a seat lets a colleague stand in for two days, and ends it."""
    post.names[world.add("stand-in", language="en").id] = "stand-in"
    who = {"person_id": world["stand-in"].id, "schemes": schemes(), "at": MARCH}
    with world.reading() as session:
        holdings = seats.held_by(session, world["rep"].id, day=MARCH.date())
    world.write(allow, fund="rfr", seat="representative", by=world["admin"], **who)
    days = {"starts_on": MARCH.date(), "ends_on": MARCH.date() + timedelta(days=1)}
    term = world.write(set_substitute, holding_id=holdings[0].id, by=world["rep"], **days, **who)
    assert "stand-in" in world.told("substitute")
    assert world.told("substitute-set") >= {"admin", "chair"}
    post.deliver()
    world.write(end_substitute, holding_id=term.id, schemes=schemes(), by=world["rep"], at=MARCH)
    assert world.told("substitute-ended") == {"stand-in"}
    post.deliver()


def test_so_it_is_in_the_norwegian_fund(fund: Fund) -> None:
    world, post = (
        fund.world,
        Post(fund, "admin", "admin2", "boss", "anna", "bo", "chair", "rep", "sub", "outsider"),
    )
    number, second = fund.apply().number, fund.apply("ola").number
    post.deliver()
    world.ask(number, "leder", at=AT)
    post.deliver()
    world.answer(number, "kari", at=AT)
    post.deliver()
    world.withdraw(second, "ola", at=AT)
    amount = world.case(number, at=AT).assessment.amount
    world.sign(number, "leder", amount=amount, at=AT)
    world.sign(number, "medlem", Outcome.REFUSE, reason="No", at=AT)
    post.deliver()
    world.take_back(number, "medlem", at=AT)
    world.sign(number, "medlem", amount=amount, at=AT)
    post.deliver()
    assert post.seen >= {
        "received",
        "received-again",
        "to-sign",
        "returned",
        "disagreed",
        "granted",
        "withdrawn",
    }
