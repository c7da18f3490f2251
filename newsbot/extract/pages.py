"""An article in several pages: which page comes next, and how all of them become one article.

The one reader of such articles: a crawl adds pages as they arrive, reprocessing as they are read
from the archive.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from newsbot.extract.normalise import content_sha256
from newsbot.models import Article, Extraction

MOST_PAGES: Final = 30  # following pages of one article: more is a pager that runs in circles
_T = TypeVar("_T")


class PagedArticle:
    """An article that is read page by page, from the extraction of its first page."""

    def __init__(self, first: Extraction) -> None:
        self._first = first.articles[0]
        self._following: list[Article] = []
        self._asked: set[str] = set()
        self._next = first.next_page

    @property
    def next_page(self) -> str | None:
        """URL of the page that is to be added next; None where the article is whole."""
        if self._next in self._asked or len(self._asked) >= MOST_PAGES:
            return None
        return self._next

    def add(self, url: str, page: Extraction) -> None:
        """Add the following page that was asked for under the URL."""
        self._asked.add(url)
        self._following += page.articles[:1]
        self._next = page.next_page

    def merged(self) -> Article:
        """Return the article of the pages that were added."""
        return merge(self._first, self._following)

    def article(self) -> Article:
        """Return the article as far as it was read; a page that lacks is named in ``missing``."""
        whole = self.merged()
        if self.next_page is None:
            return whole
        return whole.model_copy(update={"missing": (*whole.missing, "next_page")})


def merge(first: Article, pages: Sequence[Article]) -> Article:
    """The whole article: texts in the order of the pages, the rest united, digest recomputed.

    The following pages' records are added to ``sources`` with the role ``next_page``. What the
    first page does not say (byline, copyright, source credit stand on the last) comes from the
    following ones.
    """
    if not pages:
        return first
    text = "\n\n".join(_without_repeats([first.text, *(page.text for page in pages)]))
    everything = [first, *pages]
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
    merged = first.model_copy(update=changes)
    missing = tuple(name for name in first.missing if not getattr(merged, name, None))
    return merged.model_copy(update={"missing": missing})


def _without_repeats(texts: Iterable[str]) -> list[str]:
    """Return the texts, less a page that a site served twice."""
    return list(dict.fromkeys(text for text in texts if text))


def _union(groups: Iterable[Iterable[_T]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
