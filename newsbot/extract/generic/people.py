"""The authors of pages without rules, from JSON-LD, meta elements and bylines."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.generic.byline_labels import (
    ends_with_photo_label,
    has_clear_label,
    labelled_people,
    main_authors,
    starts_with_label,
)
from newsbot.extract.generic.names import (
    name_key,
    names_in,
    split_all_names,
    unique_names,
    without_affiliation,
    without_role,
)
from newsbot.extract.generic.titles import headline_element, is_own_footer
from newsbot.extract.generic.unlabelled import unlabelled_name
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.organisations import is_organisation, with_roles
from newsbot.extract.select import text_of
from newsbot.models import Author

# These name the writer; "author" often names the publisher.
_WRITER_META: Final = ("content_author", "articleauthor", "article:author_name")
_AUTHOR_META: Final = (
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
# A class with a word for a byline: not "authority", not "related-authors".
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|bylines|writer|reporter|nmreporter|penulis|autor|auteur"
    r"|entry-author|post-author|article-author|story-author)(?:[\s_-]{1,2}(?:name|names|link|text|title"
    r"|info|item|\d+|primary|header|meta))*(?:[\s_]|__\w+|$)",
    re.IGNORECASE,
)
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SURROUNDING_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|sidebar|footer|recommend\w*|popular|trending|teasers?|bio"
    r"|appetizer|summary-item)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_LEADING_LABEL = re.compile(
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
_LINE_TAGS: Final = frozenset(
    {"div", "p", "span", "li", "td", "dd", "em", "strong", "address", "small"}
)
_SURROUNDING_TAGS: Final = frozenset({"footer", "nav", "aside", "figcaption", "figure"})
_LONGEST: Final = 140
_MAX_DISTANCE: Final = 80  # elements between the names of one byline
_STORY_LENGTH: Final = 200  # characters: a longer text belongs to the story and is not a standfirst
_MOST_ELEMENTS: Final = 20_000  # searched for names; a news page has 1,000 to 3,000


def authors_of(
    document: Document, metadata: Metadata, names: Iterable[str | None], signed: Iterable[Author]
) -> tuple[str, list[Author]]:
    """Return the people whom a page without rules names as authors, and the place that does.

    The strongest evidence decides. ``names`` are those of the site; if nothing better is found, an
    organisation that JSON-LD names is the author. ``signed`` are the people named in lines before
    and after the story.
    """
    site_names = {name_key(name) for name in names if name}
    bylines = _Bylines(document, headline_element(document, metadata), site_names)
    ranked = _ranked_authors(bylines, metadata, site_names, tuple(signed))
    return next(((place, found) for place, found in ranked if found), ("", []))


def reporters_named(names: Iterable[str], site_names: Iterable[str | None]) -> tuple[Author, ...]:
    """Return the people whom a feed, sitemap or list names, without the site itself."""
    sites = {name_key(name) for name in site_names if name}
    named = (name for name in _declared_names(names) if name_key(name) not in sites)
    return with_roles(_reporters(named), ())


def _ranked_authors(
    bylines: "_Bylines", metadata: Metadata, site_names: set[str], signed: tuple[Author, ...]
) -> Iterator[tuple[str, list[Author]]]:
    """Yield the authors that each kind of evidence gives, the strongest first, lazily."""
    named = _declared_names(metadata.names("author") or metadata.names("creator"))
    meta = [value for key in _AUTHOR_META for value in metadata.meta.get(key, ())[:4]]
    misplaced = metadata.first_or_misplaced(*_AUTHOR_META)
    yield (
        "meta writer",
        _reporters(_person_names([metadata.first(*_WRITER_META) or ""], site_names, strict=True)),
    )
    yield "JSON-LD author", _reporters(name for name in named if name_key(name) not in site_names)
    yield "element marked as author", _reporters(bylines.marked())
    yield "labelled line", bylines.labelled()
    yield (
        "meta author",
        _reporters(_person_names([*meta, *_twitter(metadata)], site_names, strict=True)),
    )
    yield "meta author", _reporters(_person_names([misplaced or ""], site_names, strict=True))
    yield "signature", main_authors(one for one in signed if name_key(one.name) not in site_names)
    yield "line without a label", _reporters(bylines.unlabelled())
    yield "JSON-LD author", _reporters(named)
    yield "element marked as author", _reporters(bylines.marked(strict=False))
    yield "initials", _reporters(bylines.initials())


def _reporters(names: Iterable[str]) -> list[Author]:
    return [Author(name=name, role="reporter") for name in unique_names(names)]


def _declared_names(names: Iterable[str]) -> list[str]:
    """Return declared names: split, but not checked for looking like names."""
    plain = (without_role(_LEADING_LABEL.sub("", name)) for name in names)
    return [
        one for name in plain for one in without_affiliation(split_all_names(name)) if len(one) > 1
    ]


def _twitter(metadata: Metadata) -> Iterator[str]:
    """Yield the values that a Twitter card labels "Written by"; others are reading times."""
    for number in "12":
        if _WRITTEN_BY.search(metadata.first(f"twitter:label{number}") or ""):
            yield metadata.first(f"twitter:data{number}") or ""


class _Bylines:
    """The bylines of a page, recognised by their mark-up or by their words."""

    def __init__(self, document: Document, headline: Element | None, site_names: set[str]) -> None:
        self._root = document.root
        self._document = document
        self._site_names = site_names
        self._headline = headline
        self._headings = {*document.root.iter("h1"), *((headline,) if headline is not None else ())}
        self._headline_ancestors = {
            above for heading in self._headings for above in heading.iterancestors()
        }

    def marked(self, *, strict: bool = True) -> list[str]:
        """Return names by rel or itemprop, else by profile link, else by class."""
        found: dict[int, list[tuple[int, str]]] = {0: [], 1: [], 2: []}
        for number, element in enumerate(islice(self._root.iter(), _MOST_ELEMENTS)):
            strength = _strength(element)
            if (
                strength is None
                or self._is_elsewhere(element)
                or ends_with_photo_label(_text_before(element))
            ):
                continue
            for name in self._names_in(element, strict=strict and strength > 0):
                found[strength].append((number, name))
        for hits in found.values():
            if hits:
                start = hits[0][0]
                near = [name for number, name in hits if number - start <= _MAX_DISTANCE]
                return _without_longer(unique_names(near))
        return []

    def labelled(self) -> list[Author]:
        """Return the people named by byline elements: "Penulis: A", "By B and C", "Von: D".

        "By" and similar words count only between headline and story: elsewhere they belong to other
        articles.
        """
        found: list[Author] = []
        distance: int | None = None
        for element in islice(self._root.iter(), _MOST_ELEMENTS):
            if element in self._headings:
                distance = 0
            elif distance is not None:
                distance += 1 if len(element.text or "") < _STORY_LENGTH else _MAX_DISTANCE
            if (
                element.tag in _LINE_TAGS
                and starts_with_label(_first_words(element))
                and not self._is_elsewhere(element)
            ):
                line = _labelled_line(element)
                if has_clear_label(line) or (distance is not None and distance <= _MAX_DISTANCE):
                    found += [
                        one
                        for one in labelled_people(line)
                        if name_key(one.name) not in self._site_names
                    ]
            if found and (distance is None or distance > _MAX_DISTANCE):
                break
        return _without_repeats(main_authors(found))

    def unlabelled(self) -> list[str]:
        """Return the name right below the headline that only its place shows to be a byline."""
        return list(unlabelled_name(self._document, self._headline, self._site_names))

    def initials(self) -> list[str]:
        """Return initials as the author, if the page marks them so: some papers sign like that."""
        for element in islice(self._root.iter(), _MOST_ELEMENTS):
            if element.get("itemprop") == "author" and not self._is_elsewhere(element):
                parts = re.split(r"[/;,\s]+", _short_text(element).strip("() "))
                if all(_INITIALS.match(part) for part in parts):
                    return parts
        return []

    def _names_in(self, element: Element, *, strict: bool) -> list[str]:
        """Return the names in an element or, if it has none, in its children."""
        text = _short_text(element)
        if glued := _glued_parts(element, text):
            found = _person_names(glued, self._site_names, strict=True)
            return [name for name in found if not is_organisation(name)] or found
        if found := _person_names([text], self._site_names, strict=strict):
            return found
        return (
            _person_names(map(text_of, element), self._site_names, strict=True)
            if text and len(element)
            else []
        )

    def _is_elsewhere(self, element: Element) -> bool:
        for ancestor in islice(element.iterancestors(), 6):
            if ancestor in self._headline_ancestors:
                return False
            if ancestor.tag == "footer" and is_own_footer(ancestor, self._headline):
                return False
            if ancestor.tag in _SURROUNDING_TAGS:
                return True
            if _SURROUNDING_NAMES.search(
                f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
            ):
                return ancestor.tag not in ("body", "html", "main", "article")
        return False


def _without_repeats(found: list[Author]) -> list[Author]:
    """Return each person once, even if an element and its parent both name them."""
    kept = _without_longer(unique_names(one.name for one in found))
    return [one for one in found if one.name in kept]


def _first_words(element: Element) -> str:
    """Return the start of an element's text: its own, or that of its first child."""
    return one_line(element.text or "") or (one_line(element[0].text or "") if len(element) else "")


def _labelled_line(element: Element) -> str:
    """Return the element's text, with a colon after a label that is a child element."""
    text = _short_text(element)
    if (
        len(element)
        and not one_line(element.text or "")
        and has_clear_label(f"{_first_words(element)}:")
    ):
        label = text_of(element[0])
        return text if ":" in label else f"{label}: {text.removeprefix(label)}"
    return text


def _text_before(element: Element) -> str:
    """Return the text right before the element."""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        return one_line(before.tail or "")
    return one_line(parent.text or "") if parent is not None else ""


def _strength(element: Element) -> int | None:
    """Return how strongly attributes mark an author: 0 most, 2 least, ``None`` not at all."""
    rel, prop = element.get("rel") or "", element.get("itemprop") or ""
    if element.tag == "author" or "author" in rel.split() or prop in ("author", "creator"):
        return 0
    if element.tag == "a" and _is_profile(element.get("href") or ""):
        return 1
    name = element.get("class") or ""
    if name and _BYLINE_CLASS.search(_CAMEL_CASE.sub("-", name)):
        return 2
    return None


def _is_profile(href: str) -> bool:
    """Return whether the path of a link (not its query or host) is that of a person's page."""
    if _PROFILE.search(href) is None:  # a cheap check that rules out most links
        return False
    try:
        return _PROFILE.search(urlsplit(href).path) is not None
    except ValueError:
        return False


def _short_text(element: Element) -> str:
    """Return the element's text if it is short, or its part that is marked as the name."""
    for inner in element.iter():
        if inner is not element and inner.get("itemprop") == "name":
            return inner.get("content") or text_of(inner)
    text = element.get("content") or text_of(element)
    return text if len(text) <= _LONGEST else ""


def _glued_parts(element: Element, text: str) -> list[str]:
    """Return the parts of a byline whose elements have no space between: "Jane DoeBBC News"."""
    parts: list[str] = []
    for piece in map(str, element.itertext()) if text and len(element) else ():
        if parts and parts[-1][-1:].islower() and piece[:1].isupper():
            parts.append(piece)
        else:
            parts[-1:] = [f"{parts[-1]}{piece}" if parts else piece]
    return parts if len(parts) > 1 else []


def _person_names(texts: Iterable[str], site_names: set[str], *, strict: bool) -> list[str]:
    """Return the names in the texts, each once, without those of the site."""
    found: list[str] = []
    for text in texts:
        if has_clear_label(text):
            found += [one.name for one in main_authors(labelled_people(text))]
        else:
            found += names_in(_LEADING_LABEL.sub("", text), strict=strict)
    return unique_names(name for name in found if name_key(name) not in site_names)


def _without_longer(names: Iterable[str]) -> list[str]:
    """Return the names without those that extend another: not "A B Senior Editor"."""
    names = list(names)
    return [
        name
        for name in names
        if not any(name != other and " " in other and name.startswith(other) for other in names)
    ]
