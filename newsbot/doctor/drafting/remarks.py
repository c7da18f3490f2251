"""What a draft could not find, and what follows from it."""

from collections.abc import Iterator
from typing import Final

from newsbot.doctor.drafting.keys import Evidence
from newsbot.doctor.drafting.ways import foreign_feeds, unusable_feeds
from newsbot.extract.language import language_of
from newsbot.sites.draft import Draft

_FEW: Final = 3
_FEWEST_WORDS: Final = "{2,}"  # in a pattern: so many hyphens tell an article from a page


def remarks_of(found: Evidence, draft: Draft) -> Iterator[str]:
    """Yield what the reader of the draft must know that no key of it says."""
    yield from _of_feeds(found, draft)
    yield from _of_reach(draft)
    yield from _of_robots(found)
    yield from _of_languages(found, draft)
    if _FEWEST_WORDS in found.pattern.article:
        yield (
            "urls.article takes only addresses of three words or more, as pages about the site "
            "have the same form: `sites check --live` names links that no pattern matches"
        )


def _of_feeds(found: Evidence, draft: Draft) -> Iterator[str]:
    for url in foreign_feeds(found.visit):
        yield f"the home page names a feed on another host, which is not taken: {url}"
    for url in unusable_feeds(found.visit, found.feeds):
        yield f"a feed that the home page names is not taken: {found.visit.failures[url]}"
    if draft.get("feeds") is None:
        yield "no feed was found: a new story is seen when the lists or sitemaps are read again"


def _of_reach(draft: Draft) -> Iterator[str]:
    """Yield what is not reached where neither a sitemap nor the pages of a list have all."""
    lists = draft.get("lists") or []
    is_paged = any({"pages", "next"} & one.keys() or "{yyyy}" in one["url"] for one in lists)
    if draft.get("sitemaps") is None:
        yield "no sitemap of articles was found"
        if not is_paged:
            yield (
                "no way to the second page of a list was found either: older stories than those "
                "that feeds and lists name are not reached; look for an index or an archive"
            )


def _of_robots(found: Evidence) -> Iterator[str]:
    forbidden = found.visit.forbidden
    if forbidden:
        some = ", ".join(forbidden[:_FEW])
        yield f"robots.txt forbids {len(forbidden)} pages that were looked for: {some}"


def _of_languages(found: Evidence, draft: Draft) -> Iterator[str]:
    main = draft.get("language")
    read = [one for one in found.tried if one.article is not None]
    others = [
        (one.visited.url, language)
        for one in read
        if one.article
        and (language := language_of(one.article.text, main, None)) not in (main, None)
    ]
    if others:
        url, language = others[0]
        yield (
            f"{len(others)} of {len(read)} articles tried are in another language ({language}), "
            f"such as {url}: write a seed for each language"
        )
