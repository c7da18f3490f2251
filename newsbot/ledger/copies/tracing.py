"""Finds the originals of an article among landed texts and those of its own run."""

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from newsbot.extract import article_id, canonical_url
from newsbot.ledger import Ledger
from newsbot.ledger.copies.index import (
    MAX_CANDIDATES,
    RecentTexts,
    ShingleHits,
    StoredTexts,
    TextSource,
)
from newsbot.ledger.copies.likeness import likeness
from newsbot.ledger.copies.links import CopyLink, add_links, copies_of, originals_of
from newsbot.ledger.copies.origins import Match, credited_alone
from newsbot.ledger.copies.templates import is_relative
from newsbot.ledger.copies.texts import Text, doc_of, text_of
from newsbot.ledger.database import Database
from newsbot.ledger.schema import copies, metadata, replaced, shingles, texts
from newsbot.models import Article, Origin
from newsbot.sites.loading import Sites

MIN_UNEXPLAINED = 0.5  # of the words shared with an origin must not be shared with a better one
MAX_RELATIVES = 4  # other stories that a text is compared with
MAX_IN_MEMORY = 1000  # texts of a run, some 10 MB
MAX_FOLLOWED = 50  # copies of a copy that are compared with a newly found original


@dataclass(frozen=True, slots=True)
class Trace:
    """The origins of an article, and links of earlier articles that prove to be its copies."""

    origins: tuple[Origin, ...]
    copies_found: tuple[CopyLink, ...]


class Tracer:
    """Traces the articles of one run, one after the other.

    The run's texts are held in memory and, beyond ``MAX_IN_MEMORY``, in a database of its own, a
    temporary file that SQLite removes: memory does not depend on the run's length.
    """

    def __init__(self, ledger: Ledger, sites: Sites) -> None:
        self._ledger = ledger
        self._sites = sites
        engine = create_engine("sqlite://", creator=_temporary_database, poolclass=StaticPool)
        metadata.create_all(engine, tables=[texts, shingles, copies, replaced])
        self._own_database = Database(engine)
        self._recent, self._links = RecentTexts(), _Links()
        self._known = _KnownTexts(
            (ledger, self._own_database), self._links, [StoredTexts(ledger), self._recent]
        )

    def close(self) -> None:
        """Close the run's own database."""
        self._own_database.close()

    def trace(self, article: Article, revision: int) -> Trace:
        """Find the article's origins and copies, and add it to the run's texts."""
        text, origins, links = self._trace(article, revision)
        self._add(text, origins, links)
        return Trace(tuple(origins), tuple(links))

    def trace_again(self, article: Article, revision: int) -> Trace:
        """Find the origins and copies of an article that is among the run's texts already."""
        _, origins, links = self._trace(article, revision)
        return Trace(tuple(origins), tuple(links))

    def _trace(self, article: Article, revision: int) -> tuple[Text, list[Origin], list[CopyLink]]:
        text = text_of(article, revision, self._linked(article))
        origins, links = _traced(text, self._known)
        if text.original_url and not any(origin.method == "link" for origin in origins):
            origins.insert(0, self._linked_origin(text.original_url, article.original_url))
        agency = article.dateline.agency if article.dateline else None
        if not origins and (credit := credited_alone(text.url, agency, article.source_credit)):
            origins.append(credit)
        return text, origins, links

    def traced_text(self, doc: int) -> Text:
        """Return the text of an article that the run has traced."""
        for source in (self._recent, StoredTexts(self._own_database)):
            if found := source.texts([doc]):
                return found[doc]
        raise KeyError(doc)

    def known_text(self, url: str) -> Text | None:
        """Return the text of a landed article, or of one that the run has traced."""
        doc = doc_of(url)
        return self._known.texts([doc]).get(doc)

    def _linked(self, article: Article) -> str | None:
        original = article.original_url
        url = original and canonical_url(original, self._sites.owner(original))
        return url and self._ledger.canonical_of(url)

    def _linked_origin(self, url: str, printed: str | None) -> Origin:
        """Return the origin that a page links to, whose text is not available to compare."""
        owner, known = self._sites.owner(url), self._ledger.article(url)
        return Origin(
            url=url,
            article_id=known.article_id if known else article_id(url, owner) if owner else None,
            method="link",
            evidence=f"the page links to {printed} as its original",
        )

    def _add(self, text: Text, origins: Iterable[Origin], links: list[CopyLink]) -> None:
        self._recent.add(text)
        self._links.add(
            CopyLink(text.url, o.url, text.revision, o.method, o.similarity, o.altered, o.evidence)
            for o in origins
            if o.url
        )
        is_full = len(self._recent) >= MAX_IN_MEMORY
        if not is_full and not links:
            return
        with self._own_database.transaction() as connection:
            self._links.move_to(connection)
            add_links(connection, "", links)
            if is_full:
                self._recent.move_to(connection)
        if is_full:
            self._known.sources = [
                StoredTexts(self._ledger),
                StoredTexts(self._own_database),
                self._recent,
            ]


class _Links:
    """Links of copies in memory, until they are moved to a database."""

    def __init__(self) -> None:
        self._links: list[CopyLink] = []
        self._originals: defaultdict[str, set[str]] = defaultdict(set)
        self._copies: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, links: Iterable[CopyLink]) -> None:
        """Add links that replace none."""
        for link in links:
            self._links.append(link)
            self._originals[link.copy].add(link.original)
            self._copies[link.original].add(link.copy)

    def move_to(self, connection: Connection) -> None:
        """Move all links into a database that has none of them."""
        add_links(connection, "", self._links)
        for kept in (self._links, self._originals, self._copies):
            kept.clear()

    def originals(self, url: str) -> Collection[str]:
        """Return the URLs of the originals, if the article is a copy."""
        return self._originals.get(url, ())

    def copies(self, url: str) -> Collection[str]:
        """Return the URLs of the original's copies."""
        return self._copies.get(url, ())


def _temporary_database() -> sqlite3.Connection:
    """Return a database in a temporary file that SQLite removes; it need not survive a crash."""
    connection = sqlite3.connect("", check_same_thread=False)
    connection.execute("PRAGMA journal_mode = OFF")
    return connection


class _KnownTexts:
    """The texts and links of several databases as one; the later ones are newer."""

    def __init__(
        self, databases: tuple[Database, ...], links: _Links, sources: list[TextSource]
    ) -> None:
        self._databases, self._links = databases, links
        self.sources = sources

    def matches(self, text: Text) -> list[Match]:
        """Return matches: copies or originals of the text, and the article that it links to."""
        candidates = self._candidates(text)
        found = {doc: likeness(text.words, words) for doc, words in candidates.items()}
        like = {doc: one for doc, one in found.items() if one.is_copy}
        linked = text.original_url and doc_of(text.original_url)
        if not like and not linked:
            return []
        others = self.texts([*like, *([linked] if linked else [])])
        copies = [Match(text, others[doc], one) for doc, one in like.items()]
        matches = [match for match in copies if not self._is_relative(match, candidates)]
        if len(candidates) >= MAX_CANDIDATES:
            matches += self._originals_behind(text, matches)
        if linked in others and linked not in {match.other.doc for match in matches}:
            matches.append(Match(text, others[linked], likeness(text.words, others[linked].words)))
        return matches

    def _originals_behind(self, text: Text, matches: list[Match]) -> list[Match]:
        """Return matches with the candidates' originals that are not among the candidates."""
        seen = {match.other.url for match in matches}
        behind = {url for urls in self.originals(seen).values() for url in urls} - seen - {text.url}
        others = self.texts(sorted(map(doc_of, behind))).values()
        every = [Match(text, other, likeness(text.words, other.words)) for other in others]
        return [match for match in every if match.likeness.is_copy]

    def _candidates(self, text: Text) -> "dict[int, array[int]]":
        """Return the words of texts that share enough with the text, the most similar first."""
        if not text.shingles:
            return {}
        hits = ShingleHits(text, self.sources)
        best = hits.best()
        if not best:
            return {}
        found: dict[int, array[int]] = {}
        for source in self.sources:
            found |= source.words(best)
        return {
            d: found[d] for d, n in best.items() if d in found and hits.enough(n, len(found[d]))
        }

    def _is_relative(self, match: Match, candidates: "dict[int, array[int]]") -> bool:
        """Return whether the two share only what other stories have too."""
        if len(candidates) == 1 or all(match.likeness.here) or all(match.likeness.there):
            return False
        story = {doc_of(url) for url in self._cluster(match.other.url)}
        relatives = [words for doc, words in candidates.items() if doc not in story]
        return is_relative(match.likeness, match.other.words, relatives[:MAX_RELATIVES])

    def _cluster(self, url: str) -> set[str]:
        heads = self.originals([url]).get(url, set()) | {url}
        return heads | {copy for head in heads for copy in self._copies(head)}

    def originals(self, urls: Collection[str]) -> dict[str, set[str]]:
        """Return the originals of each URL that is a copy."""
        found: dict[str, set[str]] = {}
        for url in urls:
            originals = {one for base in self._databases for one in originals_of(base, url)}
            originals.update(self._links.originals(url))
            if originals:
                found[url] = originals
        return found

    def copies(self, url: str) -> list[Text]:
        """Return the texts of the original's copies."""
        return list(
            self.texts([doc_of(u) for u in sorted(self._copies(url))[:MAX_FOLLOWED]]).values()
        )

    def _copies(self, url: str) -> set[str]:
        found = {copy for base in self._databases for copy in copies_of(base, url)}
        return found.union(self._links.copies(url))

    def texts(self, docs: Collection[int]) -> dict[int, Text]:
        """Return the texts of articles, by number."""
        found: dict[int, Text] = {}
        for source in self.sources:
            found |= source.texts(docs)
        return found


def _traced(text: Text, known: _KnownTexts) -> tuple[list[Origin], list[CopyLink]]:
    matches = known.matches(text)
    if not matches:
        return [], []
    originals = known.originals([text.url, *(match.other.url for match in matches)])
    older = [match for match in matches if match.is_copy()]
    newer = [match for match in matches if not match.is_copy()]
    origins = [match.origin() for match in _choose_originals(text, older, originals)]
    return origins, list(_links_to_new_original(text, newer, originals, known))


def _choose_originals(
    text: Text, older: list[Match], originals: dict[str, set[str]]
) -> list[Match]:
    """Return the originals, each for a part of the text that no better one explains.

    A copy among them is replaced by its own originals, where the text matches those.
    """
    by_url = {match.other.url: match for match in older}
    explained = bytearray(len(text.words))
    chosen: dict[str, Match] = {}
    for match in sorted(older, key=lambda match: _rank(match, originals)):
        here = match.likeness.here
        new = sum(has and not was for has, was in zip(here, explained, strict=True))
        linked = match.other.url == text.original_url
        if not linked and new <= MIN_UNEXPLAINED * sum(here):
            continue
        explained = bytearray(map(max, here, explained))
        known = [by_url[url] for url in originals.get(match.other.url, ()) if url in by_url]
        for one in [match] if linked or not known else known:
            chosen[one.other.url] = one
    return list(chosen.values())


def _rank(match: Match, originals: dict[str, set[str]]) -> tuple[object, ...]:
    """Return the sort key: linked first, then by coverage, originals, age and URL."""
    text, other = match.text, match.other
    return (
        other.url != text.original_url,
        -sum(match.likeness.here),
        other.url in originals,
        other.published_at or other.fetched_at,
        other.url,
    )


def _links_to_new_original(
    text: Text, newer: list[Match], originals: dict[str, set[str]], known: _KnownTexts
) -> Iterator[CopyLink]:
    """Yield links of earlier articles to this one, which proves to be their original.

    The former original of a copy is replaced if it is a copy of this one itself.
    """
    urls = {match.other.url for match in newer}
    done = set()
    for match in newer:
        url = match.other.url
        before = originals.get(url, set()) - originals.get(text.url, set())
        if text.url in originals.get(url, ()) or before - urls:
            continue
        done.add(url)
        yield from _links(match, before & urls)
    for url in done:
        for other in known.copies(url):
            if other.url not in urls and other.url != text.url:
                match = Match(text, other, likeness(text.words, other.words))
                if match.likeness.is_copy and not match.is_copy():
                    yield from _links(match, {url})


def _links(match: Match, before: Collection[str]) -> Iterator[CopyLink]:
    origin = match.swapped().origin()
    for instead_of in before or (None,):
        yield CopyLink(
            copy=match.other.url,
            original=match.text.url,
            revision=match.other.revision,
            method=origin.method,
            similarity=origin.similarity,
            altered=origin.altered,
            evidence=origin.evidence,
            instead_of=instead_of,
        )
