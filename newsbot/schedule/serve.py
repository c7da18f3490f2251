"""``newsbot schedule``: the service as a process, with its signals, its rounds and its port."""

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import ExitStack, suppress

from newsbot.config import Config
from newsbot.landing.outcome import ExitStatus
from newsbot.ledger import Ledger
from newsbot.schedule.health import serve_health
from newsbot.schedule.judging import AlarmChecks
from newsbot.schedule.process import LocalProcesses, Processes
from newsbot.schedule.service import Clock, Service, SystemClock
from newsbot.sites.watched_folder import SeedFolder

logger = logging.getLogger(__name__)

_ROUND_SECONDS = 2.0  # between two checks of what is due and how much memory crawls use


def serve(config: Config, settings: Mapping[str, str], *, once: bool) -> int:
    """Run the scheduler until a signal ends it and return the exit status.

    Args:
        settings: Scrapy settings for every crawl.
        once: start the crawls that are due, wait for them, and end.

    Raises:
        NewsbotError: the scheduler could not start.
    """
    seeds = SeedFolder(config.seeds_folder, config.state_folder / "seeds")
    processes = LocalProcesses(config, seeds.copies_folder, settings)
    ledger = Ledger.open(config.ledger_url)
    try:
        return asyncio.run(run(config, ledger, seeds, processes, once=once))
    finally:
        ledger.close()


async def run(
    config: Config,
    ledger: Ledger,
    seeds: SeedFolder,
    processes: Processes,
    *,
    once: bool,
    clock: Clock | None = None,
) -> int:
    """Run rounds until the service is stopped and return the exit status.

    The wait between rounds uses the monotonic clock: after the machine's clock was put back by an
    hour, APScheduler's timers would sleep for an hour.
    """
    clock = clock or SystemClock()
    service = Service(config, ledger, seeds, processes, clock, once=once)
    wake = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, service, wake)
    loop.add_signal_handler(signal.SIGHUP, _reload, service, wake)
    loop.add_signal_handler(signal.SIGCHLD, wake.set)
    with ExitStack() as stack:
        if not once:
            stack.enter_context(serve_health(config, ledger, service, clock))
        logger.info(
            "scheduler started: %d sites, at most %d crawls at once",
            len(seeds.sites), config.crawls_at_once,
        )  # fmt: skip
        await _run_rounds(service, AlarmChecks(config, ledger), wake, clock)
    return 0 if service.all_well or not once else ExitStatus.LANDED_WITH_PROBLEMS


async def _run_rounds(
    service: Service, checks: AlarmChecks, wake: asyncio.Event, clock: Clock
) -> None:
    while not service.stopped and not service.done:
        service.round()
        checks.start_if_due(service.seeds.sites, service.take_ended(), clock.monotonic())
        wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), _ROUND_SECONDS)
    await checks.finish()


def _stop(service: Service, wake: asyncio.Event) -> None:
    service.stop()
    wake.set()


def _reload(service: Service, wake: asyncio.Event) -> None:
    service.seeds.refresh(read_all=True)
    wake.set()
