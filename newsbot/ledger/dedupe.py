"""Classifies articles against the ledger: new, changed, unchanged or duplicate.

No article is dropped for being a copy: a copy is kept and names its original.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from newsbot.ledger import Ledger
from newsbot.ledger.copies.likeness import likeness
from newsbot.ledger.copies.links import CopyLink
from newsbot.ledger.copies.texts import doc_of
from newsbot.ledger.copies.tracing import Tracer
from newsbot.ledger.copies.words import words_of
from newsbot.ledger.ingest import text_sha256
from newsbot.ledger.landed import KnownArticle
from newsbot.models import Article, Origin, Revision
from newsbot.sites.loading import Sites

_EDITED: Final = 0.5  # of the words: an edited story under the same title has more

Classification = Literal["new", "changed", "unchanged", "duplicate"]


@dataclass(frozen=True, slots=True)
class Classified:
    """The article with its context fields and its classification.

    ``copies_found`` are links of earlier articles to this one, which proves to be their original.
    """

    article: Article
    classification: Classification
    copies_found: tuple[CopyLink, ...] = ()


class Deduper:
    """Classifies the articles of one run by URL, by digest and by shared text."""

    def __init__(self, ledger: Ledger, sites: Sites) -> None:
        self._ledger = ledger
        self._tracer = Tracer(ledger, sites)
        self._docs: set[int] = set()  # of this run; numbers, for a run may have many articles
        # doc → pages with a canonical link to it that were stored before it came
        self._claimants: defaultdict[int, list[str]] = defaultdict(list)
        self._contents: dict[bytes, int] = {}  # digest → the first doc of this run that has it

    def classify(
        self, article: Article, known: KnownArticle | None, before: Article | None = None
    ) -> Classified:
        """Return the article's classification, with ``revision`` and ``origins`` filled in.

        ``known`` and ``before`` are those of ``revision_of``.
        """
        url = article.canonical_url
        doc = doc_of(url)
        claimants = self._claimants.get(doc, ())
        if doc in self._docs or any(self._has_same_story(article, one, None) for one in claimants):
            return Classified(article, "duplicate")
        self._docs.add(doc)
        revision = revision_of(article, known, before)
        if revision is None:
            return Classified(article, "unchanged")
        trace = self._tracer.trace(article, revision.number)
        has_same_content, has_copies = self._ledger.same_content_and_copies_known(
            article.content_sha256, url
        )
        origins = trace.origins or self._same_content_origin(article, has_same_content)
        self._contents.setdefault(bytes.fromhex(article.content_sha256), doc)
        classified = article.model_copy(update={"revision": revision, "origins": origins})
        if known is not None:
            return Classified(classified, "changed", trace.copies_found)
        awaited = self._links_of_waiting_copies(url, trace.copies_found) if has_copies else ()
        return Classified(classified, "new", (*trace.copies_found, *awaited))

    def classify_again(
        self, article: Article, known: KnownArticle, before: Article | None = None
    ) -> Classified:
        """Return the classification of another capture of an article that the run has classified.

        ``known`` and ``before`` are those of ``revision_of``. The article stands among the run's
        texts already, with one text.
        """
        revision = revision_of(article, known, before)
        if revision is None:
            return Classified(article, "unchanged")
        trace = self._tracer.trace_again(article, revision.number)
        changes = {"revision": revision, "origins": trace.origins}
        return Classified(article.model_copy(update=changes), "changed", trace.copies_found)

    def believes_canonical(self, article: Article, own: str) -> bool:
        """Return whether the article is the one that its page's canonical link leads to.

        Some sites give many pages the canonical link of one: then each is an article of its own.

        Args:
            own: the canonical URL by the page's own address.
        """
        url = article.canonical_url
        if url == own:
            return True
        if self._ledger.article(own) is not None:
            return False  # it was stored as an article of its own
        known = self._ledger.article(url)
        if known is not None and known.pages and known.pages[0].url == article.url:
            return True  # the same page was stored so
        if known is None and doc_of(url) not in self._docs:
            seen = self._ledger.states([url]).get(url)
            if seen is None or seen.state != "pending":
                return True
            self._claimants[doc_of(url)].append(own)  # that page is yet to come
            return False
        return self._has_same_story(article, url, known)

    def _has_same_story(self, article: Article, url: str, known: KnownArticle | None) -> bool:
        """Return whether the article's text is, in large part, that of the article at the URL."""
        if known is not None and known.content_sha256 == article.content_sha256:
            return True
        there, words = self._tracer.known_text(url), words_of(article.text)
        has_title = known is not None and known.title == article.title
        if there is None:
            return has_title
        found = likeness(words, there.words)
        return words == there.words or found.is_copy or (has_title and found.similarity >= _EDITED)

    def close(self) -> None:
        """Release what is held for the run."""
        self._tracer.close()

    def _same_content_origin(self, article: Article, has_landed: bool) -> tuple[Origin, ...]:
        """Return the origin with the same title and text, if any, whatever its length and age."""
        if not article.text:  # pages without text are alike without being copies
            return ()
        first = self._first_with_same_content(article, has_landed)
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

    def _first_with_same_content(
        self, article: Article, has_landed: bool
    ) -> tuple[str, str] | None:
        """Return URL and id of the first article with the same content, of this run or landed."""
        doc = self._contents.get(bytes.fromhex(article.content_sha256))
        if doc is not None:
            text = self._tracer.traced_text(doc)
            return text.url, text.article_id
        if not has_landed:
            return None
        known = self._ledger.same_content(article.content_sha256, article.canonical_url)
        return None if known is None else (known.canonical_url, known.article_id)

    def _links_of_waiting_copies(self, url: str, found: tuple[CopyLink, ...]) -> Iterator[CopyLink]:
        """Yield links of landed copies that named this URL as their original before it was seen."""
        known = {link.copy for link in found}
        for copy in self._ledger.copies_of(url):
            if copy.canonical_url not in known:
                yield CopyLink(
                    copy=copy.canonical_url,
                    original=url,
                    revision=copy.revision,
                    method="link",
                    similarity=None,
                    altered=None,
                    evidence=f"the page links to {copy.original_url} as its original",
                )


def extracted_by_other_rules(known: KnownArticle, article: Article) -> bool:
    """Return whether other code or rules extracted the known revision, and texts differ.

    Such revisions cannot be compared. It is False where the contents are equal, or where the
    extractor of the known one is not recorded.
    """
    if known.content_sha256 == article.content_sha256 or known.extractor is None:
        return False
    now = article.extractor
    return (known.extractor, known.rules) != (now.version, now.rules)


def revision_of(
    article: Article, known: KnownArticle | None, before: Article | None
) -> Revision | None:
    """Return the revision that the article is; None where its content is that of the known one.

    A title from hints, which may be others by now, is no content of the page.

    Args:
        article: as extracted now.
        known: the newest landed revision.
        before: the capture of that revision, extracted by the current code and rules, if others
            were used then.
    """
    if known is None:
        return Revision(number=1)
    title, text, digest = known.title, known.text_sha256, known.content_sha256
    if before is not None:
        title, text, digest = before.title, text_sha256(before.text), before.content_sha256
    if article.content_sha256 == digest:
        return None
    is_hinted = "title" in article.missing  # the page has none, so it did not change there
    has_title_changed = article.title != title and not is_hinted
    parts = {"title": has_title_changed, "text": text_sha256(article.text) != text}
    changed = tuple(name for name, has in parts.items() if has)
    if is_hinted and not changed:
        return None
    return Revision(number=known.next_number, previous_sha256=known.content_sha256, changed=changed)
