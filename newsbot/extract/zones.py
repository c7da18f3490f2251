"""Names of time zones and their offsets; some names mean several zones.

What an ambiguous name means is decided by the time zone of the site, else by RFC 822, which defines
those of North America. Where neither decides, the name has no offset.
"""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

_HOURS: Final[dict[str, float]] = {
    "WIB": 7, "WITA": 8, "WIT": 9,
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3,
    "PDT": -7, "MDT": -6, "AKST": -9, "AKDT": -8, "HST": -10, "NST": -3.5, "NDT": -2.5, "BRT": -3,
    "WAT": 1, "SAST": 2, "EAT": 3, "IDT": 3, "IRST": 3.5, "PKT": 5, "NPT": 5.75, "ICT": 7,
    "MYT": 8, "SGT": 8, "HKT": 8, "PHT": 8, "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5,
    "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
# Printed for both halves of the year.
_AROUND_THE_YEAR: Final = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}  # fmt: skip
_NORTH_AMERICA = r"(?:America/(?!Havana)|US/|Canada/)"
# Each meaning: hours, and the time zones of the sites that use it.
_AMBIGUOUS: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "EST": ((-5, _NORTH_AMERICA), (10, "Australia/")),
    "EDT": ((-4, _NORTH_AMERICA), (11, "Australia/")),
    "CST": (
        (-6, _NORTH_AMERICA), (8, "Asia/(?:Shanghai|Urumqi|Chongqing|Harbin|Taipei|Macau)|PRC|ROC"),
        (-5, "America/Havana|Cuba"), (9.5, "Australia/"),
    ),
    "CDT": ((-5, _NORTH_AMERICA), (-4, "America/Havana|Cuba")),
    "MST": ((-7, _NORTH_AMERICA), (8, "Asia/Ku"), (6.5, "Asia/(?:Yangon|Rangoon)")),
    "PST": ((-8, _NORTH_AMERICA), (8, "Asia/Manila"), (5, "Asia/Karachi")),
    "AST": (
        (-4, rf"{_NORTH_AMERICA}|Atlantic/Bermuda"),
        (3, "Asia/(?:Riyadh|Kuwait|Baghdad|Qatar|Bahrain|Aden)"),
    ),
    "ADT": ((-3, rf"{_NORTH_AMERICA}|Atlantic/Bermuda"), (4, "Asia/Baghdad")),
    "BST": (
        (1, "Europe/(?:London|Belfast|Jersey|Guernsey|Isle_of_Man)|GB"),
        (6, "Asia/(?:Dhaka|Dacca)"), (11, "Pacific/Bougainville"),
    ),
    "IST": (
        (5.5, "Asia/(?:Kolkata|Calcutta|Colombo)"), (2, "Asia/(?:Jerusalem|Tel_Aviv)|Israel"),
        (1, "Europe/Dublin|Eire"),
    ),
    "GST": ((4, "Asia/(?:Dubai|Muscat)"), (-2, "Atlantic/South_Georgia")),
    "SST": ((8, "Asia/Singapore|Singapore"), (-11, "Pacific/|US/Samoa")),
    "AMT": ((-4, "America/"), (4, "Asia/Yerevan")),
    "WST": ((8, "Australia/"), (13, "Pacific/Apia"), (1, "Africa/")),
}  # fmt: skip
_IN_RFC_822: Final = frozenset({"EST", "EDT", "CST", "CDT", "MST", "PST"})  # their first meaning
_IN_LOWER_CASE = r"wib|wita|wit|gmt|utc|z|cest|cet|bst|edt|est|cdt|cst|mdt|mst|pdt|pst"
_NAMES = "|".join(sorted((*_HOURS, *_AROUND_THE_YEAR, *_AMBIGUOUS), key=len, reverse=True))
NAME: Final = rf"(?-i:{_NAMES}|{_IN_LOWER_CASE})"
"""A pattern for the name of a zone; in lower case only the usual ones, which are no words."""


@dataclass(frozen=True, slots=True)
class ReadZone:
    """What a printed zone means; ``doubt`` says that its name has other meanings.

    ``zone`` is ``None`` if the name has several meanings and nothing decides between them.
    """

    zone: tzinfo | None
    doubt: str | None = None


def read_zone(name: str | None, offset: str | None, site_zone: tzinfo) -> ReadZone | None:
    """Return the zone that an offset ("+07:00", "GMT+700") or a name ("WITA") gives, if any."""
    if offset:
        zone = _of_offset(offset)
        return ReadZone(zone) if zone is not None else None
    known = (name or "").upper()
    if known in _AMBIGUOUS:
        return _of_ambiguous(known, site_zone)
    if known in _AROUND_THE_YEAR:
        return ReadZone(ZoneInfo(_AROUND_THE_YEAR[known]))
    return ReadZone(_at(_HOURS[known])) if known in _HOURS else None


def military_zone(letter: str) -> timezone | None:
    """Return the zone of a letter as RFC 822 has it: A to M are west of Greenwich, N to Y east.

    ``None`` for J, which is no zone.
    """
    west, east = "ABCDEFGHIKLM".find(letter) + 1, "NOPQRSTUVWXY".find(letter) + 1
    return _at(east - west) if east != west or letter == "Z" else None


def _of_offset(offset: str) -> timezone | None:
    sign = 1 if offset[0] == "+" else -1
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    if int(hours) <= 14 and int(minutes) < 60:
        return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
    return None


def _of_ambiguous(name: str, site_zone: tzinfo) -> ReadZone:
    key = getattr(site_zone, "key", "")
    meanings = _AMBIGUOUS[name]
    by_site = next((hours for hours, sites in meanings if re.match(sites, key)), None)
    hours = meanings[0][0] if by_site is None and name in _IN_RFC_822 else by_site
    others = " or ".join(_printed(one) for one, _ in meanings if one != hours)
    if hours is None:
        return ReadZone(None, f"{name} means {others}: the time is left out")
    return ReadZone(_at(hours), f"{name} read as {_printed(hours)}, means {others} too")


def _at(hours: float) -> timezone:
    return timezone(timedelta(hours=hours))


def _printed(hours: float) -> str:
    return str(_at(hours))
