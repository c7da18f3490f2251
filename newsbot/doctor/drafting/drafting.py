"""A seed drafted from a site's home page: found, tried, and said how sure each key is."""

from collections.abc import Mapping, Sequence
from typing import Final

from newsbot.config import Config
from newsbot.doctor.drafting.addresses import Addresses, sort_addresses
from newsbot.doctor.drafting.keys import (
    Evidence,
    add_pattern,
    add_rendering,
    add_selectors,
    add_site,
    add_ways,
)
from newsbot.doctor.drafting.remarks import remarks_of
from newsbot.doctor.drafting.trial import Tried, judge, spread, try_articles
from newsbot.doctor.drafting.visit import NoDraft, Visit, provisional_site
from newsbot.doctor.drafting.ways import Feed, Sitemaps, find_feeds, find_sitemaps
from newsbot.extract.non_article import is_shell
from newsbot.hints import Hints
from newsbot.sites.article_pattern import ArticlePattern, article_pattern
from newsbot.sites.draft import Draft
from newsbot.sites.presets import presets_of
from newsbot.sites.site import Site

_FEWEST: Final = 3  # articles of which a pattern is made
_TRIED: Final = 5
_NOT_FED: Final = 2  # of the articles tried: those that only a sitemap or the home page names
_USUAL_DELAY: Final = 2.0  # seconds
_FEW: Final = 3


def draft_site(
    url: str, config: Config, *, name: str | None = None, delay: float = _USUAL_DELAY
) -> Draft:
    """Return the draft of a seed for the site with this home page, tried on five articles.

    It takes at most 25 requests, one at a time, within robots.txt.

    Args:
        name: of the site; from its host if None.
        delay: seconds between requests.

    Raises:
        NoDraft: the home page cannot be had, or no articles are found through it.
    """
    found = _evidence(Visit(url, config, delay), delay)
    draft = Draft(found.visit.home.url)
    add_site(draft, found, name)
    add_ways(draft, found)
    add_pattern(draft, found)
    add_rendering(draft, found)
    add_selectors(draft, found)
    if delay != _USUAL_DELAY:
        draft.add("politeness.delay", delay, "sure", "as given with --delay")
    draft.remarks += remarks_of(found, draft)
    draft.tried = list(judge(found.tried, draft.site()))
    draft.requests = found.visit.requests
    return draft


def _evidence(visit: Visit, delay: float) -> Evidence:
    """Return what the site shows, as far as it must be fetched before anything can be said."""
    home = visit.home
    generator = home.metadata.first("generator") or ""
    presets = presets_of([home.source], generator)
    feeds, sitemaps = find_feeds(visit, presets), find_sitemaps(visit, presets)
    addresses = sort_addresses(visit, feeds, sitemaps)
    pattern = None
    if len(addresses.articles) >= _FEWEST:
        pattern = article_pattern(addresses.articles, addresses.others)
    if pattern is None:
        raise NoDraft(_why_nothing(visit, feeds, sitemaps))
    site = _reader(visit, pattern, delay)
    tried = try_articles(visit, site, _to_try(site, addresses), addresses.hints)
    _refuse_what_is_no_news(visit, tried, addresses.hints)
    presets = presets_of([home.source, *(one.visited.source for one in tried)], generator)
    return Evidence(visit, feeds, sitemaps, addresses, pattern, site, tried, presets)


def _reader(visit: Visit, pattern: ArticlePattern, delay: float) -> Site:
    """Return a site that knows the articles' addresses, and reads by evidence alone."""
    keep = pattern.keep_query
    return provisional_site(visit.hosts, delay, article=pattern.article, keep_query=keep)


def _to_try(site: Site, addresses: Addresses) -> list[str]:
    """Return five articles: of the feed, from new to old, and two that it does not name."""
    known = [url for url in addresses.articles if site.is_article(url)]
    fed = [url for url in known if url in addresses.hints]
    others = [url for url in known if url not in addresses.hints]
    chosen = spread(fed, _TRIED - min(_NOT_FED, len(others))) if fed else []
    return [*chosen, *spread(others, _TRIED - len(chosen))]


def _why_nothing(visit: Visit, feeds: Sequence[Feed], sitemaps: Sitemaps) -> str:
    home = visit.home
    if is_shell(home.document):
        return (
            f"{home.url}: its home page is made by scripts, in a browser, and no feed and no "
            'sitemap was found: write the seed by hand, with render = "always" '
            "(docs/adding-a-site.md), or give the address of another page"
        )
    seen = f"{len(feeds)} feeds, {len(sitemaps.urls)} sitemaps, {len(home.anchors)} links"
    return (
        f"{home.url}: no news site: it has {seen}, and among them no addresses that look like "
        "those of articles; give the address of the page that lists the news"
    )


def _refuse_what_is_no_news(
    visit: Visit, tried: Sequence[Tried], hints: Mapping[str, Hints]
) -> None:
    """Raise an error where no page tried is an article with a date, or may be one in a browser."""
    articles = [one.article for one in tried if one.article is not None]
    are_dated = any(one.published_at for one in articles)
    fed_dates = any(one.published_at for one in hints.values())
    if any(one.is_shell for one in tried) or (articles and (are_dated or fed_dates)):
        return
    if not tried and visit.forbidden:
        raise NoDraft(
            f"{visit.forbidden[-1]}: robots.txt forbids it, as all pages tried that look like "
            "articles; newsbot obeys it: ask the site to allow its crawl"
        )
    pages = ", ".join(one.visited.url for one in tried[:_FEW])
    failed = "; ".join(list(visit.failures.values())[-_FEW:])
    raise NoDraft(
        f"{visit.home.url}: no news site: no page that looks like an article's has one with a "
        f"date: {pages or failed}; give the address of the page that lists the news"
    )
