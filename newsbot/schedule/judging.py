"""When alarms are checked: once a minute, and after crawls that could not do it themselves."""

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

_INTERVAL: Final = 60.0  # seconds
_SLACK: Final = timedelta(minutes=10)  # a run that has begun in time may finish so much later


class AlarmChecks:
    """Checks alarms in a thread, one check at a time: delivering them may use the network."""

    def __init__(self, config: Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._task: asyncio.Task[None] | None = None
        self._last = float("-inf")  # monotonic seconds
        self._unchecked: set[str] = set()  # sites with a bad run that ended since the last check

    def start_if_due(
        self, sites: Mapping[str, Site], ended: Iterable[PastRun], monotonic: float
    ) -> None:
        """Start a check if one is due, or if one of the runs that have ended did not go well."""
        self._unchecked |= {past.site for past in ended if not past.went_well}
        is_due = monotonic - self._last >= _INTERVAL or self._unchecked
        if is_due and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._check_in_thread(dict(sites), self._unchecked))
            self._last, self._unchecked = monotonic, set()

    async def finish(self) -> None:
        """Wait for the check that is running."""
        if self._task is not None:
            await self._task

    async def _check_in_thread(self, sites: dict[str, Site], unchecked: set[str]) -> None:
        try:
            await asyncio.to_thread(self._check, sites, unchecked)
        except NewsbotError as error:
            logger.warning("alarms could not be checked: %s", error)

    def _check(self, sites: dict[str, Site], unchecked: set[str]) -> None:
        for name in sorted(unchecked & sites.keys()):
            check_site(self._config, self._ledger, sites[name])
        scheduled = {name: site for name, site in sites.items() if site.schedule}

        def overdue(name: str, now: datetime) -> Verdict | None:
            return _judge_periods(scheduled[name], last_finished(self._ledger, name), now)

        check_installation(self._config, self._ledger, scheduled, overdue)


def _judge_periods(site: Site, finished: datetime | None, now: datetime) -> Verdict | None:
    """Judge whether three periods of the site's schedule have begun since a run last finished."""
    schedule = site.schedule
    if schedule is None or finished is None:
        return None
    cron = cron_of(schedule.cron, schedule.time_zone or site.time_zone)
    deadline = finished
    for _ in range(MISSED_PERIODS):
        deadline = cron.after(deadline)
    if now <= deadline + _SLACK:
        return right(Kind.overdue, site.name)
    return wrong(
        Kind.overdue,
        site.name,
        f"no run has finished since {finished:%Y-%m-%d %H:%M} UTC, and {MISSED_PERIODS} periods of "
        f"its schedule ({schedule.cron}) have begun",
    )
