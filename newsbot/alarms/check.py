"""Checks alarms: a site's after each of its runs, the house's then and once a minute."""

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
)
from newsbot.alarms.silence import judge_silence
from newsbot.alarms.state import Changes, apply, open_alarms, past_alarms
from newsbot.alarms.storage import judge_disks, judge_spool
from newsbot.alarms.verdict import Kind, Verdict, right
from newsbot.config import Config
from newsbot.ledger import Ledger
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

Overdue = Callable[[str, datetime], Verdict | None]
"""Whether a site's runs are late at a time; the scheduler knows its periods better than history."""


def check_site(config: Config, ledger: Ledger, site: Site, more: Iterable[Verdict] = ()) -> Changes:
    """Judge the site's runs, change alarms, log and deliver what changed.

    Call it when a run of the site has ended and the ledger has it.

    Args:
        more: what the caller itself has seen, such as the store's failing.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    now = datetime.now(UTC)
    seen = list(more)
    store_away = any(one.kind is Kind.store for one in open_alarms(ledger))
    known = store_away or any(one.is_wrong for one in seen)
    verdicts = [*_of_site(ledger, site, now, known), *_of_house(config, ledger, now), *seen]
    return _change(config, ledger, verdicts, now)


def check_installation(
    config: Config, ledger: Ledger, sites: Iterable[str], overdue: Overdue | None = None
) -> Changes:
    """Judge what time alone can make wrong: late runs, spool, disks. Cheap enough for each minute.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    now = datetime.now(UTC)
    judge = overdue or (lambda site, at: _overdue(ledger, site, at))
    late = (judge(site, now) for site in sites)
    verdicts = [*(one for one in late if one), *_of_house(config, ledger, now)]
    return _change(config, ledger, verdicts, now)


def report(config: Config, ledger: Ledger, verdicts: Iterable[Verdict]) -> Changes:
    """Change alarms as the caller's own verdicts say; log and deliver what changed."""
    return _change(config, ledger, list(verdicts), datetime.now(UTC))


def ping_if_asked(config: Config, ledger: Ledger, site: str) -> None:
    """Ask the dead-man address after a good crawl; that it cannot be reached is an alarm too."""
    if config.ping is not None:
        report(config, ledger, [ping(config.ping, site)])


def _of_site(ledger: Ledger, site: Site, now: datetime, is_explained: bool) -> Iterator[Verdict]:
    runs = runs_of(ledger, site.name, now)
    name, since = site.name, now - HISTORY
    judged = [
        *_one_cause(
            judge_certificate(name, runs),
            judge_robots(name, runs),
            judge_errors(name, runs),
            judge_run(name, runs),
            is_explained=is_explained,
        ),
        judge_layout(name, runs, site.rules, past_alarms(ledger, Kind.layout, name, since)),
        judge_silence(name, runs, site.time_zone, past_alarms(ledger, Kind.silence, name, since)),
        _overdue(ledger, name, now),
    ]
    yield from (one for one in judged if one is not None)


def _one_cause(*judged: Verdict | None, is_explained: bool) -> Iterator[Verdict | None]:
    """One cause, one alarm: after the first that is wrong, those that only follow from it are not.

    Without its certificate a site's robots.txt cannot be read, without that nothing may be fetched,
    and a run that gets nothing has failed. ``is_explained``: another alarm is the cause already.
    """
    for one in judged:
        if one is not None and one.is_wrong and is_explained:
            yield right(one.kind, one.site)
            continue
        yield one
        is_explained |= one is not None and one.is_wrong


def _overdue(ledger: Ledger, site: str, now: datetime) -> Verdict | None:
    return judge_overdue(site, starts_of(ledger, site, now), last_finished(ledger, site), now)


def _of_house(config: Config, ledger: Ledger, now: datetime) -> Iterator[Verdict]:
    judged = [
        judge_spool(waiting_runs(config.spool_folder), now),
        judge_disks(disks(ledger, config, now)),
    ]
    yield from (one for one in judged if one is not None)


def _change(config: Config, ledger: Ledger, verdicts: Iterable[Verdict], now: datetime) -> Changes:
    changes = apply(ledger, verdicts, list(targets_of(config.notify)), now)
    for alarm in changes.opened:
        logger.error("alarm: %s: %s", alarm.title, alarm.message)
    for alarm in changes.closed:
        logger.warning("alarm over: %s", alarm.title)
    deliver(ledger, config.notify, now)
    return changes
