"""The files of the year's figures: which columns each has, and what stands in them; the rows are `overview_rows`'s."""

from collections.abc import Mapping
from typing import Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind, Sheet


def _in(sv: str, nb: str, en: str) -> Words:
    return {"sv": sv, "nb": nb, "en": en}


_SCHEME = Column(
    "scheme",
    Kind.TEXT,
    _in("Omgång", "Omgang", "Round"),
    _in(
        "Fondens omgång, till exempel rfr-2026.",
        "Fondens omgang, for eksempel rfr-2026.",
        "The round of the fund, such as rfr-2026.",
    ),
)
_CURRENCY = Column(
    "currency",
    Kind.TEXT,
    _in("Valuta", "Valuta", "Currency"),
    _in(
        "Valutan för beloppen på raden.",
        "Valutaen for beløpene på raden.",
        "The currency of the amounts in the row.",
    ),
)
_PERIOD = Column(
    "period",
    Kind.WORD,
    _in("Budgetperiod", "Budsjettperiode", "Budget period"),
    _in(
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
    _in("Avsatt", "Avsatt", "Allocated"),
    _in(
        "Vad perioden har att dela ut, med det som förts över från en tidigare.",
        "Hva perioden har å dele ut, med det som er overført fra en tidligere.",
        "What the period has to give, with what an earlier one left to it.",
    ),
)
_RELEASED = _amount(
    "released_amount",
    _in("Återlämnat", "Frigitt", "Given back"),
    _in(
        "Vad som lämnats tillbaka av gällande bidrag, för att kostnaden blev lägre.",
        "Hva som er gitt tilbake av gjeldende tilskudd, fordi kostnaden ble lavere.",
        "What came back of grants in force, because the costs turned out lower.",
    ),
)
_GRANTS = _number(
    "grants",
    _in("Gällande bifall", "Gjeldende innvilgelser", "Grants in force"),
    _in(
        "Hur många som beviljats och inte avbokats.",
        "Hvor mange som er innvilget og ikke avbestilt.",
        "How many were granted and not cancelled.",
    ),
)
_GRANTED = _amount(
    "granted_amount",
    _in("Beviljat", "Innvilget", "Granted"),
    _in(
        "Beloppen i gällande bifall, innan något lämnats tillbaka.",
        "Beløpene i gjeldende innvilgelser, før noe er gitt tilbake.",
        "The amounts of grants in force, before anything was given back.",
    ),
)
_DECISIONS = _number(
    "decisions",
    _in("Beslut", "Vedtak", "Decisions"),
    _in("Hur många beslut som fattats.", "Hvor mange vedtak som er fattet.", "How many decisions were made."),
)
_USED: Final = (
    _DECISIONS,
    _GRANTS,
    _number(
        "refusals",
        _in("Avslag", "Avslag", "Refusals"),
        _in("Hur många som fått avslag.", "Hvor mange som har fått avslag.", "How many were refused."),
    ),
    _number(
        "cancelled",
        _in("Avbokade", "Avbestilte", "Cancelled"),
        _in(
            "Hur många som beviljats och sedan avbokats; de räknas inte in i beloppen.",
            "Hvor mange som er innvilget og siden avbestilt; de teller ikke med i beløpene.",
            "How many were granted and cancelled since; the amounts leave them out.",
        ),
    ),
    _GRANTED,
    _RELEASED,
    _amount(
        "used_amount",
        _in("Använt", "Brukt", "Used"),
        _in("Beviljat minus återlämnat.", "Innvilget minus frigitt.", "Granted less what was given back."),
    ),
)


def _sheet(key: str, title: Words, *columns: Column) -> Sheet:
    return Sheet(f"year-{key}", title, (_SCHEME, _CURRENCY, *columns))


def _part(key: str, title: Words, column: Column) -> Sheet:
    return _sheet(key, title, column, *_USED)


SHEETS: Final[Mapping[str, Sheet]] = {
    "budget": _sheet(
        "budget",
        _in("Budgetperioder", "Budsjettperioder", "Budget periods"),
        _PERIOD,
        Column(
            "starts_on",
            Kind.DATE,
            _in("Från", "Fra", "From"),
            _in(
                "Periodens första dag i året.",
                "Periodens første dag i året.",
                "The period’s first day in the year.",
            ),
        ),
        Column(
            "ends_on",
            Kind.DATE,
            _in("Till", "Til", "Until"),
            _in(
                "Periodens sista dag i året.",
                "Periodens siste dag i året.",
                "The period’s last day in the year.",
            ),
        ),
        _ALLOCATED,
        _amount(
            "granted_amount",
            _in("Beviljat", "Innvilget", "Granted"),
            _in(
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
            _in("Väntar", "Venter", "Waiting"),
            _in(
                "Beräknade belopp för ansökningar som väntar och tidigast kan beslutas i perioden.",
                "Beregnede beløp for søknader som venter og tidligst kan avgjøres i perioden.",
                "Assessed amounts of applications that wait and can first be decided in the period.",
            ),
        ),
        _amount(
            "projected_amount",
            _in("Beräknat vid slutet", "Beregnet ved slutten", "Projected by the end"),
            _in(
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
        _in("Budget dag för dag", "Budsjett dag for dag", "Budget day by day"),
        _PERIOD,
        Column(
            "day",
            Kind.DATE,
            _in("Dag", "Dag", "Day"),
            _in(
                "En dag då något beviljades eller kom tillbaka, där fonden finns; andra dagar har ingen rad.",
                "En dag da noe ble innvilget eller kom tilbake, der fondet er; andre dager har ingen rad.",
                "A day on which something was granted or came back, where the fund is; other days have no row.",
            ),
        ),
        _amount(
            "reserved_amount",
            _in("Beviljat den dagen", "Innvilget den dagen", "Granted that day"),
            _in(
                "Vad dagens beslut tog ur perioden.",
                "Hva dagens vedtak tok fra perioden.",
                "What the day’s decisions took from the period.",
            ),
        ),
        _amount(
            "returned_amount",
            _in("Tillbaka den dagen", "Tilbake den dagen", "Back that day"),
            _in(
                "Vad som kom tillbaka från avbokade bidrag och pengar som inte behövdes; noll eller mindre.",
                "Hva som kom tilbake fra avbestilte tilskudd og penger som ikke trengtes; null eller mindre.",
                "What came back from cancelled grants and money not needed; zero or below.",
            ),
        ),
        _amount(
            "sum_amount",
            _in("Beviljat hittills", "Innvilget hittil", "Granted so far"),
            _in(
                "Allt i perioden till och med dagen, även från tidigare år.",
                "Alt i perioden til og med dagen, også fra tidligere år.",
                "Everything in the period through the day, earlier years too.",
            ),
        ),
        _ALLOCATED,
    ),
    "units": _part(
        "units",
        _in("Enheter", "Enheter", "Units"),
        Column(
            "unit",
            Kind.TEXT,
            _in("Enhet", "Enhet", "Unit"),
            _in(
                "Deltagarens enhet, som den heter nu.",
                "Deltakerens enhet, slik den heter nå.",
                "The participant’s unit, as it is called now.",
            ),
        ),
    ),
    "zones": _part(
        "zones",
        _in("Zoner", "Soner", "Zones"),
        Column(
            "zone",
            Kind.WORD,
            _in("Zon", "Sone", "Zone"),
            _in(
                "Var kursen hålls; tom när fonden inte skiljer på det.",
                "Hvor kurset holdes; tom når fondet ikke skiller på det.",
                "Where the course is held; empty where the fund makes no difference.",
            ),
            "zones",
        ),
    ),
    "kinds": _part(
        "kinds",
        _in("Slag av ansökan", "Slag søknad", "Kinds of application"),
        Column(
            "kind",
            Kind.WORD,
            _in("Slag", "Slag", "Kind"),
            _in(
                "Vad det är för slags ansökan.", "Hva slags søknad det er.", "What kind of application it is."
            ),
            "kinds",
        ),
    ),
    "months": _part(
        "months",
        _in("Månader", "Måneder", "Months"),
        Column(
            "month",
            Kind.TEXT,
            _in("Månad", "Måned", "Month"),
            _in(
                "Månaden för beslutet, där fonden finns.",
                "Måneden for vedtaket, der fondet er.",
                "The month of the decision, where the fund is.",
            ),
        ),
    ),
    "times": _sheet(
        "times",
        _in("Tid till beslut", "Tid til vedtak", "Time to decision"),
        _number(
            "days",
            _in("Dagar", "Dager", "Days"),
            _in(
                "Hela dygn från att ansökan kom in första gången till beslutet.",
                "Hele døgn fra søknaden kom inn første gang til vedtaket.",
                "Whole days from when the application first came in to the decision.",
            ),
        ),
        _DECISIONS,
    ),
    "after": _sheet(
        "after",
        _in("Efter beslutet", "Etter vedtaket", "After the decision"),
        Column(
            "stage",
            Kind.WORD,
            _in("Faktura", "Faktura", "Invoice"),
            _in(
                "Hur långt fakturan eller utbetalningen har kommit; tomt när ingen väntas.",
                "Hvor langt fakturaen eller utbetalingen er kommet; tomt når ingen ventes.",
                "How far the invoice or payment has come; empty where none is expected.",
            ),
            "stages",
        ),
        Column(
            "late",
            Kind.WORD,
            _in("Försenad", "Forsinket", "Late"),
            _in(
                "Om dagen då fakturan skulle ha kommit har passerat.",
                "Om dagen da fakturaen skulle ha kommet, er passert.",
                "Whether the day by which the invoice was due is past.",
            ),
            "late",
        ),
        Column(
            "followup",
            Kind.WORD,
            _in("Återkoppling", "Tilbakemelding", "Follow-up"),
            _in(
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
            _in("Fakturerat", "Fakturert", "Invoiced"),
            _in(
                "Beloppen på registrerade fakturor och utbetalningar.",
                "Beløpene på registrerte fakturaer og utbetalinger.",
                "The amounts of invoices and payments registered.",
            ),
        ),
        _RELEASED,
    ),
}
