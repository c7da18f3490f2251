"""Authors of pages without rules: by JSON-LD, meta, and what stands where bylines stand."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.bylines import is_byline, parse_bylines, split_names
from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import text_of

# These name the writer, where "author" is often the publisher.
_EXPLICIT: Final = ("content_author", "articleauthor", "article:author_name")
_META: Final = (
    "author", "og:article:author",
    "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
    "twitter:data1", "byl", "article:author",
)  # fmt: skip
# A path that leads to a person: "/author/jane-doe", "/penulis/…", "/profile/…".
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|i)?|auteurs?|by|profiles?|penulis|reporters?|journalists?|writers?"
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
    r"|author|autor|auteur|jurnalis|pewarta|著者|文|記者)\b[\s:.]*|^(?:著者|文・|記者)[：:\s]*",
    re.IGNORECASE,
)
# What ends a name: a column, a date, a time, a note on the update.
_END = re.compile(
    r"\s*(?:[|·•–—(（\n]|\s-\s|\s(?:in|on|at|for|with|via|reports|writes)\s"
    r"|\b(?:updated|published|posted|view author|get author|see full bio|follow|contact)\b"
    r"|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,|\d{1,2}[./: ]"
    r"|(?:19|20)\d\d|https?:|www\.|@\w+\.).*$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_A_NAME = re.compile(
    r"\d|[?!<>{}=_]|\b(?:min read|comments?|share|subscribe|login|bio|profile|more|latest|read|the"
    r"|news desk|staff writer|editor|reporter|correspondent|contributor|fellow|intern|author"
    r"|all rights)\b",
    re.IGNORECASE,
)
_ROLE_AFTER = re.compile(
    r"[\s,]+(?:jurnalis|penulis|reporter|wartawan|kontributor|staff writer|contributor)$",
    re.IGNORECASE,
)
# A label of its own before the names, in an element or its first child: "Von:", "Autorin/Autor".
_OTHER_LABEL = re.compile(
    r"^(?:(?:von|par|por|di|door|text|texte|words)\s?:"
    r"|(?:autor(?:in)?(?:/autor(?:in)?)?|auteur|author|penulis|reporter)\s?:?)$",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LONGEST: Final = 140
_LONGEST_LABEL: Final = 20
_NEAR: Final = 80  # elements between the names of one byline
_MOST_ELEMENTS: Final = 20_000  # of a page are looked at for names; a news page has 1,000 to 3,000


def authors_of(document: Document, metadata: Metadata, names: Iterable[str | None]) -> list[str]:
    """The persons that a page without rules names as its authors, by the strongest evidence.

    ``names`` are the site's own; where nothing better is found, an organisation that JSON-LD names
    counts as the author.
    """
    own = {_letters(name) for name in names if name}
    return next((list(dict.fromkeys(one)) for one in _told(document, metadata, own) if one), [])


def _told(document: Document, metadata: Metadata, own: set[str]) -> Iterator[list[str]]:
    """What each place says, the surest first; places are looked at only when asked for."""
    named = _split(metadata.names("author"))
    yield _people(filter(None, [metadata.first(*_EXPLICIT)]), own, strict=True)
    yield [name for name in named if _letters(name) not in own]
    yield _printed(document, own)
    yield _labelled(document, own)
    yield _people((v for key in _META for v in metadata.meta.get(key, ())[:4]), own, strict=True)
    yield _people(filter(None, [metadata.loosely(*_META)]), own, strict=True)
    yield named
    yield _printed(document, own, strict=False)


def _split(names: Iterable[str]) -> list[str]:
    """Names that are said to be names: only parted, not judged."""
    return [one for name in names for one in split_names(_LEAD.sub("", name)) if len(one) > 1]


def _printed(document: Document, own: set[str], *, strict: bool = True) -> list[str]:
    """Names by rel, itemprop, class or profile link; the kinds in the order of their strength."""
    found: dict[int, list[tuple[int, str]]] = {0: [], 1: [], 2: []}
    for number, element in enumerate(islice(document.root.iter(), _MOST_ELEMENTS)):
        strength = _strength(element)
        if strength is None or _elsewhere(element):
            continue
        for name in _people([_short_text(element)], own, strict=strict and strength > 0):
            found[strength].append((number, name))
    for hits in found.values():
        if hits:
            start = hits[0][0]
            near = [name for number, name in hits if number - start <= _NEAR]
            return _without_longer(dict.fromkeys(near))
    return []


def _labelled(document: Document, own: set[str]) -> list[str]:
    """Names after a label of their own: "Penulis: A", "Reporter: B/C", "Von: D"."""
    for element in islice(document.root.iter("div", "p", "span", "td", "li"), _MOST_ELEMENTS):
        text = one_line(element.text or "")
        if names := _after_label(element, text, own):
            return names
        if ":" in text and len(text) <= _LONGEST and is_byline(text):
            names = [one.name for one in parse_bylines([text]) if one.role == "reporter"]
            if names := [name for name in names if _letters(name) not in own]:
                return names
    return []


def _after_label(element: Element, text: str, own: set[str]) -> list[str]:
    """Names that follow a label which stands alone at the element's start or in its first child."""
    label = text or (one_line(element[0].text or "") if len(element) else "")
    if len(label) > _LONGEST_LABEL or _OTHER_LABEL.match(label) is None or _elsewhere(element):
        return []
    return _people([_short_text(element).removeprefix(label)], own, strict=True)


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
    """Whether a link leads to somebody's page: its path, not its query or host, says so."""
    if _PROFILE.search(href) is None:  # next to no link does, and this look is cheap
        return False
    try:
        return _PROFILE.search(urlsplit(href).path) is not None
    except ValueError:
        return False


def _elsewhere(element: Element) -> bool:
    for ancestor in islice(element.iterancestors(), 6):
        if next(ancestor.iter("h1"), None) is not None:
            return False
        if ancestor.tag in ("footer", "nav", "aside"):
            return True
        if _ELSEWHERE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"):
            return ancestor.tag not in ("body", "html", "main", "article")
    return False


def _short_text(element: Element) -> str:
    """The element's text if it is short; the part marked as the name, where one is."""
    for inner in element.iter():
        if inner is not element and inner.get("itemprop") == "name":
            return inner.get("content") or text_of(inner)
    text = element.get("content") or text_of(element)
    return text if len(text) <= _LONGEST else ""


def _people(texts: Iterable[str], own: set[str], *, strict: bool) -> list[str]:
    """The names in the texts, each once, less what is no name or the site's own."""
    found: dict[str, None] = {}
    for text in texts:
        clean = _END.sub("", _LEAD.sub("", one_line(text)))
        for part in split_names(_ROLE_AFTER.sub("", clean)):
            name = _LEAD.sub("", part).strip(" .,:;-")
            if _is_person(name, strict=strict) and _letters(name) not in own:
                found[name] = None
    return list(found)


def _is_person(name: str, *, strict: bool) -> bool:
    if len(name) < 2 or len(name) > 50 or _NOT_A_NAME.search(name) or "/" in name:
        return False
    words = name.split()
    if not _LATIN.search(name):
        return len(name) <= 20
    if len(words) > 6 or (strict and len(words) < 2):
        return False
    return sum(word[0].isupper() for word in words) * 2 > len(words)


def _without_longer(names: Iterable[str]) -> list[str]:
    """The names, less those that are another with more behind it: not "A B Senior Editor"."""
    names = list(names)
    return [
        name
        for name in names
        if not any(name != other and " " in other and name.startswith(other) for other in names)
    ]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
