"""The articles that a draft is tried on, first by evidence alone, then with the draft itself."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from newsbot.doctor.drafting.visit import Visit, Visited
from newsbot.extract import extract
from newsbot.extract.non_article import is_shell
from newsbot.hints import NO_HINTS, Hints
from newsbot.models import Article
from newsbot.sites.draft import TriedPage
from newsbot.sites.site import Site

Item = TypeVar("Item")

_SHORT_TEXT: Final = 140  # characters
_WHOLE: Final = 0.7  # of the text that is found without rules
_RIGHT: Final = 100  # of an article's worth; each field counts 1
_FIELDS: Final = ("title", "text", "authors", "section", "tags", "images", "published_at")
_LONG_TITLE: Final = 15  # letters: of two such titles one may be the other with something left out


@dataclass(frozen=True, slots=True)
class Tried:
    """An article's page, and what comes out of it without rules, its times read as UTC."""

    visited: Visited
    article: Article | None
    original: str | None
    hints: Hints
    is_shell: bool


def try_articles(
    visit: Visit, site: Site, urls: Iterable[str], hints: Mapping[str, Hints]
) -> list[Tried]:
    """Fetch articles and read each by evidence alone; those that cannot be had are left out."""
    reader = site.model_copy(update={"kind": "aggregator"})
    found = []
    for url in urls:
        visited = visit.page(url)
        if visited is not None:
            found.append(_try(visited, site, reader, hints.get(url, NO_HINTS)))
    return found


def _try(visited: Visited, site: Site, aggregator: Site, hints: Hints) -> Tried:
    plain = extract(visited.page, site).articles
    copied = extract(visited.page, aggregator).articles
    original = copied[0].original_url if copied else None
    shell = is_shell(visited.document)
    return Tried(visited, plain[0] if plain else None, original, hints, shell)


def spread(some: Sequence[Item], count: int) -> list[Item]:
    """Return so many of them, from the first to the last."""
    if len(some) <= count:
        return list(some)
    step = (len(some) - 1) / (count - 1)
    return [some[round(position * step)] for position in range(count)]


def judge(tried: Sequence[Tried], site: Site) -> Iterator[TriedPage]:
    """Yield what the seed gives on each article, compared with what the feed says of it."""
    zone = ZoneInfo(site.time_zone)
    for one in tried:
        article = _read(one, site, one.hints)
        if article is None:
            yield TriedPage(one.visited.url, None, None, 0, "no article was found on the page")
            continue
        at = article.published_at
        day = at.astimezone(zone).date().isoformat() if at is not None else None
        fault = _fault(article, one.hints, zone)
        yield TriedPage(one.visited.url, article.title, day, len(article.text), fault)


def worth(tried: Sequence[Tried], site: Site) -> int:
    """Return how much a seed finds on the articles' pages: fields, right ones above all."""
    total = 0
    for one in tried:
        article = _read(one, site, NO_HINTS)
        if article is None or one.article is None:
            continue
        is_whole = len(article.text) >= len(one.article.text) * _WHOLE
        is_right = _fault(article, one.hints, ZoneInfo(site.time_zone)) is None and is_whole
        total += _RIGHT * is_right + sum(bool(getattr(article, name)) for name in _FIELDS)
    return total


def _read(one: Tried, site: Site, hints: Hints) -> Article | None:
    found = extract(replace(one.visited.page, hints=hints), site).articles
    return found[0] if found else None


def _fault(article: Article, hints: Hints, zone: ZoneInfo) -> str | None:
    """Return what is wrong with an article, by what a feed says of it; None if nothing is."""
    if article.published_at is None:
        return "no date was found"
    if hints.title and not _same(article.title or "", hints.title):
        return f"its title is {hints.title!r} in the feed or sitemap"
    if hints.published_at is not None:
        known = hints.published_at.astimezone(zone).date()
        if abs((article.published_at.astimezone(zone).date() - known).days) > 0:
            return f"its day is {known} in the feed or sitemap"
    if article.kind == "article" and len(article.text) < _SHORT_TEXT:
        return f"its text has only {len(article.text)} characters"
    return None


def _same(one: str, other: str) -> bool:
    """Return whether two titles are the same, but for punctuation, case and an end left out."""
    first, second = (re.sub(r"[\W_]+", "", text).casefold() for text in (one, other))
    return first == second or (
        min(len(first), len(second)) >= _LONG_TITLE and (first in second or second in first)
    )
