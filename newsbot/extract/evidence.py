"""What gave each field of an article, for people who write a seed; made for one page at a time.

The extractor notes the place of each choice (``BuiltArticle.evidence``). Here it is looked up again
on the page: which selector of the seed it was, and which elements.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.extract.article import build_article
from newsbot.extract.document import Document
from newsbot.extract.metadata import read_metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import matches_of, selectors_of
from newsbot.models import Article, Page
from newsbot.sites.finders import ListPage
from newsbot.sites.seed import PageSelectors
from newsbot.sites.site import Site
from newsbot.sites.values import Selector

_NOT_SHOWN: Final = frozenset(
    [
        "schema_", "id", "url", "site", "published", "content_sha256", "extractor", "missing",
        "fetched_at", "sources", "discovered_from", "revision", "origins",
    ]
)  # fmt: skip
_PLACES_OF_DATES: Final = {
    "json-ld": "JSON-LD", "meta": "meta element", "time": "time element or the like",
    "text": "text near the headline, or of the story", "url": "address", "dateline": "dateline",
}  # fmt: skip
_BY_DEFAULT: Final = {
    "canonical_url": "address of the page", "kind": "address of the page",
    "language": "words of the text", "images": "pictures in the text",
}  # fmt: skip
_WITHOUT_PLACE: Final = frozenset(("canonical_url", "kind", "language", "related"))
_MOST_PLACES: Final = 3
_MOST_ELEMENTS: Final = 20_000
_NEEDLE: Final = 80  # characters by which a text is found again
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One field, its value as in JSON, what gave it, and where that stands on the page.

    ``by`` is a key of the seed ("select.title") or a place; None if the field was not found.
    ``places`` are paths of elements, as one would write them in a selector; those without a
    selector have one of the texts of ``written``.
    """

    field: str
    value: Any
    by: str | None
    selector: str | None = None
    places: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    is_expected: bool = False


@dataclass(frozen=True, slots=True)
class RuleMatches:
    """How often a selector of the seed matches on the page, and where."""

    key: str
    selector: str
    count: int
    places: tuple[str, ...] = ()


def explain_article(document: Document, page: Page, site: Site) -> list[FieldEvidence]:
    """Return the fields of the article on a page, each with what gave it."""
    built = build_article(document, read_metadata(document), page, site)
    return list(_fields(document, site, built.article, dict(built.evidence)))


def matches_of_rules(
    document: Document, site: Site, listing: ListPage | None = None
) -> list[RuleMatches]:
    """Return how often each selector matches: those of a list, else those of articles."""
    if listing is not None:
        chosen = [("lists.items", one) for one in listing.items]
        chosen += [("lists.next", one) for one in listing.next]
    else:
        chosen = [
            (f"select.{key}", one)
            for key in PageSelectors.model_fields
            if key != "people"
            for one in selectors_of(site, key)
        ]
    return [_matches(document, key, selector) for key, selector in chosen]


def elements_of(document: Document, selector: Selector) -> list[Element]:
    """Return the elements that a selector matches; none for those that it takes strings from."""
    found = (one.element for one in matches_of(document, selector, None))
    return [element for element in found if element is not None]


def elements_with(document: Document, text: str) -> list[Element]:
    """Return the first elements whose own text has the given one."""
    needle = one_line(text)[:_NEEDLE]
    return list(islice(_with_text(document, needle), _MOST_PLACES)) if needle else []


def _with_text(document: Document, needle: str) -> Iterator[Element]:
    for element in islice(document.root.iter(etree.Element), _MOST_ELEMENTS):
        is_shown = element.tag not in ("script", "style", "title")
        texts = (one_line(element.text or ""), element.get("datetime") or "")
        if is_shown and any(needle in text for text in texts):
            yield element


def _matches(document: Document, key: str, selector: Selector) -> RuleMatches:
    found = list(matches_of(document, selector, None))
    places = _paths([one.element for one in found if one.element is not None])
    return RuleMatches(key, selector.as_written, len(found), places)


def _fields(
    document: Document, site: Site, article: Article, evidence: dict[str, str]
) -> Iterator[FieldEvidence]:
    values = article.model_dump(mode="json")
    _add_default_places(document, site, article, evidence)
    for name, value in values.items():
        if name in _NOT_SHOWN:
            continue
        by = evidence.get(name) or _BY_DEFAULT.get(name, "line of the text")
        if value:
            dated = article.published if name == "published_at" else None
            written = value if dated is None else dated.raw
            yield _with_places(document, site, name, value, by, tuple(_texts_of(written)))
        else:
            yield FieldEvidence(name, value, None, is_expected=name in article.missing)


def _add_default_places(
    document: Document, site: Site, article: Article, evidence: dict[str, str]
) -> None:
    """Add what the article itself says of its date, and which selectors its lines come from."""
    if article.published is not None:
        evidence["published_at"] = _place_of_date("published", article.published.source)
    if "modified_at" in evidence:
        evidence["modified_at"] = _place_of_date("modified", evidence["modified_at"])
    for name, key in (("authors", "byline"), ("images", "images")):
        if evidence.get(name) in (None, "byline") and _first_matching(document, site, key):
            evidence[name] = f"select.{key}"


def _place_of_date(key: str, source: str) -> str:
    return f"select.{key}" if source == "selector" else _PLACES_OF_DATES.get(source, source)


def _with_places(
    document: Document, site: Site, name: str, value: Any, by: str, written: tuple[str, ...]
) -> FieldEvidence:
    chosen = _first_matching(document, site, by.removeprefix("select."))
    if chosen is not None:
        places = _paths(elements_of(document, chosen))
        return FieldEvidence(name, value, by, chosen.as_written, places)
    if name in _WITHOUT_PLACE:
        return FieldEvidence(name, value, by)
    places = _paths([one for text in written for one in elements_with(document, text)])
    return FieldEvidence(name, value, by, None, places, written)


def _paths(elements: list[Element]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_path, elements)))[:_MOST_PLACES]


def _first_matching(document: Document, site: Site, key: str) -> Selector | None:
    """Return the first selector of a key that matches on the page."""
    if key not in PageSelectors.model_fields or key == "people":
        return None
    found = (one for one in selectors_of(site, key) if any(matches_of(document, one, None)))
    return next(found, None)


def _texts_of(value: Any) -> Iterator[str]:
    """Yield texts by which a value may be found on the page: its first lines, names, titles."""
    if isinstance(value, str):
        yield value.partition("\n")[0]
    elif isinstance(value, dict):
        yield from _texts_of(value.get("name") or value.get("title") or value.get("raw"))
    elif isinstance(value, list):
        yield from (text for one in value[:_MOST_PLACES] for text in _texts_of(one))


def _path(element: Element) -> str:
    """Return a path to an element, from the nearest ancestor that has an id, at most three up."""
    steps: list[str] = []
    for one in islice((element, *element.iterancestors()), _MOST_PLACES):
        steps.append(_step(one))
        if "#" in steps[-1]:
            break
    return " > ".join(reversed(steps))


def _step(element: Element) -> str:
    tag, name = str(element.tag), element.get("id") or ""
    if _NAME.fullmatch(name):
        return f"{tag}#{name}"
    classes = islice(filter(_NAME.fullmatch, (element.get("class") or "").split()), 2)
    return ".".join((tag, *classes))
