"""The sheets finance can download, column by column, with the heading and the meaning of each in three languages.

The keys of the columns are the names `store.reports` gives its values. What applicants wrote about themselves and their
reasons is in no sheet: finance does not need it.
"""

from typing import Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind, Sheet


def _in(sv: str, nb: str, en: str) -> Words:
    return {"sv": sv, "nb": nb, "en": en}


APPLICATIONS: Final = Sheet(
    "applications",
    _in("Ansökningar och beslut", "Søknader og vedtak", "Applications and decisions"),
    (
        Column(
            "number",
            Kind.TEXT,
            _in("Nummer", "Nummer", "Number"),
            _in(
                "Ansökans nummer; det ändras aldrig.",
                "Søknadens nummer; det endres aldri.",
                "The number of the application; it never changes.",
            ),
        ),
        Column(
            "scheme",
            Kind.TEXT,
            _in("Omgång", "Omgang", "Round"),
            _in(
                "Fondens omgång, till exempel rfr-2026.",
                "Fondens omgang, for eksempel rfr-2026.",
                "The round of the fund, such as rfr-2026.",
            ),
        ),
        Column(
            "kind",
            Kind.WORD,
            _in("Slag", "Slag", "Kind"),
            _in(
                "Vad det är för slags ansökan.", "Hva slags søknad det er.", "What kind of application it is."
            ),
            "kinds",
        ),
        Column(
            "status",
            Kind.WORD,
            _in("Läge", "Status", "Status"),
            _in("Var ansökan står nu.", "Hvor søknaden står nå.", "Where the application stands now."),
            "statuses",
        ),
        Column(
            "received_at",
            Kind.INSTANT,
            _in("Inkom", "Mottatt", "Received"),
            _in(
                "När ansökan först skickades in, i fondens lokala tid.",
                "Når søknaden først ble sendt inn, i fondens lokale tid.",
                "When the application was first sent in, in the fund’s local time.",
            ),
        ),
        Column(
            "version",
            Kind.NUMBER,
            _in("Version", "Versjon", "Version"),
            _in(
                "Hur många gånger den har skickats in; 1 om den aldrig återsänts.",
                "Hvor mange ganger den er sendt inn; 1 hvis den aldri er sendt tilbake.",
                "How many times it was sent in; 1 when it was never returned.",
            ),
        ),
        Column(
            "participant_number",
            Kind.TEXT,
            _in("Deltagarens id", "Deltakerens id", "Participant’s id"),
            _in(
                "Deltagarens personliga id, som ”en per person och år” räknas på.",
                "Deltakerens personlige id, som «én per person og år» telles på.",
                "The participant’s personal id, which “one per person and year” counts by.",
            ),
        ),
        Column(
            "participant",
            Kind.TEXT,
            _in("Deltagare", "Deltaker", "Participant"),
            _in(
                "Den som ska delta eller har deltagit.",
                "Den som skal delta eller har deltatt.",
                "Who takes part or has taken part.",
            ),
        ),
        Column(
            "unit",
            Kind.TEXT,
            _in("Enhet", "Enhet", "Unit"),
            _in(
                "Deltagarens enhet som den heter nu.",
                "Deltakerens enhet slik den heter nå.",
                "The participant’s unit as it is called now.",
            ),
        ),
        Column(
            "applicant",
            Kind.TEXT,
            _in("Sökande", "Søker", "Applicant"),
            _in("Den som skrev ansökan.", "Den som skrev søknaden.", "Who wrote the application."),
        ),
        Column(
            "title",
            Kind.TEXT,
            _in("Kurs eller konferens", "Kurs eller konferanse", "Course or conference"),
            _in(
                "Evenemangets namn enligt ansökan.",
                "Arrangementets navn ifølge søknaden.",
                "The name of the event according to the application.",
            ),
        ),
        Column(
            "starts_on",
            Kind.DATE,
            _in("Första dag", "Første dag", "First day"),
            _in("Evenemangets första dag.", "Arrangementets første dag.", "The first day of the event."),
        ),
        Column(
            "ends_on",
            Kind.DATE,
            _in("Sista dag", "Siste dag", "Last day"),
            _in("Evenemangets sista dag.", "Arrangementets siste dag.", "The last day of the event."),
        ),
        Column(
            "zone",
            Kind.WORD,
            _in("Zon", "Sone", "Zone"),
            _in(
                "Den zon som taket gäller för; tom där fonden inte har zoner.",
                "Sonen som taket gjelder for; tom der fonden ikke har soner.",
                "The zone the ceiling is for; empty where the fund has no zones.",
            ),
            "zones",
        ),
        Column(
            "year",
            Kind.NUMBER,
            _in("År", "År", "Year"),
            _in(
                "Året då evenemanget börjar.",
                "Året arrangementet begynner.",
                "The year in which the event starts.",
            ),
        ),
        Column(
            "currency",
            Kind.TEXT,
            _in("Valuta", "Valuta", "Currency"),
            _in(
                "Valutan för beloppen på raden.",
                "Valutaen for beløpene på raden.",
                "The currency of the amounts in the row.",
            ),
        ),
        Column(
            "assessed_amount",
            Kind.AMOUNT,
            _in("Beräknat belopp", "Beregnet beløp", "Assessed amount"),
            _in(
                "Vad reglerna ger vid inlämningen; inte ett beslut.",
                "Hva reglene gir ved innsending; ikke et vedtak.",
                "What the rules give at submission; not a decision.",
            ),
        ),
        Column(
            "outcome",
            Kind.WORD,
            _in("Beslut", "Vedtak", "Decision"),
            _in(
                "Vad två personer beslutat; tom före beslutet.",
                "Hva to personer har vedtatt; tom før vedtaket.",
                "What two people decided; empty before the decision.",
            ),
            "outcomes",
        ),
        Column(
            "decided_at",
            Kind.INSTANT,
            _in("Beslutad", "Vedtatt", "Decided"),
            _in(
                "När beslutet togs, i fondens lokala tid.",
                "Når vedtaket ble fattet, i fondens lokale tid.",
                "When it was decided, in the fund’s local time.",
            ),
        ),
        Column(
            "decided_by",
            Kind.TEXT,
            _in("Första underskrift", "Første underskrift", "First signature"),
            _in("Vem som skrev under först.", "Hvem som skrev under først.", "Who signed first."),
        ),
        Column(
            "decided_with",
            Kind.TEXT,
            _in("Andra underskrift", "Andre underskrift", "Second signature"),
            _in(
                "Vem som skrev under därefter och därmed fattade beslutet.",
                "Hvem som skrev under etterpå og dermed fattet vedtaket.",
                "Who signed after that, which made the decision.",
            ),
        ),
        Column(
            "period",
            Kind.WORD,
            _in("Budgetperiod", "Budsjettperiode", "Budget period"),
            _in(
                "Den del av budgeten som pengarna togs ur.",
                "Den delen av budsjettet pengene ble tatt fra.",
                "The part of the budget that the money was taken from.",
            ),
            "periods",
        ),
        Column(
            "granted_amount",
            Kind.AMOUNT,
            _in("Beviljat belopp", "Innvilget beløp", "Granted amount"),
            _in(
                "Vad beslutet gav; 0 vid avslag, tom före beslutet.",
                "Hva vedtaket ga; 0 ved avslag, tom før vedtaket.",
                "What the decision gave; 0 for a refusal, empty before the decision.",
            ),
        ),
        Column(
            "cancelled_at",
            Kind.INSTANT,
            _in("Avbokad", "Avbestilt", "Cancelled"),
            _in(
                "När ett beviljat bidrag avbokades, så att pengarna blev lediga igen.",
                "Når et innvilget tilskudd ble avbestilt, slik at pengene ble ledige igjen.",
                "When a grant was cancelled, which freed the money again.",
            ),
        ),
        Column(
            "standing_amount",
            Kind.AMOUNT,
            _in("Gällande belopp", "Gjeldende beløp", "Amount in force"),
            _in(
                "Beviljat minus det som lämnats tillbaka, eller 0 om det avbokats. Det är detta som summeras på sidan.",
                "Innvilget minus det som er frigitt, eller 0 om det er avbestilt. Dette er det siden summerer.",
                "The granted amount less what went back, or 0 when it was cancelled. This is what the page adds up.",
            ),
        ),
    ),
)

BUDGET: Final = Sheet(
    "budget",
    _in("Budget", "Budsjett", "Budget"),
    (
        Column(
            "fund",
            Kind.TEXT,
            _in("Fond", "Fond", "Fund"),
            _in("Fondens korta namn.", "Fondens korte navn.", "The fund’s short name."),
        ),
        Column(
            "scheme",
            Kind.TEXT,
            _in("Omgång", "Omgang", "Round"),
            _in(
                "Fondens omgång, till exempel rfr-2026.",
                "Fondens omgang, for eksempel rfr-2026.",
                "The round of the fund, such as rfr-2026.",
            ),
        ),
        Column(
            "period",
            Kind.WORD,
            _in("Budgetperiod", "Budsjettperiode", "Budget period"),
            _in(
                "Den del av budgeten som raden gäller.",
                "Den delen av budsjettet raden gjelder.",
                "The part of the budget that the row is about.",
            ),
            "periods",
        ),
        Column(
            "starts_on",
            Kind.DATE,
            _in("Från", "Fra", "From"),
            _in(
                "Första dagen då beslut tar pengar härifrån.",
                "Første dag da vedtak tar penger herfra.",
                "The first day on which decisions take money from it.",
            ),
        ),
        Column(
            "ends_on",
            Kind.DATE,
            _in("Till", "Til", "Until"),
            _in(
                "Sista dagen; tom när pengarna gäller tills de är slut.",
                "Siste dag; tom når pengene gjelder til de er brukt opp.",
                "The last day; empty when the money lasts until it is used up.",
            ),
        ),
        Column(
            "currency",
            Kind.TEXT,
            _in("Valuta", "Valuta", "Currency"),
            _in(
                "Valutan för beloppen på raden.",
                "Valutaen for beløpene på raden.",
                "The currency of the amounts in the row.",
            ),
        ),
        Column(
            "allocated_amount",
            Kind.AMOUNT,
            _in("Avsatt", "Avsatt", "Allocated"),
            _in(
                "Vad perioden har att dela ut, med det som förts över från en tidigare.",
                "Hva perioden har å dele ut, med det som er overført fra en tidligere.",
                "What the period has to give, with what an earlier one left to it.",
            ),
        ),
        Column(
            "granted_amount",
            Kind.AMOUNT,
            _in("Beviljat", "Innvilget", "Granted"),
            _in(
                "Summan av gällande beslut, avbokade bidrag borträknade.",
                "Summen av gjeldende vedtak, uten avbestilte tilskudd.",
                "The sum of decisions in force, without cancelled grants.",
            ),
        ),
        Column(
            "waiting_amount",
            Kind.AMOUNT,
            _in("Väntar", "Venter", "Waiting"),
            _in(
                "Beräknade belopp för ansökningar som väntar och tidigast kan beslutas i perioden.",
                "Beregnede beløp for søknader som venter og tidligst kan avgjøres i perioden.",
                "Assessed amounts of applications that wait and can first be decided in the period.",
            ),
        ),
        Column(
            "left_amount",
            Kind.AMOUNT,
            _in("Kvar", "Igjen", "Left"),
            _in(
                "Avsatt minus beviljat; det som väntar är inte avdraget.",
                "Avsatt minus innvilget; det som venter er ikke trukket fra.",
                "Allocated less granted; what is waiting is not taken off.",
            ),
        ),
    ),
)

SHEETS: Final = {sheet.key: sheet for sheet in (APPLICATIONS, BUDGET)}
