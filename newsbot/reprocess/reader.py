"""Extracts an archived article again, in the steps of the spiders and pipelines.

The steps are: extract, follow the next pages, merge, normalise. The article's context (referrer,
revision, origins) is copied from the archived line.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from newsbot.archive.lines import checked_lines
from newsbot.archive.read_record import MemberRange, Record, RecordReader, range_of_index_line
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import FixityError
from newsbot.extract.normalise import normalise
from newsbot.extract.pages import PagedArticle
from newsbot.extract.urls import at_own_address, canonical_url
from newsbot.hints import NO_HINTS, Hints
from newsbot.layout import RunRef
from newsbot.models import (
    Article,
    Extraction,
    Image,
    Origin,
    Page,
    PageRequisites,
    PageRole,
    RecordPlace,
    Revision,
    Source,
    pages_read,
)
from newsbot.sites.site import Site
from newsbot.workers.pool import Pool

# Workers that may die on a page before it fails: a derived run is made once, so that a worker ended
# for want of memory must not leave out an article for good.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The run of the pages, as far as extracting them again needs it.

    ``refers_to`` are WARC files of earlier runs that its revisits refer to; ``next_pages`` the
    sources of fetched next pages, by URL; ``hints`` those of article pages, by record id;
    ``payloads`` where the payloads of imported revisits are, by record id.
    """

    ref: RunRef
    refers_to: tuple[str, ...]
    next_pages: Mapping[str, Source]
    hints: Mapping[str, Hints]
    payloads: Mapping[str, MemberRange]

    @classmethod
    def of(cls, run: Snapshot) -> "SourceRun":
        """Return what a landed run's crawl log says of its pages.

        Raises:
            FixityError, StoreError: the log is damaged or cannot be read.
        """
        following: dict[str, Source] = {}
        hints: dict[str, Hints] = {}
        payloads: dict[str, MemberRange] = {}
        for line in map(json.loads, checked_lines(run, "crawl.jsonl.gz")):
            if "payload_record" in line:
                payloads[line["record"]["id"]] = MemberRange.from_fields(line["payload_record"])
            if line["role"] == "next_page" and line["became"] != "failed":
                following[line["url"]] = source_of_line(line, run.ref.run)
            elif line["role"] == "article" and "hints" in line and "record" in line:
                hints[line["record"]["id"]] = Hints.from_fields(line["hints"])
        return cls(run.ref, run.manifest.refers_to, following, hints, payloads)


@dataclass(frozen=True, slots=True)
class _PageSources:
    """The source of a page, and the one that is extracted: the same, or its rendered DOM."""

    page: Source
    read: Source


class Reader:
    """Extracts articles of one run again, reading the store in threads and pages in workers."""

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
            StoreError: a record that the line names is missing or damaged.
            ExtractionFailed: one of its pages cannot be decoded or read, or ended three workers.
        """
        first, *next_pages_read = _page_sources(old)
        page = await self._page(first, "article", old["url"], _time(old["fetched_at"]))
        article = await self._read(page, next_pages_read)
        if article is None:
            return None
        if old["canonical_url"] == canonical_url(old["url"], self._site):
            article = at_own_address(article, self._site)  # the crawl did not believe another
        context = {
            "discovered_from": old["discovered_from"],
            "revision": old["revision"] and Revision.model_validate(old["revision"]),
            "origins": tuple(Origin.model_validate(origin) for origin in old["origins"]),
            "requisites": (kept := old.get("requisites")) and PageRequisites.model_validate(kept),
            "images": tuple(_with_records(article.images, old["images"])),
        }
        return article.model_copy(update=context)

    async def found(self, source: Source, referrer: str | None) -> Article | None:
        """Return the article on a page that yielded none when it was fetched, if it does today.

        Its context has only the page that linked to it.

        Raises:
            StoreError, ExtractionFailed: like ``article``.
        """
        page = await self._page(_PageSources(source, source), "article")
        article = await self._read(page, [])
        return article and article.model_copy(update={"discovered_from": referrer})

    async def _read(self, page: Page, next_pages_read: list[_PageSources]) -> Article | None:
        """Return the article of the page and its next pages.

        Next pages are those that its line names, then those of the crawl log that were fetched and
        yielded nothing.
        """
        first = await self._extract(page)
        if not first.articles:
            return None
        paged = PagedArticle(first)
        for capture in next_pages_read:
            next_page = await self._page(capture, "next_page")
            paged.add(next_page.url, await self._extract(next_page))
        while paged.next_page is not None:
            source = self._run.next_pages.get(paged.next_page)
            if source is None:
                break
            next_page = await self._page(_PageSources(source, source), "next_page")
            paged.add(paged.next_page, await self._extract(next_page))
        return normalise(paged.article())

    async def _extract(self, page: Page) -> Extraction:
        return await self._pool.extract(page, self._site, _TRIES)

    async def _page(
        self,
        capture: _PageSources,
        role: PageRole,
        url: str | None = None,
        fetched_at: datetime | None = None,
    ) -> Page:
        """Return the page as the crawl saw it; the end of its fetch is exact to a millisecond."""
        loop = asyncio.get_running_loop()
        record, payload, ended = await loop.run_in_executor(
            self._threads, self._fetch, capture.read
        )
        return Page(
            url or record.url.removeprefix("urn:dom:"),
            payload.body,
            fetched_at or ended,
            record.status or 200,
            record.content_type,
            _sources_of_page(capture),
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
                f"{source.record_id}; run `newsbot verify {self._run.ref.run}` for details"
            )
        return record, self._payload(record, place), ended

    def _payload(self, record: Record, place: MemberRange) -> Record:
        """Return the record that holds the payload: for a revisit, the one it refers to."""
        if record.kind != "revisit":
            return record
        known = self._run.payloads.get(record.record_id)
        if known is not None:
            return self._records.read(known)
        files = (place.file, *self._run.refers_to)
        line = self._records.referred_to(record, files)
        if line is None:
            raise FixityError(
                f"{place.file} at {place.offset}: the record that it refers to is in none of "
                f"{', '.join(files)}"
            )
        return self._records.read(range_of_index_line(line))


def source_of_line(line: Mapping[str, Any], run: str) -> Source:
    """Return the record of a crawl-log line as the source of an article."""
    record = line["record"]
    return Source(
        run=run,
        file=record["file"],
        offset=record["offset"],
        length=record["length"],
        record_id=record["id"],
        payload_digest=line.get("payload_digest"),
    )


_DERIVED: Final = ("schema", "extractor", "content_sha256")


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of differing fields, except those that are derived from others.

    Args:
        old: a line of any version of the schema.
    """
    read: dict[str, Any] = json.loads(Article.model_validate(old, extra="ignore").to_json())
    for name in new:
        if name not in _DERIVED and read.get(name) != new[name]:
            yield name


def _page_sources(line: Mapping[str, Any]) -> list[_PageSources]:
    return [
        _PageSources(Source.model_validate(page), Source.model_validate(read))
        for page, read in pages_read(line["sources"])
    ]


def _sources_of_page(capture: _PageSources) -> tuple[Source, ...]:
    """Return the sources of a page: its record, and its DOM if that was extracted."""
    page = capture.page.model_copy(update={"role": "page"})
    return (page, capture.read) if capture.read.role == "dom" else (page,)


def _with_records(
    images: Iterable[Image], archived: Iterable[Mapping[str, Any]]
) -> Iterator[Image]:
    """Yield the pictures with the records that the archived line gives them."""
    known = {one["url"]: one for one in archived if one.get("record")}
    for image in images:
        old = known.get(image.url)
        if old is None:
            yield image
            continue
        record = RecordPlace.model_validate(old["record"])
        yield image.model_copy(update={"record": record, "sha256": old["sha256"]})


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
