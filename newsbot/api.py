"""The public API for Python: archives to read, pages to extract, sites.

Days are ``datetime.date``, both ends of a span included; times are aware. Iterators are lazy: they
read the store while they are iterated. Errors are ``newsbot.errors.NewsbotError``.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from newsbot.archive.articles import ArticleFinder, Capture
from newsbot.archive.export.rows import article_rows
from newsbot.archive.export.selection import Wanted, select
from newsbot.archive.instants import Instant, parse_instant
from newsbot.archive.manifest import Manifest
from newsbot.archive.read_record import MemberRange, RecordReader
from newsbot.archive.snapshots import DamagedRun, Snapshot, find_runs, read_runs
from newsbot.archive.verify import RunVerdict, verify_runs
from newsbot.config import load_config
from newsbot.errors import ConfigError, FixityError, NewsbotError, ObjectMissing
from newsbot.extract import extract
from newsbot.layout import RunRef
from newsbot.models import Article, Extraction, ListPosition, Page, PageRole, Source
from newsbot.sites.loading import Sites, find_site, site_of, unknown_site
from newsbot.sites.loading import load_site as load_seed
from newsbot.sites.site import Site
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import Store
from newsbot.warc.fault import Fault

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Archive",
    "Article",
    "Capture",
    "Extraction",
    "Fault",
    "ListPosition",
    "Page",
    "Site",
    "Snapshot",
    "extract_page",
    "load_site",
    "open_archive",
]


def extract_page(
    body: bytes | str,
    *,
    url: str,
    site: Site | str | Path | None = None,
    fetched_at: datetime | None = None,
    content_type: str | None = None,
    role: PageRole = "article",
    position: ListPosition | None = None,
) -> Extraction:
    """Return the content of one page; the same page always gives the same result.

    Args:
        body: the document with its content coding removed; text, or bytes in the encoding that the
            content type or the document names.
        url: where it was fetched from, after redirects; links are resolved against it.
        site: whose rules apply: a Site, a seed's name, or the path of one; None for evidence alone.
        fetched_at: when it was fetched (aware), which relative dates count from; now if not given.
        content_type: the header as received.
        role: what the page was asked for: article, next_page, list, feed, sitemap, or page where
            that is not known.
        position: of a list page: the list's URL as in the seed, and the page's number from 1; if
            not given, the page is the first one of the list that has its URL.

    Returns:
        ``kind`` (article, list, feed, sitemap, empty, other), ``articles``, ``links``,
        ``sitemaps``, ``next_page``, ``notes``.

    Raises:
        ConfigError: there is no such site, or its seed is wrong.
        ValueError: ``fetched_at`` has no time zone, or there is no such role.
    """
    at = fetched_at or datetime.now(UTC)
    if at.tzinfo is None:
        raise ValueError("fetched_at: give it a time zone, as in datetime.now(UTC)")
    if role not in get_args(PageRole):
        raise ValueError(f"role: {role!r} is none of {', '.join(get_args(PageRole))}")
    if isinstance(body, str):
        body, content_type = body.encode(), "text/html; charset=utf-8"
    if not isinstance(site, Site):
        site = unknown_site(url) if site is None else load_site(site)
    if role == "list" and position is None:
        position = ListPosition(url)
    page = Page(
        url, body, at.astimezone(UTC), content_type=content_type, role=role, position=position
    )
    return extract(page, site)


def load_site(name_or_path: str | Path) -> Site:
    """Return the site of a seed: by name, from the configured folder of seeds, or by its path.

    Raises:
        ConfigError: there is no such site, or its seed is wrong; the message says what to do.
    """
    wanted = str(name_or_path)
    if wanted.endswith(".toml") or "/" in wanted:
        return load_seed(Path(wanted))
    return find_site(wanted, load_config().seeds_folder)


def open_archive(url: str | Path, *, s3: S3Options = S3Options()) -> "Archive":  # noqa: B008
    """Open a store, or a downloaded part of one, for reading; no configuration is needed.

    Args:
        url: a folder, or ``s3://bucket/prefix`` (credentials and endpoint come from boto3's own
            variables and files).
        s3: options of a store on S3, such as how its buckets are addressed.

    Raises:
        StoreError: it cannot be reached or read, or its layout is newer than this newsbot.
        ConfigError: it is no store's address.
    """
    store = open_store(str(url), s3)
    check_store(store, write=False)
    return Archive(store)


class Archive:
    """The landed snapshots of a store, which is only read.

    All methods raise StoreError if the store cannot be read, and FixityError if stored files do
    not match their manifest.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records = RecordReader(store)

    @property
    def url(self) -> str:
        """The store's address."""
        return self._store.url

    @cached_property
    def _finder(self) -> ArticleFinder:
        return ArticleFinder(self._store, _sites_of(self._store))

    def runs(
        self, since: date | None = None, until: date | None = None, site: str | None = None
    ) -> Iterator[Snapshot]:
        """Yield landed runs by day, site and start; derived runs follow their source.

        Args:
            since, until: the first and last day, in the site's time zone.
            site: the name of a seed.
        """
        for run in read_runs(self._store, find_runs(self._store, site, since, until)):
            if isinstance(run, DamagedRun):
                raise run.error
            yield run

    def articles(
        self,
        since: date | None = None,
        until: date | None = None,
        site: str | None = None,
        *,
        latest: bool = False,
    ) -> Iterator[Article]:
        """Yield all revisions of articles that landed on these days, as their crawls read them.

        Args:
            since, until, site: like those of ``runs``.
            latest: each article once: its newest revision of these days, as extracted by the
                newest reprocessing of its run.
        """
        selection = select(
            self.runs(since, until, site), derived=latest, wanted=Wanted(latest=latest)
        )
        for row in article_rows(selection, lambda *_: None):
            yield Article.model_validate_json(row.line, extra="ignore")

    def revisions(self, url: str) -> Iterator[Article]:
        """Yield the revisions of an article, the first one first.

        Args:
            url: its URL as printed or canonical, or its id.

        Raises:
            NewsbotError: the store has none.
        """
        for version in self._finder.versions(url):
            yield Article.model_validate(version.article, extra="ignore")

    def article(
        self, url: str, *, revision: int | None = None, at: datetime | date | str | None = None
    ) -> Article:
        """Return one revision of an article, as its crawl read it: the newest one, or another.

        Args:
            url: its URL as printed or canonical, or its id.
            revision: its number.
            at: an instant: the revision that was the newest then. A time (aware), a day of
                snapshots, which counts to its end, or a text: 14 digits as replay tools have them
                (UTC), ISO 8601, or a day.

        Raises:
            NewsbotError: the store has none, or not that one, or it was captured later.
            ConfigError: ``at`` is no instant.
            ValueError: ``at`` has no time zone, or both are given.
        """
        if revision is not None and at is not None:
            raise ValueError("revision and at: each chooses a revision; give one of them")
        history = self._finder.history(url)
        if at is not None:
            found = self._finder.as_of(history, _instant(at))
        elif revision is not None:
            found = history.version(revision)
        else:
            found = history.versions[-1]
        return Article.model_validate(found.article, extra="ignore")

    def captures(self, url: str) -> Iterator[Capture]:
        """Yield the captures of a URL, which need not be an article's."""
        return self._finder.captures(url)

    def capture_of(self, article: Article) -> Capture | None:
        """Return the capture that an article was read from.

        Its ``time`` is the one at which replay tools have the page; ``fetched_at`` is when the
        response was complete. None where the store lacks the index of its run.
        """
        sources = [source.model_dump() for source in article.sources]
        home = self._records.home(sources[0]["file"] or "")
        return None if home is None else self._finder.capture_of(sources, home)

    def record(self, source: Source | Capture) -> bytes:
        """Return the WARC record (headers and block) that an article's source or a capture names.

        Raises:
            ObjectMissing: the store does not have it.
            FixityError: there is no complete record at that place.
        """
        fields = source.fields if isinstance(source, Capture) else source.model_dump()
        return self._records.read(MemberRange.from_fields(fields)).uncompressed

    def verify(
        self, since: date | None = None, until: date | None = None, site: str | None = None, *,
        deep: bool = False,
    ) -> Iterator[Fault]:  # fmt: skip
        """Yield every fault and remark of the runs of these days.

        A remark (``is_remark``) is about what a server sent; nothing is damaged. With ``deep`` each
        article is also extracted again from its archived page, and compared.
        """
        refs = find_runs(self._store, site, since, until)
        if not deep:
            yield from _faults(verify_runs(self._store, refs))
            return
        from newsbot.reprocess import DeepCheck  # noqa: PLC0415 - it brings all of reprocess

        with DeepCheck() as check:
            yield from _faults(verify_runs(self._store, refs, deep=check.faults))

    def to_pandas(
        self, since: date | None = None, until: date | None = None, site: str | None = None
    ) -> "pd.DataFrame":
        """Return the newest revision of each article of these days as a table, one per row.

        The columns are the article's fields (``docs/article.md``): times in UTC, lists and objects
        as Python has them.

        Raises:
            NewsbotError: pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - newsbot runs without it
        except ImportError as error:
            raise NewsbotError("to_pandas needs pandas: pip install pandas") from error
        articles = self.articles(since, until, site, latest=True)
        rows = [article.model_dump(by_alias=True) for article in articles]
        names = [field.alias or name for name, field in Article.model_fields.items()]
        table = pd.DataFrame(rows, columns=names)
        for name in ("published_at", "modified_at", "fetched_at"):
            table[name] = pd.to_datetime(table[name], utc=True)
        return table


def _faults(found: Iterable[Fault | RunVerdict]) -> Iterator[Fault]:
    return (one for one in found if isinstance(one, Fault))


def _instant(at: datetime | date | str) -> Instant:
    if isinstance(at, str):
        return parse_instant(at, "at")
    if isinstance(at, datetime) and at.tzinfo is None:
        raise ValueError("at: give it a time zone, as in datetime.now(UTC)")
    return at


def _sites_of(store: Store) -> Sites:
    """Return the sites of a store, each by the seed of its newest landed run.

    A seed that this version no longer accepts is left out: its URLs are read by general rules.
    """
    newest_first: dict[str, list[RunRef]] = {}
    for ref in sorted(find_runs(store), key=lambda ref: ref.run, reverse=True):
        newest_first.setdefault(ref.site, []).append(ref)
    sites = []
    for refs in newest_first.values():
        manifest = _first_manifest(store, refs)
        if manifest is not None:
            with suppress(ConfigError):
                sites.append(site_of(manifest.seed.text, f"the seed of {manifest.run}"))
    return Sites(sites)


def _first_manifest(store: Store, refs: list[RunRef]) -> Manifest | None:
    """Return the manifest of the first run that has landed and is whole, if there is one."""
    for ref in refs:
        with suppress(ObjectMissing, FixityError):
            return Snapshot(store, ref).manifest
    return None
