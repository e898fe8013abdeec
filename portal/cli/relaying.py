"""The worker behind `portal send-mail`: prints letters that are due, reminds people, sends the e-mails that wait.

One round, or rounds until it is told to stop; several workers can run at once.
"""

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from portal.actions.notices import remind, reminders_due
from portal.letters.orders import print_due
from portal.mail.relay import Post, send_due, server_of
from portal.schemes.loader import Schemes, load
from portal.settings import Settings
from portal.store import outbox
from portal.store.session import Database

Say = Callable[[str], None]

_REMINDERS_EVERY = timedelta(hours=1)


def post_of(settings: Settings) -> Post | None:
    """How e-mails are sent, or None when no mail server is set: they then stay in the outbox."""
    if not settings.smtp_url:
        return None
    name = settings.host.partition(":")[0]
    server = server_of(settings.smtp_url, name=name)
    return Post(
        server, settings.mail_from, settings.base_url, settings.secret_key, bounces=settings.mail_bounces
    )


def one_round(
    database: Database,
    post: Post | None,
    *,
    clock: Callable[[], datetime],
    say: Say,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Print and send what is due, or until `stopped`, and say what came of it when anything did."""
    printed = print_due(
        database,
        at=clock(),
        failing=lambda letter, error: say(f"letter {letter} could not be printed: {error}"),
        stopped=stopped,
    )
    if printed.made:
        say(f"letters printed: {printed.made}")
    if post is None:
        return
    done = send_due(database, post, clock=clock, stopped=stopped)
    if done.sent or done.postponed or done.parked:
        say(f"e-mails sent: {done.sent}, to be tried again: {done.postponed}, parked: {done.parked}")
    if done.away:
        say(f"the mail server is away: {done.away}")


def put_reminders(database: Database, schemes: Schemes, *, at: datetime, say: Say) -> None:
    """Put into the outbox what people are to be reminded of and have not been."""
    with database.reading() as session:
        due = reminders_due(session, schemes=schemes, at=at)
    if due:
        database.write(remind, reminders=due, at=at)
        say(f"reminders: {len(due)}")


def work(
    database: Database,
    settings: Settings,
    *,
    once: bool,
    every: float,
    clock: Callable[[], datetime],
    say: Say,
    stop: threading.Event | None = None,
) -> None:
    """Rounds until `stop`, or one; SIGTERM and Ctrl-C let what is under way be settled first."""
    post = post_of(settings)
    if post is None:
        with database.reading() as session:
            waiting, _parked, _since = outbox.waiting(session)
        say(f"SMTP_URL is not set: {waiting} e-mails stay in the outbox. Letters are printed.")
    schemes = load(*settings.scheme_folders, funds=settings.funds)
    if once:
        put_reminders(database, schemes, at=clock(), say=say)
        one_round(database, post, clock=clock, say=say)
        return
    stopped = stop or _stopped_by_signals()
    remind_at = clock()
    while not stopped.is_set():
        try:
            if clock() >= remind_at:
                put_reminders(database, schemes, at=clock(), say=say)
                remind_at = clock() + _REMINDERS_EVERY
            one_round(database, post, clock=clock, say=say, stopped=stopped.is_set)
        except Exception as fault:
            # A database that is away for a while must not end the worker; nothing is lost, rows wait.
            say(f"the round failed: {type(fault).__name__}")
        stopped.wait(every)


def _stopped_by_signals() -> threading.Event:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped
