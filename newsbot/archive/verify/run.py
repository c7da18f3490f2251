"""Checks one landed run: its files, its records, and all references to them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, Final, cast

from newsbot.archive.snapshots import Snapshot
from newsbot.archive.verify.files import (
    HashingReader,
    entry_faults,
    listing_faults,
    sums_faults,
)
from newsbot.archive.verify.index import IndexCheck
from newsbot.archive.verify.lines import (
    ARTICLES,
    CRAWL,
    EVENTS,
    LOG,
    ArticlesCheck,
    CrawlCheck,
    LinesCheck,
)
from newsbot.archive.verify.places import day_fault, warc_name_fault
from newsbot.archive.verify.records import Finder, RunRecords, StoredRecords
from newsbot.archive.verify.revisits import EarlierRecords, RevisitCheck
from newsbot.errors import StoreError, StoreUnavailable
from newsbot.layout import INDEX, SUMS, Part, is_part
from newsbot.warc.check import WarcCheck
from newsbot.warc.fault import Fault, grouped

_WARC: Final = ".warc.gz"


def verify_run(run: Snapshot, only: Part | None = None) -> Iterator[Fault]:
    """Yield every fault and remark of one run, each cause once, after all of it was checked.

    Args:
        only: the part that was downloaded, if not all was.
    """
    yield from grouped(RunCheck(run, only).faults())


class RunCheck:
    """The check of one run; ``faults`` fills ``counts``: what was checked, by kind.

    Args:
        only: the part that was downloaded, if not all was.
        earlier: where the records of other runs are looked up.
        seen: called with the number of bytes of each piece that was read.
    """

    def __init__(
        self,
        run: Snapshot,
        only: Part | None = None,
        earlier: EarlierRecords | None = None,
        seen: Callable[[int], None] = lambda _size: None,
    ) -> None:
        self.counts: dict[str, int] = {}
        self._run = run
        self._only = only
        self._earlier = earlier or EarlierRecords(run.store)
        self._seen = seen
        self._prefix = run.ref.prefix
        self._odd = {
            name.removeprefix(self._prefix): what
            for name, what in run.store.irregular(self._prefix)
        }
        self._existing = set(run.paths()) - self._odd.keys()
        self._records = RunRecords()
        imported = run.manifest.imported
        self._came_damaged = frozenset[str]() if imported is None else imported.damaged_names
        self._broken: set[str] = set()  # files that cannot be read to their end

    def faults(self) -> Iterator[Fault]:
        """Yield every fault and remark, each place of a cause for itself."""
        yield from day_fault(self._run)
        yield from listing_faults(self._run, self._existing, self._odd, self._only)
        yield from self._file_faults()
        yield from self._sums_faults()
        is_imported = self._run.manifest.imported is not None
        yield from self._as_it_came(is_imported, self._repeated_ids())
        revisits = RevisitCheck(self._run, self._records, self._earlier)
        yield from self._as_it_came(is_imported, revisits.faults())
        yield from self._index_faults()
        yield from self._lines_faults()
        self.counts |= {"records": self._records.count, "unchecked_references": revisits.unchecked}

    def _file_faults(self) -> Iterator[Fault]:
        """Yield the faults of each file by itself: of its sum and, in a WARC file, its records."""
        entries = [one for one in self._run.manifest.files if is_part(one.name, self._only)]
        self.counts |= {"files": len(entries), "bytes": sum(entry.size for entry in entries)}
        for entry in entries:
            file, is_warc = self._run.open(entry.name), entry.name.endswith(_WARC)
            warc = entry.name.rpartition("/")[2]
            if entry.name not in self._existing:
                if is_warc:
                    self._records.add_unread(warc)
                continue
            check = WarcCheck(file.name, is_renamed=self._run.manifest.imported is not None)
            is_whole = False
            with self._reading(entry.name) as unreadable:
                reader = HashingReader(file.stream(), self._seen)
                if is_warc:
                    yield from warc_name_fault(self._run.ref, entry.name)
                    yield from self._as_it_came(
                        entry.name in self._came_damaged, check.run(cast("BinaryIO", reader))
                    )
                found = reader.finish()
                is_whole = found == (entry.size, entry.sha256)
                yield from entry_faults(file.name, entry, found, self._run.manifest.files)
            yield from unreadable
            if is_warc and is_whole:
                self._records.add(warc, check)
            elif is_warc:  # what refers to it is not to blame
                self._records.add_unread(warc)

    def _as_it_came(self, is_imported: bool, faults: Iterator[Fault]) -> Iterator[Fault]:
        """Yield the faults; of what came so by an import, as its SHA-256 proves, as remarks."""
        for fault in faults:
            yield (
                replace(fault, what=f"{fault.what}; so it was imported", is_remark=True)
                if is_imported
                else fault
            )

    def _sums_faults(self) -> Iterator[Fault]:
        if SUMS in self._existing:
            with self._reading(SUMS) as unreadable:
                yield from sums_faults(self._run)
            yield from unreadable

    def _repeated_ids(self) -> Iterator[Fault]:
        for file, record_id in self._records.repeated_ids():
            what = "a record of another file of the run has the same WARC-Record-ID"
            yield Fault(f"{self._prefix}warc/{file}", what, None, record_id)

    def _index_faults(self) -> Iterator[Fault]:
        if INDEX not in self._existing:
            return
        index = self._run.open(INDEX)
        is_imported = self._run.manifest.imported is not None
        check = IndexCheck(index.name, self._records, of_others=is_imported)
        with self._reading(INDEX) as unreadable:
            yield from check.take(index.read().splitlines())
            yield from check.close()
        yield from unreadable
        self.counts["index_lines"] = check.count

    def _lines_faults(self) -> Iterator[Fault]:
        for name, count, check in self._line_checks():
            with self._reading(name) as unreadable:
                yield from check.faults()
            yield from unreadable
            self.counts[count] = check.count

    def _line_checks(self) -> Iterator[tuple[str, str, LinesCheck]]:
        """Yield the checks of the files of lines that are there, with the names of their counts."""
        run, is_derived = self._run, self._run.ref.is_derived
        finder: Finder = self._records
        if self._only == "articles" or is_derived:
            finder = StoredRecords(Snapshot(run.store, run.ref.of_source()))
        if ARTICLES in self._existing:
            has_texts = self._only is None and not is_derived and self._records.is_complete
            texts = self._records if has_texts else None
            yield ARTICLES, "articles", ArticlesCheck(run, run.open(ARTICLES), finder, texts)
        if CRAWL in self._existing:
            yield CRAWL, "exchanges", CrawlCheck(run, run.open(CRAWL), self._records)
        for name, count in ((EVENTS, "events"), (LOG, "log_lines")):
            if name in self._existing:
                yield name, count, LinesCheck(run.open(name), finder)

    @contextmanager
    def _reading(self, name: str) -> Iterator[list[Fault]]:
        """Yield a list that gets a fault if the file cannot be read: once, and others still are.

        Raises:
            StoreUnavailable: the store does not answer; nothing can be said of it.
        """
        unreadable: list[Fault] = []
        try:
            yield unreadable
        except StoreUnavailable:
            raise
        except StoreError as error:
            if name not in self._broken:
                self._broken.add(name)
                unreadable.append(Fault(self._prefix + name, "cannot be read", detail=str(error)))
