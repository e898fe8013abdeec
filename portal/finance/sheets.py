"""The files that finance can download: what a column is, and which there are in each, with heading and meaning.

The keys of the columns are the names under which the store and the figures give their values. What applicants wrote
about themselves and their reasons is in no file: finance does not need it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from portal.domain.refusal import N_
from portal.language.catalogue import P_


class Kind(StrEnum):
    """What stands in a column's cells, and so how they are written and read."""

    TEXT = "text"
    WORD = "word"
    """One of a few keys of the portal, written for people in their language and for machines as it is."""
    AMOUNT = "amount"
    """Minor units (öre, øre) in an int."""
    DATE = "date"
    INSTANT = "instant"
    """Aware, in UTC; written as local time for people."""
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    key: str
    kind: Kind
    header: str
    """A msgid, as the meaning and the title of a sheet."""
    meaning: str
    """What stands in it, for whoever reads the file; shown on the page beside the download."""
    vocabulary: str = ""
    """For a WORD: which of the `words` its keys belong to."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be downloaded: its name in file names, its title and its columns in order."""

    key: str
    title: str
    columns: tuple[Column, ...]

    @property
    def keys(self) -> list[str]:
        return [column.key for column in self.columns]

    def row(self, of: object = None, /, **cells: Any) -> tuple[Any, ...]:
        """A row in the order of the columns: the cells given, for the others what `of` has under their keys."""
        if strange := cells.keys() - set(self.keys):
            raise KeyError(f"{self.key} has no {', '.join(sorted(strange))}")
        return tuple(cells[key] if key in cells else getattr(of, key) for key in self.keys)


# fmt: off
_NUMBER: Final = Column("number", Kind.TEXT, N_("Number"), N_("The number of the application; it never changes."))
_SCHEME: Final = Column("scheme", Kind.TEXT, N_("Round"), N_("The round of the fund, such as rfr-2026."))
_KIND: Final = Column("kind", Kind.WORD, N_("Kind"), N_("What kind of application it is."), "kinds")
_STARTS_ON: Final = Column("starts_on", Kind.DATE, P_("column", "First day"), N_("The first day of the event."))
_CURRENCY: Final = Column("currency", Kind.TEXT, N_("Currency"), N_("The currency of the amounts in the row."))
_ALLOCATED_AMOUNT: Final = Column("allocated_amount", Kind.AMOUNT, N_("Allocated"),
                                  N_("What the period has to give, with what an earlier one left to it."))
_WAITING_AMOUNT: Final = Column("waiting_amount", Kind.AMOUNT, N_("Waiting"),
                                N_("Assessed amounts of applications that wait and can first be decided in the "
                                   "period."))
_PARTICIPANT_NUMBER: Final = Column("participant_number", Kind.TEXT, N_("Participant’s id"),
                                    N_("The participant’s personal id."))
_PARTICIPANT: Final = Column("participant", Kind.TEXT, N_("Participant"), N_("Who takes part."))
_UNIT: Final = Column("unit", Kind.TEXT, N_("Unit"), N_("The participant’s unit."))
_TITLE: Final = Column("title", Kind.TEXT, N_("Course or conference"), N_("The name of the event."))
_INVOICE_NUMBER: Final = Column("invoice_number", Kind.TEXT, N_("Invoice number"),
                                N_("The number of the invoice; the application’s own where no invoice is sent."))
_INVOICE_ON: Final = Column("invoice_on", Kind.DATE, N_("Invoice date"), N_("The date of the invoice."))
_PERIOD: Final = Column("period", Kind.WORD, N_("Budget period"),
                        N_("The period that the decisions draw from."), "periods")
_DECISIONS: Final = Column("decisions", Kind.NUMBER, N_("Decisions"), N_("How many decisions were made."))
_GRANTS: Final = Column("grants", Kind.NUMBER, N_("Grants in force"), N_("How many were granted and not cancelled."))
_GRANTED_AMOUNT: Final = Column("granted_amount", Kind.AMOUNT, N_("Granted"),
                                N_("The amounts of grants in force, before anything was given back."))
_RELEASED_AMOUNT: Final = Column("released_amount", Kind.AMOUNT, N_("Given back"),
                                 N_("What came back of grants in force, because the costs turned out lower."))
_USED: Final = (
    _DECISIONS,
    _GRANTS,
    Column("refusals", Kind.NUMBER, N_("Refusals"), N_("How many were refused.")),
    Column("cancelled", Kind.NUMBER, P_("column", "Cancelled"),
           N_("How many were granted and cancelled since; the amounts leave them out.")),
    _GRANTED_AMOUNT,
    _RELEASED_AMOUNT,
    Column("used_amount", Kind.AMOUNT, N_("Used"), N_("Granted less what was given back.")),
)
APPLICATIONS: Final = Sheet("applications", N_("Applications and decisions"), (
    _NUMBER,
    _SCHEME,
    _KIND,
    Column("status", Kind.WORD, P_("column", "Status"), N_("Where the application stands now."), "statuses"),
    Column("received_at", Kind.INSTANT, P_("column", "Received"),
           N_("When the application was first sent in, in the fund’s local time.")),
    Column("version", Kind.NUMBER, N_("Version"), N_("How many times it was sent in; 1 when it was never returned.")),
    Column("participant_number", Kind.TEXT, N_("Participant’s id"),
           N_("The participant’s personal id, which “one per person and year” counts by.")),
    Column("participant", Kind.TEXT, N_("Participant"), N_("Who takes part or has taken part.")),
    Column("unit", Kind.TEXT, N_("Unit"), N_("The participant’s unit as it is called now.")),
    Column("applicant", Kind.TEXT, N_("Applicant"), N_("Who wrote the application.")),
    Column("title", Kind.TEXT, N_("Course or conference"), N_("The name of the event according to the application.")),
    _STARTS_ON,
    Column("ends_on", Kind.DATE, P_("column", "Last day"), N_("The last day of the event.")),
    Column("zone", Kind.WORD, N_("Zone"),
           N_("The zone the ceiling is for; empty where the fund has no zones."), "zones"),
    Column("year", Kind.NUMBER, N_("Year"), N_("The year in which the event starts.")),
    _CURRENCY,
    Column("assessed_amount", Kind.AMOUNT, P_("column", "Assessed amount"),
           N_("What the rules give at submission; not a decision.")),
    Column("outcome", Kind.WORD, N_("Decision"),
           N_("What two people decided; empty before the decision."), "outcomes"),
    Column("decided_at", Kind.INSTANT, P_("column", "Decided"), N_("When it was decided, in the fund’s local time.")),
    Column("decided_by", Kind.TEXT, N_("First signature"), N_("Who signed first.")),
    Column("decided_with", Kind.TEXT, N_("Second signature"), N_("Who signed after that, which made the decision.")),
    Column("period", Kind.WORD, N_("Budget period"),
           N_("The part of the budget that the money was taken from."), "periods"),
    Column("granted_amount", Kind.AMOUNT, N_("Granted amount"),
           N_("What the decision gave; 0 for a refusal, empty before the decision.")),
    Column("cancelled_at", Kind.INSTANT, N_("Cancelled"),
           N_("When a grant was cancelled, which freed the money again.")),
    Column("standing_amount", Kind.AMOUNT, N_("Amount in force"),
           N_("The granted amount less what went back, or 0 when it was cancelled. This is what the page adds up.")),
))
BUDGET: Final = Sheet("budget", N_("Budget"), (
    Column("fund", Kind.TEXT, N_("Fund"), N_("The fund’s short name.")),
    _SCHEME,
    Column("period", Kind.WORD, N_("Budget period"), N_("The part of the budget that the row is about."), "periods"),
    Column("starts_on", Kind.DATE, N_("From"), N_("The first day on which decisions take money from it.")),
    Column("ends_on", Kind.DATE, N_("Until"), N_("The last day; empty when the money lasts until it is used up.")),
    _CURRENCY,
    _ALLOCATED_AMOUNT,
    Column("granted_amount", Kind.AMOUNT, N_("Granted"),
           N_("The sum of decisions in force, without cancelled grants.")),
    _WAITING_AMOUNT,
    Column("left_amount", Kind.AMOUNT, N_("Left"), N_("Allocated less granted; what is waiting is not taken off.")),
))
PAYMENTS: Final = Sheet("payments", N_("Payments"), (
    Column("batch", Kind.NUMBER, N_("Batch"), N_("The batch’s number in the fund.")),
    Column("position", Kind.NUMBER, N_("Row"), N_("The row’s place in the batch.")),
    Column("kind", Kind.WORD, N_("Kind"), N_("Pay, or take back what an earlier batch paid."), "payments"),
    _NUMBER,
    _PARTICIPANT_NUMBER,
    _PARTICIPANT,
    _UNIT,
    _TITLE,
    Column("customer_number", Kind.TEXT, N_("Customer number"), N_("The fund’s customer number.")),
    Column("orderer_id", Kind.TEXT, N_("Orderer id"), N_("The fund’s orderer id.")),
    Column("account", Kind.TEXT, N_("Cost centre or account"),
           N_("Where the money goes, according to the application.")),
    _INVOICE_NUMBER,
    _INVOICE_ON,
    _CURRENCY,
    Column("amount", Kind.AMOUNT, N_("Amount"), N_("What is to be paid; below zero when it is to be taken back.")),
))
CLAIMS: Final = Sheet("claims", N_("Invoices and payments"), (
    _NUMBER,
    _SCHEME,
    _PARTICIPANT_NUMBER,
    _PARTICIPANT,
    _UNIT,
    _TITLE,
    _STARTS_ON,
    Column("due_on", Kind.DATE, P_("column", "Due"), N_("Last day for the invoice; empty where no invoice is sent.")),
    Column("stage", Kind.WORD, N_("Stage"), N_("How far it has come."), "stages"),
    Column("late", Kind.WORD, N_("Late"), N_("Whether the invoice should have come."), "late"),
    _CURRENCY,
    Column("granted_amount", Kind.AMOUNT, N_("Granted amount"), N_("What the decision gave.")),
    Column("payable_amount", Kind.AMOUNT, N_("Payable"),
           N_("What the actual costs give; empty until they are stated.")),
    _INVOICE_NUMBER,
    _INVOICE_ON,
    Column("invoice_amount", Kind.AMOUNT, N_("Invoiced amount"), N_("What the invoice is for.")),
    Column("released_amount", Kind.AMOUNT, N_("Released amount"),
           N_("What has gone back to the budget period while the grant stood.")),
    Column("batch", Kind.NUMBER, N_("Batch"), N_("The batch that asked for payment.")),
    Column("paid_on", Kind.DATE, P_("column", "Paid"), N_("The day it was paid.")),
))


def _year(key: str, title: str, *columns: Column) -> Sheet:
    return Sheet(f"year-{key}", title, (_SCHEME, _CURRENCY, *columns))


YEAR: Final = {sheet.key.removeprefix("year-"): sheet for sheet in (
    _year("budget", N_("Budget periods"),
        _PERIOD,
        Column("starts_on", Kind.DATE, N_("From"), N_("The period’s first day in the year.")),
        Column("ends_on", Kind.DATE, N_("Until"), N_("The period’s last day in the year.")),
        _ALLOCATED_AMOUNT,
        Column("granted_amount", Kind.AMOUNT, N_("Granted"),
               N_("What the period has given through its last day, less what came back from cancelled grants and "
                  "from money not needed.")),
        _WAITING_AMOUNT,
        Column("projected_amount", Kind.AMOUNT, N_("Projected by the end"),
               N_("What it comes to by the last day if it goes on as it has: a straight line from the first day "
                  "through today. Empty when the period is over or has not begun.")),
    ),
    _year("days", N_("Budget day by day"),
        _PERIOD,
        Column("day", Kind.DATE, N_("Day"),
               N_("A day on which something was granted or came back, where the fund is; other days have no row.")),
        Column("reserved_amount", Kind.AMOUNT, N_("Granted that day"),
               N_("What the day’s decisions took from the period.")),
        Column("returned_amount", Kind.AMOUNT, N_("Back that day"),
               N_("What came back from cancelled grants and money not needed; zero or below.")),
        Column("sum_amount", Kind.AMOUNT, N_("Granted so far"),
               N_("Everything in the period through the day, earlier years too.")),
        _ALLOCATED_AMOUNT,
    ),
    _year("units", N_("Units"),
        Column("unit", Kind.TEXT, N_("Unit"), N_("The participant’s unit, as it is called now.")),
        *_USED,
    ),
    _year("zones", N_("Zones"),
        Column("zone", Kind.WORD, N_("Zone"),
               N_("Where the course is held; empty where the fund makes no difference."), "zones"),
        *_USED,
    ),
    _year("kinds", N_("Kinds of application"),
        _KIND,
        *_USED,
    ),
    _year("months", N_("Months"),
        Column("month", Kind.TEXT, N_("Month"), N_("The month of the decision, where the fund is.")),
        *_USED,
    ),
    _year("times", N_("Time to decision"),
        Column("days", Kind.NUMBER, N_("Days"),
               N_("Whole days from when the application first came in to the decision.")),
        _DECISIONS,
    ),
    _year("after", N_("After the decision"),
        Column("stage", Kind.WORD, N_("Invoice"),
               N_("How far the invoice or payment has come; empty where none is expected."), "stages"),
        Column("late", Kind.WORD, N_("Late"), N_("Whether the day by which the invoice was due is past."), "late"),
        Column("followup", Kind.WORD, N_("Follow-up"),
               N_("How far the follow-up has come; empty where none is owed."), "followups"),
        _GRANTS,
        _GRANTED_AMOUNT,
        Column("invoice_amount", Kind.AMOUNT, N_("Invoiced"), N_("The amounts of invoices and payments registered.")),
        _RELEASED_AMOUNT,
    ),
)}
# fmt: on

SHEETS: Final = {sheet.key: sheet for sheet in (APPLICATIONS, BUDGET)}
