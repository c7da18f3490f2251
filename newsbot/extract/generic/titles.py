"""The headline, without the name of the site."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import text_of

_SEPARATOR = re.compile(
    r"(?<!\s)\s+[-–—|·•»:~]{1,2}\s+|(?:(?<!\s)\s+)?(?:\||::)\s*|(?<=[^\x00-\x7f]):(?=\w)"
)
_LONGEST_NAME: Final = 45
_TITLE_PARTS = re.compile(r"(?<!\s)\s+[-–—|·•»:]\s+|(?:(?<!\s)\s+)?(?:[|_]|--)\s*")
_TITLE_META: Final = ("twitter:title", "headline", "title", "dc.title", "dcterms.title")
_HEADING_TAGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_SURROUNDING_TAGS: Final = frozenset({"a", "aside", "footer", "nav"})
_NEAR: Final = 20  # ancestors that are looked at
_MOST_HEADINGS: Final = 6
_MOST_SEARCHED: Final = 100
_COMPARED_LENGTH: Final = 200
_MIN_SIMILARITY: Final = 0.45
_MIN_NAME_LENGTH: Final = 5  # a shorter name is not compared as a prefix: "Contoh.com Bola"
_MIN_HEADLINE_LENGTH: Final = 10  # a shorter heading is a section, not a headline


def headline(
    document: Document, metadata: Metadata, names: Iterable[str | None], url: str
) -> str | None:
    """Return the headline of a page without rules, by a weighted vote of the places that name it.

    JSON-LD has a little more weight than og:title, which has more than <h1>; other meta elements
    and <title> only decide ties. If the <h1> is the chosen title without a kicker or the site's
    name, the <h1> is returned.
    """
    known = list(names)
    headings = [text for e in document.root.iter("h1") if (text := text_of(e))][:_MOST_HEADINGS]
    others = metadata.first(*_TITLE_META)
    declared = (metadata.text("headline"), metadata.first("og:title"), metadata.title_element)
    places = (
        (1.2, declared[0]), (1.1, declared[1]),
        (1.0, _most_similar(headings, declared)), (0.5, others), (0.4, metadata.title_element),
    )  # fmt: skip
    if not any(title for _, title in places[:2]) and not others:
        return _from_title_element(document, headings, metadata.title_element, known, url)
    votes: dict[str, float] = {}
    spellings: dict[str, str] = {}
    for weight, raw in places:
        if raw and (title := without_site_name(one_line(raw), known, url)):
            votes[_letters_only(title)] = votes.get(_letters_only(title), 0) + weight
            spellings.setdefault(_letters_only(title), title)
    chosen = spellings[max(votes, key=lambda letters: votes[letters])]
    return next((part for part in headings if _is_part(part, chosen)), chosen)


def headline_element(document: Document, metadata: Metadata) -> Element | None:
    """Return the heading that has the headline, else the first <h1>.

    Often it is a lower heading, or an <h1> with the name of the site is before it.
    """
    declared = (
        metadata.text("headline"), metadata.first("og:title", *_TITLE_META), metadata.title_element,
    )  # fmt: skip
    titles = [_letters_only(title) for title in declared if title]
    headings = islice(document.root.iter(*_HEADING_TAGS), _MOST_SEARCHED)
    letters = {element: _letters_only(text_of(element)) for element in headings}
    named = [
        element
        for element, text in letters.items()
        if len(text) >= _MIN_HEADLINE_LENGTH and any(text in title for title in titles)
    ]
    first = next((element for element in letters if element.tag == "h1"), None)
    return max(named, key=lambda element: len(letters[element]), default=first)


def is_own_footer(footer: Element, headline: Element | None) -> bool:
    """Return whether a <footer> belongs to the <article> of the headline.

    Such a footer has author and time (HTML, "The footer element").
    """
    article = next(footer.iterancestors("article"), None)
    return article is not None and headline is not None and article in headline.iterancestors()


def _most_similar(headings: list[str], declared: Iterable[str | None]) -> str | None:
    """Return the heading most similar to one of the declared titles, if it is similar enough."""
    titles = [_letters_only(title)[:_COMPARED_LENGTH] for title in declared if title]
    similarity = {
        heading: max(
            (_ratio(_letters_only(heading)[:_COMPARED_LENGTH], title) for title in titles),
            default=0,
        )
        for heading in headings
    }
    best = max(headings, key=lambda heading: similarity[heading], default=None)
    return best if best is not None and similarity[best] >= _MIN_SIMILARITY else None


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def without_site_name(title: str, names: Iterable[str | None], url: str) -> str:
    """Return the title without the site's name at its end or start: "Judul - ANTARA News".

    ``names`` are the site's names in the page and the seed; the host name is added to them.
    """
    known = {_letters_only(name) for name in names if name} | _host_names(url)
    known.discard("")
    for _ in range(3):
        shorter = _without_one_name(title, known)
        if shorter == title:
            break
        title = shorter
    return title


def _is_part(heading: str, title: str) -> bool:
    """Return whether the title is the heading plus a part before or after a separator."""
    parts = [_letters_only(part) for part in _SEPARATOR.split(title)]
    letters = _letters_only(heading)
    return (
        len(letters) >= _MIN_HEADLINE_LENGTH and letters in (parts[0], parts[-1]) and len(parts) > 1
    )


def _from_title_element(
    document: Document, headings: list[str], title: str | None, names: list[str | None], url: str
) -> str | None:
    """Return the headline from headings and <title>, if no other metadata names it."""
    known = {_letters_only(name) for name in names if name} | _host_names(url)
    if not title or _letters_only(title) in known:
        own = (heading for heading in headings if _letters_only(heading) not in known)
        found = next(own, None) or _lower_heading(document, known)
        return found or next(iter(headings), title)
    if (heading := _most_similar(headings, [title])) is not None:
        return heading
    parts = [part.strip() for part in _TITLE_PARTS.split(title)]
    longest = max(parts, key=len)
    if headings and _letters_only(headings[0]) not in {
        _letters_only(p) for p in parts if p != longest
    }:
        return headings[0]
    return longest if len(parts) > 1 else without_site_name(title, names, url)


def _lower_heading(document: Document, names: set[str]) -> str | None:
    """Return the first heading of the highest level below <h1> that can be the headline."""
    for tag in _HEADING_TAGS[1:]:
        for element in islice(document.root.iter(tag), _MOST_SEARCHED):
            text, letters = text_of(element), _letters_only(text_of(element))
            around = (ancestor.tag for ancestor in islice(element.iterancestors(), _NEAR))
            if (
                len(letters) >= _MIN_HEADLINE_LENGTH
                and letters not in names
                and not _SURROUNDING_TAGS & set(around)
            ):
                return text
    return None


def _without_one_name(title: str, known: set[str]) -> str:
    parts = list(_SEPARATOR.finditer(title))
    if not parts:
        return title
    last, first = parts[-1], parts[0]
    if _is_name(title[last.end() :], known) and last.start() > 0:
        return title[: last.start()].strip()
    if _is_name(title[: first.start()], known) and first.end() < len(title):
        return title[first.end() :].strip()
    return title


def _is_name(text: str, known: set[str]) -> bool:
    letters = _letters_only(text)
    if not letters or len(text) > _LONGEST_NAME:
        return False
    return letters in known or any(
        letters.startswith(name) for name in known if len(name) >= _MIN_NAME_LENGTH
    )


def _host_names(url: str) -> set[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    names = {_letters_only(host)}
    if len(labels) > 1:
        names |= {_letters_only(label) for label in labels[:-1] if len(label) > 3}
    return names


def _letters_only(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
