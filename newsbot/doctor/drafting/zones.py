"""A site's time zone, from the offsets of its dates, its host's country and its language."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.doctor.drafting.finding import Finding
from newsbot.doctor.drafting.trial import Tried
from newsbot.hints import Hints

_OFFSET_STEP: Final = timedelta(minutes=15)
_BY_NAME: Final = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_NAMED = re.compile(r"\d[:.]\d\d\s?\(?(WIB|WITA|WIT)\b", re.IGNORECASE)
_NOTHING: Final = Finding("UTC", "guess", "no date on the site has another offset: correct it")
_IN_UTC = re.compile(r"(?:Z|[+-]00:?00|UTC|GMT)$", re.IGNORECASE)
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})(?:/|$)")
_LARGEST_OFFSET: Final = timedelta(hours=14)
# Time zones by the last label of the host, then by language; where a country has several, its
# largest city's. Offsets seen on the site choose among them.
_ZONES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"), "my": ("Asia/Kuala_Lumpur",),
    "sg": ("Asia/Singapore",), "bn": ("Asia/Brunei",), "tl": ("Asia/Dili",), "ph": ("Asia/Manila",),
    "th": ("Asia/Bangkok",), "vn": ("Asia/Ho_Chi_Minh",), "jp": ("Asia/Tokyo",),
    "kr": ("Asia/Seoul",), "cn": ("Asia/Shanghai",), "tw": ("Asia/Taipei",),
    "in": ("Asia/Kolkata",),
    "pk": ("Asia/Karachi",), "tr": ("Europe/Istanbul",), "sa": ("Asia/Riyadh",),
    "ae": ("Asia/Dubai",), "eg": ("Africa/Cairo",), "ng": ("Africa/Lagos",),
    "ke": ("Africa/Nairobi",), "za": ("Africa/Johannesburg",), "uk": ("Europe/London",),
    "ie": ("Europe/Dublin",), "de": ("Europe/Berlin",), "at": ("Europe/Vienna",),
    "ch": ("Europe/Zurich",), "nl": ("Europe/Amsterdam",), "be": ("Europe/Brussels",),
    "fr": ("Europe/Paris",), "es": ("Europe/Madrid",), "pt": ("Europe/Lisbon",),
    "it": ("Europe/Rome",), "pl": ("Europe/Warsaw",), "se": ("Europe/Stockholm",),
    "no": ("Europe/Oslo",), "dk": ("Europe/Copenhagen",), "fi": ("Europe/Helsinki",),
    "ru": ("Europe/Moscow",), "ua": ("Europe/Kyiv",), "au": ("Australia/Sydney", "Australia/Perth"),
    "nz": ("Pacific/Auckland",), "br": ("America/Sao_Paulo",), "mx": ("America/Mexico_City",),
    "ar": ("America/Argentina/Buenos_Aires",), "ca": ("America/Toronto", "America/Vancouver"),
    "us": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
}  # fmt: skip
_BY_LANGUAGE: Final = {
    "id": "id", "ms": "my", "th": "th", "vi": "vn", "ja": "jp", "ko": "kr", "tr": "tr", "de": "de",
    "nl": "nl", "fr": "fr", "it": "it", "pl": "pl", "sv": "se", "fi": "fi", "ru": "ru", "uk": "ua",
    "da": "dk",
}  # fmt: skip


def zone_of_site(
    host: str, tried: Sequence[Tried], hints: Mapping[str, Hints], language: str
) -> Finding[str]:
    """Return the time zone that the offsets on the site fit.

    Offsets other than that of UTC count, in the articles and in feeds; many feeds give UTC whatever
    the site's zone is. Else the times printed without a zone are compared with the feed's, then the
    days in the addresses of articles.

    Args:
        hints: by the article's URL.
    """
    dates = [one.article.published_at for one in tried if one.article and one.article.published_at]
    moments = dict(_moments(tried, hints))
    dates += moments.values()
    stated = [at for at in dates if at.utcoffset()]
    label = host.rpartition(".")[2]
    country = label if label in _ZONES else _BY_LANGUAGE.get(language, "")
    usual = _ZONES.get(country, ())
    where = f"the host ends in .{label}" if label == country else f"its language is {language!r}"
    if stated:
        fits = [zone for zone in usual if _has_offsets(zone, stated)]
        why = f"{where}, and its dates have the offset {_written(stated[0])}"
        return Finding(fits[0], "sure", why) if fits else _zone_of_offsets(stated)
    if (named := _named_zone(tried)) is not None:
        return named
    printed = _printed(tried)
    if not printed and (found := _zone_of_days(moments, usual, where)) is not None:
        return found
    if not printed:
        why = f"{where}; no date on the site says more"
        return Finding(usual[0], "likely", why) if usual else _NOTHING
    why = f"times printed on its pages are {_written(printed[0])} where the feed's are in UTC"
    fits = [zone for zone in usual if _has_offsets(zone, printed)]
    if fits:
        return Finding(fits[0], "sure", f"{where}, and {why}")
    return _fixed(printed[0].utcoffset() or timedelta(), why)


def _moments(tried: Sequence[Tried], hints: Mapping[str, Hints]) -> Iterator[tuple[str, datetime]]:
    """Yield the articles' URLs with the time of their publication, where it is known."""
    for one in tried:
        at, how = one.article and one.article.published_at, one.article and one.article.published
        if at and how and how.precision != "day":
            yield one.visited.url, at
    for url, one_hint in hints.items():
        if one_hint.published_at and one_hint.precision != "day":
            yield url, one_hint.published_at


def _zone_of_days(
    moments: Mapping[str, datetime], usual: Sequence[str], where: str
) -> Finding[str] | None:
    """Return the zone in which each article's day is that of its address; None if UTC is one."""
    days = [(at, day) for url, at in moments.items() if (day := _day_in(url)) is not None]
    if not days or all(at.astimezone(UTC).date() == day for at, day in days):
        return None
    least = max(datetime(day.year, day.month, day.day, tzinfo=UTC) - at for at, day in days)
    below = min(_next_midnight(day) - at for at, day in days)
    fits = [zone for zone in usual if all(_day_there(at, zone) == day for at, day in days)]
    why = f"the days in the addresses of {len(days)} articles fit their times"
    if fits:
        return Finding(fits[0], "sure", f"{where}, and {why} there")
    hour = timedelta(hours=1)
    hours = [h for h in range(-12, 15) if h and least <= h * hour < below]
    if not hours:
        return None
    middle = hours[len(hours) // 2]
    note = f"{why} with an offset of {hours[0]:+d} to {hours[-1]:+d} hours; write the place's zone"
    return Finding(f"Etc/GMT{-middle:+d}", "guess", note)


def _day_in(url: str) -> date | None:
    found = _DAY_IN_ADDRESS.search(url)
    try:
        return None if found is None else date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None  # 2025/02/30


def _day_there(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _next_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _has_offsets(zone: str, dates: Sequence[datetime]) -> bool:
    """Return whether the zone had the offset of each date at that time."""
    return all(at.astimezone(ZoneInfo(zone)).utcoffset() == at.utcoffset() for at in dates)


def _named_zone(tried: Sequence[Tried]) -> Finding[str] | None:
    """Return Indonesia's zone whose name stands behind the times on most articles."""
    found = Counter(
        name.upper() for one in tried for name in set(_NAMED.findall(one.visited.source))
    )
    name, count = found.most_common(1)[0] if found else ("", 0)
    if count * 2 <= len(tried):
        return None
    return Finding(_BY_NAME[name], "sure", f"times on {count} of {len(tried)} articles have {name}")


def _zone_of_offsets(stated: Sequence[datetime]) -> Finding[str]:
    """Return the zone whose offsets the dates have; of one offset only the zone without a name."""
    offsets = Counter(at.utcoffset() or timedelta() for at in stated)
    if len(offsets) > 1:
        for zone in (zone for zones in _ZONES.values() for zone in zones):
            if _has_offsets(zone, stated):
                return Finding(zone, "likely", "the offsets of its dates are those of this zone")
    return _fixed(offsets.most_common(1)[0][0], "its dates have this offset")


def _fixed(offset: timedelta, why: str) -> Finding[str]:
    hours = offset / timedelta(hours=1)
    if not hours.is_integer():
        named = {
            5.5: "Asia/Kolkata",
            3.5: "Asia/Tehran",
            9.5: "Australia/Darwin",
            5.75: "Asia/Kathmandu",
        }
        return Finding(named.get(hours, "UTC"), "likely" if hours in named else "guess", why)
    if not hours:
        return Finding("UTC", "likely", why)
    note = "write the place's zone if it has summer time"
    return Finding(f"Etc/GMT{-int(hours):+d}", "likely", f"{why}; {note}")


def _printed(tried: Sequence[Tried]) -> list[datetime]:
    """Return the feed's times with the one offset by which times printed on the pages differ.

    They were read as UTC. A time that says itself to be in UTC says nothing of the site's zone.
    """
    found = []
    for one in tried:
        at, known = one.article and one.article.published_at, one.hints.published_at
        how = one.article.published if one.article else None
        if at and known and how and "day" not in (how.precision, one.hints.precision):
            offset = round((at - known) / _OFFSET_STEP) * _OFFSET_STEP
            if (
                not at.utcoffset()
                and not _IN_UTC.search(how.raw)
                and abs(offset) <= _LARGEST_OFFSET
            ):
                found.append(known.astimezone(timezone(offset)))
    is_one = len({at.utcoffset() for at in found}) == 1 and len(found) > 1
    return found if is_one else []


def _written(at: datetime) -> str:
    return at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:]
