"""Parsing of a page: character set, NULs, excessive nesting, the base of relative links.

A page is parsed once, here; all of extraction reads the resulting tree.
"""

import codecs
import gzip
import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from lxml.etree import _Element as Element
from lxml.html import HtmlElement

from newsbot.addresses import resolve
from newsbot.extract.css import ElementIndex
from newsbot.models import Page
from newsbot.sites.values import Selector

# libxml2 stops at a depth of 2,048 elements and drops the rest of the page.
_MAX_DEPTH: Final = 500
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^<>]*+>")
# libxml2 compares each attribute of an element with all others: 15,000 take seconds.
_MOST_ATTRIBUTES: Final = 500
_MANY_EQUALS_SIGNS: Final = 3000  # "=" in a page: with more, the attributes of each tag are counted
_LONG_TAG: Final = 4 * _MOST_ATTRIBUTES  # characters: a shorter tag cannot have many attributes
_ATTRIBUTE = r"""[\s/]++[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_START_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE})*+")
_TAG_START = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{_MOST_ATTRIBUTES}}}+")
_VOID_TAGS = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_DECLARED_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?|\?xml\b[^>]{0,100}?)(?:charset|encoding)\s*=\s*["']?\s*"""
    rb"""([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers decode these as Windows-1252 (WHATWG Encoding Standard).
_LATIN_1_NAMES = frozenset({"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii", "iso8859-1"})
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024
# trafilatura needs lxml.html's elements; this look-up creates them without calling Python code.
_HTML_ELEMENTS: Final = etree.ElementDefaultClassLookup(element=HtmlElement)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page: its tree, its source as text (for cheap searches), the base of its links.

    ``selected`` caches the results of selectors: several fields use the same ones.
    """

    root: Element
    source: str
    base: str
    selected: dict[Selector, list[object]] = field(default_factory=dict)
    _index: list[ElementIndex] = field(default_factory=list)

    @property
    def index(self) -> ElementIndex:
        """The index of the elements by class and id, built on first access."""
        if not self._index:
            self._index.append(ElementIndex(self.root))
        return self._index[0]

    def url(self, reference: str | None) -> str | None:
        """Return the absolute http(s) URL of a reference on the page, if it has one."""
        return resolve(self.base, reference)


def parse(source: str, url: str) -> Document | None:
    """Return the parsed HTML source, or ``None`` if it is empty."""
    root = _tree(source)
    if root is None:
        return None
    href = root.xpath("string(//base/@href)")
    return Document(root, source, resolve(url, str(href)) or url)


def _tree(source: str) -> Element | None:
    source = _without_surplus_attributes(source)
    root, too_deep = _parse(source)
    if too_deep:
        root, _ = _parse(_flattened(source))
    return root


def _without_surplus_attributes(source: str) -> str:
    """Return the source with at most 500 attributes in a tag; usually it is unchanged."""
    if source.count("=") > _MANY_EQUALS_SIGNS or _has_long_tag(source):
        return _START_TAG.sub(_trim_attributes, source)
    return source


def _has_long_tag(source: str) -> bool:
    """Return whether the source has a long tag; checks only stretches in which no tag begins."""
    step = _LONG_TAG // 2
    for at in range(0, len(source), step):
        if source.find("<", at, at + step) < 0:
            start = source.rfind("<", max(0, at - step), at)
            if start >= 0 and source.find(">", start, start + _LONG_TAG) < 0:
                return True
    return False


def _trim_attributes(tag: re.Match[str]) -> str:
    kept = _TAG_START.match(tag[0]) if len(tag[0]) > _LONG_TAG else None
    return tag[0] if kept is None else kept[0]


def _parse(source: str) -> tuple[Element | None, bool]:
    # Each page has its own parser: its error log shows whether the page was cut off.
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(_HTML_ELEMENTS)
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.ParserError:  # an empty document
        return None, False
    except etree.XMLSyntaxError:
        return None, "ERR_RESOURCE_LIMIT" in str(parser.error_log.last_error or "")
    limit = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return root, any(entry.type == limit for entry in parser.error_log)


def _flattened(source: str) -> str:
    """Return the source without the tags that are nested deeper than 500 levels."""
    depth = 0

    def replace_tag(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _VOID_TAGS:
            return match[0]
        if match[1]:
            depth = max(0, depth - 1)
            return match[0] if depth < _MAX_DEPTH else " "
        depth += 1
        return match[0] if depth <= _MAX_DEPTH else " "

    return _TAG.sub(replace_tag, source)


def decode(page: Page) -> str:
    """Return the page's body as text: by BOM, valid UTF-8, header, declaration, then Windows-1252.

    Valid UTF-8 takes precedence over a declaration, since text in another encoding is practically
    never valid UTF-8. Single invalid bytes in a UTF-8 page are decoded as Windows-1252. NULs are
    removed.
    """
    body = _gunzipped(page.body)
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace").replace("\0", "")
    if body[:400].count(0) > len(body[:400]) // 4:
        even = body[:400:2].count(0) > body[1:400:2].count(0)
        return body.decode("utf-16-be" if even else "utf-16-le", "replace").replace("\0", "")
    try:
        return body.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return _decode_legacy(body, page.content_type).replace("\0", "")


def _decode_legacy(body: bytes, content_type: str | None) -> str:
    header = _HEADER_CHARSET.search(content_type or "")
    meta = _DECLARED_CHARSET.search(body[:4096])
    for name in (header and header[1], meta and meta[1].decode("ascii")):
        if name and (codec := _codec_name(name)) not in (None, "utf-8"):
            return body.decode(codec or "", "replace")
    if header or meta or _mostly_utf8(body):
        return body.decode("utf-8", "newsbot.cp1252")
    return body.decode("cp1252", "replace")


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    broken = text.count("�")
    return sum(map(text.count, "–—‘’“”é…•")) > broken


def _codec_name(name: str) -> str | None:
    """Return Python's codec for a declared character set; ``None`` if the name is unknown."""
    name = name.strip().lower()
    if name in _LATIN_1_NAMES:
        return "cp1252"
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("newsbot.cp1252", _as_cp1252)


def _gunzipped(body: bytes) -> bytes:
    """Return the body, decompressed if it is gzip without a Content-Encoding header."""
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, _LARGEST_UNPACKED)
    except (zlib.error, EOFError, gzip.BadGzipFile):
        return body
