"""Puts an e-mail together: in its receiver's language, plain text and simple HTML, safe from header injection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.domain.person import mailable
from portal.domain.scheme import LANGUAGES
from portal.domain.sign_in import code_of
from portal.language.catalogue import catalogue
from portal.language.wording import day
from portal.mail.account_notices import START
from portal.mail.notices import FOOT, NOTICES, UNKNOWN_AGENT, UNTOLD
from portal.store.outbox import Mail

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")

_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,400}")
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,40}")
_SIGNED_IN = {
    "time": re.compile(r"[0-9]{2}:[0-9]{2}"),
    "agent": re.compile(r"[A-Za-z, ]{0,40}"),
    "address": re.compile(r"[0-9A-Fa-f.:]{0,45}"),
}


class Unsendable(Exception):
    """The e-mail can never be sent as it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an e-mail says, in its receiver's language."""

    language: str
    subject: str
    paragraphs: tuple[str, ...]
    door: str
    link: str
    foot: str
    others: tuple[tuple[str, str], ...] = ()
    """What goes with it where several come in one: what each says, and its link."""


def message_of(mail: Mail, *, sender: str, base_url: str, at: datetime, key: str = "") -> EmailMessage:
    """The e-mail ready to send; the same row gives the same Message-ID. `key` makes codes. Raises Unsendable."""
    if not mail.active:
        raise Unsendable("the receiver has left")
    if "until" in mail.params and at >= datetime.fromisoformat(mail.params["until"]):
        raise Unsendable("the code in it has run out")
    receiver = address(mail.params.get("to") or mail.email)
    said = (together if mail.others else written)(mail, base_url=base_url, key=key)
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = receiver
    message["Subject"] = said.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_rendered("mail/mail.txt", said), cte="quoted-printable")
    message.add_alternative(_rendered("mail/mail.html", said), subtype="html", cte="quoted-printable")
    message["Content-Language"] = said.language  # last: setting the content takes such headers away
    return message


def written(mail: Mail, *, base_url: str, key: str = "") -> Written:
    """What the e-mail says; without the key, no code. Raises Unsendable for an unknown kind or unfit values."""
    notice = NOTICES.get(mail.kind)
    if notice is None:
        raise Unsendable(f"no such kind of e-mail: {mail.kind}")
    language = mail.language if mail.language in LANGUAGES else "sv"
    values, number = _values(mail.params, language, key), str(mail.params.get("number", ""))
    texts = catalogue(language)

    def say(msgid: str) -> str:
        try:
            return texts.gettext(msgid) % values
        except KeyError as missing:
            raise Unsendable(f"an e-mail of the kind {mail.kind} needs {missing}") from None

    path, door = notice.link
    return Written(
        language=language,
        subject=say(notice.subject),
        paragraphs=tuple(say(each) for each in notice.says),
        door=say(door),
        link=base_url + path.format(number=quote(number, safe="")),
        foot=say(FOOT),
    )


def together(mail: Mail, *, base_url: str, key: str = "") -> Written:
    """The e-mails of a day in one: the subject of each with its link. Raises Unsendable."""
    each = [
        written(replace(one, language=mail.language), base_url=base_url, key=key)
        for one in (mail, *mail.others)
    ]
    texts, number = catalogue(each[0].language), len(each)
    said = texts.ngettext(
        "%(num)s message from the course funding portal",
        "%(num)s messages from the course funding portal",
        number,
    ) % {"num": number}
    return replace(
        each[0],
        subject=said,
        paragraphs=(said + ":",),
        others=tuple((one.subject, one.link) for one in each),
        door=texts.gettext(START[1]),
        link=base_url + START[0],
    )


def address(email: str) -> str:
    """One address, for an envelope and a header, without header injection. Raises Unsendable."""
    if not email:
        raise Unsendable("the receiver has no e-mail address")
    try:
        return mailable(email)
    except ValueError:
        raise Unsendable("the receiver's e-mail address cannot be used") from None


def _values(params: Mapping[str, Any], language: str, key: str) -> dict[str, str]:
    """What fills the sentences: numbers, days, codes, words of the portal; no text of people comes into an e-mail."""
    values = {"what": _named(params.get("what"), language)}
    if "seed" in params:
        values["code"] = code_of(key, str(params["seed"])) if key else "–"
    if "number" in params:
        if not _NUMBER.fullmatch(str(params["number"])):
            raise Unsendable("the number is none")
        values["number"] = str(params["number"])
    if "day" in params:
        try:
            values["day"] = day(date.fromisoformat(str(params["day"])), language)
        except ValueError:
            raise Unsendable("the day is none") from None
    for name, shape in _SIGNED_IN.items():
        if name in params:
            if not shape.fullmatch(str(params[name])):
                raise Unsendable(f"the {name} is none")
            values[name] = str(params[name])
    if values.get("agent") == "":
        values["agent"] = catalogue(language).gettext(UNKNOWN_AGENT)
    return values


def _named(what: object, language: str) -> str:
    """Names of questions, as the fund calls them in that language. Raises Unsendable."""
    if not what:
        return catalogue(language).gettext(UNTOLD)
    text = what.get(language) if isinstance(what, Mapping) else None
    if not isinstance(text, str) or not _LINE.fullmatch(text):
        raise Unsendable("what changed is none")
    return text


def _rendered(template: str, said: Written) -> str:
    return _environment().get_template(template).render(mail=said)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
