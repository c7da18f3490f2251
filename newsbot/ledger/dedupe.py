"""What an article is to what is already known: new, changed, unchanged or there twice.

Nothing is dropped for being a copy: a copy is kept and says whose copy it is.
"""

from dataclasses import dataclass
from typing import Literal

from newsbot.extract import article_id, canonical_url
from newsbot.ledger.known import KnownArticle
from newsbot.ledger.ledger import Ledger
from newsbot.ledger.revisions import revision_of
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

    def place(
        self, article: Article, known: KnownArticle | None, before: Article | None = None
    ) -> Placed:
        """Tell what the article is and fill in ``revision`` and ``origins``.

        ``known`` and ``before`` are those of ``revisions.revision_of``.
        """
        url, digest = article.canonical_url, article.content_sha256
        if url in self._urls:
            return Placed(article, "duplicate")
        self._urls.add(url)
        revision = revision_of(article, known, before)
        if revision is None:
            return Placed(article, "unchanged")
        origins = self._origins(article)
        self._contents.setdefault(digest, (url, article.id))
        placed = _with_context(article, revision, origins)
        if known is not None:
            return Placed(placed, "changed")
        return Placed(placed, "new", tuple(self._ledger.copies_of(url)))

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


def _with_context(article: Article, revision: Revision, origins: tuple[Origin, ...]) -> Article:
    return article.model_copy(update={"revision": revision, "origins": origins})
