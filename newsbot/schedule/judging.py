"""When alarms are judged: once a minute, and for crawls that could not do it themselves."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from newsbot.alarms import Kind, Verdict, check_installation, check_site, right, wrong
from newsbot.alarms.inputs import last_finished
from newsbot.alarms.runs import MISSED_PERIODS
from newsbot.config import Config
from newsbot.errors import NewsbotError
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import PastRun
from newsbot.sites.cron import cron_of
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60.0
_SLACK: Final = timedelta(minutes=10)  # a run that is under way has not finished yet


class Judging:
    """Has alarms judged, one time after the other, off the event loop: it may use the network."""

    def __init__(self, config: Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._task: asyncio.Task[None] | None = None
        self._last = float("-inf")  # steady seconds
        self._fresh: set[str] = set()  # sites with a run that has ended and is not judged

    def look(self, sites: Mapping[str, Site], ended: Iterable[PastRun], steady: float) -> None:
        """Start judging if it is time, or if one of the runs that have ended did not go well."""
        self._fresh |= {past.site for past in ended if not past.went_well}
        is_time = steady - self._last >= EVERY_SECONDS or self._fresh
        if is_time and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._judge(dict(sites), self._fresh))
            self._last, self._fresh = steady, set()

    async def finish(self) -> None:
        """Wait for what was begun."""
        if self._task is not None:
            await self._task

    async def _judge(self, sites: dict[str, Site], fresh: set[str]) -> None:
        try:
            await asyncio.to_thread(self._check, sites, fresh)
        except NewsbotError as error:
            logger.warning("alarms could not be judged: %s", error)

    def _check(self, sites: dict[str, Site], fresh: set[str]) -> None:
        for name in sorted(fresh & sites.keys()):
            check_site(self._config, self._ledger, sites[name])
        scheduled = {name: site for name, site in sites.items() if site.schedule}

        def overdue(name: str, now: datetime) -> Verdict | None:
            return judge_periods(scheduled[name], last_finished(self._ledger, name), now)

        check_installation(self._config, self._ledger, scheduled, overdue)


def judge_periods(site: Site, finished: datetime | None, now: datetime) -> Verdict | None:
    """Whether so many periods of the site's schedule have begun since a run finished last."""
    schedule = site.schedule
    if schedule is None or finished is None:
        return None
    cron = cron_of(schedule.cron, schedule.time_zone or site.time_zone)
    late = finished
    for _ in range(MISSED_PERIODS):
        late = cron.after(late)
    if now <= late + _SLACK:
        return right(Kind.overdue, site.name)
    return wrong(
        Kind.overdue,
        site.name,
        f"no run has finished since {finished:%Y-%m-%d %H:%M} UTC, and {MISSED_PERIODS} periods of "
        f"its schedule ({schedule.cron}) have begun",
    )
