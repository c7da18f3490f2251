"""What an article is to what is already known: new, changed, unchanged or there twice.

Nothing is dropped for being a copy: a copy is kept and says whose copy it is.
"""

from dataclasses import dataclass
from typing import Literal

from newsbot.extract import article_id, canonical_url
from newsbot.ledger.ingest import text_sha256
from newsbot.ledger.ledger import KnownArticle, Ledger
from newsbot.models import Article, Origin, Revision
from newsbot.sites import Sites

Verdict = Literal["new", "changed", "unchanged", "duplicate"]


@dataclass(frozen=True, slots=True)
class Placed:
    """The article with its context fields, and what it is.

    ``found_for`` are landed copies that named this article as their original before it was seen.
    """

    article: Article
    verdict: Verdict
    found_for: tuple[KnownArticle, ...] = ()


class Deduper:
    """Places the articles of one run, by URL and by the digest of title and text."""

    def __init__(self, ledger: Ledger, sites: Sites) -> None:
        self._ledger = ledger
        self._sites = sites
        self._urls: set[str] = set()  # canonical URLs of this run
        self._contents: dict[str, tuple[str, str]] = {}  # digest → URL and id, of this run

    def place(self, article: Article) -> Placed:
        """Tell what the article is and fill in ``revision`` and ``origins``."""
        url, digest = article.canonical_url, article.content_sha256
        if url in self._urls:
            return Placed(article, "duplicate")
        self._urls.add(url)
        known = self._ledger.article(url)
        if known is not None and known.content_sha256 == digest:
            return Placed(article, "unchanged")
        origins = self._origins(article)
        self._contents.setdefault(digest, (url, article.id))
        if known is not None:
            return Placed(_with_context(article, _revision(article, known), origins), "changed")
        found_for = tuple(self._ledger.copies_of(url))
        return Placed(_with_context(article, Revision(number=1), origins), "new", found_for)

    def _origins(self, article: Article) -> tuple[Origin, ...]:
        if article.original_url is not None:
            return (self._linked(article.original_url),)
        if not article.text:  # pages without text are alike without being copies
            return ()
        here = self._contents.get(article.content_sha256)
        if here is None:
            known = self._ledger.same_content(article.content_sha256, article.canonical_url)
            here = None if known is None else (known.canonical_url, known.article_id)
        if here is None:
            return ()
        return (
            Origin(
                url=here[0],
                article_id=here[1],
                method="earliest",
                similarity=1.0,
                altered=False,
                evidence="the same title and text, seen earlier",
            ),
        )

    def _linked(self, original: str) -> Origin:
        owner = self._sites.owner(original)
        url = canonical_url(original, owner)
        known = self._ledger.article(url)
        number = known.article_id if known else article_id(url, owner) if owner else None
        return Origin(
            url=url,
            article_id=number,
            method="link",
            evidence=f"the page links to {original} as its original",
        )


def _revision(article: Article, known: KnownArticle) -> Revision:
    changed = {
        "title": article.title != known.title,
        "text": text_sha256(article.text) != known.text_sha256,
    }
    return Revision(
        number=known.revision + 1,
        previous_sha256=known.content_sha256,
        changed=tuple(name for name, has in changed.items() if has),
    )


def _with_context(article: Article, revision: Revision, origins: tuple[Origin, ...]) -> Article:
    return article.model_copy(update={"revision": revision, "origins": origins})
