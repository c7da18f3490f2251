"""Checks alarms: a site's after each of its runs, the installation's then and once a minute."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from newsbot.alarms.delivery import deliver, ping, targets_of
from newsbot.alarms.inputs import (
    HISTORY,
    disks,
    last_finished,
    runs_of,
    starts_of,
    waiting_runs,
)
from newsbot.alarms.layout import judge_layout
from newsbot.alarms.runs import (
    judge_certificate,
    judge_errors,
    judge_overdue,
    judge_robots,
    judge_run,
    judge_wall,
)
from newsbot.alarms.shortfall import judge_shortfall
from newsbot.alarms.silence import judge_silence
from newsbot.alarms.state import Changes, apply, open_alarms, past_alarms
from newsbot.alarms.storage import judge_disks, judge_spool
from newsbot.alarms.verdict import Kind, Verdict, right
from newsbot.config import Config
from newsbot.ledger import Ledger
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

OverdueRule = Callable[[str, datetime], Verdict | None]
"""Judges whether a site's runs are late; the scheduler knows the periods, the ledger guesses."""


def check_site(
    config: Config, ledger: Ledger, site: Site, extra: Iterable[Verdict] = ()
) -> Changes:
    """Judge the site's runs, open and close alarms, log and deliver the changes.

    Call it when a run of the site has ended and is recorded in the ledger.

    Args:
        extra: verdicts of the caller, such as a failure of the store.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    now = datetime.now(UTC)
    given = list(extra)
    is_store_down = any(alarm.kind is Kind.store for alarm in open_alarms(ledger))
    is_explained = is_store_down or any(verdict.is_wrong for verdict in given)
    verdicts = [
        *_site_verdicts(ledger, site, now, is_explained),
        *_installation_verdicts(config, ledger, now),
        *given,
    ]
    return _apply_and_deliver(config, ledger, verdicts, now)


def check_installation(
    config: Config, ledger: Ledger, sites: Iterable[str], overdue: OverdueRule | None = None
) -> Changes:
    """Judge what goes wrong without any run: late runs, a full spool, full disks.

    It is cheap enough to be called every minute.

    Args:
        overdue: the rule for late runs; without it, each site's period is that of its earlier runs.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    now = datetime.now(UTC)
    rule = overdue or (lambda site, at: _overdue(ledger, site, at))
    late = (rule(site, now) for site in sites)
    verdicts = [
        *(verdict for verdict in late if verdict),
        *_installation_verdicts(config, ledger, now),
    ]
    return _apply_and_deliver(config, ledger, verdicts, now)


def report(config: Config, ledger: Ledger, verdicts: Iterable[Verdict]) -> Changes:
    """Open and close alarms by the caller's own verdicts; log and deliver the changes."""
    return _apply_and_deliver(config, ledger, list(verdicts), datetime.now(UTC))


def send_heartbeat(config: Config, ledger: Ledger, site: str) -> None:
    """Call the heartbeat URL, if one is set, after a good crawl; a failure raises an alarm."""
    if config.ping is not None:
        report(config, ledger, [ping(config.ping, site)])


def _site_verdicts(
    ledger: Ledger, site: Site, now: datetime, is_explained: bool
) -> Iterator[Verdict]:
    runs = runs_of(ledger, site.name, now)
    name, since = site.name, now - HISTORY
    judged = [
        *_first_cause_only(
            judge_certificate(name, runs),
            judge_robots(name, runs),
            judge_errors(name, runs),
            judge_wall(name, runs),
            judge_run(name, runs),
            is_explained=is_explained,
        ),
        judge_layout(name, runs, site.rules, past_alarms(ledger, Kind.layout, name, since)),
        judge_silence(name, runs, site.time_zone, past_alarms(ledger, Kind.silence, name, since)),
        judge_shortfall(name, runs, site.time_zone, site.min_stories_per_day, now),
        _overdue(ledger, name, now),
    ]
    yield from (verdict for verdict in judged if verdict is not None)


def _first_cause_only(*judged: Verdict | None, is_explained: bool) -> Iterator[Verdict | None]:
    """Yield the verdicts, with those that only follow from an earlier fault turned into "right".

    Each fault causes the next: without a valid certificate robots.txt cannot be read, without
    robots.txt nothing may be fetched, and a run that fetches nothing has failed. One cause gives
    one alarm.

    Args:
        is_explained: whether another alarm is the cause of all of them.
    """
    for verdict in judged:
        if verdict is not None and verdict.is_wrong and is_explained:
            yield right(verdict.kind, verdict.site)
            continue
        yield verdict
        is_explained |= verdict is not None and verdict.is_wrong


def _overdue(ledger: Ledger, site: str, now: datetime) -> Verdict | None:
    return judge_overdue(site, starts_of(ledger, site, now), last_finished(ledger, site), now)


def _installation_verdicts(config: Config, ledger: Ledger, now: datetime) -> Iterator[Verdict]:
    judged = [
        judge_spool(waiting_runs(config.spool_folder), now),
        judge_disks(disks(ledger, config, now)),
    ]
    yield from (verdict for verdict in judged if verdict is not None)


def _apply_and_deliver(
    config: Config, ledger: Ledger, verdicts: Iterable[Verdict], now: datetime
) -> Changes:
    changes = apply(ledger, verdicts, list(targets_of(config.notify)), now)
    for alarm in changes.opened:
        logger.error("alarm opened: %s: %s", alarm.title, alarm.message)
    for alarm in changes.closed:
        logger.warning("alarm closed: %s", alarm.title)
    deliver(ledger, config.notify, now)
    return changes
