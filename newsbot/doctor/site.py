"""The doctor's look at one site: robots.txt, feeds, lists, and an article against its capture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select

from newsbot.alarms.layout import FIELD_OF
from newsbot.alarms.state import open_alarms
from newsbot.alarms.verdict import Kind
from newsbot.archive.earlier_captures import EarlierCaptures
from newsbot.config import Config
from newsbot.doctor.check import Check
from newsbot.doctor.fetch import Answer, Client, ProbeFailed
from newsbot.errors import StoreError
from newsbot.extract import canonical_url, extract
from newsbot.extract.document import decode, parse
from newsbot.extract.select import found_by, selectors_of
from newsbot.ledger import Ledger
from newsbot.ledger.landed import KnownArticle
from newsbot.ledger.schema import articles
from newsbot.models import ListPosition, Page, PageRole
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site
from newsbot.stores.store import Store

REQUIRED = ("container", "title", "published")
"""Keys whose selectors must find something on an article even if nothing was ever captured."""


@dataclass(frozen=True, slots=True)
class Finds:
    """What one selector of a seed finds: now, and before (None without an earlier capture)."""

    key: str
    selector: str
    now: int
    before: int | None

    @property
    def is_lost(self) -> bool:
        """Whether it found something and no longer does."""
        return bool(self.before) and not self.now


class SiteExamination:
    """Looks at one site with few requests: one for each host's robots.txt, feed and list, one more
    for an article."""

    def __init__(
        self, site: Site, config: Config, ledger: Ledger | None, store: Store | None
    ) -> None:
        self._site = site
        self._ledger = ledger
        self._store = store
        self._client = Client(site, config)
        self._links: list[str] = []

    def checks(self) -> Iterator[Check]:
        """Yield all checks, as they are made."""
        for feed in self._site.feeds:
            yield self._start(feed, "feed")
        for walk in self._site.lists:
            yield self._start(walk.url, "list", ListPosition(walk.url))
        try:
            known = self._known()
            url = known.canonical_url if known is not None else next(iter(self._links), None)
            if url is None:
                yield self._check("article", "wrong", "no article is known and none was found")
                return
            answer = self._client.get(url)
        except ProbeFailed as error:
            yield self._check("article", "wrong", str(error))
            return
        yield from self._article(answer, known)

    # -- feeds and lists -----------------------------------------------------------------------

    def _start(self, url: str, name: PageRole, position: ListPosition | None = None) -> Check:
        try:
            page = replace(_page(self._client.get(url)), role=name, position=position)
            said = extract(page, self._site)
        except ProbeFailed as error:
            return self._check(name, "wrong", str(error))
        urls = [canonical_url(one.url, self._site) for one in said.links]
        self._links += [one for one in urls if self._site.is_article(one)]
        if said.notes:
            return self._check(name, "wrong", f"{url}: {', '.join(said.notes)}")
        if not urls:
            return self._check(name, "wrong", f"{url}: no article is linked there")
        return self._check(name, "good", f"{url}: {len(urls)} articles")

    # -- an article ----------------------------------------------------------------------------

    def _article(self, answer: Answer, known: KnownArticle | None) -> Iterator[Check]:
        said = extract(_page(answer), self._site)
        if not said.articles:
            yield self._check("article", "wrong", f"{answer.url}: no article was found on the page")
        else:
            missing = ", ".join(said.articles[0].missing)
            text = f"without {missing}" if missing else "complete"
            yield self._check("article", "note" if missing else "good", f"{answer.url}: {text}")
        before = self._captured(known)
        yield self._selectors(finds(self._site, _page(answer), before), before)

    def _selectors(self, found: list[Finds], before: Page | None) -> Check:
        """Judge the selectors: a key is wrong where none finds anything and one used to."""
        silent = {one.key for one in found} - {one.key for one in found if one.now}
        wrong = {one.key for one in found if one.key in silent and one.is_lost}
        if before is None:
            wrong = silent.intersection(REQUIRED)
        lost = [one for one in found if one.is_lost or (before is None and one.key in wrong)]
        lines = tuple(_line(one) for one in lost)
        if not wrong:
            kept = len({one.key for one in found} - silent)
            return self._check("selectors", "good", f"{kept} rules find what they should", *lines)
        fields = ", ".join(sorted(FIELD_OF.get(key, key) for key in wrong))
        return self._check("selectors", "wrong", f"nothing is found any more for {fields}", *lines)

    def _known(self) -> KnownArticle | None:
        """Return the newest article that was captured before the layout is said to have changed."""
        if self._ledger is None:
            return None
        query = select(articles.c.canonical_url).where(articles.c.site == self._site.name)
        for alarm in open_alarms(self._ledger):
            if (alarm.kind, alarm.site) == (Kind.layout, self._site.name):
                query = query.where(articles.c.run < str(alarm.details["first_run"]))
        query = query.order_by(articles.c.fetched_at.desc()).limit(1)
        with self._ledger.reading() as connection:
            url = connection.execute(query).scalar()
        return None if url is None else self._ledger.article(url)

    def _captured(self, known: KnownArticle | None) -> Page | None:
        if known is None or not known.pages or self._ledger is None or self._store is None:
            return None
        try:
            return EarlierCaptures(self._store, self._ledger).pages(known)[0]
        except StoreError:
            return None  # the store has a check of its own; the page is judged without its past

    def _check(self, name: str, verdict: str, text: str, *details: str) -> Check:
        return Check(name, verdict, text, details, self._site.name)  # type: ignore[arg-type]


def _page(answer: Answer) -> Page:
    return Page(answer.url, answer.body, datetime.now(UTC), answer.status, answer.content_type)


def _line(one: Finds) -> str:
    was = "" if one.before is None else f", found {one.before} when it was captured"
    return f"select.{one.key}: {one.selector!r} finds nothing{was}"


def finds(site: Site, now: Page, before: Page | None) -> list[Finds]:
    """For every selector of the seed's ``select``, in the seed's order."""
    counts = _counts(site, now)
    earlier = {} if before is None else _counts(site, before)
    return [
        Finds(key, _written(selector), counts[key, position], earlier.get((key, position)))
        for key, position, selector in _all(site)
    ]


def _counts(site: Site, page: Page) -> dict[tuple[str, int], int]:
    document = parse(decode(page), page.url)
    if document is None:
        return {(key, position): 0 for key, position, _ in _all(site)}
    return {(key, at): found_by(document, selector, None) for key, at, selector in _all(site)}


def _all(site: Site) -> Iterator[tuple[str, int, Selector]]:
    for key in site.rules:
        for position, selector in enumerate(selectors_of(site, key)):
            yield key, position, selector


def _written(selector: Selector) -> str:
    """Return the selector as it stands in the seed."""
    return selector.css if selector.css is not None else str(selector.xpath)
