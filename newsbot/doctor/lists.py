"""The doctor's check of a list: its first three pages, its rules, and links it leaves out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from newsbot.doctor.check import Check
from newsbot.doctor.fetch import BadStatus, Client, ProbeFailed
from newsbot.extract import explain, extract
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.select import count_matches, elements, text_of
from newsbot.models import Extraction, ListPosition, Page
from newsbot.sites.article_pattern import looks_like_article
from newsbot.sites.finders import ListPage
from newsbot.sites.site import Site

_WALKED: Final = 3  # pages
_SHOWN: Final = 5  # links


class ListExamination:
    """Examines one list of a site; ``articles`` are those that its pages link to, each once."""

    def __init__(self, site: Site, listing: ListPage, client: Client) -> None:
        self._site = site
        self._list = listing
        self._client = client
        self._strange: list[set[str]] = []  # of each page: links that no pattern matches
        self._silent: tuple[str, ...] = ()  # rules that find nothing on the first page
        self.articles: dict[str, None] = {}

    def checks(self) -> Iterator[Check]:
        """Yield the check of the list and, if it has any, that of the links left out."""
        yield self._walk()
        # What stands on every page is a menu or a box beside the list.
        everywhere = set.intersection(*self._strange) if len(self._strange) > 1 else set()
        strange = sorted(set().union(*self._strange) - everywhere)
        if strange:
            text = f"{self._list.url}: {len(strange)} links look like articles', but do not match "
            shown = strange[:_SHOWN]
            yield Check("links", "note", f"{text}urls.article", tuple(shown), self._site.name)

    def _walk(self) -> Check:
        url: str | None = self._list.url
        counts: list[int] = []
        while url is not None and len(counts) < _WALKED:
            try:
                read = self._read(url, len(counts) + 1)
            except BadStatus as error:
                if not counts or f"http-{error.status}" not in self._list.end_answers:
                    return self._wrong(str(error))
                break
            except ProbeFailed as error:
                return self._wrong(str(error))
            problem = self._problem(read, url)
            if problem is not None and counts and self._list.pages is not None:
                break  # numbers go on behind a list's end
            if problem is not None:
                return self._wrong(problem, *self._silent)
            fresh = [link.url for link in read.links if link.url not in self.articles]
            if counts and not fresh:
                return self._wrong(
                    f"{url}: page {len(counts) + 1} has only articles of those before it"
                )
            self.articles.update(dict.fromkeys(fresh))
            counts.append(len(fresh))
            url = read.next_page
        if len(counts) == 1 and self._list.next and url is None:
            return self._wrong(f"{self._list.url}: next finds no link to page 2", *self._silent)
        text = f"{self._list.url}: {' + '.join(map(str, counts))} articles on {len(counts)} pages"
        if len(counts) == 1 and url is not None:
            text = f"{self._list.url}: no article on page 2, {url}: does the list end before it?"
            return Check("list", "note", text, self._silent, self._site.name)
        return Check("list", "good", text, self._silent, self._site.name)

    def _read(self, url: str, number: int) -> Extraction:
        fetched = self._client.get(url)
        page = Page(
            fetched.url, fetched.body, datetime.now(UTC), fetched.status, fetched.content_type,
            role="list", position=ListPosition(self._list.url, number),
        )  # fmt: skip
        document = None if self._list.json_ is not None else parse(decode(page) or " ", page.url)
        if document is not None:
            self._strange.append(set(self._unmatched(document)))
            if number == 1:
                self._silent = tuple(self._silent_rules(document))
        return extract(page, self._site)

    def _problem(self, read: Extraction, url: str) -> str | None:
        if read.notes:
            return f"{url}: {', '.join(map(explain, read.notes))}"
        if not read.links:
            return f"{url}: it links to no article"
        return None

    def _silent_rules(self, document: Document) -> Iterator[str]:
        for key, selectors in (("items", self._list.items), ("next", self._list.next)):
            for selector in selectors:
                if not count_matches(document, selector, None):
                    yield f"lists.{key}: {selector.as_written!r} finds nothing"

    def _unmatched(self, document: Document) -> Iterator[str]:
        """Yield the links that look like those of articles and that the seed does not take."""
        roots = elements(document, self._list.items, None) or [document.root]
        for root in roots:
            for anchor in root.iter("a"):
                url = document.url(anchor.get("href"))
                if url is None or not self._site.owns(url) or self._site.is_article(url):
                    continue
                if looks_like_article(url, text_of(anchor)):
                    yield url.partition("#")[0]

    def _wrong(self, text: str, *details: str) -> Check:
        return Check("list", "wrong", text, details, self._site.name)
