"""``scrapy crawl antara|publisher|aggregator``: one crawl from the lock to the landed snapshot."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.settings import Settings

from newsbot.alarms import (
    Alarm,
    Kind,
    Verdict,
    check_site,
    report,
    right,
    send_heartbeat,
    wrong,
)
from newsbot.alarms.state import concerns
from newsbot.alarms.verdict import INSTALLATION
from newsbot.archive.synthetic import claim_store
from newsbot.capture import chromium
from newsbot.config import Config, load_config
from newsbot.crawl.ending import land
from newsbot.crawl.options import Options, parse_options
from newsbot.crawl.run import Run
from newsbot.crawl.stopping import StoppableCrawler
from newsbot.errors import ConfigError, LedgerError, LockHeld, NewsbotError, StoreError
from newsbot.landing.land import Ending
from newsbot.landing.limits import SpoolLimits
from newsbot.landing.lock import SiteLock
from newsbot.landing.outcome import CrawlFacts, ExitStatus, judge, wall_of
from newsbot.landing.recover import BlockedRun, end_lost_runs, recover_site
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History
from newsbot.logs import format_logs
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import find_site, load_sites
from newsbot.sites.saved import saved_site
from newsbot.sites.site import SAVED, Site
from newsbot.stores.opening import check_store, open_store
from newsbot.workers.pool import Pool

logger = logging.getLogger("newsbot.crawl")

KINDS = {  # by spider
    "antara": "publisher", "publisher": "publisher", "aggregator": "aggregator",
    SAVED: "publisher",
}  # fmt: skip
DEFAULT_SITES = {"antara": "antara", "aggregator": "rakyatnews", SAVED: SAVED}


def crawl(
    args: list[str], arguments: Mapping[str, str], process: CrawlerProcessBase, pool: Pool
) -> ExitStatus:
    """Crawl as the command line requests, land the run, print a summary; return the exit status.

    Raises:
        NewsbotError: the crawl could not be started; nothing was fetched.
    """
    spider = _spider_name(args)
    config = load_config()
    format_logs(config.log_format, config.secrets)
    logger.info("%s", config.installation.describe())
    options = parse_options(arguments, DEFAULT_SITES.get(spider))
    site = _site_of(spider, options, config).with_requisites(config.requisites)
    _check_url(options, site)
    access = SiteAccess.of(site, os.environ)
    ledger = Ledger.open(config.ledger_url)
    try:
        with record_attempt(ledger, site.name, partial=bool(options.restrictions)):
            status, error = _crawl_and_land(config, spider, access, ledger, options, process, pool)
        return check_alarms(config, ledger, site, status, error)
    except StoreError as error:  # the crawl could not be started
        check_alarms(config, ledger, site, ExitStatus.FAILED, error)
        raise
    finally:
        ledger.close()


def _site_of(spider: str, options: Options, config: Config) -> Site:
    """Return the site to crawl; its kind is that of the spider.

    Raises:
        ConfigError: spider, site and arguments do not fit.
    """
    if spider == SAVED:
        if not options.pages or options.site != SAVED or options.arguments.keys() != {"pages"}:
            raise ConfigError(f"scrapy crawl {SAVED} takes -a pages=FILE and no other argument")
        return saved_site()
    if options.pages:
        raise ConfigError(f"-a pages= is for `scrapy crawl {SAVED}`, which `newsbot save` starts")
    site = find_site(options.site, config.seeds_folder)
    if site.kind != KINDS[spider]:
        raise ConfigError(
            f"{site.name} is of kind {site.kind!r}: crawl it with "
            f"`scrapy crawl {site.kind} -a site={options.site}`"
        )
    return site


def _crawl_and_land(
    config: Config,
    spider: str,
    access: SiteAccess,
    ledger: Ledger,
    options: Options,
    process: CrawlerProcessBase,
    pool: Pool,
) -> tuple[ExitStatus, NewsbotError | None]:
    site, found = access.site, _spider_of(process, spider)
    store = open_store(config.store_url, config.s3)
    claim_store(store, synthetic=config.synthetic)
    check_store(store, write=True)
    with SiteLock(config.state_folder, site.name, config.ledger_url) as lock:
        end_lost_runs(config.spool_folder, site.name, ledger)
        earlier = list(recover_site(config.spool_folder, site.name, store, ledger))
        SpoolLimits(config.spool_folder, config.spool_limit, config.spool_reserve).check()
        _apply_politeness(process.settings, site, config)
        _configure_browser(process.settings, site, config)
        crawler = process.create_crawler(StoppableCrawler(found, process.settings))
        run = Run(
            crawler, config, site, access, load_sites(config.seeds_folder), store, ledger, options,
            pool,
        )  # fmt: skip
        _run_scrapy(config, crawler, run, process, pool, lock)
        for one in earlier:
            if isinstance(one, BlockedRun):
                run.stats.count_problem(
                    f"the earlier run {one.run} is still in the spool: {one.reason}"
                )
        _check_accounts(run)
        _check_waiting(run, ledger)
        facts = run.stats.facts(None if run.fatal is None else str(run.fatal))
        judgement = judge(facts)
        logger.info("%s: %s", site.name, "; ".join([judgement.outcome, *judgement.reasons]))
        run.close()
        ending = Ending(
            judgement.outcome, datetime.now(UTC), judgement.status, judgement.reasons,
            _request_counts(facts),
        )  # fmt: skip
        ending.write(run.folder)
        return land(run, ending, judgement, store, ledger, lock)


def _spider_of(process: CrawlerProcessBase, name: str) -> type[Spider]:
    """Return the project's spider.

    Raises:
        ConfigError: it has none of the name; an older `newsbot init` wrote fewer.
    """
    try:
        return process.spider_loader.load(name)
    except KeyError as error:
        raise ConfigError(
            f"this project has no spider {name!r}; write a new project with `newsbot init DIR` and "
            "copy its folders spiders and pipelines over those here"
        ) from error


def _check_accounts(run: Run) -> None:
    """Report requests that ended without an outcome in a crawl that had nothing left to fetch."""
    lost = run.outcomes.accounts.open_urls
    if not lost or not run.stats.is_finished:
        return  # a crawl that was stopped leaves requests to the next one
    for url in lost:
        logger.error("%s: this request has no outcome", url)
    run.stats.count_problem(
        f"the account of requests does not balance: {len(lost)} without an outcome, such as "
        f"{', '.join(lost[:3])}; the log names all"
    )


def _check_waiting(run: Run, ledger: Ledger) -> None:
    """Report that most of the last day's articles failed in earlier runs, and wait for their time.

    It concerns a run that got none: it had nothing to ask for, or the same as before in its place.
    """
    facts = run.stats.facts(None)
    has_any = facts.articles_answered > sum(facts.instead.values())
    is_told = has_any or facts.failed_articles or wall_of(facts) is not None
    if run.options.restrictions or is_told or not run.stats.is_finished:
        return
    failing, seen = ledger.failing(run.site.name, run.started - timedelta(days=1))
    if 2 * failing > seen:
        run.stats.count_problem(
            f"{failing} of {seen} articles of the last day failed before, and wait for another "
            "try; `newsbot list --pending` names them"
        )


def _run_scrapy(
    config: Config,
    crawler: Crawler,
    run: Run,
    process: CrawlerProcessBase,
    pool: Pool,
    lock: SiteLock,
) -> None:
    """Crawl until there is nothing left to fetch."""
    secrets = (*config.secrets, *run.recording.access.secrets)
    crawler.signals.connect(run.stats.count_item_error, signal=signals.item_error)

    def format_again() -> None:  # Scrapy installs a handler of its own before this
        format_logs(config.log_format, secrets)

    crawler.signals.connect(format_again, signal=signals.spider_opened)
    lock.when_lost(partial(_call_in_reactor, run.stop))
    process.crawl(crawler, run=run)
    process.start()
    pool.close()


def _apply_politeness(settings: Settings, site: Site, config: Config) -> None:
    """Set the seed's politeness and the User-Agent; the command line's settings win."""
    politeness = site.politeness
    for name, value in {
        "DOWNLOAD_DELAY": politeness.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": politeness.concurrency,
        "AUTOTHROTTLE_ENABLED": politeness.autothrottle,
        "AUTOTHROTTLE_START_DELAY": max(politeness.delay, 0.1),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(politeness.concurrency),
        "DOWNLOAD_TIMEOUT": politeness.timeout,
        "RETRY_TIMES": politeness.retries,
    }.items():
        settings.set(name, value, priority="spider")
    if config.private_addresses:
        settings.set("PRIVATE_ADDRESSES", True, priority="spider")
    contact = f"(+{config.contact})" if config.contact else ""
    agent = " ".join(filter(None, (settings["USER_AGENT"], contact, site.request.user_agent)))
    settings.set("USER_AGENT", agent, priority="spider")
    if not config.contact:
        logger.warning(
            "NEWSBOT_CONTACT is not set, so sites cannot tell who crawls them: "
            "set it to your e-mail address or to a web page about your crawl"
        )


def _call_in_reactor(call: Callable[[NewsbotError], None], error: NewsbotError) -> None:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

    reactor.callFromThread(call, error)


def _configure_browser(settings: Settings, site: Site, config: Config) -> None:
    """Find a browser before the crawl, if the site may need one.

    Raises:
        ConfigError: the site has pages that are always rendered, and there is no browser.
    """
    is_shown = site.archive.screenshots == "all"
    if not is_shown and not site.renders("always", "auto"):
        return
    found = chromium.find_browser(config.chromium)
    if found is not None:
        settings.set("CHROMIUM", str(found), priority="spider")
    elif is_shown or site.renders("always"):
        raise ConfigError(chromium.missing_browser_message(site.name))
    else:
        logger.warning(
            "%s; until then such pages are read as they are served",
            chromium.missing_browser_message(site.name),
        )


def _spider_name(args: list[str]) -> str:
    if len(args) != 1 or args[0] not in KINDS:
        given = " ".join(args) or "nothing"
        raise ConfigError(
            f"scrapy crawl {given}: name one spider, {', '.join(KINDS)}; "
            "-a site=NAME chooses the site"
        )
    return args[0]


def _check_url(options: Options, site: Site) -> None:
    if options.url is not None and not site.owns(options.url):
        raise ConfigError(
            f"-a url={options.url} is not on a host of {site.name} ({', '.join(site.hosts)})"
        )


def _request_counts(facts: CrawlFacts) -> dict[str, Any]:
    """Return counts of requests for the ending: those that were not sent have no record."""
    counts: dict[str, Any] = {
        "asked": facts.asked,
        "failures": dict(sorted(facts.failures.items())),
        "robots_unreachable": facts.robots_unreachable,
    }
    if facts.articles_answered:  # other runs show no wall, nor that there is none
        _, walled = wall_of(facts) or ("", 0)
        counts["wall"] = walled
    return counts


@contextmanager
def record_attempt(ledger: Ledger, site: str, *, partial: bool) -> Iterator[None]:
    """Record an error of the block in the history, then raise it again.

    Args:
        partial: the crawl was restricted to a part of what is new.
    """
    started = datetime.now(UTC)
    try:
        yield
    except Exception as error:
        try:
            History(ledger).complete(site, os.getpid(), started, _end_of(error), partial=partial)
        except LedgerError as refused:  # the error itself is what the user needs
            logger.warning("%s: this error is not in the history: %s", site, refused)
        raise


def _end_of(error: Exception) -> AttemptEnd:
    now = datetime.now(UTC)
    reason = str(error) or type(error).__name__
    if isinstance(error, LockHeld):
        return AttemptEnd("locked", ExitStatus.LOCKED, now, (reason,))
    return AttemptEnd("failed", ExitStatus.FAILED, now, (reason,))


def check_alarms(
    config: Config, ledger: Ledger, site: Site, status: ExitStatus, error: NewsbotError | None
) -> ExitStatus:
    """Check alarms after a run; return its exit status, 3 instead of 0 while an alarm is open.

    Args:
        error: why the run could not start or land, if it could not.
    """
    try:
        if site.has_any_host:  # whoever saves pages sees the result; nothing is due or usual there
            report(config, ledger, _store_verdicts(error))
            return status
        changes = check_site(config, ledger, site, _store_verdicts(error))
        for alarm in changes.open:
            if concerns(alarm, site.name):
                _print_alarm(alarm)
        if status is not ExitStatus.OK:
            return status
        if any(concerns(alarm, site.name) for alarm in changes.open):
            return ExitStatus.LANDED_WITH_PROBLEMS
        send_heartbeat(config, ledger, site.name)
    except LedgerError as refused:  # the run has landed all the same
        print(f"newsbot: alarms were not checked: {refused}", file=sys.stderr)
        return status or ExitStatus.LANDED_WITH_PROBLEMS
    return status


def _store_verdicts(error: NewsbotError | None) -> list[Verdict]:
    if error is None:
        return [right(Kind.store, INSTALLATION)]
    return [wrong(Kind.store, INSTALLATION, str(error))] if isinstance(error, StoreError) else []


def _print_alarm(alarm: Alarm) -> None:
    print(f"  alarm     {alarm.title} (since {alarm.opened:%Y-%m-%d %H:%M} UTC): {alarm.message}")
