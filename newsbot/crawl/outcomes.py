"""The outcome of each page that a crawl fetches: read, classified, recorded."""

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, Literal

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsbot.archive.earlier_captures import EarlierCaptures
from newsbot.capture.recorder import CAPTURED, HINTS, POSITION, RENDERED, ROLE, Rendering
from newsbot.crawl.accounts import Accounts
from newsbot.crawl.recording import Recording
from newsbot.crawl.requisites import PageRequisites
from newsbot.crawl.stats import CrawlStats
from newsbot.errors import AddressRefused, ExtractionFailed, RequestRefused
from newsbot.extract.urls import at_own_address, canonical_url, kind_of
from newsbot.hints import NO_HINTS
from newsbot.ledger import KnownArticle, Ledger, recheck
from newsbot.ledger.dedupe import Classified, Deduper, extracted_by_other_rules
from newsbot.ledger.frontier import Seen
from newsbot.ledger.recheck import TORN, UNDECODABLE
from newsbot.models import Article, Extraction, Page, Requisite, Source
from newsbot.sites.loading import Sites
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.warc.content_coding import TornBody
from newsbot.warc.records import Captured
from newsbot.workers.pool import Pool

logger = logging.getLogger(__name__)

SEEN: Final = "seen"  # key of an article's Seen in request.meta
# Tries of a page that kills its worker: everything behind a feed or list depends on it. Such a page
# is also extracted before waiting ones, so that the crawl does not run out of pages to fetch.
_MOST_PICTURES: Final = 30  # of a page, that are asked for again with it
_TRIES: Final = {"feed": 2, "sitemap": 2, "list": 2}


class PageOutcomes:
    """Extracts pages, and records the outcome of each page and of its article.

    Args:
        sites: all sites, to find the original of a copy.
        browser_patterns: patterns of URLs whose pages need a browser; updated here.

    ``accounts`` holds the requests without an outcome.
    """

    def __init__(
        self,
        run: str,
        site: Site,
        sites: Sites,
        store: Store,
        ledger: Ledger,
        pool: Pool,
        recording: Recording,
        stats: CrawlStats,
        requisites: PageRequisites,
        browser_patterns: set[str],
    ) -> None:
        self._run = run
        self._site = site
        self._ledger = ledger
        self._pool = pool
        self._recording = recording
        self._journal = recording.journal
        self._stats = stats
        self._requisites = requisites
        self.accounts = Accounts()
        self._deduper = Deduper(ledger, sites)
        self._captures = EarlierCaptures(store, ledger)
        self.browser_patterns = browser_patterns

    # -- reading -------------------------------------------------------------------------------

    async def read(self, response: Response) -> Extraction | None:
        """Return what was extracted from the page, None if that failed; record the outcome."""
        at, role = record_of(response), response.meta[ROLE]
        rendering: Rendering | None = response.meta.get(RENDERED)
        is_dom = rendering is not None and self._site.render_of(response.url) != "never"
        hints = self._later_hints(response) if role == "article" else {}
        kind = response.headers.get("Content-Type")
        declared = kind.decode("latin-1") if kind else None
        if rendering is not None and not is_dom:  # for its screenshot alone: read as it was served
            page = self._page(response, rendering.unrendered, "text/html", at)
        else:
            dom = None if rendering is None else rendering.dom
            page = self._page(response, response.body, declared, at, dom)
        self._stats.count_answer()
        try:
            extraction = await self._extract(page)
        except ExtractionFailed as error:
            self._record_unreadable(at, response.meta.get(SEEN), error, hints)
            return None
        more = await self._compare_rendering(response, extraction)
        is_kept = bool(extraction.articles) or role == "page"
        if rendering is None and is_kept:  # a browser loads what it needs itself
            more |= self._want_requisites(at, response.url, extraction)
        if role == "article":
            self.record_fetch(
                response, "fetched", **self._extraction_notes(response, extraction), **more, **hints
            )
        elif role == "next_page":
            self._journal.write_outcome(at.record_id, role, key=response.meta[SEEN].url, **more)
        else:
            self._journal.write_outcome(at.record_id, role, links=len(extraction.links), **more)
        return extraction

    def _want_requisites(self, at: Captured, url: str, found: Extraction) -> dict[str, Any]:
        """Have the page's requisites fetched; return its pictures for its line."""
        self._requisites.add_page(at.record_id, url, found.requisites)
        pictures = [one.url for one in found.requisites if one.kind == "picture"]
        return {"pictures": pictures[:_MOST_PICTURES]} if pictures else {}

    async def read_style_sheet(self, response: Response) -> tuple[Requisite, ...]:
        """Return what a style sheet names; nothing if it cannot be read."""
        kind = response.headers.get("Content-Type")
        content_type = kind.decode("latin-1") if kind else None
        page = self._page(response, response.body, content_type, record_of(response))
        try:
            return (await self._extract(page)).requisites
        except ExtractionFailed as error:
            logger.warning("%s: its imports and fonts are not kept: %s", response.url, error)
            return ()

    def _later_hints(self, response: Response) -> dict[str, Any]:
        """Take up hints that were found after the request was made; return them for its line.

        A list may name an article before the feed is read that says more of it.
        """
        hints = self._ledger.hints(response.meta[SEEN].url)
        if hints == response.meta.get(HINTS, NO_HINTS):
            return {}
        response.meta[HINTS] = hints
        return {"hints": hints.to_fields()}

    def _page(
        self, response: Response, body: bytes, kind: str | None, at: Captured,
        dom: Captured | None = None,
    ) -> Page:  # fmt: skip
        """Return the page with its record, and the record of its DOM if it was rendered."""
        sources = [self._source("page", at)]
        if dom is not None:
            sources.append(self._source("dom", dom))
        meta = response.meta
        return Page(
            response.url, body, at.ended, response.status, kind, tuple(sources),
            meta[ROLE], meta.get(POSITION), meta.get(HINTS, NO_HINTS),
        )  # fmt: skip

    def _source(self, role: Literal["page", "dom"], at: Captured) -> Source:
        return Source(
            role=role,
            run=self._run,
            file=at.file,
            offset=at.offset,
            length=at.length,
            record_id=at.record_id,
            payload_digest=at.payload_digest,
        )

    async def _extract(self, page: Page) -> Extraction:
        tries = _TRIES.get(page.role)
        return await self._pool.extract(page, self._site, tries or 1, first=tries is not None)

    def _extraction_notes(self, response: Response, extraction: Extraction) -> dict[str, Any]:
        notes: dict[str, Any] = {"notes": extraction.notes} if extraction.notes else {}
        if extraction.unmatched is not None:
            notes["unmatched"] = extraction.unmatched
            notes["kind"] = kind_of(response.meta[SEEN].url, self._site)
        return notes

    async def _compare_rendering(self, response: Response, found: Extraction) -> dict[str, Any]:
        """Record and return whether pages of this pattern need the browser, in auto mode."""
        rendering = response.meta.get(RENDERED)
        if rendering is None or self._site.render_of(response.url) != "auto":
            return {}
        page = self._page(response, rendering.unrendered, "text/html", record_of(response))
        try:
            plain = await self._extract(page)
        except ExtractionFailed:
            return {}  # nothing to compare with
        has_something = bool(found.articles or found.links)
        needed = has_something and not (plain.articles or plain.links)
        pattern = self._site.pattern_of(response.url)
        (self.browser_patterns.add if needed else self.browser_patterns.discard)(pattern)
        return {"rendering": {"pattern": pattern, "needed": needed}}

    # -- what a page was -----------------------------------------------------------------------

    def record_fetch(self, response: Response, became: str, **more: Any) -> None:
        """Record that an article's page was fetched, and when to check it again."""
        seen: Seen = response.meta[SEEN]
        fields = recheck.fetched(seen, self._site.recheck, datetime.now(UTC))
        self._journal.write_outcome(record_of(response).record_id, became, **fields, **more)

    def record_without_article(self, response: Response, found: Extraction) -> None:
        """Record that an article's page was fetched, but has no article on it."""
        seen: Seen = response.meta[SEEN]
        became = found.instead_of_article
        self._stats.count_instead(found.title, found.wall)
        if not seen.failures:  # else it was counted before
            self._stats.count_article_page(has_article=False)
        fields = recheck.failed(seen, became, self._site.recheck, datetime.now(UTC))
        if found.wall is not None:
            fields["wall"] = found.wall
        self._journal.write_outcome(record_of(response).record_id, became, **fields)
        logger.warning("%s: %s", response.url, f"{found.wall} wall" if found.wall else became)

    def record_led_elsewhere(self, response: Response, why: str) -> None:
        """Record a page that came without content, and sends its reader where there is none.

        It counts as a request that failed, as one does that a redirect led there.
        """
        role = response.meta[ROLE]
        self._stats.discount_answer(role)
        self._stats.count_failure(why, role)
        fields: dict[str, Any] = {}
        if role == "article":
            seen: Seen = response.meta[SEEN]
            fields = recheck.failed(seen, why, self._site.recheck, datetime.now(UTC))
        else:
            self._stats.count_problem(f"{role} {response.url}: {why}")
        self._journal.write_outcome(record_of(response).record_id, "failed", why=why, **fields)
        logger.warning("%s: %s", response.url, why)

    def record_reappearance(self, seen: Seen) -> None:
        """Record the event "back" of a page that was gone; do nothing for other pages."""
        if seen.state == "gone":
            self._journal.write_event("back", url=seen.url)

    def record_failure(self, failure: Failure) -> str:
        """Record a request that failed after its retries; return why."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.accounts.settle(request)
        why = cause_of(failure)
        if isinstance(failure.value, ExtractionFailed):
            logger.error("%s: %s", request.url, failure.value)
        self._stats.count_failure(why, request.meta.get(ROLE))
        if request.meta.get(ROLE) in _TRIES:  # stories may be missed
            self._stats.count_problem(f"{request.meta[ROLE]} {request.url}: {why}")
        captured, seen = request.meta.get(CAPTURED), request.meta.get(SEEN)
        fields: dict[str, Any] = {} if seen is None else {"key": seen.url}
        if captured is None:
            self._journal.write_unsent(request, why, **fields)
            return why
        if seen is not None and request.meta[ROLE] == "article":
            fields = recheck.failed(seen, why, self._site.recheck, datetime.now(UTC))
            if fields["failure"] == "gone" and seen.state != "gone":
                self._journal.write_event("gone", url=seen.url, status=captured.status)
        became = TORN if why == TORN else "failed"
        self._journal.write_outcome(captured.record_id, became, why=why, **fields)
        return why

    def record_dropped(self, request: Request) -> None:
        """Record a request that Scrapy dropped without asking the spider."""
        if self.accounts.settle(request):
            logger.error("%s: dropped by Scrapy's scheduler", request.url)
            self._stats.count_problem("dropped: Scrapy dropped requests; the log names them")
            self._journal.write_unsent(request, "dropped")

    def _record_unreadable(
        self, at: Captured, seen: Seen | None, error: ExtractionFailed, hints: dict[str, Any]
    ) -> None:
        """Record a page that could not be extracted; an article's URL stays pending."""
        logger.error("%s", error)
        self._stats.count_problem(
            "extraction-failed: a page could not be extracted; the next crawl retries it"
        )
        more = hints | ({"key": seen.url} if seen is not None else {})
        self._journal.write_outcome(at.record_id, "extraction-failed", why=str(error), **more)

    # -- what an article is --------------------------------------------------------------------

    async def classify(self, article: Article) -> Classified:
        """Classify the article against the ledger; record the outcome if it is not stored.

        Where the code or the rules have changed since the last revision, that revision is first
        extracted again from its record: a change of the rules is not a revision. A canonical link
        to another article is not believed.
        """
        if not self._deduper.believes_canonical(article, canonical_url(article.url, self._site)):
            declared, article = article.canonical_url, at_own_address(article, self._site)
            self._journal.write_event(
                "canonical-refused", url=article.canonical_url, canonical=declared
            )
        known, previous = self._ledger.article(article.canonical_url), None
        if known is not None and extracted_by_other_rules(known, article):
            previous = await self._reextract(known)
        classified = self._deduper.classify(article, known, previous)
        if classified.classification in ("unchanged", "duplicate"):
            self._journal.write_outcome(article.sources[0].record_id, classified.classification)
        for link in classified.copies_found:
            self._journal.write_event("original-found", **asdict(link))
        return classified

    async def record_article(self, article: Article) -> None:
        """Write the article to the spool, then record the outcome of its page.

        Raises:
            CaptureError: it could not be written.
        """
        await self._recording.record_article(article)
        self._journal.write_outcome(article.sources[0].record_id, "article")

    async def _reextract(self, known: KnownArticle) -> Article | None:
        """Return the revision's article as extracted from its capture by today's code and rules."""
        article = await self._captures.extract_again(known, self._extract)
        if article is None:
            problem = f"the last capture cannot be compared: {known.canonical_url}"
            self._stats.count_problem(problem)
        return article

    def close(self) -> None:
        """Release what was held for the run."""
        self._deduper.close()


def record_of(response: Response) -> Captured:
    """Return where the response was recorded."""
    captured = response.meta.get(CAPTURED)
    if not isinstance(captured, Captured):
        raise TypeError(
            f"{response.url} was not recorded; is RecordingHandler in DOWNLOAD_HANDLERS?"
        )
    return captured


def cause_of(failure: Failure) -> str:
    """Return why a request failed, as named in the crawl log and the ledger."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if isinstance(error, CannotResolveHostError):
        return "dns"
    if isinstance(error, RequestRefused):
        return str(error)
    if isinstance(error, AddressRefused):
        return "address-refused"
    if isinstance(error, TornBody):
        return TORN
    if isinstance(error, ExtractionFailed):
        return UNDECODABLE
    if isinstance(error, IgnoreRequest):
        return "robots-forbidden" if "robots.txt" in str(error) else "refused"
    return type(error).__name__
