"""One article read again: the crawl's way from its pages to its line, from the archive.

The way is that of ``spiders.base`` and the pipelines: extract, follow the next pages, merge,
normalise. What was known of the article when its run landed is carried over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from newsbot.archive.read_record import Place, Record, Records, place_of
from newsbot.errors import ExtractionFailed, FixityError
from newsbot.extract import extract, merge
from newsbot.extract.normalise import normalise
from newsbot.layout import RunRef
from newsbot.models import Article, Extraction, Origin, Page, Revision, Source, pages_read
from newsbot.sites.site import Site

MOST_PAGES: Final = 30  # of one article, as in the crawl

_Read = tuple[Mapping[str, Any], Mapping[str, Any]]  # a page's record, and the one it is read from


@dataclass(frozen=True, slots=True)
class Run:
    """What reading again needs to know of the run that the pages are from."""

    ref: RunRef
    refers_to: tuple[str, ...]  # WARC files of earlier runs that its revisits refer to
    next_pages: Mapping[str, Source]  # following pages that were answered, by URL


class Reader:
    """Reads articles again; for one thread."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def article(self, old: Mapping[str, Any], run: Run, site: Site) -> Article | None:
        """The article of an archived line; None if its page yields none today.

        Raises:
            StoreError: a record that the line names is not there, or damaged.
            ExtractionFailed: one of its pages cannot be decoded or read.
        """
        (first, read), *following = pages_read(old["sources"])
        fetched_at = Article.model_validate(old).fetched_at
        source = Source.model_validate(first)
        page = self._page(
            Source.model_validate(read), run, url=old["url"], fetched_at=fetched_at, of=source
        )
        article = self._read(page, run, site, following)
        if article is None:
            return None
        context = {
            "discovered_from": old["discovered_from"],
            "revision": old["revision"] and Revision.model_validate(old["revision"]),
            "origins": tuple(Origin.model_validate(origin) for origin in old["origins"]),
        }
        return article.model_copy(update=context)

    def found(self, source: Source, referrer: str | None, run: Run, site: Site) -> Article | None:
        """The article on a page that yielded none when it was fetched; None if it still does not.

        Its context is empty but for the page that led to it: nothing was known of it then.

        Raises:
            StoreError, ExtractionFailed: as for ``article``.
        """
        article = self._read(self._page(source, run), run, site, [])
        return article and article.model_copy(update={"discovered_from": referrer})

    def _read(self, page: Page, run: Run, site: Site, following: Sequence[_Read]) -> Article | None:
        found = _extract(page, site)
        if not found.articles:
            return None
        pages, is_whole = self._following(found, run, site, following)
        merged = merge(found.articles[0], pages)
        if not is_whole:
            merged = merged.model_copy(update={"missing": (*merged.missing, "next_page")})
        return normalise(merged)

    def _following(
        self, found: Extraction, run: Run, site: Site, sources: Sequence[_Read]
    ) -> tuple[list[Article], bool]:
        """Articles of the following pages, and whether all that were asked for are there.

        First those that the line names; behind them the crawl log knows pages that were fetched
        and yielded nothing then.
        """
        pages: list[Article] = []
        for first, read in sources:
            page = self._page(Source.model_validate(read), run, of=Source.model_validate(first))
            found = _extract(page, site)
            pages += found.articles[:1]
        asked: set[str] = {page.url for page in pages}
        while found.next_page is not None and found.next_page not in asked:
            if len(pages) >= MOST_PAGES:
                break
            asked.add(found.next_page)
            known = run.next_pages.get(found.next_page)
            if known is None:
                return pages, False
            found = _extract(self._page(known, run), site)
            pages += found.articles[:1]
        return pages, True

    def _page(
        self,
        source: Source,
        run: Run,
        url: str | None = None,
        fetched_at: Any = None,
        of: Source | None = None,
    ) -> Page:
        """The page as the crawl saw it; the end of its fetch is known to a millisecond.

        A DOM is read in place of the page that it is ``of``; its own record names that page.
        """
        place = Place.of(source.model_dump())
        record, ended = self._records.read_beside(place, run.ref)
        if record.record_id != source.record_id:
            raise FixityError(
                f"{place.file} at {place.offset}: holds {record.record_id}, not "
                f"{source.record_id}; `newsbot verify {run.ref.run}` says more"
            )
        payload = self._payload(record, run, place)
        return Page(
            url or record.headers["warc-target-uri"].removeprefix("urn:dom:"),
            payload.body,
            fetched_at or ended,
            record.status or 200,
            record.content_type,
            _named(source, of),
        )

    def _payload(self, record: Record, run: Run, place: Place) -> Record:
        """The record that holds the payload: another one if this is a revisit."""
        if record.kind != "revisit":
            return record
        files = (place.file, *run.refers_to)
        there = self._records.referred_to(record, files)
        if there is None:
            raise FixityError(
                f"{place.file} at {place.offset}: the record that it refers to is in none of "
                f"{', '.join(files)}"
            )
        return self._records.read(place_of(there))


def _extract(page: Page, site: Site) -> Extraction:
    try:
        return extract(page, site)
    except Exception as error:
        raise ExtractionFailed(f"{page.url}: {type(error).__name__}: {error}") from error


def _named(read: Source, of: Source | None) -> tuple[Source, ...]:
    """The sources of a page: its record, and its DOM if that was read."""
    page = (of or read).model_copy(update={"role": "page"})
    return (page, read) if read.role == "dom" else (page,)


def sources_of(line: Mapping[str, Any], run: str) -> Source:
    """The record of a line of the crawl log, as an article names its sources."""
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
    """Extracted fields that differ, but for those that follow from the others."""
    for name in new:
        if name not in ("extractor", "content_sha256") and old.get(name) != new[name]:
            yield name
