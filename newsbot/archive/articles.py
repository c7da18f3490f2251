"""Finding a URL in a store: its landed revisions, events (gone, back) and captures."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsbot.archive.instants import Instant, moment_of
from newsbot.archive.lines import GzipLines
from newsbot.archive.read_record import MemberRange, RecordReader
from newsbot.archive.snapshots import Snapshot, list_runs
from newsbot.errors import FixityError, NewsbotError, ObjectMissing
from newsbot.extract import canonical_url
from newsbot.layout import INDEX, RunRef, parse_prefix
from newsbot.ledger import Ledger
from newsbot.sites.loading import Sites
from newsbot.sites.site import SAVED
from newsbot.stores.store import Store


@dataclass(frozen=True, slots=True)
class Version:
    """One revision: its line in ``articles.jsonl.gz``, and the run that holds it."""

    ref: RunRef
    article: dict[str, Any]

    @property
    def number(self) -> int:
        """The revision's number, from 1."""
        return int(self.article["revision"]["number"])

    @property
    def changed(self) -> list[str]:
        """Which of title and text changed since the previous revision."""
        return list(self.article["revision"]["changed"])

    @property
    def text(self) -> str:
        """The article's text."""
        return str(self.article["text"])

    @property
    def title(self) -> str:
        """The article's headline; empty where it has none."""
        return str(self.article["title"] or "")


@dataclass(frozen=True, slots=True)
class Event:
    """The page was gone (404 or 410), or back again; time in UTC, ISO 8601."""

    time: str
    event: str
    run: str


def is_by(ref: RunRef, captured: datetime, when: Instant) -> bool:
    """Return whether what a run captured then was known at the instant: by the end of a day.

    The day of a capture is that of its run, in the time zone of its site; that of an imported one,
    or one by a crawl of some days, is its own.
    """
    if isinstance(when, datetime):
        return captured <= when
    is_of_run = abs(captured.date() - ref.date) <= timedelta(days=1)
    return (ref.date if is_of_run else captured.date()) <= when


@dataclass(frozen=True, slots=True)
class Capture:
    """One line of a run's index, for a response or revisit record; ``time`` has 14 digits, UTC."""

    ref: RunRef
    time: str
    fields: dict[str, str]

    @property
    def place(self) -> MemberRange:
        """Where its record is."""
        return MemberRange.from_fields(self.fields)

    def is_by(self, when: Instant) -> bool:
        """Return whether it was made by then."""
        return is_by(self.ref, moment_of(self.time), when)


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """Revisions and events, the earliest first."""

    url: str
    versions: tuple[Version, ...]
    events: tuple[Event, ...]

    def version(self, number: int) -> Version:
        """Return the revision of that number.

        Raises:
            NewsbotError: there is none; the message lists those that exist.
        """
        for version in self.versions:
            if version.number == number:
                return version
        numbers = ", ".join(str(version.number) for version in self.versions)
        raise NewsbotError(f"{self.url}: there is no revision {number}; the store has {numbers}")


class ArticleFinder:
    """Finds revisions and captures by URL, printed or canonical, or by an article's id.

    Args:
        sites: whose rules make a URL canonical; without them the general rules apply.
        ledger_url: a ledger that names the runs to read; without one, or if it does not know the
            article, all runs are searched.
    """

    def __init__(
        self, store: Store, sites: Sites | None = None, ledger_url: str | None = None
    ) -> None:
        self._store = store
        self._sites = sites
        self._ledger_url = ledger_url
        self._captured: dict[tuple[RunRef, MemberRange], Capture | None] = {}

    def history(self, url: str) -> ArticleHistory:
        """Return the article's revisions and events.

        Raises:
            NewsbotError: the store has none.
        """
        wanted, site = self._wanted(url)
        found = self._by_ledger(wanted)
        if found is None:
            refs = list(self._crawled_runs(site))
            versions = self._versions_in(refs, wanted, url)
            events = self._events_in(refs, wanted | _urls_of(versions))
            found = ArticleHistory(versions[0].article["canonical_url"], versions, events)
        return found

    def versions(self, url: str) -> tuple[Version, ...]:
        """Return the article's revisions, the earliest first; reads only files of articles.

        Raises:
            NewsbotError: the store has none.
        """
        wanted, site = self._wanted(url)
        found = self._by_ledger(wanted)
        if found is not None:
            return found.versions
        return self._versions_in(self._crawled_runs(site), wanted, url)

    def newest(self, url: str) -> Version:
        """Return the newest line of the article, a reprocessed one rather than its source.

        Raises:
            NewsbotError: the store has none.
        """
        found = self.find(url)
        if found is None:
            raise self._not_found(url)
        return found

    def find(self, url: str) -> Version | None:
        """Return the same as ``newest``, but None where the store has none."""
        wanted, site = self._wanted(url)
        found: list[Version] = []
        for ref in sorted(self._runs(site), key=lambda ref: ref.run, reverse=True):
            versions = list(self._versions(ref, wanted))
            found += versions
            if versions and not self._is_imported(ref):  # what it imported may be older
                break
        return max(found, key=_capture_order, default=None)

    def _is_imported(self, ref: RunRef) -> bool:
        with suppress(ObjectMissing):  # of a derived run, whose source another store has
            return Snapshot(self._store, ref.of_source()).manifest.imported is not None
        return False

    def as_of(self, history: ArticleHistory, when: Instant) -> Version:
        """Return the revision that was the newest at the instant.

        Raises:
            NewsbotError: the first one was captured later.
        """
        captured = [(self.captured_at(one), one) for one in history.versions]
        known = [(at, one) for at, one in captured if is_by(one.ref, at, when)]
        if not known:
            raise nothing_before(history.url, min(at for at, _ in captured))
        return max(known, key=lambda pair: pair[0])[1]

    def captured_at(self, version: Version) -> datetime:
        """Return when the article's page was captured (UTC), to the second, as its index says.

        Without the index, as in a download of the articles alone, it is when the page was complete.
        """
        stamp = self.stamp(version)
        if stamp is not None:
            return moment_of(stamp)
        fetched = datetime.fromisoformat(version.article["fetched_at"])
        return fetched.astimezone(UTC).replace(microsecond=0)

    def stamp(self, version: Version) -> str | None:
        """Return the 14-digit time at which replay tools have the page; None without its index."""
        capture = self.capture_of(version.article["sources"], version.ref.of_source())
        return None if capture is None else capture.time

    def capture_of(self, sources: Sequence[Mapping[str, Any]], ref: RunRef) -> Capture | None:
        """Return the index line of an article's page, by its sources; None without the index."""
        place = MemberRange.from_fields(sources[0])
        if (ref, place) not in self._captured:
            found = (one for one in self._index(ref) if one.place == place)
            self._captured[ref, place] = next(found, None)
        return self._captured[ref, place]

    def captures(self, url: str) -> Iterator[Capture]:
        """Yield the captures of the URL, by run."""
        wanted, site = self._wanted(url)
        for ref in self._crawled_runs(site):
            yield from (one for one in self._captures(ref) if one.fields["url"] in wanted)

    def forms_of(self, url: str) -> set[str]:
        """Return the forms of the URL that lines may carry: as it is, canonical, of an alias."""
        return self._wanted(url)[0]

    def _wanted(self, url: str) -> tuple[set[str], str | None]:
        """Return the forms of the URL that lines may carry, and the site that it is on."""
        owner = None if self._sites is None else self._sites.owner(url)
        wanted = {url, canonical_url(url, owner)}
        if self._ledger_url is not None and has_ledger(self._ledger_url):
            with closing(Ledger.open(self._ledger_url)) as ledger:
                wanted |= {ledger.canonical_of(one) for one in wanted}
        return wanted, None if owner is None else owner.name

    def _by_ledger(self, wanted: set[str]) -> ArticleHistory | None:
        if self._ledger_url is None or not has_ledger(self._ledger_url):
            return None
        with closing(Ledger.open(self._ledger_url)) as ledger:
            for url in sorted(wanted):
                known = ledger.revisions(url)
                refs = [parse_prefix(ledger.prefix_of(one.run) or "") for one in known]
                events = ledger.events_of(url)
                if not known or None in refs:
                    continue
                versions = [one for ref in refs if ref for one in self._versions(ref, {url})]
                if not versions:
                    continue  # the ledger is of another store
                past_events = (Event(one.time.isoformat(), one.event, one.run) for one in events)
                return ArticleHistory(url, _in_time(versions), tuple(past_events))
        return None

    def _versions_in(
        self, refs: Iterable[RunRef], wanted: set[str], url: str
    ) -> tuple[Version, ...]:
        found: list[Version] = []
        for ref in refs:
            found += self._versions(ref, wanted | _urls_of(found))
        if not found:
            raise self._not_found(url)
        return _in_time(found)

    def _events_in(self, refs: Iterable[RunRef], wanted: set[str]) -> tuple[Event, ...]:
        events = [
            Event(line["time"], line["event"], ref.run)
            for ref in refs
            for line in self._lines(ref, "events.jsonl.gz")
            if line["event"] in ("gone", "back") and line["url"] in wanted
        ]
        return tuple(sorted(events, key=lambda event: event.time))

    def _crawled_runs(self, site: str | None) -> Iterator[RunRef]:
        """Yield the landed runs but derived ones: those have the same articles, extracted again."""
        return (ref for ref in self._runs(site) if not ref.is_derived)

    def _runs(self, site: str | None) -> Iterator[RunRef]:
        """Yield the landed runs of the site, and those of saved pages, which may be on any."""
        yield from list_runs(self._store, site)
        if site is not None:
            yield from list_runs(self._store, SAVED)

    def _versions(self, ref: RunRef, wanted: set[str]) -> Iterator[Version]:
        for article in self._lines(ref, "articles.jsonl.gz"):
            if wanted & {article["canonical_url"], article["url"], article["id"]}:
                yield Version(ref, article)

    def _captures(self, ref: RunRef) -> Iterator[Capture]:
        for line in Snapshot(self._store, ref).open(INDEX).read().splitlines():
            _, time, fields = line.split(b" ", 2)
            yield Capture(ref, time.decode("ascii"), json.loads(fields))

    def _index(self, ref: RunRef) -> Iterator[Capture]:
        with suppress(ObjectMissing):  # a download of the articles alone has none
            yield from self._captures(ref)

    def _lines(self, ref: RunRef, path: str) -> Iterable[dict[str, Any]]:
        file = Snapshot(self._store, ref).open(path)
        return GzipLines(file.read(), file.url)

    def _not_found(self, url: str) -> NewsbotError:
        return NewsbotError(f"{url}: no revision or capture is in {self._store.url}")


def raw_record(store: Store, version: Version) -> bytes:
    """Return the WARC record (decompressed) of the article's page, read with one range request.

    Raises:
        NewsbotError: the record is not where the article says.
    """
    return _raw(store, version.article["sources"][0], version.ref)


def raw_capture(store: Store, capture: Capture) -> bytes:
    """Return the WARC record (decompressed) of a capture, like ``raw_record``."""
    return _raw(store, capture.fields, capture.ref)


def _raw(store: Store, place: Mapping[str, Any], ref: RunRef) -> bytes:
    try:
        found = RecordReader(store).read(MemberRange.from_fields(place), ref.of_source())
    except (ObjectMissing, FixityError) as error:
        raise NewsbotError(f"{error}; run `newsbot verify {ref.run}` for details") from error
    return found.uncompressed


def nothing_before(url: str, first: datetime) -> NewsbotError:
    """Return the error for an instant that is before the first capture."""
    return NewsbotError(
        f"{url}: its first capture is of {first:%Y%m%d%H%M%S} (UTC); nothing is kept from before"
    )


def has_ledger(url: str) -> bool:
    """Return whether the SQLAlchemy URL names an existing ledger; none is created."""
    scheme, _, path = url.partition(":///")
    return not scheme.startswith("sqlite") or Path(path.partition("?")[0]).is_file()


def _urls_of(versions: Iterable[Version]) -> set[str]:
    return {version.article["canonical_url"] for version in versions}


def _in_time(versions: list[Version]) -> tuple[Version, ...]:
    return tuple(sorted(versions, key=_capture_order))


def _capture_order(version: Version) -> tuple[str, int]:
    return version.article["fetched_at"], version.number
