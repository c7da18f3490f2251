"""The metadata of a page: JSON-LD, meta elements, canonical link."""

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
_COMMENT_MARKS = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\]\]>|/\*\]\]>\*/)\s*$"
)
_TAG = re.compile(r"<[^<>]{1,200}>")
_MOST_NODES: Final = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a page.

    ``meta`` maps a lower-case name, property or itemprop to its contents in order; ``misplaced``
    has those that are in the attribute ``value`` by mistake; ``article`` is the JSON-LD node of the
    page's article, ``{}`` if there is none; ``title_element`` is the text of ``<title>``.
    """

    meta: Mapping[str, tuple[str, ...]]
    article: Mapping[str, Any]
    nodes: tuple[Mapping[str, Any], ...] = field(default=())
    misplaced: Mapping[str, str] = field(default_factory=dict)
    canonical: str | None = None
    language: str | None = None
    title_element: str | None = None

    def first(self, *names: str) -> str | None:
        """Return the first non-empty content of the first of these names that has one."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)

    def first_or_misplaced(self, *names: str) -> str | None:
        """Return the result of ``first``, else the content in the wrong attribute."""
        proper = self.first(*names)
        return proper or next(
            (self.misplaced[name] for name in names if self.misplaced.get(name)), None
        )

    def text(self, *keys: str) -> str | None:
        """Return the text of the first of these keys of the JSON-LD article that has one."""
        return next((text for key in keys if (text := plain_text(self.article.get(key)))), None)

    def names(self, key: str) -> list[str]:
        """Return the names of the persons or organisations under a key of the JSON-LD article."""
        return list(_names_of(self.article.get(key), self.nodes))

    def strings(self, key: str) -> list[str]:
        """Return all texts under a key of the JSON-LD article, with nested lists flattened."""
        return [text for value in _flatten(self.article.get(key)) if (text := plain_text(value))]


def read_metadata(document: Document) -> Metadata:
    """Return the metadata of a page."""
    meta: dict[str, list[str]] = {}
    misplaced: dict[str, str] = {}
    for element in document.root.iter("meta"):
        content = one_line(element.get("content") or "")
        if not content and (value := element.get("value")):
            key = element.get("name") or element.get("property") or ""
            misplaced.setdefault(key.strip().lower(), one_line(value))
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
        misplaced=misplaced,
        article=_article_node(nodes),
        nodes=nodes,
        canonical=document.url(canonical),
        language=document.root.get("lang") or _first(meta, "content-language", "og:locale"),
        title_element=title or None,
    )


def plain_text(value: Any) -> str | None:
    """Return a JSON-LD value as one line of text without mark-up; ``None`` if it is not a text."""
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    if not isinstance(value, str):
        return None
    return one_line(_TAG.sub(" ", html.unescape(value))) or None


def _first(meta: Mapping[str, list[str]], *names: str) -> str | None:
    return next((value for name in names for value in meta.get(name, ()) if value), None)


def _article_node(nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the node of the page's article, preferably one with a headline."""
    found = [node for node in nodes if _is_article_node(node)]
    headed = [node for node in found if plain_text(node.get("headline")) or node.get("articleBody")]
    return next(iter(headed or found), {})


def _is_article_node(node: Mapping[str, Any]) -> bool:
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
        for node in _walk(_parse_json(script.text or "")):
            seen += 1
            if seen > _MOST_NODES:
                return
            yield node


def _parse_json(text: str) -> Any:
    """Return the JSON of a script element, with comments and bare line feeds; ``None`` if bad."""
    text = _COMMENT_MARKS.sub("", _COMMENT_MARKS.sub("", text.strip())).strip().rstrip(";")
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes of a JSON-LD value: itself, members of lists and graphs, main entities."""
    stack = [value]
    while stack:
        one = stack.pop(0)
        if isinstance(one, list):
            stack = [*one[:500], *stack]
        elif isinstance(one, dict):
            yield one
            inner = [one.get(key) for key in ("@graph", "mainEntity", "hasPart")]
            stack = [member for member in inner if isinstance(member, list | dict)] + stack


def _flatten(value: Any) -> Iterator[Any]:
    stack = [value]
    while stack:
        one = stack.pop(0)
        if isinstance(one, list):
            stack = [*one[:200], *stack]
        elif one is not None:
            yield one


def _names_of(value: Any, nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the names in a value, including those of nodes it refers to (``{"@id": …}``)."""
    for one in _flatten(value):
        node = _resolve(one, nodes) if isinstance(one, Mapping) else {"name": one}
        for text in _flatten(node.get("name")):
            if (
                isinstance(text, str)
                and (clean := plain_text(text))
                and not clean.startswith("http")
            ):
                yield clean


def _resolve(node: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    if "name" in node or "@id" not in node:
        return node
    same = (one for one in nodes if one.get("@id") == node["@id"] and "name" in one)
    return next(same, node)
