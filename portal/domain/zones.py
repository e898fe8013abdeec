"""Countries (ISO 3166-1) and the zone each belongs to: home, europe, outside; digital has no country."""

from collections.abc import Mapping

COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()
)
"""ISO 3166-1 alpha-2, and XK for Kosovo."""

EUROPE = frozenset(
    """
    AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT
    NL NO PL PT RO RS RU SE SI SJ SK SM UA VA
    """.split()
)
"""The region Europe of the UN's M49 standard; what a fund adds stands in its scheme file."""

HOME, WITHIN_EUROPE, OUTSIDE, DIGITAL = "home", "europe", "outside", "digital"
ZONES = (HOME, WITHIN_EUROPE, OUTSIDE, DIGITAL)


def zone_of(mode: str | None, country: str | None, home: str, overrides: Mapping[str, str]) -> str | None:
    """The zone of an event; "digital" whatever the country ("oavsett från vilket land kursen ges"); None if unknown."""
    if mode == "digital":
        return DIGITAL
    if mode is None or country is None:
        return None
    if country == home:
        return HOME
    return overrides.get(country) or (WITHIN_EUROPE if country in EUROPE else OUTSIDE)
