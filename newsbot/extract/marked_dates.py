"""Elements that mark a date: <time>, microdata, RDFa, and the microformats hAtom and h-entry."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.date_labels import is_update_date, update_part
from newsbot.extract.document import Document
from newsbot.extract.generic.titles import is_own_footer
from newsbot.extract.select import text_of

_MOST_ELEMENTS: Final = 40_000
_PUBLISHED: Final = frozenset({"published", "dtpublished", "dt-published"})
_UPDATED: Final = frozenset({"updated", "modified", "dt-updated"})
_BLOCKS: Final = ("span", "div", "p")
_ASIDE = re.compile(
    r"comment|related|sidebar|recommend|widget|popular|teaser|footer", re.IGNORECASE
)


def published_values(document: Document, headline: Element | None) -> Iterator[str | None]:
    """Yield the values of elements marked as publication, then of the first <abbr> and <time>.

    A <time> in a comment is ignored; one that dates an update comes after the others.
    """
    marked: list[Element] = []
    titled: list[Element] = []
    times: list[Element] = []
    for element in islice(document.root.iter(), _MOST_ELEMENTS):
        prop = f"{element.get('itemprop') or ''} {element.get('property') or ''}".lower()
        if "datepublished" in prop or "published_time" in prop or element.get("pubdate"):
            marked.append(element)
        elif element.tag == "abbr" and _PUBLISHED & _classes(element):
            titled.append(element)
        elif element.tag in ("time", "relative-time") and not is_aside(element, headline):
            times.append(element)
    times.sort(key=_marks_update)
    inside = (one for one in titled if not is_aside(one, headline))
    for element in [*marked[:3], *islice(inside, 1), *times[:1]]:
        yield _value(element)


def modified_values(document: Document, headline: Element | None) -> Iterator[str | None]:
    """Yield the values of elements marked as the date of the last change."""
    tags = ("time", "abbr", *(_BLOCKS if "dateModified" in document.source else ()))
    for element in document.root.iter(*tags):
        classes = _classes(element)
        is_marked = element.get("itemprop") == "dateModified" or (
            element.tag in ("time", "abbr") and bool(_UPDATED & classes)
        )
        if is_marked and not _PUBLISHED & classes and not is_aside(element, headline):
            yield _value(element)


def _value(element: Element) -> str | None:
    """Return the date that an element gives, or its text if that has one of an update too."""
    if update_part(text := text_of(element)):
        return text
    title = element.get("title") if element.tag == "abbr" else None
    return title or element.get("datetime") or element.get("content") or text


def _classes(element: Element) -> set[str]:
    return set((element.get("class") or "").split())


def _marks_update(element: Element) -> bool:
    """Return whether attributes or text of the element, or words before it, name an update."""
    before, parent = element.getprevious(), element.getparent()
    lead = before.tail if before is not None else (parent.text if parent is not None else "")
    marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
    return "modified" in marks.lower() or is_update_date(f"{lead or ''} {marks} {text_of(element)}")


def is_aside(element: Element, headline: Element | None) -> bool:
    """Return whether the element is in a part of the page that surrounds the article."""
    for ancestor in islice(element.iterancestors(), 5):
        if ancestor.tag == "footer" and is_own_footer(ancestor, headline):
            return False
        if ancestor.tag in ("aside", "footer", "nav"):
            return True
        if _ASIDE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"):
            return ancestor.tag not in ("body", "html", "main", "article")
    return False
