"""What an article is to what is already known: new, changed, unchanged or there twice.

Nothing is dropped for being a copy: a copy is kept and says whose copy it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from newsbot.ledger import Ledger
from newsbot.ledger.copies.links import Link
from newsbot.ledger.copies.texts import doc_of
from newsbot.ledger.copies.tracing import Tracer
from newsbot.ledger.ingest import text_sha256
from newsbot.ledger.landed import KnownArticle
from newsbot.models import Article, Origin, Revision
from newsbot.sites.site import Sites

Verdict = Literal["new", "changed", "unchanged", "duplicate"]


@dataclass(frozen=True, slots=True)
class Placed:
    """The article with its context fields, and what it is.

    ``found_for`` are links of earlier articles to this one, which turns out to be their original.
    """

    article: Article
    verdict: Verdict
    found_for: tuple[Link, ...] = ()


class Deduper:
    """Places the articles of one run: by URL, by digest, and by what their texts share."""

    def __init__(self, ledger: Ledger, sites: Sites) -> None:
        self._ledger = ledger
        self._tracer = Tracer(ledger, sites)
        self._docs: set[int] = set()  # of this run; numbers, for a run may have many articles
        self._contents: dict[bytes, int] = {}  # digest → the first doc of this run that has it

    def place(
        self, article: Article, known: KnownArticle | None, before: Article | None = None
    ) -> Placed:
        """Tell what the article is and fill in ``revision`` and ``origins``.

        ``known`` and ``before`` are those of ``revisions.revision_of``.
        """
        url = article.canonical_url
        doc = doc_of(url)
        if doc in self._docs:
            return Placed(article, "duplicate")
        self._docs.add(doc)
        revision = revision_of(article, known, before)
        if revision is None:
            return Placed(article, "unchanged")
        trace = self._tracer.trace(article, revision.number)
        has_same, has_copies = self._ledger.told_of(article.content_sha256, url)
        origins = trace.origins or self._exact(article, has_same)
        self._contents.setdefault(bytes.fromhex(article.content_sha256), doc)
        placed = article.model_copy(update={"revision": revision, "origins": origins})
        if known is not None:
            return Placed(placed, "changed", trace.found_for)
        awaited = self._awaited(url, trace.found_for) if has_copies else ()
        return Placed(placed, "new", (*trace.found_for, *awaited))

    def close(self) -> None:
        """Let go of what was kept for the run."""
        self._tracer.close()

    def _exact(self, article: Article, has_landed: bool) -> tuple[Origin, ...]:
        """Return the same title and text, however short or long ago."""
        if not article.text:  # pages without text are alike without being copies
            return ()
        first = self._first(article, has_landed)
        if first is None:
            return ()
        return (
            Origin(
                url=first[0],
                article_id=first[1],
                method="earliest",
                similarity=1.0,
                altered=False,
                evidence="the same title and text, seen earlier",
            ),
        )

    def _first(self, article: Article, has_landed: bool) -> tuple[str, str] | None:
        """Return URL and id of the first article with the same content, of this run or landed."""
        doc = self._contents.get(bytes.fromhex(article.content_sha256))
        if doc is not None:
            text = self._tracer.placed(doc)
            return text.url, text.article_id
        if not has_landed:
            return None
        known = self._ledger.same_content(article.content_sha256, article.canonical_url)
        return None if known is None else (known.canonical_url, known.article_id)

    def _awaited(self, url: str, found: tuple[Link, ...]) -> Iterator[Link]:
        """Yield landed copies that named this URL as their original before it was seen."""
        known = {link.copy for link in found}
        for copy in self._ledger.copies_of(url):
            if copy.canonical_url not in known:
                yield Link(
                    copy=copy.canonical_url,
                    original=url,
                    revision=copy.revision,
                    method="link",
                    similarity=None,
                    altered=None,
                    evidence=f"the page links to {copy.original_url} as its original",
                )


def is_read_otherwise(known: KnownArticle, article: Article) -> bool:
    """Whether other code or rules read the known revision, so that the two cannot be compared.

    Where both say the same, or nobody knows who read the known one, there is nothing to ask.
    """
    if known.content_sha256 == article.content_sha256 or known.extractor is None:
        return False
    now = article.extractor
    return (known.extractor, known.rules) != (now.version, now.rules)


def revision_of(
    article: Article, known: KnownArticle | None, before: Article | None
) -> Revision | None:
    """Return the revision that the article is; None where it says what the known one says.

    Args:
        article: as read now.
        known: the newest landed revision.
        before: the capture of that revision as read by the code and rules of now, if others were
            used then.
    """
    if known is None:
        return Revision(number=1)
    title, text, digest = known.title, known.text_sha256, known.content_sha256
    if before is not None:
        title, text, digest = before.title, text_sha256(before.text), before.content_sha256
    if article.content_sha256 == digest:
        return None
    changed = {"title": article.title != title, "text": text_sha256(article.text) != text}
    return Revision(
        number=known.revision + 1,
        previous_sha256=known.content_sha256,
        changed=tuple(name for name, has in changed.items() if has),
    )
