"""Composes the letters: what each says of an application, from the records kept and the fund's own words.

What the portal said of the application is taken word for word from the version, as it was stored when submitted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.application import Application, Decision, Outcome, Signature, Version
from portal.domain.attest import HeadWord, is_attested
from portal.domain.checks import register_fields
from portal.domain.claim import Payable, due_on
from portal.domain.fields import Typed, is_asked
from portal.domain.payment import masked
from portal.domain.periods import Days, lapses_on, local_day
from portal.domain.person import Person
from portal.domain.scheme import LAW, Field, FieldType, Kind, Rule, Scheme
from portal.language.wording import (
    EARLIER,
    answer_text,
    day,
    figure,
    money,
    number,
    step_words,
    veiled_records,
    written,
)
from portal.letters.document import (
    Banner,
    Grid,
    Letter,
    NamedValue,
    NamedValues,
    Part,
    Prose,
    Said,
    SignatureBlock,
    Signatures,
    TableColumn,
    TableRow,
)
from portal.letters.invoicing import contact, invoiced, paid
from portal.schemes.vocabulary import vocabulary

CONFIRMATION = "confirmation"
DECISION = "decision"
INVOICE = "invoice"
KINDS = (CONFIRMATION, DECISION, INVOICE)


@dataclass(frozen=True, slots=True)
class Matter:
    """What every letter speaks of: one version of an application under its terms."""

    scheme: Scheme
    application: Application
    version: Version
    typed: Typed
    """The version's answers as they were read when it was judged."""
    participant: Person
    applicant: Person

    @property
    def kind(self) -> Kind:
        return self.typed.kind

    def instant(self, at: datetime, language: str) -> str:
        """An instant where the fund is: "1 mars 2024 10:00"."""
        local = at.astimezone(self.scheme.zone)
        return f"{day(local.date(), language)} {local:%H:%M}"

    def sum(self, amount: int, language: str) -> str:
        return money(amount, self.application.currency, language)


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """A decision with the two signatures that made it, and the signers' names by id."""

    decision: Decision
    signatures: tuple[Signature, Signature]
    names: Mapping[int, str]
    head_word: HeadWord | None = None
    """The head's yes that counted when it was decided."""


def confirmation(matter: Matter, language: str) -> Letter:
    """(1) That the application has arrived: everything that was sent in, and what the rules give."""
    said, version = Said(language), matter.version
    note = said("confirmation.not-decided")
    if first_day := version.assessment["decidable_from"]:
        note += " " + said("confirmation.first-day", day=day(date.fromisoformat(first_day), language))
    assessed = matter.sum(version.amount, language)
    return _letter(
        CONFIRMATION,
        matter,
        said,
        version.submitted_at,
        lead=said("confirmation.lead"),
        banner=Banner(said("confirmation.assessed"), assessed, note) if version.amount else None,
        parts=(
            Prose(said("confirmation.next"), (*_head_asked(matter, said), said("confirmation.next-text"))),
            *_calculation(matter, said),
            *_costs(matter, said),
            _rules(matter, said),
            *_sections(matter, said),
        ),
    )


def decision(matter: Matter, decided: SignedDecision, language: str) -> Letter:
    """(2) What two people decided, on what grounds, and how to ask again."""
    said, made = Said(language), decided.decision
    granted = made.outcome is Outcome.GRANT
    less = granted and (made.amount, made.days or 0) < (matter.version.amount, matter.typed.wanted_days or 0)
    how = "less" if less else "granted" if granted else "refused"
    asked = _brief_answers(matter, language)
    reason = (Prose(said("decision.reason"), tuple(made.reason.split("\n"))),) if made.reason else ()
    return _letter(
        DECISION,
        matter,
        said,
        made.decided_at,
        made=made,
        title=said(f"titles.{'granted-less' if less else how}"),
        banner=_outcome(matter, made, said, less=less),
        parts=(
            *reason,
            *_next(matter, made, said),
            *_again(matter, made, said, how),
            *_law(matter, said, granted=granted),
            _signatures(matter, decided, said),
            *_calculation(matter, said, made if granted else None),
            *_costs(matter, said),
            _rules(matter, said),
            NamedValues(said("asked.title"), (*asked, *_head_said(matter, decided, said))),
        ),
    )


def invoice(
    matter: Matter, made: Decision, language: str, *, worth: Payable | None = None, at: datetime | None = None
) -> Letter:
    """(3) What the clearing invoice needs; by what is payable of the actual costs once they are stated, on that day.

    Raises ValueError for a fund that is not invoiced, or no grant.

    "En intern clearingfaktura tillsammans med bekräftelsen från ansökan och beviljad ansökan sänds …" (Fakturering).
    """
    said = Said(language)
    due = due_on(matter.scheme, matter.application.starts_on, local_day(made.decided_at, matter.scheme))
    if due is None or made.outcome is not Outcome.GRANT:
        raise ValueError("there is nothing to invoice")
    lines = [
        TableRow((step["label"][language], _figure(step["amount"], language)))
        for step in matter.version.assessment["steps"]
        if step["key"] == "eligible"
    ]
    if worth is not None:
        lines = [
            TableRow((step_words(step.key, step.values)[language], figure(step.amount, language)))
            for step in worth.steps
            if step.key != "line"
        ]
    most = made.amount if worth is None else worth.amount
    lines.append(TableRow((said("invoice.at-most"), figure(most, language)), strong=True))
    until = said("invoice.due", day=day(due, language))
    return _letter(
        INVOICE,
        matter,
        said,
        at or made.decided_at,
        made=made,
        lead=" ".join(filter(None, (said("invoice.lead"), said("invoice.anew") if at else ""))),
        banner=Banner(said("invoice.at-most"), matter.sum(most, language), until),
        parts=(
            NamedValues(said("invoice.paid"), paid(matter.scheme, matter.version.answers, said)),
            NamedValues(said("invoice.to"), invoiced(matter.scheme, due, said)),
            Grid(said("invoice.amounts"), _step_columns(matter, said), tuple(lines)),
            Prose(said("invoice.rule"), (said("invoice.rule-text"),)),
            *contact(matter.scheme, said),
        ),
    )


def _letter(
    kind: str,
    matter: Matter,
    said: Said,
    at: datetime,
    *,
    parts: tuple[Part, ...],
    banner: Banner | None,
    made: Decision | None = None,
    title: str = "",
    lead: str = "",
) -> Letter:
    """What all letters have: who sends it to whom about what, dated the day of what it tells."""
    return Letter(
        kind=kind,
        language=said.language,
        number=matter.application.number,
        dated_on=local_day(at, matter.scheme),
        sender=matter.scheme.title[said.language],
        label=said(f"labels.{kind}"),
        title=title or said(f"titles.{kind}"),
        receiver=_receiver(matter),
        reference=_reference(matter, said, made),
        parts=parts,
        page_words=said("page.page"),
        lead=lead,
        banner=banner,
    )


def _receiver(matter: Matter) -> tuple[str, ...]:
    """Whom the letter is to: the applicant, and the participant where that is somebody else."""
    people = dict.fromkeys((matter.applicant, matter.participant))
    return tuple("\n".join(line for line in (person.name, person.unit) if line) for person in people)


def _law(matter: Matter, said: Said, *, granted: bool) -> tuple[Prose, ...]:
    """By whose delegation it is decided, how it can be reviewed and, of a grant, when it can be taken back."""
    keys = [key for key in LAW if key != "taken_back" or granted]
    told = tuple(matter.scheme.law[key][said.language] for key in keys if key in matter.scheme.law)
    return (Prose(said("decision.law"), told),) if told else ()


def _reference(matter: Matter, said: Said, made: Decision | None) -> tuple[NamedValue, ...]:
    application, language = matter.application, said.language
    rows = [NamedValue(said("reference.number"), application.number)]
    if application.registration:
        rows.append(NamedValue(said("reference.registration"), application.registration))
    if len(matter.scheme.kinds) > 1:
        rows.append(NamedValue(said("reference.kind"), matter.kind.title[language]))
    rows.append(NamedValue(said("reference.received"), matter.instant(application.received_at, language)))
    if application.submitted_at != application.received_at:
        rows.append(
            NamedValue(said("reference.submitted"), matter.instant(application.submitted_at, language))
        )
    if made is not None:
        rows.append(NamedValue(said("reference.decided"), matter.instant(made.decided_at, language)))
    rows.append(NamedValue(said("reference.version"), str(matter.version.number)))
    rows.append(NamedValue(said("reference.participant"), matter.participant.name))
    if matter.applicant.id != matter.participant.id:
        rows.append(NamedValue(said("reference.applicant"), matter.applicant.name))
    return tuple(rows)


def _outcome(matter: Matter, made: Decision, said: Said, *, less: bool) -> Banner:
    if made.outcome is Outcome.REFUSE:
        return Banner(said("decision.refused"), tone="bad")
    word, assessed = "granted" if made.amount else "approved", matter.version.amount
    days = written(Days(matter.typed.wanted_days or 0), said.language)
    how = {"assessed": matter.sum(assessed, said.language), "days": days}
    note = said(f"decision.{word}-less-note", **how) if less else ""
    much = matter.sum(made.amount, said.language) if made.amount else ""
    if made.days is not None:
        much = said("decision.days", days=written(Days(made.days), said.language))
    return Banner(said(f"decision.{word}-less" if less else f"decision.{word}"), much, note, tone="good")


def _again(matter: Matter, made: Decision, said: Said, how: str) -> tuple[Prose, ...]:
    """How to ask again: of a grant only until the event begins, for after that finance alone cancels it."""
    if how != "refused" and matter.application.starts_on <= local_day(made.decided_at, matter.scheme):
        return ()
    asked = how if made.amount or how == "refused" else "approved"
    return (Prose(said("decision.again"), (said(f"decision.again-{asked}"),)),)


def _next(matter: Matter, made: Decision, said: Said) -> list[Part]:
    """What whoever got a grant does now, and by when."""
    if made.outcome is not Outcome.GRANT:
        return []
    application, language = matter.application, said.language
    planned = matter.typed[matter.kind.planned_on] if matter.kind.planned_on else None
    days = (
        (due_on(matter.scheme, application.starts_on, local_day(made.decided_at, matter.scheme)), "invoice"),
        (planned, "follow-up"),
        (lapses_on(matter.kind, application.ends_on), "claim"),
    )
    steps = tuple(
        NamedValue(said("next.by", day=day(on, language)), said(f"next.{step}", number=application.number))
        for on, step in sorted((on, step) for on, step in days if on is not None)
    )
    return [
        NamedValues(said("next.title"), steps) if steps else Prose(said("next.title"), (said("next.paid"),))
    ]


def _brief_answers(matter: Matter, language: str) -> tuple[NamedValue, ...]:
    """What was asked for in brief: every answered question but the costs and what is said in one's own words."""
    return _answered(
        matter, (each for each in matter.kind.fields.values() if not each.in_own_words), language
    )


def _sections(matter: Matter, said: Said) -> list[NamedValues]:
    """Every part of the form with its answers but the costs; parts without any are left out."""
    return [
        NamedValues(section.title[said.language], rows)
        for section in matter.kind.sections
        if (rows := _answered(matter, section.fields, said.language))
    ]


def _answered(matter: Matter, fields: Iterable[Field], language: str) -> tuple[NamedValue, ...]:
    answers = masked(matter.scheme, matter.version.answers)
    return tuple(
        NamedValue(field.label[language], text)
        for field in fields
        if field.type is not FieldType.COSTS
        and is_asked(field, answers)
        and (text := answer_text(matter.scheme, field, answers.get(field.name), language))
    )


def _costs(matter: Matter, said: Said) -> list[Part]:
    """The cost lines, each as it was stated, the rate it was converted at, and in the fund's currency."""
    language, names, costs = said.language, vocabulary("cost_kinds"), matter.typed.costs
    if not costs:
        return []
    foreign = any(line.rate is not None for line in costs)

    def row(name: str, stated: str, rate: str, amount: int, *, strong: bool = False) -> TableRow:
        between = (stated, rate) if foreign else ()
        return TableRow((name, *between, figure(amount, language)), strong)

    lines = [
        row(
            names[line.kind][language] if line.kind in names else line.kind,
            f"{figure(line.original, language)}\u00a0{line.currency}",
            ""
            if line.rate is None
            else number(line.rate, language) + (f" ({day(line.rate_on, language)})" if line.rate_on else ""),
            line.amount,
        )
        for line in costs
    ]
    total = row(said("costs.sum"), "", "", sum(line.amount for line in costs), strong=True)
    columns = [TableColumn(said("costs.cost"), 4), TableColumn(_currency(matter, said), 2, figures=True)]
    if foreign:
        stated, rate = said("costs.stated"), said("costs.rate")
        columns[1:1] = TableColumn(stated, 3, figures=True), TableColumn(rate, 4, figures=True)
    return [Grid(said("costs.title"), tuple(columns), (*lines, total))]


def _currency(matter: Matter, said: Said) -> str:
    return said("costs.amount", currency=matter.application.currency)


def _step_columns(matter: Matter, said: Said) -> tuple[TableColumn, ...]:
    return TableColumn(said("calculation.step"), 4), TableColumn(_currency(matter, said), 1, figures=True)


def _calculation(matter: Matter, said: Said, granted: Decision | None = None) -> list[Part]:
    """The steps as they were stored: eligible, half of it, ceiling, counter-financing, and what they come to."""
    language, amount = said.language, matter.version.amount
    if not amount:
        return []
    lines = []
    for step in matter.version.assessment["steps"]:
        if step["key"] == "line":
            continue  # each stands among the costs
        decides = f" – {said('calculation.decides')}" if step["decides"] else ""
        lines.append(TableRow((step["label"][language] + decides, _figure(step["amount"], language))))
    lines.append(TableRow((said("calculation.assessed"), figure(amount, language)), strong=True))
    if granted is not None:
        lines.append(TableRow((said("calculation.granted"), figure(granted.amount, language)), strong=True))
    return [Grid(said("calculation.title"), _step_columns(matter, said), tuple(lines))]


def _head_asked(matter: Matter, said: Said) -> tuple[str, ...]:
    return (said("confirmation.head"),) if is_attested(matter.scheme, matter.application) else ()


def _head_said(matter: Matter, decided: SignedDecision, said: Said) -> tuple[NamedValue, ...]:
    """The head's word on what the unit promises, where one is asked for."""
    if not is_attested(matter.scheme, matter.application):
        return ()
    word = decided.head_word
    if word is None:
        return (NamedValue(said("asked.head"), said("asked.head-silent")),)
    given = {"name": decided.names[word.head_id], "at": matter.instant(word.said_at, said.language)}
    return (NamedValue(said("asked.head"), said("asked.head-given", **given)),)


def _rules(matter: Matter, said: Said) -> Grid | Prose:
    """The rules that mattered: what each says of the application, and its sentence in the terms."""
    scheme, version = matter.scheme, matter.version
    kind, rules = matter.kind.key, {rule.code: rule for rule in scheme.rules_of[matter.kind.key]}
    lines = [
        # A letter is one for all who read it, whoever may know of the participant's other applications.
        TableRow(
            (
                finding["message"][said.language],
                "\n".join(filter(None, (_sentence(rules[code]) for code in codes if code in rules))),
            )
        )
        for finding in veiled_records(version.assessment["findings"], scheme, kind)
        for codes in [register_fields(scheme, kind) if finding["code"] == EARLIER else [finding["code"]]]
    ]
    note = said("rules.others" if lines else "rules.all") + " "
    note += said(
        "rules.as-of",
        version=str(version.number),
        day=day(local_day(version.submitted_at, scheme), said.language),
        letter=scheme.letter,
    )
    if scheme.carried_over_from:
        note += " " + said("rules.unconfirmed")
    if not lines:
        return Prose(said("rules.all-title"), (note,))
    columns = (
        TableColumn(said("rules.said"), 5),
        TableColumn(said("rules.rule"), 6, language=scheme.language),
    )
    return Grid(said("rules.title"), columns, tuple(lines), note)


def _sentence(rule: Rule) -> str:
    """The sentence a rule stands on; the terms' name stands once, below the table."""
    if rule.source is None:
        return ""
    heading = f"{rule.source.heading}: " if rule.source.heading else ""
    return f"{heading}“{rule.source.sentence}”"


def _signatures(matter: Matter, decided: SignedDecision, said: Said) -> Signatures:
    return Signatures(
        said("decision.signed"),
        said("decision.signed-intro"),
        tuple(
            SignatureBlock(
                name=decided.names[each.signer_id],
                seat=matter.scheme.seat(each.seat).title[said.language],
                at=said("decision.signed-at", at=matter.instant(each.signed_at, said.language)),
                mark=said("decision.signed-mark", version=str(each.version), digest=each.digest[:16]),
            )
            for each in decided.signatures
        ),
    )


def _figure(plain: str, language: str) -> str:
    """An amount of a stored record ("8250.00") as a figure."""
    return figure(int(Decimal(plain) * 100), language)
