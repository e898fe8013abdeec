"""Made-up people at work over real HTTP, who ask again until they are answered, and a ledger of what they were told."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

CUT, THINKS_BETTER = 0.04, 0.1
"""How often a connection is cut before its answer is read, and an application is withdrawn."""
REFUSED = 15
"""Of a hundred applications."""
PATIENCE_SECONDS = 300
"""When somebody who is answered nothing gives up."""
_HIDDEN = re.compile(r'name="(csrf_token|revision|shown|saw)" value="([^"]*)"')
ANSWERS = {
    "specialist": "yes", "organiser": "ESC", "mode": "in_person", "country": "SE", "participation": "Own poster",
    "costs-0-kind": "fee", "costs-0-amount": "12 000", "counter_amount": "10 000", "counter_source": "unit",
    "administration": "Sahlgrenska", "cost_centre": "4711", "prior": "no", "follow_up_how": "Talk",
    "follow_up_forum": "APT",
}  # fmt: skip
AMOUNT = 5_000
"""What they come to."""


@dataclass
class Ledger:
    """What was acknowledged, and how the portal answered."""

    sent: dict[str, str] = field(default_factory=dict)
    """The number that an event's application was given."""
    signed: set[tuple[str, str]] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    slowest: float = 0
    gave_up: list[str] = field(default_factory=list)


class Browser:
    """One person's, without scripts."""

    def __init__(self, port: int, person: int, ledger: Ledger, chance: random.Random) -> None:
        self._port, self._ledger, self._chance = port, ledger, chance
        self._cookies: dict[str, str] = {}
        self._hidden: dict[str, str] = {}
        self.get("/sign-in")
        self.post("/sign-in/demo", person=str(person))

    def get(self, path: str) -> tuple[int, str]:
        """Status and page."""
        return self._ask("GET", path, None)

    def post(self, path: str, *keep: str, **typed: str) -> tuple[int, str]:
        """Send a form with hidden values of the page before; the status, and where it leads."""
        hidden = {name: self._hidden.get(name, "") for name in ("csrf_token", *keep)}
        return self._ask("POST", path, urlencode(hidden | typed))

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                status, said = self._once(method, path, body)
            except (OSError, HTTPException) as error:
                self._ledger.answers[f"none ({type(error).__name__})"] += 1
            else:
                self._ledger.answers[str(status)] += 1
                self._ledger.slowest = max(self._ledger.slowest, time.monotonic() - began)
                if status < 500:
                    return status, said
            time.sleep(self._chance.uniform(0.2, 0.8))
        raise TimeoutError(f"{method} {path} was not answered in {PATIENCE_SECONDS} s")

    def _once(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            form = "application/x-www-form-urlencoded"
            headers |= {"Content-Type": form, "Origin": f"http://127.0.0.1:{self._port}"}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            if self._chance.random() < CUT:
                raise ConnectionAbortedError
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        self._hidden |= dict(_HIDDEN.findall(text))
        return answer.status, answer.headers.get("Location") or text


@dataclass
class Crowd:
    """Who works where, until when."""

    port: int
    edition: str
    ends: float
    doctors: Iterator[int]
    chance: random.Random
    ledger: Ledger
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def going_on(self) -> bool:
        """Until the time is over; on a slow machine until something is done."""
        done = self.ledger.sent and self.ledger.signed
        return time.monotonic() < self.ends + (0 if done else PATIENCE_SECONDS)

    def apply(self) -> None:
        """One doctor after the other applies; some think better of it."""
        while self.going_on():
            with self._lock:
                person = next(self.doctors, None)
            if person is None:
                return
            browser = Browser(self.port, person, self.ledger, self.chance)
            number = self._sent(browser, f"Congress {person}")
            if self.chance.random() < THINKS_BETTER:
                browser.get(f"/applications/{number}/withdraw")
                if browser.post(f"/applications/{number}/withdraw")[0] == 303:
                    self.ledger.withdrawn.add(number)

    def _sent(self, browser: Browser, event: str) -> str:
        first = date.today() + timedelta(days=30)  # noqa: DTZ011 - any day that is to come
        days = {"starts_on": first, "ends_on": first + timedelta(2), "follow_up_on": first + timedelta(30)}
        typed = {**ANSWERS, **{name: day.isoformat() for name, day in days.items()}, "event": event}
        browser.get("/")
        _status, draft = browser.post(f"/apply/{self.edition}")
        for _again in range(20):  # another answer to the same form may have been lost
            browser.get(draft)
            if browser.post(draft, "revision", **typed, action="review")[0] == 303:
                browser.get(f"{draft}/review")
                status, where = browser.post(f"{draft}/submit", "revision")
                if status == 303 and "/applications/" in where:
                    return self.ledger.sent.setdefault(event, where.rpartition("/")[2])
        raise RuntimeError(f"{event} was never taken")

    def decide(self, seat: str, person: int) -> None:
        """One seat signs what waits; where the money is over, it refuses."""
        browser, tried = Browser(self.port, person, self.ledger, self.chance), set[str]()
        while self.going_on():
            found = dict.fromkeys(re.findall(r"/queue/([A-Z]+-\d+-\d+)", browser.get("/queue")[1]))
            if not (waiting := [each for each in found if each not in tried]):
                tried.clear()
                time.sleep(0.5)
            for number in waiting:
                tried.add(number)
                granted = int(number[-2:]) >= REFUSED and self._sign(
                    browser, number, seat, {"act": "grant", "amount": f"{AMOUNT}.00"}
                )
                if not granted:
                    self._sign(
                        browser, number, seat, {"act": "refuse", "refuse-text": "The money is used up."}
                    )

    def _sign(self, browser: Browser, number: str, seat: str, word: dict[str, str]) -> bool:
        browser.get(f"/queue/{number}")
        if browser.post(f"/queue/{number}/sign", "shown", "saw", **word)[0] != 303:
            return False
        self.ledger.signed.add((number, seat))
        return True
