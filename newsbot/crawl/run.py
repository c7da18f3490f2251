"""One run in progress: what its parts share between its start and its landing."""

import asyncio
import logging
from datetime import UTC, datetime

from scrapy.crawler import Crawler

from newsbot.config import Config
from newsbot.crawl.known_urls import KnownUrls
from newsbot.crawl.options import Options
from newsbot.crawl.outcomes import PageOutcomes
from newsbot.crawl.recording import Recording
from newsbot.crawl.requisites import PageRequisites
from newsbot.crawl.stats import CrawlStats
from newsbot.errors import ConfigError, NewsbotError, SpoolFull
from newsbot.landing.outcome import SPOOL_FULL
from newsbot.layout import new_run_ref
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import Sites
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.workers.pool import Pool

logger = logging.getLogger(__name__)


class Run:
    """A crawl of one site, as Scrapy's components use it: ``spider.run``.

    ``recording`` writes what is fetched, ``known`` is the ledger's knowledge of URLs, ``outcomes``
    extracts and classifies pages, ``requisites`` are what they need to look as they did, ``stats``
    counts. ``ref`` is where the run will land, ``started``
    its start in UTC, ``fatal`` the error that stopped it, if one did.
    """

    def __init__(
        self,
        crawler: Crawler,
        config: Config,
        site: Site,
        access: SiteAccess,
        sites: Sites,
        store: Store,
        ledger: Ledger,
        options: Options,
        pool: Pool,
    ) -> None:
        self.site = site
        self.options = options
        self.started = datetime.now(UTC)
        self.ref = new_run_ref(self.started, site.time_zone, site.name)
        self.folder = config.spool_folder / self.ref.run
        self.fatal: NewsbotError | None = None
        self._crawler = crawler
        settings = crawler.settings
        browser_patterns = ledger.browser_patterns(site.name)  # first, as it may fail
        self.stats = CrawlStats(crawler)
        self.recording = Recording(
            config, site, access, self.ref, self.started, store, ledger, options, settings,
            self.stop,
        )  # fmt: skip
        self.known = KnownUrls(
            ledger, site, sites, self.started, self.recording.journal, self.stats
        )
        self.requisites = PageRequisites(
            site.archive, self.recording.journal, self.known.fetched_at,
            self.known.waiting_requisites, self.started,
        )  # fmt: skip
        self.outcomes = PageOutcomes(
            self.ref.run, site, sites, store, ledger, pool, self.recording, self.stats,
            self.requisites, browser_patterns,
        )  # fmt: skip
        self.reports_json = settings.getbool("REPORT_AS_JSON")
        due = settings.get("SCHEDULED_FOR")
        History(ledger).begin(
            self.ref.run,
            site.name,
            self.started,
            partial=bool(options.restrictions),
            due=datetime.fromisoformat(due) if due else None,
        )

    def stop(self, error: NewsbotError) -> None:
        """End the crawl: what is fetched from now on could not be recorded."""
        if self.fatal is not None:
            return
        self.fatal = error
        logger.error("%s", error)
        reason = SPOOL_FULL if isinstance(error, SpoolFull) else "capture-failed"
        if self._crawler.engine is not None:
            closing = self._crawler.engine.close_spider_async(reason=reason)
            asyncio.ensure_future(closing)  # noqa: RUF006 - the engine holds a reference

    def close(self) -> None:
        """Stop recording; the spool's files are complete afterwards."""
        self.recording.close()
        self.outcomes.close()


def run_of(crawler: Crawler) -> Run:
    """Return the run of a crawler.

    Raises:
        ConfigError: the crawler was not started by newsbot's crawl command.
    """
    run = getattr(crawler.spider, "run", None)
    if not isinstance(run, Run):
        raise ConfigError("the pipelines need a run: start the crawl with `scrapy crawl`")
    return run
