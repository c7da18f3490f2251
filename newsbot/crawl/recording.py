"""What a run writes down while it goes on: records in WARC files, and lines in its journals."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from scrapy import Request

from newsbot.capture.writerthread import WriterThread
from newsbot.config import Config
from newsbot.crawl.journal_lines import crawl_line, dump, role_of
from newsbot.crawl.options import Options
from newsbot.crawl.run_log import RunLog
from newsbot.crawl.warcinfo import descriptions, run_record, warcinfo
from newsbot.errors import NewsbotError, SpoolFull
from newsbot.landing.early_upload import Ahead
from newsbot.landing.limits import Room
from newsbot.landing.outcome import SPOOL_FULL
from newsbot.landing.spool import Spool
from newsbot.layout import new_run_id, run_prefix
from newsbot.sites.seed import Browser
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.warc.exchange import Exchange
from newsbot.warc.http1 import SECRET_HEADERS
from newsbot.warc.records import Captured, Known, timestamp
from newsbot.warc.writer import WarcWriter

logger = logging.getLogger(__name__)

SYNC_SECONDS = 3.0  # the most that a power cut can take


class Recording:
    """The files of a run, from its start until they are whole (capture.handler.Recorder)."""

    def __init__(
        self,
        config: Config,
        site: Site,
        store: Store,
        known: Known,
        options: Options,
        settings: Mapping[str, Any],
    ) -> None:
        self.site = site
        self.started = datetime.now(UTC)
        self.id = new_run_id(self.started)
        self.prefix = run_prefix(self.started, site.time_zone, site.name, self.id)
        self.fatal: NewsbotError | None = None  # why the crawl had to stop
        self.close_spider: Callable[[str], None] = lambda _reason: None  # set by the command
        self.problems: Counter[str] = Counter()
        self.robots_allow: Callable[[str], Awaitable[bool]] = _never  # set by the middleware
        self._writer = WriterThread()
        self._room = Room(config.spool_folder, config.spool_limit, config.spool_reserve)
        record = run_record(self.id, self.prefix, site, self.started, options, settings)
        writer = partial(
            WarcWriter,
            prefix=f"NEWSBOT-{site.name}-{self.id}",
            info=warcinfo(config, self.id, site),
            known=known,
            secret_headers=(*SECRET_HEADERS, *config.secret_headers),
            on_written=self._log,
            on_rolled=self._send,
            roll_at=config.roll_size,
        )
        self.spool = Spool(config.spool_folder / self.id, record, writer)
        self._run_log = RunLog(self.spool, config.secrets)
        self._ahead = Ahead(self.spool.folder, store, self.prefix, self.spool.sync_journals)
        for name, kind, content in descriptions(record):
            urn = f"urn:newsbot:{self.id}:{name}"
            self.spool.warc.write_resource(urn, self.started, kind, content)
        self._pulse = Pulse(SYNC_SECONDS, self._beat)

    # -- for the download handler --------------------------------------------------------------

    def exchange(self, request: Request) -> Exchange:
        """A new exchange for the request, limited by the site's politeness."""
        referrer = request.headers.get("Referer")
        return Exchange(
            url=request.url.partition("#")[0],
            method=request.method,
            role=request.meta.get("role") or role_of(request.url),
            limit=self.site.politeness.max_body,
            folder=self.spool.folder,
            referrer=referrer.decode("latin-1") if referrer else None,
            proxied=bool(request.meta.get("proxy")),
        )

    async def record(self, exchange: Exchange) -> Captured:
        """Write the exchange to the WARC file and its line to the journal, off the event loop.

        Raises:
            CaptureError: it could not be written.
        """
        try:
            captured = await self._writer.call(self.spool.warc.write_exchange, exchange)
        finally:
            exchange.close()
        try:
            self._room.check()
        except SpoolFull as error:  # this page is kept; none after it could be
            self.stop(error)
        return captured

    @property
    def browser(self) -> Browser:
        """The seed's rules for pages that are shown in a browser."""
        return self.site.browser

    async def made(self, url: str, content_type: str, content: bytes, of: str) -> Captured:
        """Write what was made of a page, its DOM or its picture; ``of`` is the page's record."""
        write = partial(self.spool.warc.write_resource, of=of)
        return await self.write(write, url, datetime.now(UTC), content_type, content)

    async def details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Write what was seen while a page was shown, as JSON."""
        write = self.spool.warc.write_details
        data = dump(content).encode()
        await self.write(write, url, datetime.now(UTC), "application/json", data, of)

    async def may_show(self, url: str) -> str | None:
        """None where a page may be gone to, else why not: its host, or its robots.txt."""
        if not self.site.owns(url):
            return "not on a host of the site"
        return None if await self.robots_allow(url) else "Forbidden by robots.txt"

    def refused(self, url: str, role: str, why: str) -> None:
        """Write down a request of a page that was not made."""
        self._never_sent(Request(url, meta={"role": role}), why, {})

    async def write(self, write: Callable[..., Captured], *arguments: Any) -> Captured:
        """Have a method of the WARC writer called, off the event loop; where its record is."""
        return await self._writer.call(write, *arguments)

    def _log(self, exchange: Exchange, captured: Captured) -> None:
        """What makes an exchange an archived one: recovery cuts off records without this line."""
        self.spool.add("crawl", dump(crawl_line(exchange, captured)))

    def _send(self, rolled: Path) -> None:
        self._ahead.send(rolled)

    # -- lines ---------------------------------------------------------------------------------

    def note(self, record_id: str, became: str, **more: Any) -> None:
        """Write down what became of a recorded page: list, article, no-article …"""
        self.spool.add("crawl", dump({"of": record_id, "became": became, **more}))

    def _never_sent(self, request: Request, why: str, more: Mapping[str, Any]) -> None:
        """A line for a request that was refused before it went out: by robots.txt, by the guard.

        It says nothing of the page, so that the URL stays as it was.
        """
        line = {
            "time": timestamp(datetime.now(UTC)),
            "url": request.url,
            "method": request.method,
            "role": request.meta.get("role", "page"),
            "bytes": 0,
            "became": "blocked" if why == "blocked-host" else "failed",
            "why": why,
        }
        self.spool.add("crawl", dump(line | dict(more)))

    def problem(self, what: str) -> None:
        """Count something that a person should look at: it makes the exit status 3."""
        self.problems[what] += 1

    def event(self, kind: str, **fields: Any) -> None:
        """Write a line to the run's events."""
        self._add_event(datetime.now(UTC), kind, **fields)

    def _add_event(self, at: datetime, kind: str, **fields: Any) -> None:
        self.spool.add("events", dump({"time": timestamp(at), "event": kind, **fields}))

    # -- the end -------------------------------------------------------------------------------

    def stop(self, error: NewsbotError) -> None:
        """End the crawl: what is fetched from here on could not be kept."""
        if self.fatal is None:
            self.fatal = error
            logger.error("%s", error)
            self.close_spider(SPOOL_FULL if isinstance(error, SpoolFull) else "capture-failed")

    def _beat(self) -> None:
        """Bound what a power cut takes, and see that others do not fill the disk."""
        try:
            self._writer.wait(self.spool.sync)
            self._room.check()
        except NewsbotError as error:
            from twisted.internet import reactor  # here, for an import before Scrapy installs one

            reactor.callFromThread(self.stop, error)

    def close(self) -> None:
        """Stop writing; the spool's files are whole afterwards."""
        self._pulse.stop()
        self._ahead.close()
        self._writer.close()
        self._run_log.close()
        self.spool.close()


async def _never(_url: str) -> bool:
    return False


class Pulse:
    """Calls ``beat`` at an interval (seconds) in a thread of its own, from now until ``stop``."""

    def __init__(self, interval: float, beat: Callable[[], None]) -> None:
        self._interval, self._beat = interval, beat
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more beats; one that is under way is waited for."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self._beat()
