"""The files that finance can download: what a column is, and which there are in each, with heading and meaning.

The keys of the columns are the names under which the store and the figures give their values. What applicants wrote
about themselves and their reasons is in no file: finance does not need it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from portal.domain.refusal import N_
from portal.language.catalogue import P_


class Cell(StrEnum):
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
    kind: Cell
    header: str
    """A msgid, as the meaning and the title of a sheet."""
    meaning: str
    """What stands in it, for whoever reads the file; shown on the page beside the download."""
    vocabulary: str = ""
    """For a WORD: which of the `words` its keys belong to."""


@dataclass(frozen=True, slots=True)
class CsvSheet:
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
_NUMBER: Final = Column("number", Cell.TEXT, N_("Number"), N_("The number of the application; it never changes."))
_SCHEME: Final = Column("scheme", Cell.TEXT, N_("Round"), N_("The round of the fund, such as rfr-2026."))
_KIND: Final = Column("kind", Cell.WORD, N_("Kind"), N_("What kind of application it is."), "kinds")
_STARTS_ON: Final = Column("starts_on", Cell.DATE, P_("column", "First day"), N_("The first day of the event."))
_CURRENCY: Final = Column("currency", Cell.TEXT, N_("Currency"), N_("The currency of the amounts in the row."))
_ALLOCATED_AMOUNT: Final = Column("allocated_amount", Cell.AMOUNT, N_("Allocated"),
                                  N_("What the period has to give, with what an earlier one left to it."))
_WAITING_AMOUNT: Final = Column("waiting_amount", Cell.AMOUNT, N_("Waiting"),
                                N_("Assessed amounts of applications that wait and can first be decided in the "
                                   "period."))
_PARTICIPANT_NUMBER: Final = Column("participant_number", Cell.TEXT, N_("Participant’s id"),
                                    N_("The participant’s personal id."))
_PARTICIPANT: Final = Column("participant", Cell.TEXT, N_("Participant"), N_("Who takes part."))
_UNIT: Final = Column("unit", Cell.TEXT, N_("Unit"), N_("The participant’s unit."))
_TITLE: Final = Column("title", Cell.TEXT, N_("Course or conference"), N_("The name of the event."))
_INVOICE_NUMBER: Final = Column("invoice_number", Cell.TEXT, N_("Invoice number"),
                                N_("The number of the invoice; the application’s own where no invoice is sent."))
_INVOICE_ON: Final = Column("invoice_on", Cell.DATE, N_("Invoice date"), N_("The date of the invoice."))
_PERIOD: Final = Column("period", Cell.WORD, N_("Budget period"),
                        N_("The period that the decisions draw from."), "periods")
_DECISIONS: Final = Column("decisions", Cell.NUMBER, N_("Decisions"), N_("How many decisions were made."))
_GRANTS: Final = Column("grants", Cell.NUMBER, N_("Grants in force"), N_("How many were granted and not cancelled."))
_GRANTED_AMOUNT: Final = Column("granted_amount", Cell.AMOUNT, N_("Granted"),
                                N_("The amounts of grants in force, before anything was given back; of cancelled ones "
                                   "what was paid."))
_RELEASED_AMOUNT: Final = Column("released_amount", Cell.AMOUNT, N_("Given back"),
                                 N_("What came back of grants in force, because the costs turned out lower."))
_USED: Final = (
    _DECISIONS,
    _GRANTS,
    Column("refusals", Cell.NUMBER, N_("Refusals"), N_("How many were refused.")),
    Column("cancelled", Cell.NUMBER, P_("column", "Cancelled"),
           N_("How many were granted and cancelled since; the amounts leave them out.")),
    _GRANTED_AMOUNT,
    _RELEASED_AMOUNT,
    Column("used_amount", Cell.AMOUNT, N_("In force"), N_("Granted less what was given back.")),
)
APPLICATIONS: Final = CsvSheet("applications", N_("Applications and decisions"), (
    _NUMBER,
    _SCHEME,
    _KIND,
    Column("status", Cell.WORD, P_("column", "Status"), N_("Where the application stands now."), "statuses"),
    Column("received_at", Cell.INSTANT, P_("column", "Received"),
           N_("When the application was first sent in, in the fund’s local time.")),
    Column("version", Cell.NUMBER, N_("Version"), N_("How many times it was sent in; 1 when it was never returned.")),
    Column("participant_number", Cell.TEXT, N_("Participant’s id"),
           N_("The participant’s personal id, which “one per person and year” counts by.")),
    Column("participant", Cell.TEXT, N_("Participant"), N_("Who takes part or has taken part.")),
    Column("unit", Cell.TEXT, N_("Unit"), N_("The participant’s unit; of what is decided, as it was then.")),
    Column("applicant", Cell.TEXT, N_("Applicant"), N_("Who wrote the application.")),
    Column("title", Cell.TEXT, N_("Course or conference"), N_("The name of the event according to the application.")),
    _STARTS_ON,
    Column("ends_on", Cell.DATE, P_("column", "Last day"), N_("The last day of the event.")),
    Column("zone", Cell.WORD, N_("Zone"),
           N_("The zone the ceiling is for; empty where the fund has no zones."), "zones"),
    Column("year", Cell.NUMBER, N_("Year"), N_("The year in which the event starts.")),
    _CURRENCY,
    Column("assessed_amount", Cell.AMOUNT, P_("column", "Assessed amount"),
           N_("What the rules give at submission; not a decision.")),
    Column("outcome", Cell.WORD, N_("Decision"),
           N_("What two people decided; empty before the decision."), "outcomes"),
    Column("decided_at", Cell.INSTANT, P_("column", "Decided"), N_("When it was decided, in the fund’s local time.")),
    Column("decided_by", Cell.TEXT, N_("First signature"), N_("Who signed first.")),
    Column("decided_with", Cell.TEXT, N_("Second signature"), N_("Who signed after that, which made the decision.")),
    Column("period", Cell.WORD, N_("Budget period"),
           N_("The part of the budget that the money was taken from."), "periods"),
    Column("granted_amount", Cell.AMOUNT, N_("Granted amount"),
           N_("What the decision gave; 0 for a refusal, empty before the decision.")),
    Column("cancelled_at", Cell.INSTANT, N_("Cancelled"),
           N_("When a grant was cancelled, which freed the money again.")),
    Column("standing_amount", Cell.AMOUNT, N_("Amount in force"),
           N_("The granted amount less what went back; of a cancelled grant what was paid. "
              "This is what the page adds up.")),
))
BUDGET: Final = CsvSheet("budget", N_("Budget"), (
    Column("fund", Cell.TEXT, N_("Fund"), N_("The fund’s short name.")),
    _SCHEME,
    Column("period", Cell.WORD, N_("Budget period"), N_("The part of the budget that the row is about."), "periods"),
    Column("starts_on", Cell.DATE, N_("From"), N_("The first day on which decisions take money from it.")),
    Column("ends_on", Cell.DATE, N_("Until"), N_("The last day; empty when the money lasts until it is used up.")),
    _CURRENCY,
    _ALLOCATED_AMOUNT,
    Column("granted_amount", Cell.AMOUNT, N_("In force"),
           N_("The sum of decisions in force, without cancelled grants.")),
    _WAITING_AMOUNT,
    Column("left_amount", Cell.AMOUNT, N_("Left"),
           N_("Allocated less what was used before the portal and what is in force; what is waiting is not "
              "taken off.")),
    Column("before_amount", Cell.AMOUNT, N_("Used before the portal"),
           N_("An opening figure that an operator states; 0 until then.")),
))
PAYMENTS: Final = CsvSheet("payments", N_("Payments"), (
    Column("batch", Cell.NUMBER, N_("Batch"), N_("The batch’s number in the fund.")),
    Column("position", Cell.NUMBER, N_("Row"), N_("The row’s place in the batch.")),
    Column("kind", Cell.WORD, N_("Kind"), N_("Pay, or take back what an earlier batch paid."), "payments"),
    _NUMBER,
    _PARTICIPANT_NUMBER,
    _PARTICIPANT,
    _UNIT,
    _TITLE,
    Column("customer_number", Cell.TEXT, N_("Customer number"), N_("Who is invoiced: the fund’s customer number.")),
    Column("orderer_id", Cell.TEXT, N_("Orderer id"), N_("The fund’s orderer id.")),
    Column("account", Cell.TEXT, N_("Who is paid"),
           N_("Administration and cost centre, an account, or a municipality and its reference.")),
    _INVOICE_NUMBER,
    _INVOICE_ON,
    _CURRENCY,
    Column("amount", Cell.AMOUNT, N_("Amount"), N_("What is to be paid; below zero when it is to be taken back.")),
))
CLAIMS: Final = CsvSheet("claims", N_("Invoices and payments"), (
    _NUMBER,
    _SCHEME,
    _PARTICIPANT_NUMBER,
    _PARTICIPANT,
    _UNIT,
    _TITLE,
    _STARTS_ON,
    Column("due_on", Cell.DATE, P_("column", "Due"), N_("Last day for the invoice; empty where no invoice is sent.")),
    Column("stage", Cell.WORD, N_("Stage"), N_("How far it has come."), "stages"),
    Column("late", Cell.WORD, N_("Late"), N_("Whether the invoice should have come."), "late"),
    _CURRENCY,
    Column("granted_amount", Cell.AMOUNT, N_("Granted amount"), N_("What the decision gave.")),
    Column("payable_amount", Cell.AMOUNT, N_("Payable"),
           N_("What the actual costs give; empty until they are stated.")),
    _INVOICE_NUMBER,
    _INVOICE_ON,
    Column("invoice_amount", Cell.AMOUNT, N_("Invoiced amount"), N_("What the invoice is for.")),
    Column("released_amount", Cell.AMOUNT, N_("Released amount"),
           N_("What has gone back to the budget period while the grant stood.")),
    Column("batch", Cell.NUMBER, N_("Batch"), N_("The batch that asked for payment.")),
    Column("paid_on", Cell.DATE, P_("column", "Paid"), N_("The day it was paid.")),
))


HEADS: Final = CsvSheet("head", N_("What a head stands for"), (
    _NUMBER,
    _SCHEME,
    Column("status", Cell.WORD, P_("column", "Status"), N_("Where the application stands now."), "statuses"),
    _PARTICIPANT,
    _UNIT,
    _TITLE,
    _STARTS_ON,
    Column("word", Cell.WORD, N_("The head’s word"), N_("Whether the head has confirmed it or said no, or not yet."),
           "attests"),
    _CURRENCY,
    Column("promised_amount", Cell.AMOUNT, N_("Counter-financing promised"),
           N_("What the unit has promised while the application waits or its grant stands; else 0.")),
    Column("granted_amount", Cell.AMOUNT, N_("Granted"), N_("What the fund has granted; empty without a grant.")),
    Column("paid_amount", Cell.AMOUNT, N_("Paid by the unit"),
           N_("The stated costs that count less what the fund pays of them; empty until costs are stated.")),
    Column("followup", Cell.WORD, N_("Follow-up"),
           N_("How far the follow-up has come; empty where none is owed."), "followups"),
    Column("followup_on", Cell.DATE, N_("Follow-up planned"), N_("The day on which the knowledge is to be passed on.")),
))


def _year(key: str, title: str, *columns: Column) -> CsvSheet:
    return CsvSheet(f"year-{key}", title, (_SCHEME, _CURRENCY, *columns))


YEAR: Final = {sheet.key.removeprefix("year-"): sheet for sheet in (
    _year("budget", N_("Budget periods"),
        _PERIOD,
        Column("starts_on", Cell.DATE, N_("From"), N_("The period’s first day in the year.")),
        Column("ends_on", Cell.DATE, N_("Until"), N_("The period’s last day in the year.")),
        _ALLOCATED_AMOUNT,
        Column("granted_amount", Cell.AMOUNT, N_("In force"),
               N_("What the period has given through its last day, less what came back from cancelled grants and "
                  "from money not needed.")),
        _WAITING_AMOUNT,
        Column("projected_amount", Cell.AMOUNT, N_("Projected by the end"),
               N_("What it comes to by the last day if it goes on as it has: a straight line from the first day "
                  "through today. Empty when the period is over or has not begun.")),
    ),
    _year("days", N_("Budget day by day"),
        _PERIOD,
        Column("day", Cell.DATE, N_("Day"),
               N_("A day on which something was granted or came back, where the fund is; other days have no row.")),
        Column("reserved_amount", Cell.AMOUNT, N_("Granted that day"),
               N_("What the day’s decisions took from the period.")),
        Column("returned_amount", Cell.AMOUNT, N_("Back that day"),
               N_("What came back from cancelled grants and money not needed; zero or below.")),
        Column("sum_amount", Cell.AMOUNT, N_("Granted so far"),
               N_("Everything in the period through the day, earlier years too.")),
        _ALLOCATED_AMOUNT,
    ),
    _year("units", N_("Units"),
        Column("unit", Cell.TEXT, N_("Unit"), N_("The participant’s unit; of what is decided, as it was then.")),
        *_USED,
    ),
    _year("zones", N_("Zones"),
        Column("zone", Cell.WORD, N_("Zone"),
               N_("Where the course is held; empty where the fund makes no difference."), "zones"),
        *_USED,
    ),
    _year("kinds", N_("Kinds of application"),
        _KIND,
        *_USED,
    ),
    _year("months", N_("Months"),
        Column("month", Cell.TEXT, N_("Month"), N_("The month of the decision, where the fund is.")),
        *_USED,
    ),
    _year("times", N_("Time to decision"),
        Column("days", Cell.NUMBER, N_("Days"),
               N_("Whole days from when the application first came in to the decision.")),
        _DECISIONS,
    ),
    _year("after", N_("After the decision"),
        Column("stage", Cell.WORD, N_("Invoice"),
               N_("How far the invoice or payment has come; empty where none is expected."), "stages"),
        Column("late", Cell.WORD, N_("Late"), N_("Whether the day by which the invoice was due is past."), "late"),
        Column("followup", Cell.WORD, N_("Follow-up"),
               N_("How far the follow-up has come; empty where none is owed."), "followups"),
        _GRANTS,
        _GRANTED_AMOUNT,
        Column("invoice_amount", Cell.AMOUNT, N_("Invoiced"), N_("The amounts of invoices and payments registered.")),
        _RELEASED_AMOUNT,
    ),
)}
# fmt: on

SHEETS: Final = {sheet.key: sheet for sheet in (APPLICATIONS, BUDGET)}
