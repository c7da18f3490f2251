"""One run under way: what its pages are to what is known, and what becomes of them."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

from scrapy import Request
from scrapy.crawler import Crawler

from newsbot.archive.earlier_captures import EarlierCaptures
from newsbot.capture.recorder import CAPTURED
from newsbot.config import Config
from newsbot.crawl.options import Options
from newsbot.crawl.recording import Recording
from newsbot.errors import ConfigError, ExtractionFailed, StoreError
from newsbot.extract import merge
from newsbot.extract.normalise import normalise
from newsbot.ledger import KnownArticle, Ledger, recheck
from newsbot.ledger.attempts import History
from newsbot.ledger.dedupe import Deduper, Placed, is_read_otherwise
from newsbot.ledger.frontier import Seen
from newsbot.ledger.landed import Validators
from newsbot.models import Article, Extraction, Page, Source
from newsbot.sites.site import Site, Sites
from newsbot.stores.store import Store
from newsbot.warc.records import Captured, timestamp
from newsbot.workers.pool import Pool

logger = logging.getLogger(__name__)

LONGEST_URL = 2000  # characters; PostgreSQL's index takes 2,704 bytes, and no article's is longer
SEEN = "seen"  # key of an article's Seen in request.meta


class Run(Recording):
    """A crawl of one site between its start and its landing.

    Scrapy's parts meet it as ``spider.run``: the download handler records exchanges with it, the
    spider says what pages were, the pipelines hand articles over.
    """

    def __init__(
        self,
        config: Config,
        site: Site,
        sites: Sites,
        store: Store,
        ledger: Ledger,
        options: Options,
        settings: Mapping[str, Any],
        pool: Pool,
    ) -> None:
        # What needs a browser, in auto; asked before the files are begun, for it may fail.
        self.browser_patterns = ledger.browser_patterns(site.name)
        super().__init__(config, site, store, ledger, options, settings)
        self.sites = sites
        self.ledger = ledger
        self.options = options
        self.limited = False  # stopped fetching articles at the limit asked for
        self.answered = 0  # pages that could be read: the site is up
        self.article_pages = 0
        self.no_article = 0
        self.item_errors = 0
        self.failures: Counter[str] = Counter()
        self.can_render = bool(settings.get("CHROMIUM"))
        self._pool = pool
        self._deduper = Deduper(ledger, sites)
        self._captures = EarlierCaptures(store, ledger)
        due = settings.get("SCHEDULED_FOR")
        History(ledger).begin(
            self.id,
            site.name,
            self.started,
            partial=bool(options.asked),
            due=datetime.fromisoformat(due) if due else None,
        )

    # -- the spider's side ---------------------------------------------------------------------

    def page(
        self, url: str, status: int, body: bytes, kind: str | None, at: Captured,
        dom: Captured | None = None,
    ) -> Page:  # fmt: skip
        """The page for extraction, with the record it was captured in, and that of its DOM."""
        sources = [self._source("page", at)]
        if dom is not None:
            sources.append(self._source("dom", dom))
        return Page(url, body, at.ended, status, kind, tuple(sources))

    def _source(self, role: Literal["page", "dom"], at: Captured) -> Source:
        return Source(
            role=role,
            run=self.id,
            file=at.file,
            offset=at.offset,
            length=at.length,
            record_id=at.record_id,
            payload_digest=at.payload_digest,
        )

    async def extract(self, page: Page, tries: int = 1, *, first: bool = False) -> Extraction:
        """All that the page says, read by one of the workers; see ``Pool.extract``.

        Raises:
            ExtractionFailed: this page could not be read; its record is there all the same.
        """
        return await self._pool.extract(page, self.site, tries, first=first)

    def unread(self, captured: Captured, key: str | None, error: ExtractionFailed) -> None:
        """A page could not be read: an article's URL stays pending, and the next run reads it."""
        logger.error("%s", error)
        self.problem("extraction-failed: a page could not be read; the next crawl tries it again")
        more = {"key": key} if key else {}
        self.note(captured.record_id, "extraction-failed", why=str(error), **more)

    def see(
        self, urls: Iterable[str], origin: str | None, site: Site | None = None
    ) -> dict[str, Seen]:
        """Write URLs down before they are fetched: into the run's events, then into the ledger.

        In this order the ledger holds nothing that could not be made again from what lands.
        """
        wanted = list(dict.fromkeys(self._usable(urls)))
        found = self.ledger.states(wanted)
        new = [url for url in wanted if url not in found]
        if new:
            name, now = (site or self.site).name, datetime.now(UTC)
            self._add_event(now, "seen", site=name, on=origin, urls=new)
            found |= self.ledger.see(name, ((url, origin) for url in new), now)
        return found

    def _usable(self, urls: Iterable[str]) -> Iterator[str]:
        for url in urls:
            if len(url) <= LONGEST_URL:
                yield url
            else:
                logger.warning("%s…: longer than %d characters, left out", url[:80], LONGEST_URL)
                self.problem(f"url longer than {LONGEST_URL} characters")

    def complete_walk(self, list_url: str) -> None:
        """A walk of the list, or the reading of a feed, has reached its end now."""
        now = datetime.now(UTC)
        self.event("walk-completed", list=list_url, completed=timestamp(now))
        self.ledger.complete_walk(list_url, self.site.name, now)

    def validators(self, url: str, walk: str | None) -> Validators | None:
        """What the URL's last landed capture lets us ask for.

        Args:
            url: as it is asked for.
            walk: the feed or list whose page this is: a capture that no completed walk has read
                may hold links that nobody has written down, and must be sent again.
        """
        found = self.ledger.validators(url)
        if found is None or walk is None:
            return found
        last = self.ledger.last_walk(walk)
        return found if last is not None and found.fetched_at <= last else None

    def looked_at(self, record_id: str, seen: Seen, became: str, **more: Any) -> None:
        """An article's page has come; what it became is noted, and when to look again."""
        fate = recheck.fetched(seen, self.site.recheck, datetime.now(UTC))
        self.note(record_id, became, **fate, **more)

    def without_article(self, record_id: str, seen: Seen, became: str) -> None:
        """An article's page has come, but there is no article on it."""
        fate = recheck.failed(seen, became, self.site.recheck, datetime.now(UTC))
        self.note(record_id, became, **fate)

    def is_there(self, seen: Seen) -> None:
        """The article is there; if its page was gone, it is back."""
        if seen.state == "gone":
            self.event("back", url=seen.url)

    def failed(self, request: Request, why: str) -> None:
        """A request came to nothing, after its retries."""
        self.failures[why] += 1
        if request.meta.get("role") in ("feed", "list"):  # a way to find stories is closed
            self.problem(f"{request.meta['role']} {request.url}: {why}")
        captured, seen = request.meta.get(CAPTURED), request.meta.get(SEEN)
        fate = {} if seen is None else {"key": seen.url}
        if captured is None:
            self._never_sent(request, why, fate)
            return
        if seen is not None and request.meta["role"] == "article":
            fate = recheck.failed(seen, why, self.site.recheck, datetime.now(UTC))
            if fate["failure"] == "gone" and seen.state != "gone":
                self.event("gone", url=seen.url, status=captured.status)
        self.note(captured.record_id, "failed", why=why, **fate)

    # -- the pipelines' side -------------------------------------------------------------------

    async def place(self, article: Article) -> Placed:
        """What the article is to what is known; its page is noted as that if it is not kept.

        Where the code or the rules have changed since the last revision, that one is read again
        from its record in the store first: a change of ours is no revision.
        """
        known, before = self.ledger.article(article.canonical_url), None
        if known is not None and is_read_otherwise(known, article):
            before = await self._read_again(known)
        placed = self._deduper.place(article, known, before)
        if placed.verdict in ("unchanged", "duplicate"):
            self.note(article.sources[0].record_id, placed.verdict)
        for link in placed.found_for:
            self.event("original-found", **asdict(link))
        return placed

    async def _read_again(self, known: KnownArticle) -> Article | None:
        """What the capture of that revision says by the code and rules of now."""
        loop = asyncio.get_running_loop()
        try:
            pages = await loop.run_in_executor(None, self._captures.pages, known)
            found = [one for page in pages for one in (await self.extract(page)).articles[:1]]
        except (StoreError, ExtractionFailed) as error:
            logger.warning("%s: its last capture cannot be read: %s", known.canonical_url, error)
            found = []
        if not found:
            self.problem(f"the last capture cannot be compared: {known.canonical_url}")
            return None
        return normalise(merge(found[0], found[1:]))

    async def keep(self, article: Article) -> None:
        """Write the article to the journal, and its text to the WARC file.

        The text is a ``resource`` named ``urn:text:<url>``: a ``conversion`` under the page's own
        URL would show up as a second capture of the page.
        """
        text = f"{article.title or ''}\n\n{article.text}\n".encode()
        await self.write(
            self.spool.warc.write_resource,
            f"urn:text:{article.url}",
            article.fetched_at,
            "text/plain; charset=utf-8",
            text,
        )
        self.spool.add("articles", article.to_json())
        self.note(article.sources[0].record_id, "article")  # only now: it is in the journal

    def item_failed(self) -> None:
        """A pipeline raised an error; its article is in the WARC file only."""
        self.item_errors += 1

    def close(self) -> None:
        """Stop writing; the spool's files are whole afterwards."""
        super().close()
        self._deduper.close()


def run_of(crawler: Crawler) -> Run:
    """The run that a crawler works for.

    Raises:
        ConfigError: it was not started by newsbot's crawl command.
    """
    run = getattr(crawler.spider, "run", None)
    if not isinstance(run, Run):
        raise ConfigError("the pipelines need a run: start the crawl with `scrapy crawl`")
    return run
