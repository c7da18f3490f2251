"""Whether a page at an article's address is an article, or what stands in its place.

Servers send error pages, walls, lists and empty shells with status 200. A page that has the marks
of an article (its date with its author or its headline in JSON-LD) is never taken for one of them.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import text_of
from newsbot.extract.stand_in_words import (
    BOT_MARK,
    CONSENT_TERMS,
    ERROR_SENTENCE,
    NonArticle,
    verdict_of,
)
from newsbot.models import Article

_SHELL: Final = 400  # characters of visible text: a page that scripts build has fewer
_BLANK: Final = 40  # of one that says nothing at all
_CHALLENGE: Final = 700  # of one that wants proof of a human
_WALL: Final = 3_000  # of one that asks for consent
_NOTICE: Final = 600  # characters of what was read as its text
_FORM: Final = 250  # of that beside a form to log in
_SHELL_MARK = re.compile(
    r"""<div[^>]{0,80}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|___gatsby)\b"""
    r"""|self\.__next_f|\b__NUXT__\b|<app-root\b|\bng-version=|\b__sveltekit_|<astro-island\b"""
    r"|enable javascript|aktifkan javascript|requires javascript|javascript is disabled",
    re.IGNORECASE,
)
_LONGEST_LINE: Final = 200  # characters: a longer one is of a story
_FIRST_LINES: Final = 6
_MOST_SEARCHED: Final = 2_000  # elements
_MOST_HEADINGS: Final = 200
_FEW_TEASERS: Final = 4  # headings that are links: a list has more
_FEWEST_CONSENT_TERMS: Final = 3  # of six
_ROOT_SLASHES: Final = 3  # of "https://warta.example/"
_SEGMENT = re.compile(r"\s[/·»–—-]+\s|\s?[|•»]\s?|:\s")
_BESIDE = frozenset(("a", "nav", "header", "footer", "aside", "button", "script", "style"))


def judge_page(
    document: Document, metadata: Metadata, article: Article, names: Iterable[str | None], *,
    by_rules: bool,
) -> NonArticle | None:  # fmt: skip
    """Return what the page is if it is no article; None if it is one, or nothing tells.

    Args:
        article: what was read from the page as if it were one.
        names: of the site, which its titles have.
        by_rules: the seed's selectors found the text.
    """
    if _is_vouched(metadata, article, by_rules=by_rules):
        return None
    judge = _Judge(document, metadata, article, names)
    found = judge.by_titles(by_rules=by_rules)
    return found if found is not None or by_rules else judge.by_content()


def is_shell(document: Document) -> bool:
    """Return whether scripts build the page: little text, and something for them to fill."""
    size = len(_visible(document))
    if size < _SHELL and _SHELL_MARK.search(document.source) is not None:
        return True
    return size < _BLANK and next(document.root.iter("script"), None) is not None


def _is_vouched(metadata: Metadata, article: Article, *, by_rules: bool) -> bool:
    """Return whether the page has the marks of an article."""
    how = article.published
    if not article.text or how is None or how.source not in _MARKED_DATES:
        return False
    headline = metadata.text("headline")
    is_declared = headline is not None and verdict_of(headline) is None
    return by_rules or bool(article.authors) or is_declared


_MARKED_DATES: Final = ("selector", "json-ld", "meta", "dateline")


class _Judge:
    def __init__(
        self, document: Document, metadata: Metadata, article: Article, names: Iterable[str | None]
    ) -> None:
        self._document, self._metadata, self._article = document, metadata, article
        self._names = {_letters(name) for name in names if name}
        self._size = len(_visible(document))

    def by_titles(self, *, by_rules: bool) -> NonArticle | None:
        """Return what the titles say, the site's name left out, if none is a headline.

        Where they disagree, as on a form to log in before a story, a short text decides.
        """
        heading = next(map(text_of, self._document.root.iter("h1")), None)
        parts = list(_parts(self._names, heading, self._metadata.title_element))
        said = [verdict_of(part) for part in parts]
        found = next(filter(None, said), None)
        is_short = not by_rules and len(self._article.text) < _NOTICE
        return found if all(said) or (is_short and not self._is_dated) else None

    def by_content(self) -> NonArticle | None:
        """Return what the text of the page says."""
        if self._size < _CHALLENGE and BOT_MARK.search(self._document.source):
            return NonArticle("wall", "bot")
        if is_shell(self._document):
            return NonArticle("needs-browser")
        if self._is_dated or self._article.authors:
            return None
        return self._by_lines() or self._by_form() or self._as_list()

    @property
    def _is_dated(self) -> bool:
        how = self._article.published
        return how is not None and how.source not in ("url", "hint")

    def _by_lines(self) -> NonArticle | None:
        lines = list(islice(_lines(self._document), _FIRST_LINES))
        if any(len(line) > _LONGEST_LINE for line in lines[:2]):
            return None
        found = next(filter(None, map(verdict_of, lines)), None)
        is_notice = len(self._article.text) < _NOTICE or self._is_of_teasers()
        if found is not None and is_notice:
            return found
        title = _letters(self._article.title or "")
        is_error = any(ERROR_SENTENCE.search(line) for line in lines if _letters(line) != title)
        return NonArticle("soft-404") if is_error and is_notice else None

    def _by_form(self) -> NonArticle | None:
        text = f"{self._article.title} {self._article.text}"
        terms = sum(bool(term.search(text)) for term in CONSENT_TERMS)
        if self._size < _WALL and terms >= _FEWEST_CONSENT_TERMS:
            return NonArticle("wall", "consent")
        inputs = islice(self._document.root.iter("input"), _MOST_SEARCHED)
        has_password = any((one.get("type") or "").lower() == "password" for one in inputs)
        if has_password and len(self._article.text) < _FORM:
            return NonArticle("wall", "login")
        return None

    def _as_list(self) -> NonArticle | None:
        """Return that the page is a list: it declares to be another, or has no title of its own."""
        canonical = self._metadata.canonical
        is_home = canonical is not None and canonical.count("/") <= _ROOT_SLASHES
        linked = {_letters(text_of(heading)) for heading in self._linked_headings()}
        title = self._article.title or ""
        titles = ("" if _letters(title) in linked else title, self._metadata.title_element)
        is_nameless = not any(_parts(self._names, *titles))
        return NonArticle("list") if (is_home or is_nameless) and self._is_of_teasers() else None

    def _is_of_teasers(self) -> bool:
        return len(self._linked_headings()) > _FEW_TEASERS

    def _linked_headings(self) -> list[Element]:
        """Return the headings that are links: to other stories."""
        headings = islice(self._document.root.iter("h2", "h3", "h4"), _MOST_HEADINGS)
        return [heading for heading in headings if _is_linked(heading)]


def _parts(names: set[str], *titles: str | None) -> Iterator[str]:
    """Yield the parts of titles, "404 | Warta", without the names of the site."""
    for title in titles:
        for part in _SEGMENT.split((title or "")[:_LONGEST_LINE]):
            if _letters(part) and _letters(part) not in names:
                yield part


def _is_linked(heading: Element) -> bool:
    below = next(heading.iter("a"), None)
    return below is not None or any(one.tag == "a" for one in islice(heading.iterancestors(), 3))


def _lines(document: Document) -> Iterator[str]:
    """Yield the headings and paragraphs at the beginning of the page, without menus."""
    blocks = document.root.iter("h1", "h2", "h3", "h4", "p", "div", "td", "center", "strong")
    for block in islice(blocks, _MOST_SEARCHED):
        is_block = block.tag not in ("div", "td") or (block.text or "").strip()
        is_beside = any(one.tag in _BESIDE for one in block.iterancestors())
        if is_block and not is_beside and (text := text_of(block)):
            yield text


def _visible(document: Document) -> str:
    return text_of(next(document.root.iter("body"), document.root))


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
