"""What a crawl-log line says of an article URL's fate, and when it is asked for again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from newsbot.ledger.frontier import Seen
from newsbot.ledger.recheck import failure_class, next_recheck, next_retry
from newsbot.warc.records import timestamp


def fetched(seen: Seen, schedule: Sequence[timedelta], now: datetime) -> dict[str, Any]:
    """The fields of a page that was fetched."""
    return _fields(seen, next_recheck(schedule, seen.first_seen, now))


def failed(seen: Seen, why: str, schedule: Sequence[timedelta], now: datetime) -> dict[str, Any]:
    """The fields of a page that was not, with the class of the failure."""
    failure = failure_class(why)
    if failure == "gone":
        check = next_recheck(schedule, seen.first_seen, now)
    else:
        check = next_retry(failure, seen.failures + 1, now)
    return {**_fields(seen, check), "failure": failure}


def _fields(seen: Seen, check: datetime | None) -> dict[str, Any]:
    return {"key": seen.url, **({"next_check": timestamp(check)} if check else {})}
