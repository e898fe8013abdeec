"""The files of the year's figures: which columns each has, and what stands in them; the rows are `overview_rows`'s."""

from collections.abc import Mapping
from typing import Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind, Sheet
from portal.finance.headings import CURRENCY, KIND, SCHEME, in_each

_PERIOD = Column(
    "period",
    Kind.WORD,
    in_each("Budgetperiod", "Budsjettperiode", "Budget period"),
    in_each(
        "Perioden som besluten tar pengar ur.",
        "Perioden som vedtakene henter penger fra.",
        "The period that the decisions draw from.",
    ),
    "periods",
)


def _amount(key: str, header: Words, meaning: Words) -> Column:
    return Column(key, Kind.AMOUNT, header, meaning)


def _number(key: str, header: Words, meaning: Words) -> Column:
    return Column(key, Kind.NUMBER, header, meaning)


_ALLOCATED = _amount(
    "allocated_amount",
    in_each("Avsatt", "Avsatt", "Allocated"),
    in_each(
        "Vad perioden har att dela ut, med det som förts över från en tidigare.",
        "Hva perioden har å dele ut, med det som er overført fra en tidligere.",
        "What the period has to give, with what an earlier one left to it.",
    ),
)
_RELEASED = _amount(
    "released_amount",
    in_each("Återlämnat", "Frigitt", "Given back"),
    in_each(
        "Vad som lämnats tillbaka av gällande bidrag, för att kostnaden blev lägre.",
        "Hva som er gitt tilbake av gjeldende tilskudd, fordi kostnaden ble lavere.",
        "What came back of grants in force, because the costs turned out lower.",
    ),
)
_GRANTS = _number(
    "grants",
    in_each("Gällande bifall", "Gjeldende innvilgelser", "Grants in force"),
    in_each(
        "Hur många som beviljats och inte avbokats.",
        "Hvor mange som er innvilget og ikke avbestilt.",
        "How many were granted and not cancelled.",
    ),
)
_GRANTED = _amount(
    "granted_amount",
    in_each("Beviljat", "Innvilget", "Granted"),
    in_each(
        "Beloppen i gällande bifall, innan något lämnats tillbaka.",
        "Beløpene i gjeldende innvilgelser, før noe er gitt tilbake.",
        "The amounts of grants in force, before anything was given back.",
    ),
)
_DECISIONS = _number(
    "decisions",
    in_each("Beslut", "Vedtak", "Decisions"),
    in_each(
        "Hur många beslut som fattats.", "Hvor mange vedtak som er fattet.", "How many decisions were made."
    ),
)
_USED: Final = (
    _DECISIONS,
    _GRANTS,
    _number(
        "refusals",
        in_each("Avslag", "Avslag", "Refusals"),
        in_each("Hur många som fått avslag.", "Hvor mange som har fått avslag.", "How many were refused."),
    ),
    _number(
        "cancelled",
        in_each("Avbokade", "Avbestilte", "Cancelled"),
        in_each(
            "Hur många som beviljats och sedan avbokats; de räknas inte in i beloppen.",
            "Hvor mange som er innvilget og siden avbestilt; de teller ikke med i beløpene.",
            "How many were granted and cancelled since; the amounts leave them out.",
        ),
    ),
    _GRANTED,
    _RELEASED,
    _amount(
        "used_amount",
        in_each("Använt", "Brukt", "Used"),
        in_each(
            "Beviljat minus återlämnat.", "Innvilget minus frigitt.", "Granted less what was given back."
        ),
    ),
)


def _sheet(key: str, title: Words, *columns: Column) -> Sheet:
    return Sheet(f"year-{key}", title, (SCHEME, CURRENCY, *columns))


def _part(key: str, title: Words, column: Column) -> Sheet:
    return _sheet(key, title, column, *_USED)


SHEETS: Final[Mapping[str, Sheet]] = {
    "budget": _sheet(
        "budget",
        in_each("Budgetperioder", "Budsjettperioder", "Budget periods"),
        _PERIOD,
        Column(
            "starts_on",
            Kind.DATE,
            in_each("Från", "Fra", "From"),
            in_each(
                "Periodens första dag i året.",
                "Periodens første dag i året.",
                "The period’s first day in the year.",
            ),
        ),
        Column(
            "ends_on",
            Kind.DATE,
            in_each("Till", "Til", "Until"),
            in_each(
                "Periodens sista dag i året.",
                "Periodens siste dag i året.",
                "The period’s last day in the year.",
            ),
        ),
        _ALLOCATED,
        _amount(
            "granted_amount",
            in_each("Beviljat", "Innvilget", "Granted"),
            in_each(
                "Vad perioden gett till och med sista dagen, minus det som kommit tillbaka från avbokade bidrag och"
                " från pengar som inte behövdes.",
                "Hva perioden har gitt til og med siste dag, minus det som er kommet tilbake fra avbestilte tilskudd og"
                " fra penger som ikke trengtes.",
                "What the period has given through its last day, less what came back from cancelled grants and from"
                " money not needed.",
            ),
        ),
        _amount(
            "waiting_amount",
            in_each("Väntar", "Venter", "Waiting"),
            in_each(
                "Beräknade belopp för ansökningar som väntar och tidigast kan beslutas i perioden.",
                "Beregnede beløp for søknader som venter og tidligst kan avgjøres i perioden.",
                "Assessed amounts of applications that wait and can first be decided in the period.",
            ),
        ),
        _amount(
            "projected_amount",
            in_each("Beräknat vid slutet", "Beregnet ved slutten", "Projected by the end"),
            in_each(
                "Vad det blir den sista dagen om det går som hittills: en rät linje från första dagen genom i dag. Tomt"
                " när perioden är slut eller inte har börjat.",
                "Hva det blir siste dag hvis det går som hittil: en rett linje fra første dag gjennom i dag. Tomt når"
                " perioden er over eller ikke har begynt.",
                "What it comes to by the last day if it goes on as it has: a straight line from the first day through"
                " today. Empty when the period is over or has not begun.",
            ),
        ),
    ),
    "days": _sheet(
        "days",
        in_each("Budget dag för dag", "Budsjett dag for dag", "Budget day by day"),
        _PERIOD,
        Column(
            "day",
            Kind.DATE,
            in_each("Dag", "Dag", "Day"),
            in_each(
                "En dag då något beviljades eller kom tillbaka, där fonden finns; andra dagar har ingen rad.",
                "En dag da noe ble innvilget eller kom tilbake, der fondet er; andre dager har ingen rad.",
                "A day on which something was granted or came back, where the fund is; other days have no row.",
            ),
        ),
        _amount(
            "reserved_amount",
            in_each("Beviljat den dagen", "Innvilget den dagen", "Granted that day"),
            in_each(
                "Vad dagens beslut tog ur perioden.",
                "Hva dagens vedtak tok fra perioden.",
                "What the day’s decisions took from the period.",
            ),
        ),
        _amount(
            "returned_amount",
            in_each("Tillbaka den dagen", "Tilbake den dagen", "Back that day"),
            in_each(
                "Vad som kom tillbaka från avbokade bidrag och pengar som inte behövdes; noll eller mindre.",
                "Hva som kom tilbake fra avbestilte tilskudd og penger som ikke trengtes; null eller mindre.",
                "What came back from cancelled grants and money not needed; zero or below.",
            ),
        ),
        _amount(
            "sum_amount",
            in_each("Beviljat hittills", "Innvilget hittil", "Granted so far"),
            in_each(
                "Allt i perioden till och med dagen, även från tidigare år.",
                "Alt i perioden til og med dagen, også fra tidligere år.",
                "Everything in the period through the day, earlier years too.",
            ),
        ),
        _ALLOCATED,
    ),
    "units": _part(
        "units",
        in_each("Enheter", "Enheter", "Units"),
        Column(
            "unit",
            Kind.TEXT,
            in_each("Enhet", "Enhet", "Unit"),
            in_each(
                "Deltagarens enhet, som den heter nu.",
                "Deltakerens enhet, slik den heter nå.",
                "The participant’s unit, as it is called now.",
            ),
        ),
    ),
    "zones": _part(
        "zones",
        in_each("Zoner", "Soner", "Zones"),
        Column(
            "zone",
            Kind.WORD,
            in_each("Zon", "Sone", "Zone"),
            in_each(
                "Var kursen hålls; tom när fonden inte skiljer på det.",
                "Hvor kurset holdes; tom når fondet ikke skiller på det.",
                "Where the course is held; empty where the fund makes no difference.",
            ),
            "zones",
        ),
    ),
    "kinds": _part(
        "kinds",
        in_each("Slag av ansökan", "Slag søknad", "Kinds of application"),
        KIND,
    ),
    "months": _part(
        "months",
        in_each("Månader", "Måneder", "Months"),
        Column(
            "month",
            Kind.TEXT,
            in_each("Månad", "Måned", "Month"),
            in_each(
                "Månaden för beslutet, där fonden finns.",
                "Måneden for vedtaket, der fondet er.",
                "The month of the decision, where the fund is.",
            ),
        ),
    ),
    "times": _sheet(
        "times",
        in_each("Tid till beslut", "Tid til vedtak", "Time to decision"),
        _number(
            "days",
            in_each("Dagar", "Dager", "Days"),
            in_each(
                "Hela dygn från att ansökan kom in första gången till beslutet.",
                "Hele døgn fra søknaden kom inn første gang til vedtaket.",
                "Whole days from when the application first came in to the decision.",
            ),
        ),
        _DECISIONS,
    ),
    "after": _sheet(
        "after",
        in_each("Efter beslutet", "Etter vedtaket", "After the decision"),
        Column(
            "stage",
            Kind.WORD,
            in_each("Faktura", "Faktura", "Invoice"),
            in_each(
                "Hur långt fakturan eller utbetalningen har kommit; tomt när ingen väntas.",
                "Hvor langt fakturaen eller utbetalingen er kommet; tomt når ingen ventes.",
                "How far the invoice or payment has come; empty where none is expected.",
            ),
            "stages",
        ),
        Column(
            "late",
            Kind.WORD,
            in_each("Försenad", "Forsinket", "Late"),
            in_each(
                "Om dagen då fakturan skulle ha kommit har passerat.",
                "Om dagen da fakturaen skulle ha kommet, er passert.",
                "Whether the day by which the invoice was due is past.",
            ),
            "late",
        ),
        Column(
            "followup",
            Kind.WORD,
            in_each("Återkoppling", "Tilbakemelding", "Follow-up"),
            in_each(
                "Hur långt återkopplingen har kommit; tomt när ingen behövs.",
                "Hvor langt tilbakemeldingen er kommet; tomt når ingen trengs.",
                "How far the follow-up has come; empty where none is owed.",
            ),
            "followups",
        ),
        _GRANTS,
        _GRANTED,
        _amount(
            "invoice_amount",
            in_each("Fakturerat", "Fakturert", "Invoiced"),
            in_each(
                "Beloppen på registrerade fakturor och utbetalningar.",
                "Beløpene på registrerte fakturaer og utbetalinger.",
                "The amounts of invoices and payments registered.",
            ),
        ),
        _RELEASED,
    ),
}
