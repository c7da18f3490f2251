"""The records of single articles: of their pages, of what these need, and of what revisits name.

A package of one article replays by itself, without the other pages of its runs.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from newsbot.archive.export.dependencies import moved_line
from newsbot.archive.export.index import index_lines
from newsbot.archive.export.rows import article_rows
from newsbot.archive.export.selection import Selection
from newsbot.archive.instants import moment_of
from newsbot.archive.read_record import MemberRange, Record, RecordReader
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_run, read_runs
from newsbot.errors import ExtractionFailed, FixityError, ObjectMissing
from newsbot.extract import extract
from newsbot.models import Page, PageRole, Requisite
from newsbot.sites.loading import site_of

ARTICLES_FILE: Final = "articles.warc.gz"
_NEAR: Final = timedelta(
    days=8
)  # style sheets are asked for weekly; what a run left, by later ones
_DEPTH: Final = 5  # style sheets that import others, and what the last one names


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an index, and the run that it is of."""

    run: Snapshot
    stored: bytes
    url: str
    at: datetime
    place: MemberRange

    @classmethod
    def read(cls, run: Snapshot, stored: bytes) -> "_Line":
        _, stamp, rest = stored.split(b" ", 2)
        fields: dict[str, Any] = json.loads(rest)
        return cls(
            run,
            stored,
            fields["url"],
            moment_of(stamp.decode("ascii")),
            MemberRange.from_fields(fields),
        )


class ArticleRecords:
    """The records of the articles of a selection, each once.

    ``index`` has a line for each record and ``missing`` what the store lacks, once ``members`` is
    exhausted.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._records = RecordReader(selection.runs[0].run.store)
        self._added: set[MemberRange] = set()
        self._offset = 0
        self.index: list[bytes] = []
        self.missing: set[str] = set()

    def members(self) -> Iterator[bytes]:
        """Yield the records' gzip members as stored."""
        runs = [selected.run for selected in self._selection.runs]
        pages = self._pages(runs)
        near = _by_url(self._near(pages))
        for page in pages:
            yield from self._with_payload(page)
            for line in self._needed_by(page, near):
                yield from self._with_payload(line)

    def _pages(self, runs: list[Snapshot]) -> list[_Line]:
        """Return all captures, in these runs, of the pages that the articles were read from."""
        places = {
            MemberRange.from_fields(source)
            for row in article_rows(self._selection, lambda *_: None)
            for source in row.article["sources"]
        }
        lines = [_Line.read(run, stored) for run in runs for stored in index_lines(run)]
        urls = {line.url for line in lines if line.place in places}
        return [line for line in lines if line.url in urls]

    def _near(self, pages: list[_Line]) -> Iterator[_Line]:
        """Yield the index lines of the runs that may have what the pages need."""
        days = [page.run.ref.date for page in pages]
        if not days:
            return
        store, sites = pages[0].run.store, {page.run.ref.site for page in pages}
        for found in read_runs(
            store, find_runs(store, sites, min(days) - _NEAR, max(days) + _NEAR)
        ):
            if isinstance(found, DamagedRun):
                raise found.error
            if not found.ref.is_derived:
                yield from (_Line.read(found, stored) for stored in index_lines(found))

    def _needed_by(self, page: _Line, near: dict[str, list[_Line]]) -> Iterator[_Line]:
        """Yield the captures of what the page and its style sheets name.

        Those of its own run come first, then the nearest in time.
        """
        named, seen = list(self._names(page, "article")), {page.url}
        for _ in range(_DEPTH):
            sheets: list[_Line] = []
            for one in named:
                if one.url in seen or one.url not in near:
                    continue
                seen.add(one.url)
                line = min(
                    near[one.url],
                    key=lambda line: (line.run.ref != page.run.ref, abs(line.at - page.at)),
                )
                yield line
                sheets += [line] if one.kind == "style" else []
            named = [one for sheet in sheets for one in self._names(sheet, "requisite")]

    def _names(self, line: _Line, role: PageRole) -> Iterable[Requisite]:
        """Return what a page or a style sheet names; a body that cannot be read names nothing."""
        site = site_of(line.run.manifest.seed.text, f"the seed of {line.run.ref.run}")
        if site.archive.requisites == "none":
            site = site.with_requisites("article")
        with suppress(ObjectMissing, FixityError, ExtractionFailed):
            *_, (_, record) = self._chain(line)
            page = Page(line.url, record.body, line.at, 200, record.content_type, role=role)
            return extract(page, site).requisites
        return ()

    def _with_payload(self, line: _Line) -> Iterator[bytes]:
        try:
            for stored, record in self._chain(line):
                place = MemberRange.from_fields(json.loads(stored.split(b" ", 2)[2]))
                if place not in self._added:
                    self._added.add(place)
                    self.index.append(moved_line(stored, self._offset, ARTICLES_FILE))
                    self._offset += len(record.member)
                    yield record.member
        except (ObjectMissing, FixityError) as error:
            self.missing.add(f"{line.url}: {error}")

    def _chain(self, line: _Line) -> Iterator[tuple[bytes, Record]]:
        """Yield a record and, while it is a revisit, the one that it refers to."""
        stored, record, run = line.stored, self._records.read(line.place, line.run.ref), line.run
        yield stored, record
        while record.kind == "revisit":
            files = (line.place.file, *run.manifest.refers_to)
            found = self._records.referred_to(record, files)
            if found is None:
                raise ObjectMissing(f"{record.record_id} refers to a record that is in no file")
            place = MemberRange.from_fields(json.loads(found.split(b" ", 2)[2]))
            stored, record = found, self._records.read(place)
            yield stored, record
            home = self._records.home(place.file)
            run = run if home is None else read_run(run.store, home)


def _by_url(lines: Iterable[_Line]) -> dict[str, list[_Line]]:
    found: dict[str, list[_Line]] = {}
    for line in lines:
        found.setdefault(line.url, []).append(line)
    return found
