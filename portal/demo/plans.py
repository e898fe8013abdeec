"""Which tales are told of a fund: people, courses and days for each story of its file, so that they fit today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from typing import Any

from portal.demo.acts import Simulation, Tale
from portal.demo.data import Course, Story, content, course_day, courses, stories, workday
from portal.domain.periods import ONE_DAY, budget_period_on, pause_on
from portal.domain.scheme import Scheme


def decision_days(scheme: Scheme, today: date) -> list[date]:
    """The working days before today on which the edition's applications could be decided."""
    day, last = scheme.decides_from, today - ONE_DAY
    if scheme.decides_until is not None:
        last = min(last, scheme.decides_until)
    days = (day + timedelta(days=n) for n in range((last - day).days + 1))
    return [each for each in days if each.weekday() < 5 and pause_on(scheme, each) is None]


@dataclass
class Plans:
    """Hands out people, courses and days to the stories of one fund, always in the same order."""

    stage: Simulation
    editions: Sequence[Scheme]
    """Newest first."""
    _courses: dict[tuple[str, bool], Iterator[Course]] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)
    _refused: list[str] = field(default_factory=list)
    """Who was refused in the current year, and may ask again."""

    def told(self) -> Iterator[Tale]:
        """Every story of the fund, in no order."""
        fund = self.editions[0].fund
        yield from (self._claim(story) for story in stories(content(fund).get("stories", [])))
        if self.stage.second:
            yield from (self._claim(story) for story in stories(content(fund).get("to_confirm", [])))
        if "decided" in content(fund):
            yield from self._year_by_year(content(fund))

    def _claim(self, story: Story) -> Tale:
        """A story that stands by itself, with its own answers and documents: its days are relative to today."""
        scheme, told, today = self.editions[0], content(self.editions[0].fund), self.stage.today
        kind = scheme.kinds[story.kind or scheme.main_kind.key]
        written_on, starts_on = (today + timedelta(days=days) for days in (-story.ago, story.starts or 0))
        written_on, starts_on = workday(written_on), course_day(starts_on, story.days)
        ends_on, signed_on = (
            starts_on + timedelta(days=story.days - 1),
            written_on + timedelta(days=story.signed),
        )
        dated = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        answers = {**told["usual"].get(kind.key, {}), **story.answers, **dated}
        listed = {choice.value: choice.label["nb"] for choice in kind.fields["course"].choices}
        event = answers.get("course_title") or listed[answers["course"]]
        days = (written_on, starts_on, signed_on, signed_on + ONE_DAY)
        return Tale(self.stage, scheme, story, story.who, answers, event, *days)

    def _year_by_year(self, told: Mapping[str, Any]) -> Iterator[Tale]:
        """Of a fund that is asked beforehand: decided over the days that lie behind, open in the last weeks."""
        today, whole = self.stage.today, told["decided"]["whole"]
        behind = [each for each in self.editions if each.year <= today.year]
        for scheme in reversed(behind):
            age = ("this_year", "last_year", "earlier")[min(today.year - scheme.year, 2)]
            yield from self._decided(scheme, whole[age], told["decided"]["fates"])
        for story in stories(told["recent"]) if behind[0].year == today.year else ():
            written_on = today - timedelta(days=story.ago)
            signed_on = written_on + timedelta(days=story.signed)
            yield self._fitted(behind[0], story, written_on, today, 9 + story.ago * 2, (signed_on, signed_on))
        scheme, days = next((each, days) for each in behind if (days := decision_days(each, today)))
        for story in stories(told["signed"]):
            yield self._signed(scheme, story, days, days[-1 - story.ago % min(len(days), 6)])
        for story in stories(told["after"]):
            event = today + timedelta(days=story.starts or 0)
            scheme = next((each for each in behind if each.year == event.year), behind[0])
            before = [day for day in decision_days(scheme, today) if day <= event - timedelta(days=8)]
            if before:
                written_on = before[-1] - timedelta(days=20)
                yield self._fitted(scheme, story, written_on, event, 0, (before[-1], before[-1]))
        for coming in self.editions:
            if coming.year == today.year + 1 and coming.opens_on < today:
                for story in stories(told["kept"]):
                    written_on = max(today - timedelta(days=story.ago), coming.opens_on)
                    begins = coming.decides_from
                    yield self._fitted(coming, story, written_on, begins, story.starts or 0, (begins, begins))

    def _decided(self, scheme: Scheme, whole: int, fates: Sequence[str]) -> Iterator[Tale]:
        """So many over a whole budget period, fewer where less of it lies behind."""
        days, today, seats = decision_days(scheme, self.stage.today), self.stage.today, scheme.seats
        for period in scheme.budget:
            found = [day for day in days if budget_period_on(scheme, day) == period]
            last = min(period.ends_on or today, today)
            part = (last - period.starts_on).days / max(1, ((period.ends_on or last) - period.starts_on).days)
            count = max(2, round(whole * part)) if found else 0
            for n in range(count):
                day = found[n * len(found) // count]
                story = Story(fates[n % len(fates)], first=seats[1 - n % 2].key)
                tale = self._signed(scheme, story, found, day, far=n % 4 != 3, early=n % 3)
                if story.fate == "refused" and scheme.year == today.year:
                    self._refused.append(tale.who)
                yield tale

    def _signed(
        self,
        scheme: Scheme,
        story: Story,
        days: Sequence[date],
        day: date,
        *,
        far: bool = False,
        early: int = 1,
    ) -> Tale:
        """Sent in some weeks before a decision day, for an event some weeks after it; one may sign days before."""
        chance = self.stage.chance
        written_on, ahead = day - timedelta(days=chance.randrange(8, 36)), chance.randrange(14, 75)
        signed_on = days[max(0, days.index(day) - early)] if story.fate != "signed once" else day
        return self._fitted(scheme, story, written_on, day, ahead, (signed_on, day), far=far)

    def _fitted(
        self,
        scheme: Scheme,
        story: Story,
        written_on: date,
        after: date,
        ahead: int,
        signed: tuple[date, date],
        *,
        far: bool = False,
    ) -> Tale:
        """Days that fit the edition: the event within its year, and the application before the event."""
        last = (scheme.ends_on or after + timedelta(days=400)) - timedelta(days=13)  # before Christmas
        starts_on = max(after + timedelta(days=ahead), scheme.starts_on + timedelta(days=13))
        if starts_on > last:
            starts_on = last - timedelta(days=ahead % 9)
        who = (self._refused[0] if story.again and self._refused else story.who) or self._somebody(scheme)
        course = self._course(who, far)
        starts_on = course_day(starts_on, course.days)
        written_on = max(workday(min(written_on, starts_on - timedelta(days=10))), scheme.opens_on)
        answers = self._answers(course, starts_on, written_on, story)
        return Tale(self.stage, scheme, story, who, answers, course.name, written_on, starts_on, *signed)

    def _course(self, who: str, far: bool) -> Course:
        """The next course for the person's specialty, a far one if asked for."""
        specialty = self.stage.cast[who].field
        if (specialty, far) not in self._courses:
            fitting = [c for c in courses() if c.field in ("", specialty) and (c.far or not far)]
            self._courses[specialty, far] = cycle(fitting)
        return next(self._courses[specialty, far])

    def _somebody(self, scheme: Scheme) -> str:
        """The next doctor who has not yet applied in the edition."""
        doctors = [key for key in self.stage.cast if key.startswith("colleague")]
        n = self._used.get(scheme.key, 0)
        self._used[scheme.key] = n + 1
        return doctors[(n + scheme.year * 7) % len(doctors)]

    def _answers(self, course: Course, starts_on: date, written_on: date, story: Story) -> dict[str, Any]:
        """An application for the course as somebody would type it."""
        chance, texts, changed = self.stage.chance, content("courses")["texts"], dict(story.answers)
        ends_on = starts_on + timedelta(days=course.days - 1)
        how, forum = chance.choice(texts["follow_up"])
        lines = [
            _line("fee", course.fee, course.currency, written_on),
            _line("travel", course.travel, "SEK", written_on),
            _line("lodging", course.lodging, course.currency, written_on),
            *changed.pop("more_costs", ()),
        ]
        typed = {
            "specialist": "yes",
            "event": f"{course.name} {starts_on.year}",
            "organiser": course.organiser,
            "mode": "digital" if course.digital else "in_person",
            "country": "" if course.digital else course.country,
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
            "participation": chance.choice(texts["participation"]),
            "costs": [line for line in lines if line["amount"]],
            "counter_amount": chance.choice(texts["far" if course.far else "near"]),
            "counter_source": "unit",
            "prior": "no",
            "follow_up_how": how,
            "follow_up_forum": forum,
            "follow_up_on": workday(ends_on + timedelta(days=chance.randrange(9, 36))).isoformat(),
        }
        typed |= changed
        return {name: value for name, value in typed.items() if not story.only or name in story.only}


def _line(kind: str, amount: str, currency: str, on: date) -> dict[str, str]:
    line = {"kind": kind, "amount": amount}
    if currency != "SEK":
        line |= {
            "currency": currency,
            "rate": content("courses")["rates"][currency],
            "rate_on": on.isoformat(),
        }
    return line
