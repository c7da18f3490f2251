"""The text of an article's container, line by line, as a reader sees it.

A walk through the container turns ``<p>``, bare text with ``<br><br>``, lists, tables, headings and
quotations into lines. Lines of one paragraph share a number. No line is removed here, so that the
rules of ``boilerplate`` see every line with its links and with the zone that the seed's selectors
assign to it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.addresses import resolve
from newsbot.extract.document import Document
from newsbot.extract.normalise import one_line

TextZone = Literal["text", "removed", "byline", "quote", "caption"]
LineKind = Literal["text", "heading", "item", "row", "embed"]

_SPACE = re.compile(r"[\s\u00a0]+")
_BLOCK_TAGS: Final = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "header", "hr", "h1",
        "h2", "h3", "h4", "h5", "h6", "main", "nav", "ol", "p", "pre", "section", "summary",
        "table", "tbody", "tfoot", "thead", "tr", "ul", "caption",
    ]
)  # fmt: skip
_HEADING_TAGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN_TAGS: Final = frozenset(
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
    """A link inside a line: its text and its target, resolved on access."""

    text: str
    href: str | None
    base: str = ""

    @property
    def url(self) -> str | None:
        """The absolute URL, if it is an http(s) one."""
        return resolve(self.base, self.href)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; lines with the same ``paragraph`` belong together."""

    text: str
    paragraph: int
    kind: LineKind = "text"
    zone: TextZone = "text"
    anchors: tuple[Anchor, ...] = ()


MOST_LINES: Final = 10_000
"""Lines read from one page: the longest articles have hundreds; more is made to slow us down."""


def lines_of(
    document: Document, containers: Iterable[Element], zones: Mapping[Element, TextZone]
) -> list[Line]:
    """Return the lines of the containers, in order; ``zones`` maps elements to their zone."""
    collector = _LineCollector(document, zones)
    for container in containers:
        collector.read(container)
    return collector.lines


def text_lines(text: str) -> list[Line]:
    """Return the lines of a plain text whose paragraphs are separated by line feeds."""
    found = map(one_line, text.splitlines())
    return [Line(line, number) for number, line in enumerate(line for line in found if line)]


@dataclass(slots=True)
class _LineCollector:
    """The state of one walk: the line being collected, its paragraph and its zone."""

    document: Document
    zones: Mapping[Element, TextZone]
    lines: list[Line] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _anchors: list[Anchor] = field(default_factory=list)
    _paragraph: int = 0
    _kind: LineKind = "text"
    _zone: TextZone = "text"
    _bullet: str = ""
    _keep_together: int = 0  # depth of lists and tables: their lines form one paragraph
    _line_breaks: int = 0
    _item_numbers: list[int | None] = field(default_factory=list)
    _outer_zones: list[TextZone] = field(default_factory=list)
    _data_tables: list[bool] = field(default_factory=list)
    _cells: int = 0
    _anchor_start: int = 0

    def read(self, container: Element) -> None:
        walker = etree.iterwalk(container, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            if len(self.lines) >= MOST_LINES:
                break
            if event == "start":
                if not self._enter(element):
                    skipped = element
                    walker.skip_subtree()
            else:
                if skipped is element:
                    skipped = None
                else:
                    self._leave(element)
                if element is not container:
                    self._add_text(element.tail)
        self._flush()
        self._paragraph += 1

    # -- elements ------------------------------------------------------------------------------

    def _enter(self, element: Element) -> bool:
        """Process the start of an element; return False if its content is to be skipped."""
        tag = str(element.tag)
        if self._is_hidden(element, tag):
            return False
        if tag == "br":
            self._line_break()
            return True
        if (url := self._embed_url(element, tag)) is not None:
            self._add_embed(url)
            return False
        zone = self.zones.get(element)
        if zone is not None:
            if zone != self._zone:
                self._end_paragraph()
            self._outer_zones.append(self._zone)
            self._zone = zone
        if tag in _BLOCK_TAGS:
            self._end_paragraph()
        self._enter_by_tag(element, tag)
        self._add_text(element.text)
        return True

    def _is_hidden(self, element: Element, tag: str) -> bool:
        if tag in _HIDDEN_TAGS:
            return True
        if tag == "ins" and "adsbygoogle" in (element.get("class") or ""):
            return True
        return "display:none" in (element.get("style") or "").replace(" ", "").lower()

    def _enter_by_tag(self, element: Element, tag: str) -> None:
        if tag in _HEADING_TAGS:
            self._kind = "heading"
        elif tag in ("ul", "ol"):
            self._keep_together += 1
            self._item_numbers.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag == "table":
            data = _is_data_table(element)
            self._data_tables.append(data)
            self._keep_together += data
        elif tag == "tr":
            self._cells = 0
        elif tag in ("td", "th"):
            self._begin_cell()
        elif tag == "a":
            self._anchor_start = len(self._pieces)

    def _leave(self, element: Element) -> None:
        tag = str(element.tag)
        if tag == "br":
            return
        if tag == "a":
            self._leave_anchor(element)
        elif tag in _BLOCK_TAGS or tag == "li":
            self._end_paragraph()
        if tag in _HEADING_TAGS:
            self._kind = "text"
        elif tag in ("ul", "ol"):
            self._keep_together = max(0, self._keep_together - 1)
            if self._item_numbers:
                self._item_numbers.pop()
            self._end_paragraph()
        elif tag == "table" and self._data_tables:
            self._keep_together -= self._data_tables.pop()
            self._kind = "text"
            self._end_paragraph()
        if element in self.zones and self._outer_zones:
            outer = self._outer_zones.pop()
            if outer != self._zone:
                self._end_paragraph()
            self._zone = outer

    def _leave_anchor(self, element: Element) -> None:
        text = one_line("".join(self._pieces[self._anchor_start :]))
        if text:
            self._anchors.append(Anchor(text, element.get("href"), self.document.base))

    def _begin_item(self) -> None:
        self._flush()
        self._bullet = "- "
        if self._item_numbers and (count := self._item_numbers[-1]) is not None:
            self._item_numbers[-1] = count + 1
            self._bullet = f"{count + 1}. "

    def _begin_cell(self) -> None:
        if self._data_tables and self._data_tables[-1]:
            self._kind = "row"
            if self._cells and self._pieces:
                self._pieces.append(" | ")
            self._cells += 1
        else:
            self._end_paragraph()

    # -- embeds --------------------------------------------------------------------------------

    def _embed_url(self, element: Element, tag: str) -> str | None:
        """Return the URL of the post or player that the element embeds, if it embeds one."""
        if tag == "iframe":
            for name in ("src", "data-src", "data-lazy-src"):
                if url := self.document.url(element.get(name)):
                    return _player_url(url)
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

    def _add_embed(self, url: str) -> None:
        self._end_paragraph()
        self.lines.append(Line(url, self._paragraph, "embed", self._zone, (Anchor("", url),)))
        self._paragraph += 1

    # -- text ----------------------------------------------------------------------------------

    def _add_text(self, text: str | None) -> None:
        if not text:
            return
        collapsed = _SPACE.sub(" ", text)
        if collapsed != " ":
            self._line_breaks = 0
        self._pieces.append(collapsed)

    def _line_break(self) -> None:
        """End the line at a <br>, and the paragraph at the second of two adjacent ones."""
        self._line_breaks += 1
        self._flush()
        if self._line_breaks > 1 and not self._keep_together:
            self._next_paragraph()

    def _end_paragraph(self) -> None:
        self._flush()
        if not self._keep_together:
            self._next_paragraph()

    def _next_paragraph(self) -> None:
        if self.lines and self.lines[-1].paragraph == self._paragraph:
            self._paragraph += 1

    def _flush(self) -> None:
        text = one_line("".join(self._pieces))
        self._pieces.clear()
        self._anchor_start = 0
        anchors, self._anchors = tuple(self._anchors), []
        if not text.strip("| "):
            return
        kind: LineKind = "item" if self._bullet else self._kind
        line = Line(self._bullet + text, self._paragraph, kind, self._zone, anchors)
        self._bullet = ""
        self.lines.append(line)


def _is_data_table(table: Element) -> bool:
    """Return whether a table holds data, not a layout: several rows and columns, few blocks."""
    blocks = sum(1 for _ in table.iter("p", "div", "ul", "article", "table")) - 1
    rows = [len(row) for row in table.iter("tr")]
    return len(rows) > 1 and max(rows) > 1 and blocks <= sum(rows)


def _player_url(url: str) -> str | None:
    """Return the URL of the page for an embedded player of a known service."""
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
