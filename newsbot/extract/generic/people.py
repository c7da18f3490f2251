"""Authors of pages without rules: by JSON-LD, meta, and what stands where bylines stand."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.generic.byline_labels import (
    is_strong,
    named_by,
    opens,
    photographs_follow,
    writers,
)
from newsbot.extract.generic.names import (
    letters,
    people,
    split,
    unique,
    without_affiliation,
    without_role,
)
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import text_of
from newsbot.models import Author

# These name the writer, where "author" is often the publisher.
_EXPLICIT: Final = ("content_author", "articleauthor", "article:author_name")
_META: Final = (
    "author", "og:article:author",
    "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
    "byl", "article:author",
)  # fmt: skip
# A path that leads to a person: "/author/jane-doe", "/penulis/…", "/profile/…".
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|i)?|auteurs?|by|profil(?:e|es|s)?|penulis|reporters?|journalists?|writers?"
    r"|contributors?|signataires?|staff)/+[^/?#]+",
    re.IGNORECASE,
)
# A class that says byline, as a word of its own: not "authority", not "related-authors".
_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|bylines|writer|reporter|nmreporter|penulis|autor|auteur"
    r"|entry-author|post-author|article-author|story-author)(?:[\s_-]{1,2}(?:name|names|link|text|title"
    r"|info|item|\d+|primary|header|meta))*(?:[\s_]|__\w+|$)",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ELSEWHERE: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|sidebar|footer|recommend\w*|popular|trending|teasers?|bio"
    r"|appetizer|summary-item)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\W*(?:(?:written |posted |reported |story )?by(?:by)?|von|oleh|par|por|di|av|af|door|text"
    r"|texte"
    r"|penulis|reporter"
    r"|author|autor|auteur|jurnalis|pewarta|著者|文|記者)\b[\s:：.]*|^(?:著者|文・|(?:本报|本報)?(?:记者|記者))[：:\s]*",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"\b(?:by|von|par|por|oleh|da|door|av|af|authors?|autor|auteur|autore|penulis|автор)\b|作者|著者|執筆",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^[a-zäöü]{2,5}$")
_HOLD_LINES: Final = frozenset(
    {"div", "p", "span", "li", "td", "dd", "em", "strong", "address", "small"}
)
_AROUND: Final = frozenset({"footer", "nav", "aside", "figcaption", "figure"})
_LONGEST: Final = 140
_NEAR: Final = 80  # elements between the names of one byline
_STORY: Final = 200  # characters of a text that is the story, and no standfirst before it
_MOST_ELEMENTS: Final = 20_000  # of a page are looked at for names; a news page has 1,000 to 3,000


def authors_of(
    document: Document, metadata: Metadata, names: Iterable[str | None], signed: Iterable[Author]
) -> list[Author]:
    """Return the persons that a page without rules names as its authors, by the strongest evidence.

    ``names`` are the site's own; where nothing better is found, an organisation that JSON-LD names
    counts as the author. ``signed`` are those whom lines before and after the story name.
    """
    own = {letters(name) for name in names if name}
    bylines = _Bylines(document, own)
    return next((found for found in _told(bylines, metadata, own, tuple(signed)) if found), [])


def _told(
    bylines: "_Bylines", metadata: Metadata, own: set[str], signed: tuple[Author, ...]
) -> Iterator[list[Author]]:
    """Yield what each place says, the surest first; places are looked at only when asked for."""
    named = _said(metadata.names("author") or metadata.names("creator"))
    meta = [value for key in _META for value in metadata.meta.get(key, ())[:4]]
    loose = metadata.loosely(*_META)
    yield _reporters(_people([metadata.first(*_EXPLICIT) or ""], own, strict=True))
    yield _reporters(name for name in named if letters(name) not in own)
    yield _reporters(bylines.marked())
    yield bylines.labelled()
    yield _reporters(_people([*meta, *_twitter(metadata)], own, strict=True))
    yield _reporters(_people([loose or ""], own, strict=True))
    yield writers(one for one in signed if letters(one.name) not in own)
    yield _reporters(named)
    yield _reporters(bylines.marked(strict=False))
    yield _reporters(bylines.initials())


def _reporters(names: Iterable[str]) -> list[Author]:
    return [Author(name=name, role="reporter") for name in unique(names)]


def _said(names: Iterable[str]) -> list[str]:
    """Return names that are said to be names: only parted, not judged."""
    plain = (without_role(_LEAD.sub("", name)) for name in names)
    return [one for name in plain for one in without_affiliation(split(name)) if len(one) > 1]


def _twitter(metadata: Metadata) -> Iterator[str]:
    """The values that a card labels "Written by": beside it stands the time that reading takes."""
    for number in "12":
        if _WRITTEN_BY.search(metadata.first(f"twitter:label{number}") or ""):
            yield metadata.first(f"twitter:data{number}") or ""


class _Bylines:
    """The bylines of a page: what is marked as one, or says by its words that it is one."""

    def __init__(self, document: Document, own: set[str]) -> None:
        self._root = document.root
        self._own = own
        self._headed = {above for h1 in document.root.iter("h1") for above in h1.iterancestors()}

    def marked(self, *, strict: bool = True) -> list[str]:
        """Names by rel, itemprop, class or profile link, the first of these that gives any."""
        found: dict[int, list[tuple[int, str]]] = {0: [], 1: [], 2: []}
        for number, element in enumerate(islice(self._root.iter(), _MOST_ELEMENTS)):
            strength = _strength(element)
            if strength is None or self._elsewhere(element) or photographs_follow(_before(element)):
                continue
            for name in self._names_in(element, strict=strict and strength > 0):
                found[strength].append((number, name))
        for hits in found.values():
            if hits:
                start = hits[0][0]
                near = [name for number, name in hits if number - start <= _NEAR]
                return _without_longer(unique(near))
        return []

    def labelled(self) -> list[Author]:
        """People whom lines of their own name: "Penulis: A", "By B and C", "Von: D".

        "By" and its like count only between headline and story: elsewhere they are other stories'.
        """
        found: list[Author] = []
        since: int | None = None
        for element in islice(self._root.iter(), _MOST_ELEMENTS):
            if element.tag == "h1":
                since = 0
            elif since is not None:
                since += 1 if len(element.text or "") < _STORY else _NEAR
            if (
                element.tag in _HOLD_LINES
                and opens(_opening(element))
                and not self._elsewhere(element)
            ):
                line = _line(element)
                if is_strong(line) or (since is not None and since <= _NEAR):
                    found += [one for one in named_by(line) if letters(one.name) not in self._own]
            if found and (since is None or since > _NEAR):
                break
        return _once(writers(found))

    def initials(self) -> list[str]:
        """The initials by which some papers sign, where the page marks them as the author."""
        for element in islice(self._root.iter(), _MOST_ELEMENTS):
            if element.get("itemprop") == "author" and not self._elsewhere(element):
                parts = re.split(r"[/;,\s]+", _short_text(element).strip("() "))
                if all(_INITIALS.match(part) for part in parts):
                    return parts
        return []

    def _names_in(self, element: Element, *, strict: bool) -> list[str]:
        """The names in an element; if it is none itself, in its children: "A B", "City Editor"."""
        text = _short_text(element)
        if found := _people([text], self._own, strict=strict):
            return found
        return (
            _people(map(text_of, element), self._own, strict=True) if text and len(element) else []
        )

    def _elsewhere(self, element: Element) -> bool:
        for ancestor in islice(element.iterancestors(), 6):
            if ancestor in self._headed:
                return False
            if ancestor.tag in _AROUND:
                return True
            if _ELSEWHERE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"):
                return ancestor.tag not in ("body", "html", "main", "article")
        return False


def _once(found: list[Author]) -> list[Author]:
    """Return each person once, where an element and the one that holds it both name them."""
    kept = _without_longer(unique(one.name for one in found))
    return [one for one in found if one.name in kept]


def _opening(element: Element) -> str:
    """Return the words with which an element's text begins: its own, or its first child's."""
    return one_line(element.text or "") or (one_line(element[0].text or "") if len(element) else "")


def _line(element: Element) -> str:
    """Return the element's text; a label that is an element of its own gets its colon."""
    text = _short_text(element)
    if len(element) and not one_line(element.text or "") and is_strong(f"{_opening(element)}:"):
        label = text_of(element[0])
        return text if ":" in label else f"{label}: {text.removeprefix(label)}"
    return text


def _before(element: Element) -> str:
    """Return what the element's own line says before it."""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        return one_line(before.tail or "")
    return one_line(parent.text or "") if parent is not None else ""


def _strength(element: Element) -> int | None:
    """How strongly an element's attributes say that it names an author: 0 most, ``None`` not."""
    rel, prop = element.get("rel") or "", element.get("itemprop") or ""
    if element.tag == "author" or "author" in rel.split() or prop in ("author", "creator"):
        return 0
    if element.tag == "a" and _is_profile(element.get("href") or ""):
        return 1
    name = element.get("class") or ""
    if name and _CLASS.search(_CAMEL.sub("-", name)):
        return 2
    return None


def _is_profile(href: str) -> bool:
    """Return whether a link leads to somebody's page: its path, not its query or host, says so."""
    if _PROFILE.search(href) is None:  # next to no link does, and this look is cheap
        return False
    try:
        return _PROFILE.search(urlsplit(href).path) is not None
    except ValueError:
        return False


def _short_text(element: Element) -> str:
    """Return the element's text if it is short; the part marked as the name, where one is."""
    for inner in element.iter():
        if inner is not element and inner.get("itemprop") == "name":
            return inner.get("content") or text_of(inner)
    text = element.get("content") or text_of(element)
    return text if len(text) <= _LONGEST else ""


def _people(texts: Iterable[str], own: set[str], *, strict: bool) -> list[str]:
    """Return the names in the texts, each once, less the site's own."""
    found: list[str] = []
    for text in texts:
        if is_strong(text):
            found += [one.name for one in writers(named_by(text))]
        else:
            found += people(_LEAD.sub("", text), strict=strict)
    return unique(name for name in found if letters(name) not in own)


def _without_longer(names: Iterable[str]) -> list[str]:
    """The names, less those that are another with more behind it: not "A B Senior Editor"."""
    names = list(names)
    return [
        name
        for name in names
        if not any(name != other and " " in other and name.startswith(other) for other in names)
    ]
