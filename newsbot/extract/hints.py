"""Hints: what feeds, sitemaps and lists say of an article, for what its page does not say."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from newsbot.extract.chosen_date import GUESSED
from newsbot.extract.dates import Moment, midnight, plausible, with_fixed_offset
from newsbot.extract.generic.people import reporters_named
from newsbot.extract.generic.titles import without_site_name
from newsbot.extract.images import is_picture
from newsbot.extract.normalise import content_sha256, one_line
from newsbot.hints import NO_HINTS, Hints, HintSource
from newsbot.models import Article, Image, Page, Published
from newsbot.sites.site import Site

# Whoever writes the feed is a stranger: hints are kept with each URL, so they are bounded.
_LONGEST_TITLE: Final = 500
_LONGEST_NAME: Final = 150
_LONGEST_URL: Final = 2000
_MOST_NAMES: Final = 30
_BY_MAIL = re.compile(r"[^\s()@]{1,100}@[^\s()]{1,100}(?: \(([^()]{1,150})\))?")
_NOBODY: Final = ("admin", "administrator", "root", "webmaster", "unknown")


def hints_from(
    source: HintSource,
    *,
    title: str | None,
    published: Moment | None,
    authors: Iterable[str] = (),
    categories: Iterable[str] = (),
    picture: str | None = None,
) -> Hints:
    """Return what one source says about an article, without what is too long to be true.

    Args:
        picture: an absolute URL.
    """
    found = Hints(
        title=title if title and len(title) <= _LONGEST_TITLE else None,
        published_at=published.at if published else None,
        precision=published.precision if published else "minute",
        authors=_names(authors),
        categories=_names(categories),
        picture=picture if picture and len(picture) <= _LONGEST_URL else None,
        source=source,
    )
    return found if found.to_fields() else NO_HINTS


def fill_from_hints(
    article: Article, page: Page, site: Site, site_names: Iterable[str | None]
) -> Article:
    """Return the article with the page's hints for the fields that the page does not have.

    ``missing`` names them too: it says what the page lacks.
    """
    found = dict(_lacking(article, page, site, list(site_names)))
    if not found:
        return article
    missing = (*article.missing, *(name for name in found if name != "published"))
    title = found.get("title", article.title)
    digest = content_sha256(title, article.text)
    changes = {**found, "missing": tuple(dict.fromkeys(missing)), "content_sha256": digest}
    return article.model_copy(update=changes)


def _lacking(
    article: Article, page: Page, site: Site, site_names: list[str | None]
) -> Iterator[tuple[str, Any]]:
    """Yield each field that the page does not have, with its value from the hints."""
    hints = page.hints
    if article.title is None and hints.title:
        yield "title", without_site_name(hints.title, site_names, page.url) or hints.title
    if _lacks_date(article) and (dated := _date(hints, page, site)) is not None:
        yield "published_at", with_fixed_offset(dated.at)
        how = hints.date_source or "hint"
        yield "published", Published(raw=dated.raw, source=how, precision=dated.precision)
    names = [name for name in map(_person, hints.authors) if name]
    if not article.authors and (people := reporters_named(names, site_names)):
        yield "authors", people
    if not article.tags and hints.categories:
        yield "tags", hints.categories
    if article.section is None and hints.section:
        yield "section", hints.section
    if not article.images and hints.picture and is_picture(hints.picture):
        yield "images", (Image(url=hints.picture),)


def _lacks_date(article: Article) -> bool:
    """Return whether the page has no date, or one that was only guessed."""
    how = article.published
    return article.published_at is None or (how is not None and how.source == GUESSED)


def _date(hints: Hints, page: Page, site: Site) -> Moment | None:
    """Return the date; the list of an aggregator gives only the day ("4 hours ago")."""
    at, precision = hints.published_at, hints.precision
    if at is None:
        return None
    if site.kind == "aggregator" and hints.date_source == "list" and precision != "day":
        zone = ZoneInfo(site.time_zone)
        at, precision = midnight(at.astimezone(zone).date(), zone), "day"
    raw = at.date().isoformat() if precision == "day" else at.isoformat()
    moment = Moment(at, precision, raw)
    return moment if plausible(moment, page.fetched_at) else None


def _person(text: str) -> str | None:
    """Return the person whom a feed names: in RSS an address with the name, "a@x.example (A)"."""
    mail = _BY_MAIL.fullmatch(text)
    name = text if mail is None else mail[1]
    return None if name is None or name.casefold() in _NOBODY else name


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names or words, each once, without those too long to be one."""
    short = (text for text in map(one_line, texts) if text and len(text) <= _LONGEST_NAME)
    return tuple(islice(dict.fromkeys(short), _MOST_NAMES))
