"""The source of a feed: where it begins and ends in what came, and its markup mended.

Feeds are written by templates and plug-ins, and come with warnings of PHP before them, comments of
caches behind them, entities of HTML in them. Feed readers take all of it. A DOCTYPE is never read:
the source is taken from the feed's first element on, so no entity of its own can be expanded.
"""

import re
from html import escape, unescape
from html.entities import html5
from typing import Final

_LARGEST_PREAMBLE: Final = 64 * 1024  # characters before the first element: warnings, a DOCTYPE
_LARGEST_TRAILER: Final = 64 * 1024  # characters after its end
_NAMES = r"(?:[\w.-]{1,20}+:)?+(?:rss|feed|rdf|channel)(?=[\s/>])"
# What may stand before the first element, that element, or a sign that this is a page in HTML.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE\b[^>\[]*+(?:\[.*?(?:\]\s*+>|\Z)|>|\Z)"
    r"|<(?:script|style)\b.*?(?:</(?:script|style)\b|\Z)"
    rf"|(?P<feed><{_NAMES})|(?P<page><(?:html|head|body)(?=[\s>]))",
    re.DOTALL | re.IGNORECASE,
)
_END = re.compile(r"</\s*+(?:[\w.-]{1,20}+:)?+(?:rss|feed|rdf|channel)\s*+>", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What XML does not take: entities of HTML, a bare & or <, tags of HTML that nobody escaped, and
# attributes without quotes.
_FAULT = re.compile(
    r"(?P<kept><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    r"|&(?P<entity>\#[0-9]{1,8}+;|\#[xX][0-9a-fA-F]{1,6}+;|[a-zA-Z][a-zA-Z0-9]{0,31}+;)?+"
    r"|<(?P<html>/?(?:a|abbr|b|big|blockquote|br|center|cite|code|div|em|font|h[1-6]|hr|i|iframe|img"
    r"|li|ol|p|pre|s|small|span|strong|sub|sup|table|tbody|td|th|tr|u|ul)(?=[\s/>]))"
    r"|(?P<unquoted><[a-z][^<>\"'=]*+=[^<>\"']*+>)"
    r"|<(?![a-zA-Z_/!?])",
    re.DOTALL | re.IGNORECASE,
)
_VALUE = re.compile(r"=\s*+([^\s>]++)")  # of an attribute without quotes
_OF_XML: Final = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))


def find_feed(source: str, *, is_expected: bool = False) -> int | None:
    """Return where the first element of a feed begins, None if the document is no feed.

    Args:
        is_expected: it was asked for as a feed; then any text may stand before that element.
    """
    end = 0
    for token in _TOKEN.finditer(source, 0, _LARGEST_PREAMBLE):
        if not is_expected and source[end : token.start()].strip("\ufeff \t\r\n\f\v"):
            return None
        if token["page"] is not None:
            return None
        if token["feed"] is not None:
            is_whole = is_expected or not token["feed"].lower().endswith("channel")
            return token.start() if is_whole else None
        end = token.end()
    return None


def cut_out(source: str, start: int) -> tuple[str, bool]:
    """Return the feed's own markup from ``start`` on, and whether its end is there.

    Of a feed that is cut off, what follows the last tag is left out: half an address is none.
    """
    ends = [one.end() for one in _END.finditer(source, max(start, len(source) - _LARGEST_TRAILER))]
    if ends:
        return source[start : ends[-1]], True
    return source[start : source.rfind(">") + 1], False


def mended(source: str) -> str:
    """Return markup that is nearer to XML: without characters that it forbids, & and < escaped."""
    return _FAULT.sub(_mend, _FORBIDDEN.sub("", source))


def _mend(fault: re.Match[str]) -> str:
    if fault["kept"] is not None:
        return fault[0]
    if fault["html"] is not None or fault[0] == "<":
        return "&lt;" + fault[0][1:]
    if fault["unquoted"] is not None:
        return _quoted(fault[0].replace("&", "&amp;"))
    entity = fault["entity"]
    if entity in _OF_XML:
        return fault[0]
    is_known = entity is not None and (entity.startswith("#") or entity in html5)
    return escape(_FORBIDDEN.sub("", unescape(fault[0]))) if is_known else "&amp;" + fault[0][1:]


def _quoted(tag: str) -> str:
    """Return a tag with the values of its attributes in quotes."""
    end = "/>" if tag.endswith("/>") else ">"
    return _VALUE.sub(r'="\1"', tag.removesuffix(end)) + end
