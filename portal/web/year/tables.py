"""The tables of the year's page: what was used by month, unit, zone and kind, how long it took, what has followed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from portal.domain.claim import Stage
from portal.finance.overview import NOTHING, YearFigures
from portal.language.vocabularies import FOLLOWUPS, LATE, STAGES
from portal.schemes.vocabulary import vocabulary
from portal.store.overview import Used
from portal.web.language import _, count, money, number, word, words
from portal.web.pages.year import CountLine, Download, PartLine, PartTable
from portal.web.year.series import month_name, shown_weeks

UNITS_SHOWN = 12

Downloads = Callable[[str, str], tuple[Download, ...]]


def parts(found: YearFigures, downloads: Downloads) -> tuple[PartTable, ...]:
    """What was used by month, unit, zone and kind; a division into one part only is left out."""
    zones = {key: words(said)[:1].upper() + words(said)[1:] for key, said in vocabulary("zones").items()}
    kinds = {key: words(kind.title) for key, kind in found.scheme.kinds.items()}
    shown, rest = found.units[:UNITS_SHOWN], found.units[UNITS_SHOWN:]
    units = [(unit or _("Without a unit"), used) for unit, used in shown]
    if rest:
        others = count("%(num)s other unit", "%(num)s other units", len(rest))
        units.append((others, sum((used for _unit, used in rest), NOTHING)))
    months = [(month_name(date(found.year, month, 1)), used) for month, used in found.months]
    by_zone = [(zones.get(zone or "", zone or _("Without a zone")), used) for zone, used in found.zones]
    by_kind = [(kinds.get(kind, kind), used) for kind, used in found.kinds]
    more = _("All units are in the file.") if rest else ""
    tables = [
        ("months", _("By month of decision"), _("Month"), months, ""),
        ("units", _("By unit"), _("Unit"), units, more),
        ("zones", _("By zone"), _("Zone"), by_zone, ""),
        ("kinds", _("By kind of application"), _("Kind"), by_kind, ""),
    ]
    return tuple(
        PartTable(key, title, column, _lines(rows, found), _line(_("Total"), found.total, 0, found), note,
                  downloads(key, title))
        for key, title, column, rows, note in tables
        if key in ("months", "units") or len(rows) > 1 or (key == "kinds" and len(kinds) > 1)
    )  # fmt: skip


def _lines(rows: Sequence[tuple[str, Used]], found: YearFigures) -> tuple[PartLine, ...]:
    most = max((used.used_amount for _label, used in rows), default=0)
    return tuple(_line(label, used, most, found) for label, used in rows)


def _line(label: str, used: Used, most: int, found: YearFigures) -> PartLine:
    currency = found.scheme.currency
    return PartLine(
        label,
        round(100 * used.used_amount / most, 2) if most > 0 else 0,
        number(used.decisions),
        number(used.grants),
        money(used.granted_amount, currency),
        money(used.released_amount, currency),
        money(used.used_amount, currency),
    )


def waits(found: YearFigures) -> tuple[CountLine, ...]:
    """How many decisions took how many weeks, with how many had come by then."""
    lines, so_far, all_of_them = [], 0, sum(found.days_taken.values())
    for label, decisions in shown_weeks(found):
        so_far += decisions
        reached = f"{number(100 * so_far // all_of_them)} %"
        lines.append(CountLine(label, 0, (number(decisions), reached)))
    return tuple(lines)


def after(found: YearFigures) -> tuple[tuple[CountLine, ...], tuple[CountLine, ...]]:
    """How far the invoices and the follow-ups of grants in force have come."""
    currency = found.scheme.currency
    stages = {
        **{(stage.value, False): word(STAGES, stage.value) for stage in Stage},
        ("waiting", True): f"{word(STAGES, 'waiting')} ({word(LATE, 'late').lower()})",
        ("stated", True): f"{word(STAGES, 'stated')} ({word(LATE, 'late').lower()})",
    }
    claims = []
    for (stage, late), label in sorted(stages.items(), key=lambda each: (_ORDER[each[0][0]], each[0][1])):
        mine = [each for each in found.followed if (each.stage, each.late) == (stage, late)]
        grants = sum(each.grants for each in mine)
        amount = sum(each.granted_amount - each.released_amount for each in mine)
        claims.append((label, grants, (number(grants), money(amount, currency))))
    followups = []
    for key, said in FOLLOWUPS.items():
        grants = sum(each.grants for each in found.followed if each.followup == key)
        followups.append((_(said), grants, (number(grants),)))
    return _counted(claims), _counted(followups)


_ORDER = {stage.value: place for place, stage in enumerate(Stage)}


def _counted(rows: Iterable[tuple[str, int, tuple[str, ...]]]) -> tuple[CountLine, ...]:
    """The lines that hold something, with their bars."""
    kept = [row for row in rows if row[1]]
    most = max((grants for _label, grants, _cells in kept), default=1)
    return tuple(CountLine(label, round(100 * grants / most, 2), cells) for label, grants, cells in kept)
