"""All that is kept of one article: its revisions as they landed, and when it was gone or back."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import list_runs
from newsbot.archive.verify_target import has_ledger
from newsbot.config import Config
from newsbot.errors import NewsbotError, ObjectMissing
from newsbot.extract import canonical_url
from newsbot.layout import RunRef, parse_prefix
from newsbot.sites.site import Site, load_sites
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
        """What changed against the one before, among title and text."""
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
    """The page was gone (404 or 410), or was back; time in UTC, ISO 8601."""

    time: str
    event: str
    run: str


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """Revisions and events, the earliest first."""

    url: str
    versions: tuple[Version, ...]
    events: tuple[Event, ...]

    def version(self, number: int) -> Version:
        """The revision of that number.

        Raises:
            NewsbotError: there is none; the message says which there are.
        """
        for version in self.versions:
            if version.number == number:
                return version
        there = ", ".join(str(version.number) for version in self.versions)
        raise NewsbotError(f"{self.url}: no revision {number} is kept; there are: {there}")


def history_of(url: str, config: Config, store: Store) -> ArticleHistory:
    """The history of the article at the URL, as printed or canonical, or of that id.

    The ledger tells which runs to look into; where it does not know the article, all are.

    Raises:
        NewsbotError: nothing of it is kept.
    """
    owner = load_sites(config.seeds_folder).owner(url) if config.seeds_folder.is_dir() else None
    wanted = {url, canonical_url(url, owner)}
    site = None if owner is None else owner.name
    found = _by_ledger(wanted, config, store) or _by_store(wanted, site, store)
    if not found.versions:
        raise NewsbotError(f"{url}: nothing of it is kept in {store.url}")
    return found


def _by_ledger(wanted: set[str], config: Config, store: Store) -> ArticleHistory | None:
    if not has_ledger(config):
        return None
    from newsbot.ledger import Ledger

    with closing(Ledger.open(config.ledger_url)) as ledger:
        for url in sorted(wanted):
            known = ledger.revisions(url)
            refs = [parse_prefix(ledger.prefix_of(one.run) or "") for one in known]
            events = ledger.events_of(url)
            if not known or None in refs:
                continue
            versions = [one for ref in refs if ref for one in _versions(store, ref, {url})]
            happened = (Event(one.time.isoformat(), one.event, one.run) for one in events)
            return ArticleHistory(url, _in_order(versions), tuple(happened))
    return None


def _by_store(wanted: set[str], site: str | None, store: Store) -> ArticleHistory:
    versions: list[Version] = []
    events: list[Event] = []
    for ref in list_runs(store, site):
        if ref.is_derived:
            continue  # a reprocessed run says what is kept already, by other rules
        found = list(_versions(store, ref, wanted))
        versions += found
        wanted |= {version.article["canonical_url"] for version in found}
        lines = GzipLines(store.get(f"{ref.prefix}events.jsonl.gz"))
        events += [
            Event(line["time"], line["event"], ref.run)
            for line in lines
            if line["event"] in ("gone", "back") and line["url"] in wanted
        ]
    url = versions[0].article["canonical_url"] if versions else min(wanted)
    happened = tuple(sorted(events, key=lambda event: event.time))
    return ArticleHistory(url, _in_order(versions), happened)


def _versions(store: Store, ref: RunRef, wanted: set[str]) -> Iterator[Version]:
    for article in GzipLines(store.get(f"{ref.prefix}articles.jsonl.gz")):
        if wanted & {article["canonical_url"], article["url"], article["id"]}:
            yield Version(ref, article)


def _in_order(versions: list[Version]) -> tuple[Version, ...]:
    return tuple(sorted(versions, key=lambda version: version.number))


@dataclass(frozen=True, slots=True)
class Kept:
    """An article line and the run that holds it."""

    ref: RunRef
    article: dict[str, Any]


def find_article(url: str, config: Config, store: Store) -> Kept:
    """The newest kept line of the article at this URL; a reprocessed one goes before its source.

    Raises:
        NewsbotError: nothing of it is kept.
    """
    owner: Site | None = None
    if config.seeds_folder.is_dir():
        owner = load_sites(config.seeds_folder).owner(url)
    wanted = {url, canonical_url(url, owner)}
    newest = sorted(
        list_runs(store, owner.name if owner else None), key=lambda ref: ref.run, reverse=True
    )
    for ref in newest:
        for article in GzipLines(store.get(f"{ref.prefix}articles.jsonl.gz")):
            if wanted & {article["canonical_url"], article["url"], article["id"]}:
                return Kept(ref, article)
    raise NewsbotError(f"{url}: nothing of it is kept in {store.url}")


def raw_record(store: Store, kept: Kept) -> bytes:
    """The WARC record (decompressed) of the article's page, with one range read.

    Raises:
        NewsbotError: the record is not where the article says.
    """
    from isal import isal_zlib

    source = kept.article["sources"][0]
    name = f"{kept.ref.of_source().prefix}warc/{source['file']}"
    try:
        member = store.get_range(name, source["offset"], source["length"])
        return isal_zlib.decompress(member, wbits=31)
    except (ObjectMissing, isal_zlib.IsalError) as error:  # type: ignore[misc]  # its stub
        raise NewsbotError(
            f"{store.url}/{name}: no record at {source['offset']}: {error}; `newsbot verify "
            f"{kept.ref.run}` says more"
        ) from error
