"""One article extracted again: the crawl's way from its pages to its line, from the archive.

The way is that of the spiders and the pipelines: extract, follow the next pages, merge, normalise.
What was known of the article when its run landed is carried over.
"""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsbot.archive.read_record import MemberRange, Record, RecordReader, range_of_index_line
from newsbot.errors import FixityError
from newsbot.extract.normalise import normalise
from newsbot.extract.pages import PagedArticle
from newsbot.layout import RunRef
from newsbot.models import (
    NO_HINTS,
    Article,
    Extraction,
    Hints,
    Origin,
    Page,
    PageRole,
    Revision,
    Source,
    pages_read,
)
from newsbot.sites.site import Site
from newsbot.workers.pool import Pool


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The run that the pages are from, as far as extracting them again needs it.

    ``refers_to`` are WARC files of earlier runs that its revisits refer to; ``next_pages`` the
    following pages that were answered, by URL; ``hints`` what the pages of articles came with, by
    record id.
    """

    ref: RunRef
    refers_to: tuple[str, ...]
    next_pages: Mapping[str, Source]
    hints: Mapping[str, Hints]


@dataclass(frozen=True, slots=True)
class _Capture:
    """A page's own record, and the one that it is read from: the same, or its rendered DOM."""

    page: Source
    read: Source


class Reader:
    """Extracts articles of one run again; the store is read in threads, pages by the workers."""

    def __init__(
        self, run: SourceRun, site: Site, records: RecordReader, pool: Pool, threads: Executor
    ) -> None:
        self._run = run
        self._site = site
        self._records = records
        self._pool = pool
        self._threads = threads

    async def article(self, old: Mapping[str, Any]) -> Article | None:
        """Return the article of an archived line; None if its page yields none today.

        Raises:
            StoreError: a record that the line names is not there, or damaged.
            ExtractionFailed: one of its pages cannot be decoded or read.
        """
        first, *following = _captures(old)
        page = await self._page(first, "article", old["url"], _time(old["fetched_at"]))
        article = await self._read(page, following)
        if article is None:
            return None
        context = {
            "discovered_from": old["discovered_from"],
            "revision": old["revision"] and Revision.model_validate(old["revision"]),
            "origins": tuple(Origin.model_validate(origin) for origin in old["origins"]),
        }
        return article.model_copy(update=context)

    async def found(self, source: Source, referrer: str | None) -> Article | None:
        """Return the article on a page that yielded none when it was fetched, if it does today.

        Its context is empty but for the page that led to it: nothing was known of it then.

        Raises:
            StoreError, ExtractionFailed: as for ``article``.
        """
        page = await self._page(_Capture(source, source), "article")
        article = await self._read(page, [])
        return article and article.model_copy(update={"discovered_from": referrer})

    async def _read(self, page: Page, following: list[_Capture]) -> Article | None:
        """Return the article of the page and of those that follow it.

        First those that its line names; behind them the crawl log knows pages that were fetched
        and yielded nothing then.
        """
        first = await self._extract(page)
        if not first.articles:
            return None
        paged = PagedArticle(first)
        for capture in following:
            next_page = await self._page(capture, "next_page")
            paged.add(next_page.url, await self._extract(next_page))
        while paged.next_page is not None:
            source = self._run.next_pages.get(paged.next_page)
            if source is None:
                break
            next_page = await self._page(_Capture(source, source), "next_page")
            paged.add(paged.next_page, await self._extract(next_page))
        return normalise(paged.article())

    async def _extract(self, page: Page) -> Extraction:
        return await self._pool.extract(page, self._site)

    async def _page(
        self,
        capture: _Capture,
        role: PageRole,
        url: str | None = None,
        fetched_at: datetime | None = None,
    ) -> Page:
        """Return the page as the crawl saw it; the end of its fetch is known to a millisecond."""
        loop = asyncio.get_running_loop()
        record, payload, ended = await loop.run_in_executor(
            self._threads, self._fetch, capture.read
        )
        return Page(
            url or record.headers["warc-target-uri"].removeprefix("urn:dom:"),
            payload.body,
            fetched_at or ended,
            record.status or 200,
            record.content_type,
            _named(capture),
            role,
            hints=self._run.hints.get(capture.page.record_id, NO_HINTS),
        )

    def _fetch(self, source: Source) -> tuple[Record, Record, datetime]:
        """Return the source's record, the one that holds its payload, and when its fetch ended."""
        place = MemberRange.from_fields(source.model_dump())
        record, ended = self._records.read_with_end(place, self._run.ref)
        if record.record_id != source.record_id:
            raise FixityError(
                f"{place.file} at {place.offset}: holds {record.record_id}, not "
                f"{source.record_id}; `newsbot verify {self._run.ref.run}` says more"
            )
        return record, self._payload(record, place), ended

    def _payload(self, record: Record, place: MemberRange) -> Record:
        """Return the record that holds the payload: another one if this is a revisit."""
        if record.kind != "revisit":
            return record
        files = (place.file, *self._run.refers_to)
        there = self._records.referred_to(record, files)
        if there is None:
            raise FixityError(
                f"{place.file} at {place.offset}: the record that it refers to is in none of "
                f"{', '.join(files)}"
            )
        return self._records.read(range_of_index_line(there))


def sources_of(line: Mapping[str, Any], run: str) -> Source:
    """Return the record of a line of the crawl log, as an article names its sources."""
    record = line["record"]
    return Source(
        run=run,
        file=record["file"],
        offset=record["offset"],
        length=record["length"],
        record_id=record["id"],
        payload_digest=line.get("payload_digest"),
    )


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the extracted fields that differ, but for those that follow from the others."""
    for name in new:
        if name not in ("extractor", "content_sha256") and old.get(name) != new[name]:
            yield name


def _captures(line: Mapping[str, Any]) -> list[_Capture]:
    return [
        _Capture(Source.model_validate(page), Source.model_validate(read))
        for page, read in pages_read(line["sources"])
    ]


def _named(capture: _Capture) -> tuple[Source, ...]:
    """Return the sources of a page: its record, and its DOM if that was read."""
    page = capture.page.model_copy(update={"role": "page"})
    return (page, capture.read) if capture.read.role == "dom" else (page,)


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
