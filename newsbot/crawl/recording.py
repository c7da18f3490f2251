"""What a crawl records while it runs: exchanges in WARC files, and lines in its journals."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError

from newsbot.capture.recorder import ROLE
from newsbot.capture.writerthread import WriterThread
from newsbot.config import Config
from newsbot.crawl.journal_lines import CrawlJournal, dump, purpose_of
from newsbot.crawl.options import Options
from newsbot.crawl.run_log import RunLog
from newsbot.crawl.warcinfo import run_record, run_resources, warcinfo
from newsbot.errors import AddressRefused, NewsbotError, SpoolFull
from newsbot.landing.early_upload import EarlyUploader
from newsbot.landing.limits import SpoolLimits
from newsbot.landing.spool import Spool
from newsbot.layout import RunRef
from newsbot.models import Article
from newsbot.sites.access import SiteAccess
from newsbot.sites.seed import Browser
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.warc.exchange import Exchange
from newsbot.warc.http1 import SECRET_HEADERS
from newsbot.warc.records import Captured, PriorRecords
from newsbot.warc.writer import WarcWriter

logger = logging.getLogger(__name__)

_SYNC_SECONDS = 3.0  # the most that a power failure can lose


class Recording:
    """The files of a run, from its start until they are closed (``capture.recorder.Recorder``).

    Args:
        ref: where the run will land.
        access: what requests to the site carry.
        prior_records: finds landed records that a revisit can refer to.
        on_fatal: called when nothing more can be recorded; ends the crawl.
    """

    def __init__(
        self,
        config: Config,
        site: Site,
        access: SiteAccess,
        ref: RunRef,
        started: datetime,
        store: Store,
        prior_records: PriorRecords,
        options: Options,
        settings: Mapping[str, Any],
        on_fatal: Callable[[NewsbotError], None],
    ) -> None:
        self._site = site
        self.access = access
        self.stop = on_fatal
        self.robots_allow: Callable[[str], Awaitable[bool]] = _disallow  # set by the middleware
        self._writer = WriterThread()
        self._limits = SpoolLimits(config.spool_folder, config.spool_limit, config.spool_reserve)
        record = run_record(
            ref.run, ref.prefix, site, started, options, settings, synthetic=config.synthetic
        )
        writer = partial(
            WarcWriter,
            prefix=f"NEWSBOT-{site.name}-{ref.run}",
            info=warcinfo(config, ref.run, site),
            prior_records=prior_records,
            secret_headers=(*SECRET_HEADERS, *config.secret_headers, *site.request.secret_headers),
            on_written=self._write_exchange_line,
            on_rolled=self._upload_early,
            roll_at=config.roll_size,
        )
        self._spool = Spool(config.spool_folder / ref.run, record, writer)
        self.journal = CrawlJournal(self._spool)
        self._run_log = RunLog(self._spool, (*config.secrets, *access.secrets))
        self._early_uploader = EarlyUploader(
            self._spool.folder, store, ref.prefix, self._spool.sync_journals
        )
        for name, kind, content in run_resources(record):
            urn = f"urn:newsbot:{ref.run}:{name}"
            self._spool.warc.write_resource(urn, started, kind, content)
        self._syncing = PeriodicCall(_SYNC_SECONDS, self._sync)

    @property
    def browser(self) -> Browser:
        """The seed's rules for pages that are rendered in a browser."""
        return self._site.browser

    def new_exchange(self, request: Request) -> Exchange:
        """Return a new exchange for the request, limited by the site's politeness."""
        referrer = request.headers.get("Referer")
        return Exchange(
            url=request.url.partition("#")[0],
            method=request.method,
            purpose=purpose_of(request),
            limit=self._limit(request),
            folder=self._spool.folder,
            referrer=referrer.decode("latin-1") if referrer else None,
            proxied=bool(request.meta.get("proxy")),
        )

    def _limit(self, request: Request) -> int:
        is_requisite = request.meta.get(ROLE) == "requisite"
        return int(self._site.archive.max_file) if is_requisite else self._site.politeness.max_body

    async def record(self, exchange: Exchange) -> Captured:
        """Write the exchange to the WARC file and its line to the journal, off the event loop.

        Raises:
            CaptureError: it could not be written.
        """
        try:
            captured = await self._writer.call(self._spool.warc.write_exchange, exchange)
        finally:
            exchange.close()
        try:
            self._limits.check()
        except SpoolFull as error:  # this page is recorded; no further one could be
            self.stop(error)
        return captured

    async def record_resource(
        self, url: str, content_type: str, content: bytes, of: str
    ) -> Captured:
        """Write a page's DOM or screenshot; ``of`` is the record id of the page."""
        write = partial(self._spool.warc.write_resource, of=of)
        return await self._writer.call(write, url, datetime.now(UTC), content_type, content)

    async def record_details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Write what was observed while a page was rendered, as JSON."""
        write, data = self._spool.warc.write_details, dump(content).encode()
        await self._writer.call(write, url, datetime.now(UTC), "application/json", data, of)

    async def record_article(self, article: Article) -> None:
        """Write the article to the journal, and its text to the WARC file.

        The text is a ``resource`` named ``urn:text:<url>``: a ``conversion`` under the page's own
        URL would be replayed as a second capture of the page.
        """
        text = f"{article.title or ''}\n\n{article.text}\n".encode()
        write, urn = self._spool.warc.write_resource, f"urn:text:{article.url}"
        kind = "text/plain; charset=utf-8"
        await self._writer.call(write, urn, article.fetched_at, kind, text)
        self._spool.add("articles", article.to_json())

    async def navigation_refusal(self, url: str) -> str | None:
        """Return why a browser may not navigate to the page (host, robots.txt); None if it may."""
        if not self._site.owns(url):
            return "not on a host of the site"
        try:
            return None if await self.robots_allow(url) else "Forbidden by robots.txt"
        except CannotResolveHostError:
            return "dns"
        except AddressRefused:
            return "address-refused"

    def record_refusal(self, url: str, role: str, why: str) -> None:
        """Record a browser's request that was refused and not sent."""
        self.journal.write_unsent(Request(url, meta={ROLE: role}), why)

    def close(self) -> None:
        """Stop recording; the spool's files are complete afterwards."""
        self._syncing.stop()
        self._early_uploader.close()
        self._writer.close()
        self._run_log.close()
        self._spool.close()

    def _write_exchange_line(self, exchange: Exchange, captured: Captured) -> None:
        self.journal.write_exchange(exchange, captured)

    def _upload_early(self, rolled: Path) -> None:
        self._early_uploader.send(rolled)

    def _sync(self) -> None:
        """Sync the files, and check the space on disk, which other programs use too."""
        try:
            self._writer.wait(self._spool.sync)
            self._limits.check()
        except NewsbotError as error:
            from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

            reactor.callFromThread(self.stop, error)


async def _disallow(_url: str) -> bool:
    return False


class PeriodicCall:
    """Calls a function at an interval (seconds) in a thread of its own, until ``stop``."""

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        self._interval, self._function = interval, function
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="periodic", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Make no more calls, and wait for one in progress."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self._function()
