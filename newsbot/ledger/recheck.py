"""When a URL is fetched again: the seed's decaying schedule, and back-off after failures.

The failure classes are those of Media Cloud's rss-fetcher, plus ``gone``: a page that is gone is an
event, and is rechecked by the schedule in case it comes back.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from newsbot.ledger.frontier import Seen
from newsbot.warc.records import timestamp

UNDECODABLE: Final = "undecodable"  # why: the body is not what its Content-Encoding says
TOO_LARGE: Final = "too-large"  # why: the decoded body is larger than DOWNLOAD_MAXSIZE
TORN: Final = "torn"  # outcome and why: the body ends in the middle
FailureClass = Literal["gone", "hard", "soft", "temporary"]

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_BACK_OFF: Mapping[FailureClass, tuple[timedelta, ...]] = {
    # The site is faulty or overloaded: the next run retries, later ones less and less often.
    "temporary": (timedelta(0), 15 * _MINUTE, _HOUR, 6 * _HOUR, _DAY),
    # A page without readable content: a wall that is gone by the next run, or one that stays until
    # the page or the extractor is corrected.
    "soft": (timedelta(0), _HOUR, 6 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY),
    # Refused: frequent requests would be impolite.
    "hard": (_DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY),
}
_TEMPORARY = ("http-408", "http-425", "http-429")
_SOFT = ("no-article", "soft-404", "wall", "list-at-article", "needs-browser", "empty")
_HARD = ("DownloadCancelledError", TOO_LARGE, "UnsupportedURLSchemeError")


def failure_class(why: str) -> FailureClass:
    """Return the class of a failure: of ``http-503``, ``no-article`` or an error's name."""
    if why in ("http-404", "http-410"):
        return "gone"
    if why in _SOFT:
        return "soft"
    if why in _HARD or (re.fullmatch(r"http-4\d\d", why) and why not in _TEMPORARY):
        return "hard"
    return "temporary"


def next_recheck(
    schedule: Sequence[timedelta], first_seen: datetime, now: datetime
) -> datetime | None:
    """Return the next time of the schedule after ``now``; None when there is none left."""
    return next((first_seen + after for after in schedule if first_seen + after > now), None)


def next_retry(failure: FailureClass, failures: int, now: datetime) -> datetime | None:
    """Return when to retry after so many consecutive failures; None to give up.

    Temporary failures are always retried, because the page is not the cause.
    """
    steps = _BACK_OFF[failure]
    if failures <= len(steps):
        return now + steps[failures - 1]
    return now + steps[-1] if failure == "temporary" else None


def fetched(seen: Seen, schedule: Sequence[timedelta], now: datetime) -> dict[str, Any]:
    """Return the crawl-log fields of a page that was fetched."""
    return _fields(seen, next_recheck(schedule, seen.first_seen, now))


def failed(seen: Seen, why: str, schedule: Sequence[timedelta], now: datetime) -> dict[str, Any]:
    """Return the crawl-log fields of a page that was not fetched, with the failure class."""
    failure = failure_class(why)
    if failure == "gone":
        check = next_recheck(schedule, seen.first_seen, now)
    else:
        check = next_retry(failure, seen.failures + 1, now)
    return {**_fields(seen, check), "failure": failure}


def _fields(seen: Seen, check: datetime | None) -> dict[str, Any]:
    return {"key": seen.url, **({"next_check": timestamp(check)} if check else {})}
