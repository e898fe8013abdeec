"""The sheets finance can download, column by column, with the heading and the meaning of each in three languages.

The keys of the columns are the names `store.reports` gives its values. What applicants wrote about themselves and their
reasons is in no sheet: finance does not need it.
"""

from typing import Final

from portal.finance.columns import Column, Kind, Sheet
from portal.finance.headings import CURRENCY, KIND, NUMBER, SCHEME, STARTS_ON, in_each

APPLICATIONS: Final = Sheet(
    "applications",
    in_each("Ansökningar och beslut", "Søknader og vedtak", "Applications and decisions"),
    (
        NUMBER,
        SCHEME,
        KIND,
        Column(
            "status",
            Kind.WORD,
            in_each("Läge", "Status", "Status"),
            in_each("Var ansökan står nu.", "Hvor søknaden står nå.", "Where the application stands now."),
            "statuses",
        ),
        Column(
            "received_at",
            Kind.INSTANT,
            in_each("Inkom", "Mottatt", "Received"),
            in_each(
                "När ansökan först skickades in, i fondens lokala tid.",
                "Når søknaden først ble sendt inn, i fondens lokale tid.",
                "When the application was first sent in, in the fund’s local time.",
            ),
        ),
        Column(
            "version",
            Kind.NUMBER,
            in_each("Version", "Versjon", "Version"),
            in_each(
                "Hur många gånger den har skickats in; 1 om den aldrig återsänts.",
                "Hvor mange ganger den er sendt inn; 1 hvis den aldri er sendt tilbake.",
                "How many times it was sent in; 1 when it was never returned.",
            ),
        ),
        Column(
            "participant_number",
            Kind.TEXT,
            in_each("Deltagarens id", "Deltakerens id", "Participant’s id"),
            in_each(
                "Deltagarens personliga id, som ”en per person och år” räknas på.",
                "Deltakerens personlige id, som «én per person og år» telles på.",
                "The participant’s personal id, which “one per person and year” counts by.",
            ),
        ),
        Column(
            "participant",
            Kind.TEXT,
            in_each("Deltagare", "Deltaker", "Participant"),
            in_each(
                "Den som ska delta eller har deltagit.",
                "Den som skal delta eller har deltatt.",
                "Who takes part or has taken part.",
            ),
        ),
        Column(
            "unit",
            Kind.TEXT,
            in_each("Enhet", "Enhet", "Unit"),
            in_each(
                "Deltagarens enhet som den heter nu.",
                "Deltakerens enhet slik den heter nå.",
                "The participant’s unit as it is called now.",
            ),
        ),
        Column(
            "applicant",
            Kind.TEXT,
            in_each("Sökande", "Søker", "Applicant"),
            in_each("Den som skrev ansökan.", "Den som skrev søknaden.", "Who wrote the application."),
        ),
        Column(
            "title",
            Kind.TEXT,
            in_each("Kurs eller konferens", "Kurs eller konferanse", "Course or conference"),
            in_each(
                "Evenemangets namn enligt ansökan.",
                "Arrangementets navn ifølge søknaden.",
                "The name of the event according to the application.",
            ),
        ),
        STARTS_ON,
        Column(
            "ends_on",
            Kind.DATE,
            in_each("Sista dag", "Siste dag", "Last day"),
            in_each("Evenemangets sista dag.", "Arrangementets siste dag.", "The last day of the event."),
        ),
        Column(
            "zone",
            Kind.WORD,
            in_each("Zon", "Sone", "Zone"),
            in_each(
                "Den zon som taket gäller för; tom där fonden inte har zoner.",
                "Sonen som taket gjelder for; tom der fonden ikke har soner.",
                "The zone the ceiling is for; empty where the fund has no zones.",
            ),
            "zones",
        ),
        Column(
            "year",
            Kind.NUMBER,
            in_each("År", "År", "Year"),
            in_each(
                "Året då evenemanget börjar.",
                "Året arrangementet begynner.",
                "The year in which the event starts.",
            ),
        ),
        CURRENCY,
        Column(
            "assessed_amount",
            Kind.AMOUNT,
            in_each("Beräknat belopp", "Beregnet beløp", "Assessed amount"),
            in_each(
                "Vad reglerna ger vid inlämningen; inte ett beslut.",
                "Hva reglene gir ved innsending; ikke et vedtak.",
                "What the rules give at submission; not a decision.",
            ),
        ),
        Column(
            "outcome",
            Kind.WORD,
            in_each("Beslut", "Vedtak", "Decision"),
            in_each(
                "Vad två personer beslutat; tom före beslutet.",
                "Hva to personer har vedtatt; tom før vedtaket.",
                "What two people decided; empty before the decision.",
            ),
            "outcomes",
        ),
        Column(
            "decided_at",
            Kind.INSTANT,
            in_each("Beslutad", "Vedtatt", "Decided"),
            in_each(
                "När beslutet togs, i fondens lokala tid.",
                "Når vedtaket ble fattet, i fondens lokale tid.",
                "When it was decided, in the fund’s local time.",
            ),
        ),
        Column(
            "decided_by",
            Kind.TEXT,
            in_each("Första underskrift", "Første underskrift", "First signature"),
            in_each("Vem som skrev under först.", "Hvem som skrev under først.", "Who signed first."),
        ),
        Column(
            "decided_with",
            Kind.TEXT,
            in_each("Andra underskrift", "Andre underskrift", "Second signature"),
            in_each(
                "Vem som skrev under därefter och därmed fattade beslutet.",
                "Hvem som skrev under etterpå og dermed fattet vedtaket.",
                "Who signed after that, which made the decision.",
            ),
        ),
        Column(
            "period",
            Kind.WORD,
            in_each("Budgetperiod", "Budsjettperiode", "Budget period"),
            in_each(
                "Den del av budgeten som pengarna togs ur.",
                "Den delen av budsjettet pengene ble tatt fra.",
                "The part of the budget that the money was taken from.",
            ),
            "periods",
        ),
        Column(
            "granted_amount",
            Kind.AMOUNT,
            in_each("Beviljat belopp", "Innvilget beløp", "Granted amount"),
            in_each(
                "Vad beslutet gav; 0 vid avslag, tom före beslutet.",
                "Hva vedtaket ga; 0 ved avslag, tom før vedtaket.",
                "What the decision gave; 0 for a refusal, empty before the decision.",
            ),
        ),
        Column(
            "cancelled_at",
            Kind.INSTANT,
            in_each("Avbokad", "Avbestilt", "Cancelled"),
            in_each(
                "När ett beviljat bidrag avbokades, så att pengarna blev lediga igen.",
                "Når et innvilget tilskudd ble avbestilt, slik at pengene ble ledige igjen.",
                "When a grant was cancelled, which freed the money again.",
            ),
        ),
        Column(
            "standing_amount",
            Kind.AMOUNT,
            in_each("Gällande belopp", "Gjeldende beløp", "Amount in force"),
            in_each(
                "Beviljat minus det som lämnats tillbaka, eller 0 om det avbokats. Det är detta som summeras på sidan.",
                "Innvilget minus det som er frigitt, eller 0 om det er avbestilt. Dette er det siden summerer.",
                "The granted amount less what went back, or 0 when it was cancelled. This is what the page adds up.",
            ),
        ),
    ),
)

BUDGET: Final = Sheet(
    "budget",
    in_each("Budget", "Budsjett", "Budget"),
    (
        Column(
            "fund",
            Kind.TEXT,
            in_each("Fond", "Fond", "Fund"),
            in_each("Fondens korta namn.", "Fondens korte navn.", "The fund’s short name."),
        ),
        SCHEME,
        Column(
            "period",
            Kind.WORD,
            in_each("Budgetperiod", "Budsjettperiode", "Budget period"),
            in_each(
                "Den del av budgeten som raden gäller.",
                "Den delen av budsjettet raden gjelder.",
                "The part of the budget that the row is about.",
            ),
            "periods",
        ),
        Column(
            "starts_on",
            Kind.DATE,
            in_each("Från", "Fra", "From"),
            in_each(
                "Första dagen då beslut tar pengar härifrån.",
                "Første dag da vedtak tar penger herfra.",
                "The first day on which decisions take money from it.",
            ),
        ),
        Column(
            "ends_on",
            Kind.DATE,
            in_each("Till", "Til", "Until"),
            in_each(
                "Sista dagen; tom när pengarna gäller tills de är slut.",
                "Siste dag; tom når pengene gjelder til de er brukt opp.",
                "The last day; empty when the money lasts until it is used up.",
            ),
        ),
        CURRENCY,
        Column(
            "allocated_amount",
            Kind.AMOUNT,
            in_each("Avsatt", "Avsatt", "Allocated"),
            in_each(
                "Vad perioden har att dela ut, med det som förts över från en tidigare.",
                "Hva perioden har å dele ut, med det som er overført fra en tidligere.",
                "What the period has to give, with what an earlier one left to it.",
            ),
        ),
        Column(
            "granted_amount",
            Kind.AMOUNT,
            in_each("Beviljat", "Innvilget", "Granted"),
            in_each(
                "Summan av gällande beslut, avbokade bidrag borträknade.",
                "Summen av gjeldende vedtak, uten avbestilte tilskudd.",
                "The sum of decisions in force, without cancelled grants.",
            ),
        ),
        Column(
            "waiting_amount",
            Kind.AMOUNT,
            in_each("Väntar", "Venter", "Waiting"),
            in_each(
                "Beräknade belopp för ansökningar som väntar och tidigast kan beslutas i perioden.",
                "Beregnede beløp for søknader som venter og tidligst kan avgjøres i perioden.",
                "Assessed amounts of applications that wait and can first be decided in the period.",
            ),
        ),
        Column(
            "left_amount",
            Kind.AMOUNT,
            in_each("Kvar", "Igjen", "Left"),
            in_each(
                "Avsatt minus beviljat; det som väntar är inte avdraget.",
                "Avsatt minus innvilget; det som venter er ikke trukket fra.",
                "Allocated less granted; what is waiting is not taken off.",
            ),
        ),
    ),
)

SHEETS: Final = {sheet.key: sheet for sheet in (APPLICATIONS, BUDGET)}
