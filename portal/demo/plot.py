"""Which stories are told of one fund, about whom and when, so that on any day of the year every state is there.

Decided ones are spread over the decision days that lie behind; open ones were sent in during the last weeks. Before the
first decision day of a year, what needs a signature is told of the year before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import cycle
from typing import Any, Final

from portal.demo import settling, stories
from portal.demo.cast import SEATS, Part
from portal.demo.catalogue import COURSES, Course
from portal.demo.days import Editions, by_period, decision_days, spread
from portal.demo.stage import Stage
from portal.demo.stories import Plan, Signers, Story
from portal.domain.scheme import Scheme

FUND: Final = "rfr"
CHAIR, REPRESENTATIVE, SUBSTITUTE = SEATS[FUND]

FULL_PERIOD = 24
"""Decisions in a budget period that lies behind as a whole."""
LAST_YEAR = 8
EARLIER_YEAR = 2

NOT_COVERED = {"more_costs": ({"kind": "meals", "amount": "1 250"}, {"kind": "salary", "amount": "8 400"})}
TOO_LITTLE = {"counter_amount": "3 500"}
ASKED_BEFORE = {"prior": "requested"}


@dataclass
class Plot:
    """Hands out people, courses and days, always in the same order."""

    stage: Stage
    now: Editions
    cast: Mapping[str, Part]
    doctors: Sequence[str]
    """Keys of those who may be participants of anything, each granted once a year at most."""
    _courses: dict[tuple[str, bool], Iterator[Course]] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)
    _refused: list[str] = field(default_factory=list)
    """Who was refused in the current year, and asks again."""
    _granted: int = 0

    def told(self) -> Iterator[Story]:
        """Every story there is, in no order."""
        for scheme in self.now.past:
            last_year = scheme.year == self.now.today.year - 1
            yield from self._decided(scheme, LAST_YEAR if last_year else EARLIER_YEAR)
        if self.now.current is not None:
            yield from self._decided(self.now.current, FULL_PERIOD)
            yield from self._open(self.now.current)
        payer = self.now.current or next(iter(reversed(self.now.past)), None)
        if payer is not None:
            yield settling.paydays(self.stage, payer, self.now.today)
        signable = self._signable()
        if signable is not None:
            yield from self._signed(*signable)
        if self.now.coming is not None:
            yield from self._kept(self.now.coming)

    # --- what lies behind

    def _decided(self, scheme: Scheme, whole: int) -> Iterator[Story]:
        """Grants over the days of each budget period, fewer where less of it lies behind, and what else was decided."""
        for period, days in by_period(scheme, decision_days(scheme, self.now.today)):
            last = min(period.ends_on or self.now.today, self.now.today)
            part = (last - period.starts_on).days / ((period.ends_on or last) - period.starts_on).days
            for n, day in enumerate(spread(days, max(2, round(whole * part)))):
                yield self._one_decided(scheme, days, day, n)

    def _one_decided(self, scheme: Scheme, days: Sequence[date], day: date, n: int) -> Story:
        plan = self._before(scheme, day, far=n % 4 != 3)
        signers = self._signers(days, day, n)
        if n % 8 == 5:
            if scheme is self.now.current:
                self._refused.append(plan.who)
            return stories.refused(plan, signers, stories.REFUSALS[n // 8 % len(stories.REFUSALS)])
        if n % 12 == 7 and day + timedelta(days=3) < self.now.today:
            return stories.cancelled(plan, signers, day + timedelta(days=2), stories.OFF[n // 12 % 2])
        if n % 12 == 1:
            return stories.withdrawn(plan, plan.written_on + timedelta(days=4))
        self._granted += 1
        fate = settling.FATES[self._granted % len(settling.FATES)]
        return settling.settled(plan, signers, fate, self.now.today, share=80 if n % 10 == 3 else 100)

    def _before(
        self,
        scheme: Scheme,
        day: date,
        who: str = "",
        changed: Mapping[str, Any] | None = None,
        *,
        far: bool = False,
    ) -> Plan:
        """An application sent in some weeks before a decision day, for an event some weeks after it."""
        ahead = self.stage.chance.randrange(14, 75)
        written_on = day - timedelta(days=self.stage.chance.randrange(8, 36))
        return self._plan(scheme, written_on, day, ahead, who, changed or {}, far=far)

    def _signers(self, days: Sequence[date], day: date, n: int) -> Signers:
        """The two seats in turn; the first sometimes signs a day or two before."""
        first_on = days[max(0, days.index(day) - n % 3)]
        first, second = (CHAIR, REPRESENTATIVE) if n % 2 else (REPRESENTATIVE, CHAIR)
        return Signers(first, second, first_on, day)

    # --- what is open

    def _open(self, scheme: Scheme) -> Iterator[Story]:
        """Waiting, returned, answered and withdrawn during the last weeks."""
        said: tuple[Mapping[str, Any], ...] = ({}, NOT_COVERED, TOO_LITTLE, {}, ASKED_BEFORE, {})
        known = ("nyqvist", "oberg", "sandberg", "oberg", "", *self._refused[:1])
        for n in range(16):
            who = known[n] if n < len(known) else ""
            by = "wikstrom" if n in (6, 9) else None
            yield stories.waiting(self._recent(scheme, 2 + n * 2, who, by, said[n % len(said)]))
        asked = stories.QUESTIONS
        yield stories.returned(self._recent(scheme, 12, "bergstrom"), CHAIR, self._ago(4), asked[0])
        yield stories.returned(
            self._recent(scheme, 17, "kovac"), REPRESENTATIVE, self._ago(9), asked[1], begun=True
        )
        yield stories.returned(self._recent(scheme, 9), REPRESENTATIVE, self._ago(2), asked[2])
        yield stories.answered(self._recent(scheme, 21), CHAIR, self._ago(11), asked[2])
        yield stories.withdrawn(self._recent(scheme, 14, "elsayed"), self._ago(6))
        yield stories.stepped_aside(
            self._recent(scheme, 13), CHAIR, self._ago(5), "Vi arbetar i samma forskargrupp."
        )
        yield stories.drafted(
            self._recent(scheme, 1, "holm"), ("specialist", "event", "organiser", "mode", "country")
        )
        yield stories.drafted(self._recent(scheme, 3, "axelsson"), ("event", "starts_on", "ends_on", "costs"))

    def _signable(self) -> tuple[Scheme, list[date]] | None:
        """The edition that was signed in last, and on which days."""
        for scheme in (self.now.current, *reversed(self.now.past)):
            if scheme is not None and (days := decision_days(scheme, self.now.today)):
                return scheme, days
        return None

    def _signed(self, scheme: Scheme, days: list[date]) -> Iterator[Story]:
        """What one seat or both have signed without deciding it."""
        late = [days[-1 - n % min(len(days), 6)] for n in range(12)]
        yield stories.signed_once(self._before(scheme, late[0], "lundgren"), CHAIR, late[0])
        yield stories.signed_once(self._before(scheme, late[1]), CHAIR, late[1])
        yield stories.signed_once(self._before(scheme, late[2]), REPRESENTATIVE, late[2])
        yield stories.signed_once(self._before(scheme, late[3], changed=NOT_COVERED), REPRESENTATIVE, late[3])
        yield stories.signed_once(self._before(scheme, late[4], "axelsson"), CHAIR, late[4])
        yield stories.signed_once(self._before(scheme, late[5]), CHAIR, late[5], taken_back=True)
        yield stories.disagreed(self._before(scheme, late[1]), self._signers(days, late[1], 1))
        yield stories.disagreed(
            self._before(scheme, late[3]), self._signers(days, late[3], 0), refusal=stories.REFUSALS[1]
        )

    def _kept(self, scheme: Scheme) -> Iterator[Story]:
        """Sent in this autumn for next year."""
        opened = (self.now.today - scheme.opens_on).days
        for n in range(7):
            ago = min(3 + n * 9, opened)
            ahead = 30 + n * 21
            who = ("elsayed", "solheim", "")[min(n, 2)]
            yield stories.waiting(self._plan(scheme, self._ago(ago), scheme.decides_from, ahead, who, {}))

    # --- people, courses and days

    def _recent(
        self,
        scheme: Scheme,
        ago: int,
        who: str = "",
        by: str | None = None,
        changed: Mapping[str, Any] | None = None,
    ) -> Plan:
        """Sent in so many days ago for an event in the coming weeks."""
        plan = self._plan(scheme, self._ago(ago), self.now.today, 9 + ago * 2, who, changed or {})
        return replace(plan, by=by)

    def _ago(self, days: int) -> date:
        return self.now.today - timedelta(days=max(days, 1))

    def _plan(
        self,
        scheme: Scheme,
        written_on: date,
        after: date,
        ahead: int,
        who: str,
        changed: Mapping[str, Any],
        *,
        far: bool = False,
    ) -> Plan:
        """Days that fit the edition: the event within its year, and the application before the event."""
        last = (scheme.ends_on or after + timedelta(days=400)) - timedelta(days=3)
        starts_on = max(after + timedelta(days=ahead), scheme.starts_on + timedelta(days=13))
        if starts_on > last:
            starts_on = last - timedelta(days=ahead % 17)
        written_on = max(min(written_on, starts_on - timedelta(days=10)), scheme.opens_on)
        who = who or self._somebody(scheme)
        return Plan(
            stage=self.stage,
            scheme=scheme,
            who=who,
            course=self._course(who, far),
            written_on=written_on,
            starts_on=starts_on,
            changed=changed,
        )

    def _course(self, who: str, far: bool) -> Course:
        """The next course for the person's specialty, a far one if asked for."""
        specialty = self.cast[who].field
        if (specialty, far) not in self._courses:
            fitting = [c for c in COURSES if c.field in ("", specialty) and (c.far or not far)]
            self._courses[specialty, far] = cycle(fitting)
        return next(self._courses[specialty, far])

    def _somebody(self, scheme: Scheme) -> str:
        """The next doctor who has not yet applied in the edition."""
        n = self._used.get(scheme.key, 0)
        self._used[scheme.key] = n + 1
        return self.doctors[(n + scheme.year * 7) % len(self.doctors)]
