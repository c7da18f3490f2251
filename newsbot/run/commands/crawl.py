"""``scrapy crawl antara|aggregator``: one crawl from the lock to the landed snapshot."""

import argparse
import asyncio
import logging
import sys
from datetime import UTC, datetime
from functools import partial
from typing import Any

from scrapy import signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler

from newsbot.archive.store import Store, check_store, open_store
from newsbot.config import Config, load_config
from newsbot.errors import ConfigError, LockHeld, NewsbotError, StoreError
from newsbot.ledger import Ledger
from newsbot.ledger.history import End, History
from newsbot.run.attempt import attempt
from newsbot.run.finish import Ending, counts, land_run
from newsbot.run.lock import SiteLock
from newsbot.run.options import ARGUMENTS, Options, parse_options
from newsbot.run.outcome import ExitStatus, Facts, Judgement, judge
from newsbot.run.recover import give_up, recover_site
from newsbot.run.run import Run
from newsbot.run.summary import summary
from newsbot.sites import Site, find_site, load_sites

logger = logging.getLogger("newsbot.run")

DEFAULT_SITES = {"antara": "antara", "aggregator": "rakyatnews"}


class Command(BaseRunSpiderCommand):
    """Crawls one site and lands what it found; the exit status tells how it went."""

    requires_project = True

    def syntax(self) -> str:
        """The arguments, for --help."""
        return "[options] antara|aggregator"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Crawl a site into a dated snapshot"

    def long_desc(self) -> str:
        """What --help says."""
        arguments = "; ".join(f"-a {name}=: {text}" for name, text in ARGUMENTS.items())
        return (
            "Crawl a site into a dated snapshot in NEWSBOT_STORE. "
            f"{arguments}. Example: scrapy crawl antara -a since=2025-02-01 -a until=2025-02-28. "
            "Exit status: 0 landed; 1 failed; 2 usage; 3 landed, but something is wrong; "
            "4 kept in the spool, not landed; 75 another crawl of the site is running."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, land, print a summary and set the exit status; no traceback for a user's error."""
        for noisy in (
            "alembic",
            "botocore",
            "scrapy.addons",
            "scrapy.crawler",
            "scrapy.middleware",
        ):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        try:
            self.exitcode = self._crawl(args, opts)
        except NewsbotError as error:
            print(f"newsbot: {error}", file=sys.stderr)
            self.exitcode = _status_of(error)

    def _crawl(self, args: list[str], opts: argparse.Namespace) -> ExitStatus:
        spider = _spider(args)
        config = load_config()
        options = parse_options(opts.spargs, DEFAULT_SITES[spider])
        site = find_site(options.site, config.seeds_folder)
        if site.spider != spider:
            raise ConfigError(f"{site.name} is crawled by `scrapy crawl {site.spider}`")
        _check_url(options, site)
        ledger = Ledger.open(config.ledger_url)
        try:
            with attempt(ledger, site.name, partial=bool(options.asked)):
                return self._attempt(config, site, ledger, options)
        finally:
            ledger.close()

    def _attempt(self, config: Config, site: Site, ledger: Ledger, options: Options) -> ExitStatus:
        store = open_store(config.store_url)
        check_store(store, write=True)
        with SiteLock(config.state_folder, site.name):
            give_up(config.spool_folder, site.name, ledger)
            for _ in recover_site(config.spool_folder, site.name, store, ledger):
                pass  # what earlier runs could not land goes first
            self._set(site, config)
            return self._run(config, site, store, ledger, options)

    def _set(self, site: Site, config: Config) -> None:
        """The seed's politeness, below what the command line says."""
        settings = self.settings
        if settings is None or self.crawler_process is None:
            raise RuntimeError("Scrapy did not set the command up")
        polite = site.politeness
        for name, value in {
            "DOWNLOAD_DELAY": polite.delay,
            "CONCURRENT_REQUESTS_PER_DOMAIN": polite.concurrency,
            "AUTOTHROTTLE_ENABLED": polite.autothrottle,
            "AUTOTHROTTLE_START_DELAY": max(polite.delay, 0.1),
            "AUTOTHROTTLE_TARGET_CONCURRENCY": float(polite.concurrency),
            "DOWNLOAD_TIMEOUT": polite.timeout,
            "RETRY_TIMES": polite.retries,
        }.items():
            self.crawler_process.settings.set(name, value, priority="spider")
        if config.contact:
            agent = f"{settings['USER_AGENT']} (+{config.contact})"
            self.crawler_process.settings.set("USER_AGENT", agent, priority="spider")
        else:
            logger.warning(
                "NEWSBOT_CONTACT is not set: the sites cannot tell who crawls them; "
                "set it to your address or a page about your crawl"
            )

    def _run(
        self, config: Config, site: Site, store: Store, ledger: Ledger, options: Options
    ) -> ExitStatus:
        process = self.crawler_process
        if process is None:
            raise RuntimeError("Scrapy did not set the command up")
        crawler = self._create_crawler(site.spider)
        sites = load_sites(config.seeds_folder)
        run = Run(config, site, sites, ledger, options, crawler.settings)
        crawler.signals.connect(run.item_failed, signal=signals.item_error)
        run.close_spider = partial(_close_spider, crawler)
        process.crawl(crawler, run=run)
        process.start()
        run.close()
        judgement = judge(_facts(crawler, run))
        ending = Ending(judgement.outcome, datetime.now(UTC), judgement.status, judgement.reasons)
        ending.write(run.spool.folder)
        return _land(run, ending, judgement, store, ledger)


def _close_spider(crawler: Crawler, reason: str) -> None:
    if crawler.engine is not None:
        asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))  # noqa: RUF006


def _spider(args: list[str]) -> str:
    if len(args) != 1 or args[0] not in DEFAULT_SITES:
        asked = " ".join(args) or "nothing"
        raise ConfigError(
            f"scrapy crawl {asked}: name one spider, {' or '.join(DEFAULT_SITES)}; "
            "-a site=NAME chooses the site"
        )
    return args[0]


def _check_url(options: Options, site: Site) -> None:
    if options.url is not None and not site.owns(options.url):
        raise ConfigError(
            f"-a url={options.url} is not on a host of {site.name} ({', '.join(site.hosts)})"
        )


def _land(
    run: Run, ending: Ending, judgement: Judgement, store: Store, ledger: Ledger
) -> ExitStatus:
    folder = run.spool.folder
    status = judgement.status
    try:
        manifest = land_run(folder, store, ledger)
        where = f"{store.url.rstrip('/')}/{run.prefix}"
        print(summary(manifest, judgement, f"landed in {where}"))
    except StoreError as error:
        status = ExitStatus.SPOOLED
        reasons = (*ending.reasons, f"not landed: {error}")
        end = End(ending.outcome, status, ending.finished, reasons)
        History(ledger).end(run.id, end, counts(folder))
        print(f"newsbot: {error}", file=sys.stderr)
        print(
            f"{run.site.name}: {judgement.outcome}, NOT LANDED: kept in {folder}; "
            "the next crawl of the site, or `newsbot recover`, lands it"
        )
    return status


def _facts(crawler: Crawler, run: Run) -> Facts:
    stats: dict[str, Any] = crawler.stats.get_stats()
    return Facts(
        reason=str(stats.get("finish_reason", "start_error")),
        asked=run.answered + sum(run.failures.values()),
        answered=run.answered,
        failures=run.failures,
        errors=int(stats.get("spider_exceptions/count", 0)) + run.item_errors,
        article_pages=run.article_pages,
        no_article=run.no_article,
        limited=run.limited,
        problems=run.problems,
        fatal=None if run.fatal is None else str(run.fatal),
        robots_unreachable=bool(stats.get("robotstxt/unreachable")),
    )


def _status_of(error: NewsbotError) -> ExitStatus:
    if isinstance(error, ConfigError):
        return ExitStatus.USAGE
    if isinstance(error, LockHeld):
        return ExitStatus.LOCKED
    return ExitStatus.FAILED
