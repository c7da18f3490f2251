"""One page, fetched or saved, and everything that a seed makes of it: ``newsbot try``.

Nothing of it is kept: no store, ledger or spool is opened.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from newsbot.config import Config
from newsbot.doctor.fetch import Client, FetchedPage, RedirectsElsewhere, RobotsAnswer
from newsbot.errors import NewsbotError
from newsbot.extract import explain, extract
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.evidence import (
    FieldEvidence,
    RuleMatches,
    explain_article,
    matches_of_rules,
)
from newsbot.extract.feed_source import find_feed
from newsbot.extract.json_pages import is_json
from newsbot.extract.non_article import is_shell
from newsbot.extract.sitemap import is_sitemap
from newsbot.models import Extraction, Link, ListPosition, Page, PageRole
from newsbot.sites.loading import unknown_site
from newsbot.sites.site import Site

_MOST_REDIRECTS: Final = 5  # to other hosts, for a page without a seed
_MOST_ANCHORS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page, each once: of articles, others on the site's hosts, on other hosts."""

    articles: tuple[Link, ...]
    others: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A page and what was made of it.

    ``fetched`` and ``robots`` are None for a saved page, ``document`` for one that is not HTML.
    ``has_seed`` is false for a page read by evidence alone.
    """

    page: Page
    site: Site
    has_seed: bool
    extraction: Extraction
    document: Document | None
    fetched: FetchedPage | None
    robots: RobotsAnswer | None
    fields: list[FieldEvidence]
    rules: list[RuleMatches]
    links: Links

    @property
    def notes(self) -> list[str]:
        """What the extractor remarks, in words."""
        return list(map(explain, self.extraction.notes))

    @property
    def found_nothing(self) -> bool:
        """Whether the page has neither an article nor links that a crawl would follow."""
        found = self.extraction
        return not (found.articles or found.links or found.sitemaps)

    @property
    def browser(self) -> str:
        """Whether the page needs a browser, in words."""
        mode = self.site.render_of(self.page.url)
        if mode == "always":
            return "crawls load it in one (render): this is the page without"
        if self.found_nothing and self.document is not None and is_shell(self.document):
            return "needed: scripts build the page; set render"
        return "not needed" if not self.found_nothing else "of no visible use"


def try_page(
    url: str, site: Site | None, config: Config, *, saved: Path | None, role: PageRole | None
) -> Trial:
    """Return what is made of a page.

    Args:
        site: whose seed applies; None for evidence alone.
        saved: a file with the page, instead of fetching it. Relative dates count from its time.
        role: what to read it as; None to tell by the seed and by what it is.

    Raises:
        ProbeFailed: it cannot be fetched, or robots.txt forbids it.
        NewsbotError: the file cannot be read.
    """
    if saved is not None:
        page = _saved_page(url, saved)
        return _trial(url, page, site or unknown_site(url), role, has_seed=site is not None)
    if site is not None:
        return _fetch_and_try(url, site, config, role, has_seed=True)
    for _ in range(_MOST_REDIRECTS):
        try:
            return _fetch_and_try(url, unknown_site(url), config, role, has_seed=False)
        except RedirectsElsewhere as redirect:
            url = redirect.target  # another host, whose robots.txt is asked first
    raise NewsbotError(f"{url}: more than {_MOST_REDIRECTS} redirects from host to host")


def _saved_page(url: str, path: Path) -> Page:
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Page(url, path.read_bytes(), at)
    except OSError as error:
        raise NewsbotError(f"{path}: cannot be read: {error.strerror}") from error


def _fetch_and_try(
    url: str, site: Site, config: Config, role: PageRole | None, *, has_seed: bool
) -> Trial:
    client = Client(site, config)
    robots = client.robots(url)
    fetched = client.get_any(url)
    at = datetime.now(UTC)
    page = Page(fetched.url, fetched.body, at, fetched.status, fetched.content_type)
    made = _trial(url, page, site, role, has_seed=has_seed)
    return replace(made, fetched=fetched, robots=robots)


def _trial(asked: str, page: Page, site: Site, role: PageRole | None, *, has_seed: bool) -> Trial:
    source = decode(page)
    page = replace(page, role=role or _role_of(asked, source, site, has_seed=has_seed))
    if page.role == "list":
        page = replace(page, position=ListPosition(asked))
    extraction = extract(page, site)
    document = _document(source, page, extraction)
    fields: list[FieldEvidence] = []
    rules: list[RuleMatches] = []
    if document is not None and extraction.articles:
        fields = explain_article(document, page, site)
    if document is not None:
        listing = site.list_at(asked) if page.role == "list" else None
        rules = matches_of_rules(document, site, listing) if fields or listing else []
    links = _links(document, page, site, extraction)
    return Trial(page, site, has_seed, extraction, document, None, None, fields, rules, links)


def _role_of(url: str, source: str, site: Site, *, has_seed: bool) -> PageRole:
    """Return what a crawl would ask for this URL for; without a seed, what the page seems to be."""
    if any(url == feed.url for feed in site.feeds):
        return "feed"
    if url in site.sitemaps or urlsplit(url).path == "/robots.txt":
        return "sitemap"
    if site.list_at(url) is not None:
        return "list"
    if find_feed(source) is not None or is_json(source):
        return "feed"
    if is_sitemap(source):
        return "sitemap"
    is_home = not has_seed and urlsplit(url).path in ("", "/")
    return "list" if is_home else "article"


def _document(source: str, page: Page, extraction: Extraction) -> Document | None:
    is_html = extraction.kind not in ("feed", "sitemap") and not is_json(source)
    return parse(source, page.url) if is_html and source.strip() else None


def _links(document: Document | None, page: Page, site: Site, extraction: Extraction) -> Links:
    found = list(extraction.links)
    known = {link.url for link in found}
    if document is None:
        everything = extract(page, site.with_any_article())
        urls = [link.url for link in everything.links] + list(extraction.other_links)
    else:
        anchors = islice(document.root.iter("a"), _MOST_ANCHORS)
        urls = list(filter(None, (document.url(one.get("href")) for one in anchors)))
        found += [Link(url) for url in _once(urls) if url not in known and site.is_article(url)]
        known |= {link.url for link in found}
    rest = [url for url in _once(urls) if url not in known]
    return Links(
        tuple(found),
        tuple(url for url in rest if site.owns(url)),
        tuple(url for url in rest if not site.owns(url)),
    )


def _once(urls: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(url.partition("#")[0] for url in urls)
