"""Which revision an imported capture is: captures may be older than what has landed."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from newsbot.archive.earlier_captures import EarlierCaptures
from newsbot.extract.urls import at_own_address, canonical_url
from newsbot.ledger import KnownArticle, Ledger
from newsbot.ledger.dedupe import Classified, Deduper, extracted_by_other_rules
from newsbot.ledger.ingest import text_sha256
from newsbot.models import Article, Extraction, Page, Revision
from newsbot.sites.loading import Sites
from newsbot.sites.site import Site
from newsbot.stores.store import Store


class Versions:
    """Classifies the articles of one import, each capture among those before and after it."""

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        site: Site,
        sites: Sites,
        extract: Callable[[Page], Awaitable[Extraction]],
    ) -> None:
        self._ledger = ledger
        self._site = site
        self._extract = extract
        self._captures = EarlierCaptures(store, ledger)
        self._deduper = Deduper(ledger, sites)
        self._classified: set[str] = set()
        self._own: defaultdict[str, list[KnownArticle]] = defaultdict(list)

    async def classify(self, article: Article) -> Classified:
        """Return the article with its revision and origins; captures come in order of time.

        A canonical link to another article is not believed, as in a crawl. What equals a known
        revision is unchanged, whichever it is. The first capture of all has no revision before it.
        """
        if not self._deduper.believes_canonical(article, canonical_url(article.url, self._site)):
            article = at_own_address(article, self._site)
        known = self._known(article.canonical_url)
        if any(one.content_sha256 == article.content_sha256 for one in known):
            return Classified(article, "unchanged")
        neighbour, is_first = _neighbour(known, article.fetched_at)
        found = await self._compare(article, neighbour)
        if is_first and found.classification == "changed" and found.article.revision is not None:
            number = found.article.revision.number
            found = replace(found, article=_with_revision(found.article, Revision(number=number)))
        if found.classification in ("new", "changed"):
            self._remember(found.article)
        return found

    def close(self) -> None:
        """Release what is held for the run."""
        self._deduper.close()

    def _known(self, url: str) -> list[KnownArticle]:
        """Return the revisions that landed, and those of this import, by time."""
        own = self._own.get(url, [])
        landed = self._ledger.revisions(url)
        if not own:
            return landed
        number = own[-1].revision
        every = sorted([*landed, *own], key=lambda one: one.fetched_at)
        return [replace(one, last_number=number) for one in every]

    async def _compare(self, article: Article, known: KnownArticle | None) -> Classified:
        before = None
        if known is not None and extracted_by_other_rules(known, article):
            before = await self._captures.extract_again(known, self._extract)
        if article.canonical_url not in self._classified:
            self._classified.add(article.canonical_url)
            return self._deduper.classify(article, known, before)
        if known is None:
            return Classified(article, "duplicate")
        return self._deduper.classify_again(article, known, before)

    def _remember(self, article: Article) -> None:
        if article.revision is None:
            raise ValueError("a classified article has a revision")
        self._own[article.canonical_url].append(
            KnownArticle(
                canonical_url=article.canonical_url,
                article_id=article.id,
                site=article.site,
                revision=article.revision.number,
                content_sha256=article.content_sha256,
                fetched_at=article.fetched_at,
                title=article.title,
                text_sha256=text_sha256(article.text),
                original_url=article.original_url,
                extractor=article.extractor.version,
                rules=article.extractor.rules,
            )
        )


def _neighbour(known: list[KnownArticle], at: datetime) -> tuple[KnownArticle | None, bool]:
    """Return the revision before that time, else the first after it; and whether it is later."""
    before = [one for one in known if one.fetched_at <= at]
    if before:
        return before[-1], False
    return (known[0], True) if known else (None, False)


def _with_revision(article: Article, revision: Revision) -> Article:
    return article.model_copy(update={"revision": revision})
