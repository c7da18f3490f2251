"""The choice of one date of publication from those that a page gives, and what contradicts it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from newsbot.extract.dates import Moment, midnight, with_fixed_offset
from newsbot.extract.named_days import NamedDay, day_of_story, named_days
from newsbot.hints import Precision
from newsbot.models import Published

GUESSED: Final = "htmldate"
"""The source of a date that was guessed, as a last resort."""
_PRECISION_RANK: Final[dict[Precision, int]] = {"day": 0, "hour": 1, "minute": 2, "second": 3}
_MAX_DAYS_BACK: Final = timedelta(days=2)  # an older date in the text is not the day of the story
_YEAR_UNKNOWN: Final = timedelta(days=300)  # of slack: a day without its year is of any year


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A date that the page gives, and where."""

    source: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class ChosenDate:
    """The chosen date, how it was determined, and whether an implausible date was refused."""

    at: datetime | None
    how: Published | None
    refused: bool = False


def choose_date(
    candidates: Iterable[DateCandidate], text: str, now: datetime, zone: tzinfo, *, is_copy: bool
) -> ChosenDate:
    """Return the date of publication, with the dates that contradict it.

    A date in full takes precedence over a relative one ("4 hours ago"). On an aggregator
    (``is_copy``) that is when the copy was posted, which is only an upper bound for the original's
    date: a "(28/2)" in the text, not more than two days before it, is better. If the text names no
    day, the day of the posting is used; if nothing says when it was posted, the day that the text
    names behind a weekday that agrees. The precision is "day" then, and the other date is recorded
    if it is a different day. On a publisher's own site a relative time is that of the article and
    keeps its precision. A span of weeks or more ("2 weeks ago") tells no day: it confirms one that
    the text names.
    """
    known = list(candidates)
    absolute = [one for one in known if not one.moment.relative]
    if absolute:
        return _with_conflicts(_most_precise(absolute), known)
    if not known:
        return only_date(_told_day(text, now, zone) if is_copy else ())
    posted = min(known, key=lambda one: one.moment.slack)
    if not is_copy and not posted.moment.slack:
        return _with_conflicts(posted, known)
    day = _day_of_copy(posted, text, now, zone)
    return _with_conflicts(day, known) if day is not None else ChosenDate(None, None)


def only_date(found: Iterable[DateCandidate]) -> ChosenDate:
    """Return the first of these dates; none contradicts it."""
    first = next(iter(found), None)
    return _with_conflicts(first, ()) if first is not None else ChosenDate(None, None)


def _day_of_copy(
    posted: DateCandidate, text: str, now: datetime, zone: tzinfo
) -> DateCandidate | None:
    """Return the day that the text names and the time of posting allows, else that of posting."""
    moment = posted.moment
    latest = min(now, moment.at + moment.slack / 2)
    earliest = (moment.at - moment.slack).astimezone(zone).date() - _MAX_DAYS_BACK
    named = day_of_story([
        one
        for one in named_days(text, latest, zone)
        if one.day >= earliest and (one.has_year or moment.slack < _YEAR_UNKNOWN)
    ])  # fmt: skip
    if named is not None:
        return _of_text(named, zone)
    if moment.slack:
        return None
    day = midnight(moment.at.astimezone(zone).date(), zone)
    return DateCandidate(posted.source, Moment(day, "day", moment.raw, relative=True))


def _told_day(text: str, now: datetime, zone: tzinfo) -> Iterable[DateCandidate]:
    """Yield the day of the story where its text alone tells it."""
    named = day_of_story([one for one in named_days(text, now, zone) if one.is_told])
    if named is not None:
        yield _of_text(named, zone)


def _of_text(named: NamedDay, zone: tzinfo) -> DateCandidate:
    return DateCandidate("text", Moment(midnight(named.day, zone), "day", named.raw))


def _with_conflicts(chosen: DateCandidate, others: Iterable[DateCandidate]) -> ChosenDate:
    conflicts = [
        f"{other.source}: {other.moment.raw}"
        for other in others
        if other is not chosen and not _agree(other.moment, chosen.moment)
    ]
    if chosen.moment.doubt is not None:
        conflicts.append(f"zone: {chosen.moment.doubt}")
    how = Published(
        raw=chosen.moment.raw,
        source=chosen.source,
        precision=chosen.moment.precision,
        conflicts=tuple(dict.fromkeys(conflicts)),
    )
    return ChosenDate(with_fixed_offset(chosen.moment.at), how)


def _most_precise(candidates: list[DateCandidate]) -> DateCandidate:
    """Return the first candidate or, if it has no time, a more precise one for the same day.

    A printed minute is not replaced by a machine-readable second: people cite the printed time.
    """
    chosen = candidates[0]
    if _PRECISION_RANK[chosen.moment.precision] >= _PRECISION_RANK["minute"]:
        return chosen
    for other in candidates[1:]:
        finer = _PRECISION_RANK[other.moment.precision] > _PRECISION_RANK[chosen.moment.precision]
        if finer and _agree(other.moment, chosen.moment):
            chosen = other
    return chosen


def _agree(one: Moment, other: Moment) -> bool:
    """Return whether two dates are equal at the lower of their precisions."""
    if one.slack or other.slack:
        return _is_within_slack(*sorted((one, other), key=lambda moment: moment.slack))
    coarser, finer = sorted((one, other), key=lambda moment: _PRECISION_RANK[moment.precision])
    at = finer.at.astimezone(coarser.at.tzinfo)
    if coarser.precision == "day":
        return at.date() == coarser.at.date()
    length = {"hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    span = length.get(coarser.precision, timedelta(seconds=1))
    return timedelta(0) <= at - coarser.at < span


def _is_within_slack(moment: Moment, coarse: Moment) -> bool:
    """Return whether a span of weeks or more may mean that moment."""
    earliest = coarse.at - coarse.slack - _MAX_DAYS_BACK
    return earliest <= moment.at <= coarse.at + coarse.slack / 2
