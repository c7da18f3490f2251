"""The doctor's checks of one site: feeds, sitemaps, lists, and an article against its capture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from newsbot.alarms.layout import FIELD_OF
from newsbot.alarms.state import open_alarms
from newsbot.alarms.verdict import Kind
from newsbot.archive.earlier_captures import EarlierCaptures
from newsbot.config import Config
from newsbot.doctor.check import Check, CheckVerdict
from newsbot.doctor.fetch import Client, FetchedPage, ProbeFailed
from newsbot.doctor.lists import ListExamination
from newsbot.errors import ExtractionFailed, StoreError
from newsbot.extract import canonical_url, explain, extract
from newsbot.extract.document import decode, parse
from newsbot.extract.select import count_matches, selectors_of
from newsbot.ledger import Ledger
from newsbot.ledger.landed import KnownArticle
from newsbot.ledger.schema import articles
from newsbot.models import Page, PageRole
from newsbot.sites.site import Site
from newsbot.sites.values import Selector
from newsbot.stores.store import Store

_NO_RULES = "the seed has none: fields are found by evidence alone"
_REQUIRED = ("container", "title", "published")
"""Keys whose selectors must find something on an article even without an earlier capture."""


@dataclass(frozen=True, slots=True)
class SelectorMatches:
    """How often a seed's selector matches: now, and before (None without an earlier capture)."""

    key: str
    selector: str
    now: int
    before: int | None

    @property
    def is_lost(self) -> bool:
        """Whether it matched something and no longer does."""
        return bool(self.before) and not self.now


class SiteExamination:
    """Examines one site with few requests.

    There is one for each host's robots.txt, feed and sitemap, at most three for each list, and one
    for an article.
    """

    def __init__(
        self, site: Site, config: Config, ledger: Ledger | None, store: Store | None
    ) -> None:
        self._site = site
        self._ledger = ledger
        self._store = store
        self._client = Client(site, config)
        self._links: list[str] = []

    def checks(self) -> Iterator[Check]:
        """Yield all checks, each as soon as it is done."""
        today = datetime.now(ZoneInfo(self._site.time_zone)).date()
        for feed in self._site.feeds:
            yield self._check_start_page(feed.url, "feed")
        for sitemap in self._site.sitemaps:
            yield self._check_start_page(sitemap, "sitemap")
        for listing in self._site.lists:
            walk = listing.on(today) if listing.is_dated else listing
            examination = ListExamination(self._site, walk, self._client)
            yield from examination.checks()
            self._links += (canonical_url(url, self._site) for url in examination.articles)
        try:
            known = self._newest_known()
            url = known.canonical_url if known is not None else next(iter(self._links), None)
            if url is None:
                text = "no article is known, and none is linked from the site's feeds and lists"
                yield self._check("article", "wrong", text)
                return
            fetched = self._client.get(url)
        except ProbeFailed as error:
            yield self._check("article", "wrong", str(error))
            return
        yield from self._check_article(_page(fetched), known)

    # -- feeds and sitemaps --------------------------------------------------------------------

    def _check_start_page(self, url: str, role: PageRole) -> Check:
        try:
            page = replace(_page(self._client.get(url)), role=role)
            extraction = extract(page, self._site)
        except ProbeFailed as error:
            return self._check(role, "wrong", str(error))
        urls = [canonical_url(link.url, self._site) for link in extraction.links]
        self._links += [url for url in urls if self._site.is_article(url)]
        if extraction.notes:
            notes = ", ".join(map(explain, extraction.notes))
            return self._check(role, "wrong", f"{url}: {notes}")
        if extraction.sitemaps:
            return self._check(role, "good", f"{url}: {len(extraction.sitemaps)} sitemaps")
        if extraction.other_links:
            text = f"{url}: no link matches hosts and urls.article"
            return self._check(role, "wrong", text, *extraction.other_links)
        if not urls:
            return self._check(role, "wrong", f"{url}: it links to no article")
        return self._check(role, "good", f"{url}: {len(urls)} articles")

    # -- an article ----------------------------------------------------------------------------

    def _check_article(self, page: Page, known: KnownArticle | None) -> Iterator[Check]:
        extraction = extract(page, self._site)
        if not extraction.articles:
            yield self._check("article", "wrong", f"{page.url}: no article was found on the page")
        else:
            missing = ", ".join(extraction.articles[0].missing)
            text = f"without {missing}" if missing else "complete"
            yield self._check("article", "note" if missing else "good", f"{page.url}: {text}")
        before = self._earlier_page(known)
        yield self._check_selectors(selector_matches(self._site, page, before), before)

    def _check_selectors(self, matches: list[SelectorMatches], before: Page | None) -> Check:
        """Check the selectors: a key is wrong if none of its selectors matches and one used to."""
        silent = {one.key for one in matches} - {one.key for one in matches if one.now}
        wrong = {one.key for one in matches if one.key in silent and one.is_lost}
        if before is None:
            wrong = silent.intersection(_REQUIRED)
        lost = [one for one in matches if one.is_lost or (before is None and one.key in wrong)]
        lines = tuple(_describe(one) for one in lost)
        if not wrong:
            working = len({one.key for one in matches} - silent)
            text = f"{working} rules find what they should" if matches else _NO_RULES
            return self._check("selectors", "good", text, *lines)
        fields = ", ".join(sorted(FIELD_OF.get(key, key) for key in wrong))
        text = f"the seed's rules no longer find {fields}: adapt their selectors"
        return self._check("selectors", "wrong", text, *lines)

    def _newest_known(self) -> KnownArticle | None:
        """Return the newest article captured before the layout changed, if an alarm says it did."""
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

    def _earlier_page(self, known: KnownArticle | None) -> Page | None:
        if known is None or not known.pages or self._ledger is None or self._store is None:
            return None
        try:
            return EarlierCaptures(self._store, self._ledger).pages(known)[0]
        except (StoreError, ExtractionFailed):
            return None  # `newsbot verify` names it; here there is nothing to compare with

    def _check(self, name: str, verdict: CheckVerdict, text: str, *details: str) -> Check:
        return Check(name, verdict, text, details, self._site.name)


def _page(fetched: FetchedPage) -> Page:
    return Page(fetched.url, fetched.body, datetime.now(UTC), fetched.status, fetched.content_type)


def _describe(matches: SelectorMatches) -> str:
    text = f"select.{matches.key}: {matches.selector!r} finds nothing"
    return text if matches.before is None else f"{text}, found {matches.before} in the capture"


def selector_matches(site: Site, now: Page, before: Page | None) -> list[SelectorMatches]:
    """Return how often each selector of the seed's ``select`` matches, in the seed's order."""
    counts = _counts(site, now)
    earlier = {} if before is None else _counts(site, before)
    return [
        SelectorMatches(
            key, selector.as_written, counts[key, position], earlier.get((key, position))
        )
        for key, position, selector in _selectors(site)
    ]


def _counts(site: Site, page: Page) -> dict[tuple[str, int], int]:
    document = parse(decode(page), page.url)
    if document is None:
        return {(key, position): 0 for key, position, _ in _selectors(site)}
    return {
        (key, position): count_matches(document, selector, None)
        for key, position, selector in _selectors(site)
    }


def _selectors(site: Site) -> Iterator[tuple[str, int, Selector]]:
    for key in site.rules:
        for position, selector in enumerate(selectors_of(site, key)):
            yield key, position, selector
