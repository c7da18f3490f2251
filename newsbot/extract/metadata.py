"""What a page says of itself for machines: JSON-LD, meta elements, canonical link."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from newsbot.extract.document import Document
from newsbot.extract.normalise import one_line

_ARTICLE_TYPES: Final = re.compile(
    r"(?:^|/)(?:\w*NewsArticle|Article|BlogPosting|Report|LiveBlogPosting|TechArticle|ScholarlyArticle"
    r"|VideoObject|ImageGallery|MediaGallery)$"
)
_COMMENTED = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\]\]>|/\*\]\]>\*/)\s*$"
)
_TAG = re.compile(r"<[^<>]{1,200}>")
_MOST_NODES: Final = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's own words for machines.

    ``meta`` maps lower-case name, property or itemprop to its contents in order, ``loose`` those
    that stand in the attribute ``value`` by mistake; ``article`` is the JSON-LD node that describes
    the page's article, ``{}`` if there is none.
    """

    meta: Mapping[str, tuple[str, ...]]
    article: Mapping[str, Any]
    nodes: tuple[Mapping[str, Any], ...] = field(default=())
    loose: Mapping[str, str] = field(default_factory=dict)
    canonical: str | None = None
    language: str | None = None
    heading_title: str | None = None

    def first(self, *names: str) -> str | None:
        """Return the first content that is not empty, of the first of these names that has one."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)

    def loosely(self, *names: str) -> str | None:
        """As ``first``, then what stands in the wrong attribute."""
        told = self.first(*names)
        return told or next((self.loose[name] for name in names if self.loose.get(name)), None)

    def text(self, *keys: str) -> str | None:
        """Return the first of these keys of the JSON-LD article that holds a text."""
        return next((text for key in keys if (text := plain(self.article.get(key)))), None)

    def names(self, key: str) -> list[str]:
        """Return the names of the persons or organisations under a key of the JSON-LD article."""
        return list(_names(self.article.get(key), self.nodes))

    def strings(self, key: str) -> list[str]:
        """Return all texts under a key of the JSON-LD article, nested lists flattened."""
        return [text for value in _flat(self.article.get(key)) if (text := plain(value))]


def read(document: Document) -> Metadata:
    """Return everything the page says of itself."""
    meta: dict[str, list[str]] = {}
    loose: dict[str, str] = {}
    for element in document.root.iter("meta"):
        content = one_line(element.get("content") or "")
        if not content and (misplaced := element.get("value")):
            key = element.get("name") or element.get("property") or ""
            loose.setdefault(key.strip().lower(), one_line(misplaced))
            continue
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                meta.setdefault(name.strip().lower(), []).append(content)
    nodes = tuple(_nodes(document))
    canonical = next(
        (
            link.get("href")
            for link in document.root.iter("link")
            if (link.get("rel") or "").strip().lower() == "canonical"
        ),
        None,
    )
    title = next((one_line(e.text or "") for e in document.root.iter("title") if e.text), None)
    return Metadata(
        meta={name: tuple(values) for name, values in meta.items()},
        loose=loose,
        article=_article(nodes),
        nodes=nodes,
        canonical=document.url(canonical),
        language=document.root.get("lang") or _first(meta, "content-language", "og:locale"),
        heading_title=title or None,
    )


def plain(value: Any) -> str | None:
    """A JSON-LD value as text on one line, without entities and tags; ``None`` if it is no text."""
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    if not isinstance(value, str):
        return None
    return one_line(_TAG.sub(" ", html.unescape(value))) or None


def _first(meta: Mapping[str, list[str]], *names: str) -> str | None:
    return next((value for name in names for value in meta.get(name, ()) if value), None)


def _article(nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the node of the page's article: one with a headline before one without."""
    found = [node for node in nodes if _is_article(node)]
    headed = [node for node in found if plain(node.get("headline")) or node.get("articleBody")]
    return next(iter(headed or found), {})


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(name, str) and _ARTICLE_TYPES.search(name) for name in names)


def _nodes(document: Document) -> Iterator[Mapping[str, Any]]:
    if "ld+json" not in document.source:
        return
    seen = 0
    for script in document.root.iter("script"):
        if (script.get("type") or "").strip().lower().partition(";")[0] != "application/ld+json":
            continue
        for node in _walk(_json(script.text or "")):
            seen += 1
            if seen > _MOST_NODES:
                return
            yield node


def _json(text: str) -> Any:
    """The JSON of a script element, tolerant of comments and bare line feeds; ``None`` if none."""
    text = _COMMENTED.sub("", _COMMENTED.sub("", text.strip())).strip().rstrip(";")
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    """The nodes of a JSON-LD value: itself, the members of lists and graphs, the main entity."""
    stack = [value]
    while stack:
        one = stack.pop(0)
        if isinstance(one, list):
            stack = [*one[:500], *stack]
        elif isinstance(one, dict):
            yield one
            inner = [one.get(key) for key in ("@graph", "mainEntity", "hasPart")]
            stack = [member for member in inner if isinstance(member, list | dict)] + stack


def _flat(value: Any) -> Iterator[Any]:
    stack = [value]
    while stack:
        one = stack.pop(0)
        if isinstance(one, list):
            stack = [*one[:200], *stack]
        elif one is not None:
            yield one


def _names(value: Any, nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield names, those of nodes that are only referred to (``{"@id": …}``) among them."""
    for one in _flat(value):
        node = _referred(one, nodes) if isinstance(one, Mapping) else {"name": one}
        for text in _flat(node.get("name")):
            if isinstance(text, str) and (clean := plain(text)) and not clean.startswith("http"):
                yield clean


def _referred(node: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    if "name" in node or "@id" not in node:
        return node
    same = (one for one in nodes if one.get("@id") == node["@id"] and "name" in one)
    return next(same, node)
