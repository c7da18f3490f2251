"""Reads the pages of an import: what each says, and which revision its article is."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from newsbot.archive.read_record import Record, parse_member
from newsbot.errors import ExtractionFailed, FixityError
from newsbot.extract.normalise import normalise
from newsbot.extract.pages import PagedArticle
from newsbot.extract.urls import canonical_url, kind_of, page_number
from newsbot.importing.captures import Capture, Payloads
from newsbot.importing.lines import dump, source_of
from newsbot.importing.versions import Versions
from newsbot.landing.spool import Spool
from newsbot.ledger import Ledger
from newsbot.ledger.recheck import TOO_LARGE, TORN, UNDECODABLE, next_recheck
from newsbot.models import Article, Extraction, Page, PageRole
from newsbot.progress import Progress
from newsbot.sites.site import Site
from newsbot.warc.content_coding import BodyTooLarge, TornBody
from newsbot.warc.records import timestamp
from newsbot.workers.ordered import in_order
from newsbot.workers.pool import Pool

_DECODED: Final = 4  # times the seed's ``max_body`` that a decoded page may have
_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(slots=True)
class _Read:
    """What a page was found to be; ``article`` is that of all its pages, not classified yet."""

    capture: Capture
    article: Article | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # of its line
    further: list[Capture] = field(default_factory=list)  # its next pages


class ImportedPages:
    """Extracts the pages of an import and writes their outcomes and articles into its spool.

    Args:
        files: the WARC files in the spool, by the numbers that captures have.
        payloads: finds the records that hold the payloads of revisits.
        started: when the import began; articles are rechecked after it only.
    """

    def __init__(
        self,
        run: str,
        site: Site,
        files: tuple[Path, ...],
        payloads: Payloads,
        spool: Spool,
        ledger: Ledger,
        pool: Pool,
        started: datetime,
    ) -> None:
        self._run = run
        self._site = site
        self._files = files
        self._payloads = payloads
        self._spool = spool
        self._ledger = ledger
        self._pool = pool
        self._started = started
        self._by_url: defaultdict[str, list[Capture]] = defaultdict(list)
        self.failed = 0  # pages on which the extractor failed

    async def read(
        self, pages: Iterable[Capture], versions: Versions, at_once: int, progress: Progress
    ) -> None:
        """Read all pages, in the order of their captures.

        Raises:
            CaptureError: the spool cannot be written.
            WorkersFailed: no worker process can be started.
        """
        every = sorted(pages, key=lambda one: one.order)
        for one in every:
            self._by_url[one.url].append(one)
        first = [one for one in every if not self._is_next_page(one)]
        for one in every:
            if self._is_next_page(one):
                self._write_next_page(one, canonical_url(one.url, self._site))
        async with aclosing(in_order(map(self._page, first), at_once)) as results:
            done = 0
            async for result in results:
                await self._record(result, versions)
                done += 1
                progress("pages read", done, len(first))

    async def extract(self, page: Page) -> Extraction:
        """Return what a worker extracts from the page."""
        return await self._pool.extract(page, self._site, 2)

    def _is_next_page(self, capture: Capture) -> bool:
        return self._site.is_article(capture.url) and page_number(capture.url, self._site) > 1

    # -- reading -------------------------------------------------------------------------------

    async def _page(self, capture: Capture) -> _Read:
        read = _Read(capture)
        try:
            extraction = await self._extract(capture, "article")
            if extraction.articles:
                read.article = await self._whole(extraction, read)
                self._add_notes(read, extraction)
            else:
                read.fields["became"] = self._became_without_article(capture, extraction)
        except ExtractionFailed as error:
            read.fields |= _failure(error)
        return read

    async def _whole(self, first: Extraction, read: _Read) -> Article:
        """Return the article with its next pages, those that were captured nearest to it."""
        paged = PagedArticle(first)
        while paged.next_page is not None:
            captures = self._by_url.get(paged.next_page)
            if not captures:
                break
            nearest = min(captures, key=lambda one: abs(one.date - read.capture.date))
            read.further.append(nearest)
            paged.add(paged.next_page, await self._extract(nearest, "next_page"))
        return normalise(paged.article())

    async def _extract(self, capture: Capture, role: PageRole) -> Extraction:
        try:
            page = self._page_of(capture, role)
        except (TornBody, BodyTooLarge):
            raise
        except (ExtractionFailed, FixityError) as error:
            raise _Undecodable(str(error)) from error
        return await self.extract(page)

    def _page_of(self, capture: Capture, role: PageRole) -> Page:
        payload = self._payloads.of(capture)
        if payload is None:
            raise ValueError("only captures with a payload are read")
        record = self._record_of(payload)
        limit = _DECODED * self._site.politeness.max_body
        source = source_of(capture, self._files[capture.warc].name, self._run)
        return Page(
            capture.url, record.decoded_body(limit), capture.date, capture.status or 200,
            record.content_type, (source,), role,
        )  # fmt: skip

    def _record_of(self, capture: Capture) -> Record:
        path = self._files[capture.warc]
        with path.open("rb") as file:
            file.seek(capture.offset)
            return parse_member(file.read(capture.length), f"{path.name} at {capture.offset}")

    def _became_without_article(self, capture: Capture, extraction: Extraction) -> str:
        if not self._site.is_article(capture.url):
            return "page"
        return extraction.instead_of_article

    def _add_notes(self, read: _Read, extraction: Extraction) -> None:
        if extraction.notes:
            read.fields["notes"] = extraction.notes
        if extraction.unmatched is not None:
            read.fields["unmatched"] = extraction.unmatched
            read.fields["kind"] = kind_of(canonical_url(read.capture.url, self._site), self._site)

    # -- writing -------------------------------------------------------------------------------

    async def _record(self, read: _Read, versions: Versions) -> None:
        """Classify the article, and write what the page became."""
        if read.article is None:
            became = read.fields["became"]
            self.failed += became == "extraction-failed"
            self._write_outcome(read.capture, **read.fields)
            return
        classified = await versions.classify(read.article)
        article, declared = classified.article, read.article.canonical_url
        self._write_events(article, declared)
        for link in classified.copies_found:
            self._write_event("original-found", self._started, **asdict(link))
        is_kept = classified.classification in ("new", "changed")
        if is_kept:
            self._write_article(article)
        became = "article" if is_kept else classified.classification
        self._write_outcome(
            read.capture,
            role="article",
            key=article.canonical_url,
            became=became,
            **read.fields,
            **self._next_check(read.capture),
        )
        for further in read.further:
            self._write_next_page(further, article.canonical_url)

    def _next_check(self, capture: Capture) -> dict[str, str]:
        """Return when a crawl fetches the article again, if it is young enough for that."""
        due = next_recheck(self._site.recheck, capture.date, self._started)
        return {} if due is None else {"next_check": timestamp(due)}

    def _write_article(self, article: Article) -> None:
        text = f"{article.title or ''}\n\n{article.text}\n".encode()
        urn = f"urn:text:{article.url}"
        self._spool.warc.write_resource(urn, article.fetched_at, _TEXT, text)
        self._spool.add("articles", article.to_json())

    def _write_events(self, article: Article, declared: str) -> None:
        """Write that a canonical link is not believed, or that the page is an alias of another."""
        own = canonical_url(article.url, self._site)
        if article.canonical_url != declared:
            self._write_event("canonical-refused", self._started, url=own, canonical=declared)
        elif own != declared and self._ledger.canonical_of(own) != declared:
            self._write_event("alias", article.fetched_at, url=own, canonical=declared)

    def _write_event(self, kind: str, at: datetime, **fields: Any) -> None:
        self._spool.add("events", dump({"time": timestamp(at), "event": kind, **fields}))

    def _write_next_page(self, capture: Capture, key: str) -> None:
        self._write_outcome(capture, role="next_page", key=key, became="next_page")

    def _write_outcome(self, capture: Capture, **fields: Any) -> None:
        self._spool.add("crawl", dump({"of": capture.record_id, **fields}))


class _Undecodable(ExtractionFailed):
    """A page whose record cannot be read, or whose body cannot be decoded."""


def _failure(error: ExtractionFailed) -> dict[str, str]:
    if isinstance(error, TornBody):
        return {"became": TORN}
    if isinstance(error, BodyTooLarge):
        return {"became": "failed", "why": TOO_LARGE}
    if isinstance(error, _Undecodable):
        return {"became": "failed", "why": UNDECODABLE}
    return {"became": "extraction-failed", "why": str(error)}
