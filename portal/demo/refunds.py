"""Claims to the Norwegian fund: who took which course, what they attach, and which stories are told of them.

All of it lies in the months behind today, so that on any day every state is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from portal.actions import documents, drafting
from portal.actions.submitting import submit
from portal.demo import settling, stories
from portal.demo.cast import SEATS, Part
from portal.demo.catalogue import Course
from portal.demo.documents import jpeg, pdf, png
from portal.demo.stage import Stage
from portal.demo.stories import AN_HOUR, Plan, Signers, Story
from portal.documents.inspecting import inspect
from portal.domain.scheme import Scheme
from portal.store.documents import Files

FUND: Final = "kvalitetsfondet"
CHAIR, MEMBER, SUBSTITUTE = SEATS[FUND]
MUNICIPALITY: Final = "aune"

REFUSAL: Final = (
    "Kurset handler om et behandlingsutstyr og ikke om kvalitetsforbedring eller pasientsikkerhet."
)
DOUBT: Final = "Kurset er først og fremst et lederkurs. Sammenhengen med pasientsikkerhet er ikke beskrevet."
UNREADABLE: Final = "Bildet av kvitteringen er ikke til å lese. Kan du legge ved en tydeligere kopi?"
HOW_LONG: Final = "Kursbeviset viser to dager, og søknaden tre. Hvor mange dager var du borte fra praksis?"
FRIENDS: Final = "Vi driver legekontor sammen."
OFF: Final = "Kurset ble avlyst av arrangøren."

QUALITY: Final = (
    "Vi lærte å måle og forbedre egen praksis, og legekontoret følger nå opp avvik i et møte hver måned."
)
SAFETY: Final = (
    "Kurset handlet om trygg legemiddelliste ved utskriving, og hvordan vi unngår dobbelt forskriving."
)


@dataclass(frozen=True)
class Refund(Plan):
    """One claim or pre-approval, as it is typed, with what is attached."""

    files: Files | None = None
    names: Mapping[str, str] | None = None
    """The participants' names by their key, for what is printed on the certificates."""
    kind: str = "claim"
    proves: tuple[str, ...] = ("certificate", "receipt", "absence")

    def submit(self, at: datetime) -> str:
        """Send it in with its documents; gives the number."""
        token = self.draft(at)
        by = self.stage.person(self.applicant, at)
        return submit(self.stage.session, token=token, schemes=self.stage.schemes, by=by, at=at).number

    def draft(self, at: datetime) -> str:
        """Begin it, with its documents; gives the draft's token."""
        draft = drafting.start_draft(
            self.stage.session,
            scheme=self.scheme,
            kind=self.kind,
            by=self.stage.person(self.applicant, at),
            at=at,
            participant_id=self.stage.ids[self.who],
            answers=self.typed(),
        )
        for proves in self.proves if self.kind == "claim" else ():
            self.attach(draft.token, proves, at)
        return draft.token

    def typed(self) -> dict[str, Any]:
        """What stands in the form."""
        starts_on, ends_on = self.starts_on, self.starts_on + timedelta(days=self.course.days - 1)
        return {
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
            **dict(self.changed or {}),
        }

    def attach(self, token: str, proves: str, at: datetime, *, again: bool = False) -> None:
        """Attach one document, through the action behind the button."""
        assert self.files is not None  # noqa: S101 - a story is given them
        file = inspect(*self._paper(proves, again=again))
        with self.files.keeping():
            self.files.put(file.content)
            documents.attach(
                self.stage.session,
                token=token,
                kind=self.scheme.kinds[self.kind],
                proves=proves,
                file=file,
                by=self.stage.person(self.applicant, at),
                at=at,
            )

    def _paper(self, proves: str, *, again: bool) -> tuple[str, bytes]:
        """A document's name, and its content."""
        who, when = (self.names or {})[self.who], self.starts_on.strftime("%d.%m.%Y")
        name, fee = self.course.name, f"Kursavgift kr {self.course.fee}"
        if proves == "certificate":
            lines = ("Kursbevis", who, name, f"{when}, {self.course.days} dager")
            return "Kursbevis.pdf", pdf(lines)
        if proves == "absence":
            return f"Fravær, {who}.png", png(f"{who} {when}")
        if again:
            return "Kvittering (ny kopi).pdf", pdf(("Kvittering", who, name, fee))
        if "," in fee:
            return "Bilde av kvittering.jpg", jpeg(len(name))
        return "Faktura fra SKIL.pdf", pdf(("Faktura", who, name, fee))


# What people claim: a self-employed GP, a locum, a municipality; each of a course on the list or another.


def _answers(payee: str, course: str, fee: str, **more: str) -> dict[str, Any]:
    account = {"municipality": "Bodø kommune, ref. 4410-22"}.get(payee, "1503 22 48190")
    return {"payee": payee, "account": account, "course": course, "in_hours": "yes", "fee": fee, **more}


def _other(title: str, topic: str, payee: str, fee: str, **more: str) -> dict[str, Any]:
    return _answers(payee, "other", fee, course_title=title, topic=topic, **more)


@dataclass
class Refunds:
    """Hands out the claims of the fund."""

    stage: Stage
    scheme: Scheme
    today: date
    cast: Mapping[str, Part]
    files: Files

    def told(self) -> Iterator[Story]:
        """Every story of the fund, in no order."""
        yield from self._decided()
        yield from self._open()
        yield from self._approved_beforehand()
        yield settling.paydays(self.stage, self.scheme, self.today)

    def _decided(self) -> Iterator[Story]:
        diabetes = self._claim(
            "fossum", 131, 2, _answers("self_employed", "diabetes", "4 500", whole_days="2")
        )
        yield stories.granted(diabetes, self._signers(diabetes, 6))
        halves = self._claim(
            "strand",
            118,
            4,
            _answers("self_employed", "e-konsultasjon", "7.900,-", whole_days="1", half_days="3"),
        )
        yield stories.granted(halves, self._signers(halves, 9))
        evening = self._claim(
            "lie",
            104,
            1,
            _answers("locum", "trivsel", "2 400", in_hours="no"),
            proves=("certificate", "receipt"),
        )
        yield stories.granted(evening, self._signers(evening, 5))
        employed = self._claim(
            "haugen",
            90,
            2,
            _answers("municipality", "skropelige-eldre", "3 900", whole_days="2", salary_cost="11 200"),
        )
        yield stories.granted(employed, self._signers(employed, 12))
        equipment = self._claim(
            "lie", 76, 1, _other("Ultralyd for nybegynnere", QUALITY, "locum", "5 200", whole_days="1")
        )
        yield stories.refused(equipment, self._signers(equipment, 8), REFUSAL)
        twice = self._claim(
            "strand", 70, 1, _answers("self_employed", "basisseminar", "1 950", whole_days="1")
        )
        yield stories.withdrawn(twice, twice.written_on + timedelta(days=3))
        for n, who in enumerate(("haugen", "hansen", "sande")):
            plan = self._claim(
                who,
                62,
                3,
                _answers("municipality", "kloke-valg", "4 250", half_days="5", salary_cost=f"{9 + n} 800"),
            )
            if who != "sande":
                yield stories.granted(plan, self._signers(plan, 7))
            else:
                yield stories.signed_once(plan, MEMBER, plan.written_on + timedelta(days=7))

    def _open(self) -> Iterator[Story]:
        long = _other("Pasientsikkerhet i allmennpraksis", SAFETY, "self_employed", "6 900", whole_days="7")
        yield stories.waiting(self._claim("fossum", 25, 7, long))
        yield stories.signed_once(
            self._claim(
                "hansen",
                30,
                2,
                _answers("municipality", "diabetes", "4 500", whole_days="2", salary_cost="12 600"),
            ),
            CHAIR,
            self._ago(12),
        )
        leading = self._claim(
            "strand",
            34,
            3,
            _other("Ledelse på legekontoret", QUALITY, "self_employed", "6.500,50", whole_days="3"),
        )
        yield stories.disagreed(leading, self._signers(leading, 6), refusal=DOUBT)
        dear = self._claim("lie", 21, 2, _answers("locum", "sykmeldingsarbeid", "3.800,-", whole_days="2"))
        yield stories.returned(dear, MEMBER, self._ago(6), UNREADABLE)
        yield self._answered(
            self._claim(
                "fossum", 40, 2, _answers("self_employed", "seksuell-helse", "4.100,-", whole_days="2")
            ),
            self._ago(15),
        )
        yield stories.returned(
            self._claim(
                "strand", 48, 2, _answers("self_employed", "legemiddelgjennomgang", "4 700", whole_days="3")
            ),
            CHAIR,
            self._ago(20),
            HOW_LONG,
            begun=False,
        )
        partner = self._claim("strand", 18, 1, _answers("self_employed", "trivsel", "2 400", half_days="2"))
        yield stories.stepped_aside(partner, MEMBER, self._ago(5), FRIENDS)
        yield stories.waiting(
            self._claim(
                "lie",
                12,
                3,
                _answers("locum", "vanedannende-legemidler", "4 900", whole_days="2", half_days="1"),
            )
        )
        yield self._drafted(
            self._claim(
                "strand",
                9,
                2,
                _answers("self_employed", "grunnkurs-kvalitetsarbeid", "3 600", whole_days="2"),
                proves=("certificate", "absence"),
            )
        )

    def _approved_beforehand(self) -> Iterator[Story]:
        """Larger courses: approved and claimed, approved and to come, waiting, and called off."""
        course = {
            "course": "other",
            "course_title": "Forbedringsveileder, nasjonalt program",
            "topic": QUALITY,
        }
        held = self._approval("fossum", 150, -75, 12, course | {"days_wanted": "9,5"})
        yield stories.granted(held, self._signers(held, 10))
        claim = self._claim(
            "fossum",
            64,
            12,
            _other(course["course_title"], QUALITY, "self_employed", "7 000", whole_days="10"),
        )
        yield stories.waiting(replace(claim, starts_on=held.starts_on))
        coming = self._approval("strand", 45, 30, 10, course | {"days_wanted": "8"})
        yield stories.granted(coming, self._signers(coming, 9))
        asked = {
            "course": "other",
            "course_title": "Simulering i akuttmedisin",
            "topic": SAFETY,
            "days_wanted": "7,5",
        }
        yield stories.waiting(self._approval("sande", 8, 60, 8, asked, by=MUNICIPALITY))
        off = self._approval("haugen", 80, 5, 9, asked | {"days_wanted": "9"}, by=MUNICIPALITY)
        yield stories.cancelled(off, self._signers(off, 8), self._ago(30), OFF)

    # --- what is particular to a claim

    def _answered(self, plan: Refund, on: date) -> Story:
        """Sent, sent back for a better copy of the receipt, and sent again with it."""
        at = plan.at(plan.written_on)
        yield at
        number = plan.submit(at)
        at = max(plan.at(on), at + AN_HOUR)
        yield at
        self.stage.ask(number, MEMBER, UNREADABLE, at)
        at += 3 * AN_HOUR
        yield at
        by = self.stage.person(plan.applicant, at)
        token = drafting.start_answer(self.stage.session, number=number, by=by, at=at).token
        plan.attach(token, "receipt", at, again=True)
        submit(self.stage.session, token=token, schemes=self.stage.schemes, by=by, at=at)

    def _drafted(self, plan: Refund) -> Story:
        """Begun, with a document still missing."""
        at = plan.at(plan.written_on)
        yield at
        plan.draft(at)

    # --- people and days

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _signers(self, plan: Plan, after: int) -> Signers:
        first_on = plan.written_on + timedelta(days=after)
        first, second = (CHAIR, MEMBER) if after % 2 else (MEMBER, CHAIR)
        return Signers(first, second, first_on, first_on + timedelta(days=1))

    def _claim(
        self,
        who: str,
        ago: int,
        days: int,
        typed: dict[str, Any],
        *,
        proves: tuple[str, ...] = ("certificate", "receipt", "absence"),
    ) -> Refund:
        """A claim for a course that ended so many days ago, written five days after."""
        by = MUNICIPALITY if typed["payee"] == "municipality" else None
        return self._plan(
            who, self._ago(ago - 5), self._ago(ago + days - 1), days, typed, by, "claim", proves
        )

    def _approval(
        self, who: str, written: int, ahead: int, days: int, typed: dict[str, Any], *, by: str | None = None
    ) -> Refund:
        """A pre-approval written so many days ago, of a course that starts so many days from today."""
        starts_on = self.today + timedelta(days=ahead)
        return self._plan(who, self._ago(written), starts_on, days, typed, by, "preapproval", ())

    def _plan(
        self,
        who: str,
        written_on: date,
        starts_on: date,
        days: int,
        typed: dict[str, Any],
        by: str | None,
        kind: str,
        proves: tuple[str, ...],
    ) -> Refund:
        field = self.scheme.kinds[kind].fields["course"]
        listed = {choice.value: choice.label["nb"] for choice in field.choices}
        name = typed.get("course_title") or listed[typed["course"]]
        return Refund(
            stage=self.stage,
            scheme=self.scheme,
            who=who,
            course=Course("", name, "SKIL", "NO", days, typed.get("fee", "")),
            written_on=written_on,
            starts_on=starts_on,
            by=by,
            changed=typed,
            files=self.files,
            names={key: part.name for key, part in self.cast.items()},
            kind=kind,
            proves=proves,
        )
