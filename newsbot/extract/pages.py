"""Multi-page articles: which page comes next, and how the pages become one article.

A crawl adds pages as they arrive, reprocessing as it reads them from the archive.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from newsbot.extract.normalise import content_sha256
from newsbot.models import Article, Extraction

_MOST_PAGES: Final = 30  # following pages of one article: more are a pager that loops
_T = TypeVar("_T")


class PagedArticle:
    """A multi-page article, built page by page from the extraction of its first page."""

    def __init__(self, first: Extraction) -> None:
        self._first = first.articles[0]
        self._following: list[Article] = []
        self._requested: set[str] = set()
        self._next_page = first.next_page

    @property
    def next_page(self) -> str | None:
        """The URL of the page to add next; None if the article is complete."""
        if self._next_page in self._requested or len(self._requested) >= _MOST_PAGES:
            return None
        return self._next_page

    def add(self, url: str, page: Extraction) -> None:
        """Add the following page that was requested with the URL."""
        self._requested.add(url)
        self._following += page.articles[:1]
        self._next_page = page.next_page

    def merged(self) -> Article:
        """Return the article made of the pages added so far."""
        return merge(self._first, self._following)

    def article(self) -> Article:
        """Return the article so far; ``missing`` has ``next_page`` if a page was not added."""
        whole = self.merged()
        if self.next_page is None:
            return whole
        return whole.model_copy(update={"missing": (*whole.missing, "next_page")})


def merge(first: Article, pages: Sequence[Article]) -> Article:
    """Return one article: texts in the order of the pages, lists merged, digest recomputed.

    The following pages' records are added to ``sources`` with the role ``next_page``. Fields that
    the first page does not have (byline, copyright and source credit are on the last one) come from
    the following pages, and from the hints where those do not have them either.
    """
    if not pages:
        return first
    hinted = {name: value for name in first.missing if (value := getattr(first, name, None))}
    if "published_at" in hinted:
        hinted["published"] = first.published
    text = "\n\n".join(_without_repeats([first.text, *(page.text for page in pages)]))
    everything = [_without(first, hinted), *pages]
    changes: dict[str, Any] = {
        "text": text,
        "content_sha256": content_sha256(first.title, text),
        "authors": _union(page.authors for page in everything),
        "images": _union(page.images for page in everything),
        "related": _union(page.related for page in everything),
        "tags": _union(page.tags for page in everything),
        "sources": (
            *first.sources,
            *(
                source if source.role == "dom" else source.model_copy(update={"role": "next_page"})
                for page in pages
                for source in page.sources
            ),
        ),
    }
    for name in ("pull_quote", "source_credit", "copyright", "rights_notice", "published_at",
                 "published", "modified_at", "dateline", "section"):  # fmt: skip
        changes[name] = next((v for page in everything if (v := getattr(page, name))), None)
    changes["missing"] = tuple(name for name in first.missing if not changes.get(name))
    changes |= {name: value for name, value in hinted.items() if not changes.get(name)}
    return first.model_copy(update=changes)


def _without(article: Article, names: Iterable[str]) -> Article:
    """Return the article with these fields empty."""
    return article.model_copy(
        update={name: () if isinstance(getattr(article, name), tuple) else None for name in names}
    )


def _without_repeats(texts: Iterable[str]) -> list[str]:
    """Return the texts without duplicates: some sites serve a page twice."""
    return list(dict.fromkeys(text for text in texts if text))


def _union(groups: Iterable[Iterable[_T]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
