"""The text of an article's container, line by line, as a reader sees it.

A walk through the container turns ``<p>``, bare text with ``<br><br>``, lists, tables, headings and
quotations into lines. Lines of one paragraph share a number; nothing is judged here, so that the
rules of ``boilerplate`` see every line with its links and with the zone that the seed's selectors
put it in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.extract.document import Document, absolute
from newsbot.extract.normalise import one_line

Zone = Literal["text", "removed", "byline", "quote", "caption"]
LineKind = Literal["text", "heading", "item", "row", "embed"]

_SPACE = re.compile(r"[\s\u00a0]+")
_PARAGRAPHS: Final = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "header", "hr", "h1",
        "h2", "h3", "h4", "h5", "h6", "main", "nav", "ol", "p", "pre", "section", "summary",
        "table", "tbody", "tfoot", "thead", "tr", "ul", "caption",
    ]
)  # fmt: skip
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN: Final = frozenset(
    [
        "script", "style", "noscript", "template", "svg", "form", "button", "select", "textarea",
        "input", "object", "audio", "video", "canvas", "nav", "head", "title", "meta", "link",
    ]
)  # fmt: skip
_EMBEDDED_POSTS: Final = {
    "instagram-media": "data-instgrm-permalink",
    "twitter-tweet": "",
    "tiktok-embed": "cite",
    "fb-post": "data-href",
    "fb-video": "data-href",
}
_PLAYER_HOSTS: Final = re.compile(
    r"(^|\.)(youtube(-nocookie)?\.com|youtu\.be|instagram\.com|twitter\.com|x\.com|facebook\.com"
    r"|tiktok\.com|vimeo\.com|dailymotion\.com|soundcloud\.com|spotify\.com)$"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a line: its text and where it leads, worked out when it is asked for."""

    text: str
    href: str | None
    base: str = ""

    @property
    def url(self) -> str | None:
        """The absolute web address, if it is one."""
        return absolute(self.base, self.href)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; lines with the same ``paragraph`` belong together."""

    text: str
    paragraph: int
    kind: LineKind = "text"
    zone: Zone = "text"
    anchors: tuple[Anchor, ...] = ()


MOST_LINES: Final = 10_000
"""Lines read of one page: the longest stories have hundreds; more is a page made to be slow."""


def lines_of(
    document: Document, containers: Iterable[Element], zones: Mapping[Element, Zone]
) -> list[Line]:
    """The lines of the containers, in order; ``zones`` marks elements that selectors chose."""
    walk = _Walk(document, zones)
    for container in containers:
        walk.container(container)
    return walk.lines


def text_lines(text: str) -> list[Line]:
    """Return lines of a plain text whose paragraphs are parted by line feeds."""
    found = map(one_line, text.splitlines())
    return [Line(line, number) for number, line in enumerate(line for line in found if line)]


@dataclass(slots=True)
class _Walk:
    """The state of one walk: the line being collected and where it belongs."""

    document: Document
    zones: Mapping[Element, Zone]
    lines: list[Line] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _anchors: list[Anchor] = field(default_factory=list)
    _paragraph: int = 0
    _kind: LineKind = "text"
    _zone: Zone = "text"
    _bullet: str = ""
    _keep_together: int = 0  # depth of lists and tables: their lines form one paragraph
    _breaks: int = 0
    _counts: list[int | None] = field(default_factory=list)
    _in_zones: list[Zone] = field(default_factory=list)
    _tables: list[bool] = field(default_factory=list)
    _cells: int = 0
    _anchor_from: int = 0

    def container(self, container: Element) -> None:
        walker = etree.iterwalk(container, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            if len(self.lines) >= MOST_LINES:
                break
            if event == "start":
                if not self._enters(element):
                    skipped = element
                    walker.skip_subtree()
            else:
                if skipped is element:
                    skipped = None
                else:
                    self._leaves(element)
                if element is not container:
                    self._text(element.tail)
        self._flush()
        self._paragraph += 1

    # -- elements ------------------------------------------------------------------------------

    def _enters(self, element: Element) -> bool:
        """Begin an element; false if nothing inside it is to be read."""
        tag = str(element.tag)
        if self._hidden(element, tag):
            return False
        if tag == "br":
            self._line_break()
            return True
        if (url := self._embed(element, tag)) is not None:
            self._embedded(url)
            return False
        zone = self.zones.get(element)
        if zone is not None:
            if zone != self._zone:
                self._break()
            self._in_zones.append(self._zone)
            self._zone = zone
        if tag in _PARAGRAPHS:
            self._break()
        self._enters_kind(element, tag)
        self._text(element.text)
        return True

    def _hidden(self, element: Element, tag: str) -> bool:
        if tag in _HIDDEN:
            return True
        if tag == "ins" and "adsbygoogle" in (element.get("class") or ""):
            return True
        return "display:none" in (element.get("style") or "").replace(" ", "").lower()

    def _enters_kind(self, element: Element, tag: str) -> None:
        if tag in _HEADINGS:
            self._kind = "heading"
        elif tag in ("ul", "ol"):
            self._keep_together += 1
            self._counts.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "table":
            data = _is_data(element)
            self._tables.append(data)
            self._keep_together += data
        elif tag == "tr":
            self._cells = 0
        elif tag in ("td", "th"):
            self._cell()
        elif tag == "a":
            self._anchor_from = len(self._pieces)

    def _leaves(self, element: Element) -> None:
        tag = str(element.tag)
        if tag == "br":
            return
        if tag == "a":
            self._leaves_anchor(element)
        elif tag in _PARAGRAPHS or tag == "li":
            self._break()
        if tag in _HEADINGS:
            self._kind = "text"
        elif tag in ("ul", "ol"):
            self._keep_together = max(0, self._keep_together - 1)
            if self._counts:
                self._counts.pop()
            self._break()
        elif tag == "table" and self._tables:
            self._keep_together -= self._tables.pop()
            self._kind = "text"
            self._break()
        if element in self.zones and self._in_zones:
            outer = self._in_zones.pop()
            if outer != self._zone:
                self._break()
            self._zone = outer

    def _leaves_anchor(self, element: Element) -> None:
        text = one_line("".join(self._pieces[self._anchor_from :]))
        if text:
            self._anchors.append(Anchor(text, element.get("href"), self.document.base))

    def _item(self) -> None:
        self._flush()
        self._bullet = "- "
        if self._counts and (count := self._counts[-1]) is not None:
            self._counts[-1] = count + 1
            self._bullet = f"{count + 1}. "

    def _cell(self) -> None:
        if self._tables and self._tables[-1]:
            self._kind = "row"
            if self._cells and self._pieces:
                self._pieces.append(" | ")
            self._cells += 1
        else:
            self._break()

    # -- embeds --------------------------------------------------------------------------------

    def _embed(self, element: Element, tag: str) -> str | None:
        """Return the address of a post or player that the element embeds."""
        if tag == "iframe":
            for name in ("src", "data-src", "data-lazy-src"):
                if url := self.document.url(element.get(name)):
                    return _player(url)
            return None
        if tag not in ("blockquote", "div"):
            return None
        for name in (element.get("class") or "").split():
            if name in _EMBEDDED_POSTS:
                url = self.document.url(element.get(_EMBEDDED_POSTS[name] or "cite"))
                return _without_query(url or self._last_link(element))
        return None

    def _last_link(self, element: Element) -> str | None:
        links = [self.document.url(link.get("href")) for link in element.iter("a")]
        return next((link for link in reversed(links) if link), None)

    def _embedded(self, url: str) -> None:
        self._break()
        self.lines.append(Line(url, self._paragraph, "embed", self._zone, (Anchor("", url),)))
        self._paragraph += 1

    # -- text ----------------------------------------------------------------------------------

    def _text(self, text: str | None) -> None:
        if not text:
            return
        collapsed = _SPACE.sub(" ", text)
        if collapsed != " ":
            self._breaks = 0
        self._pieces.append(collapsed)

    def _line_break(self) -> None:
        """One <br> ends a line; two, with nothing between them, end the paragraph."""
        self._breaks += 1
        self._flush()
        if self._breaks > 1 and not self._keep_together:
            self._next_paragraph()

    def _break(self) -> None:
        self._flush()
        if not self._keep_together:
            self._next_paragraph()

    def _next_paragraph(self) -> None:
        if self.lines and self.lines[-1].paragraph == self._paragraph:
            self._paragraph += 1

    def _flush(self) -> None:
        text = one_line("".join(self._pieces))
        self._pieces.clear()
        self._anchor_from = 0
        anchors, self._anchors = tuple(self._anchors), []
        if not text.strip("| "):
            return
        kind: LineKind = "item" if self._bullet else self._kind
        line = Line(self._bullet + text, self._paragraph, kind, self._zone, anchors)
        self._bullet = ""
        self.lines.append(line)


def _is_data(table: Element) -> bool:
    """Whether a table holds data, not a page's layout: short cells, more than one in a row."""
    blocks = sum(1 for _ in table.iter("p", "div", "ul", "article", "table")) - 1
    rows = [len(row) for row in table.iter("tr")]
    return len(rows) > 1 and max(rows) > 1 and blocks <= sum(rows)


def _player(url: str) -> str | None:
    """The address a reader would open for an embedded player, if it is one of a known service."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _PLAYER_HOSTS.search(host):
        return None
    if "youtube" in host:
        number = parts.path.removeprefix("/embed/") if "/embed/" in parts.path else ""
        number = number or parse_qs(parts.query).get("v", [""])[0]
        return f"https://www.youtube.com/watch?v={number.strip('/')}" if number else url
    return _without_query(url)


def _without_query(url: str | None) -> str | None:
    if url is None:
        return None
    return urlsplit(url)._replace(query="", fragment="").geturl()
