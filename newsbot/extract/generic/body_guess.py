"""Text of pages whose container nobody wrote a rule for: JSON-LD and trafilatura, by evidence."""

import copy
import html
import re
import warnings
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from lxml.etree import _Element as Element

from newsbot.extract.body import Line, text_lines
from newsbot.extract.bylines import is_byline
from newsbot.extract.dates import is_date_line
from newsbot.extract.document import Document
from newsbot.extract.generic.byline_labels import named_by, signature
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import text_of
from newsbot.models import Author

# JSON-LD's text is taken only where trafilatura clearly missed the article (measured: .968 F1).
_MUCH_LONGER: Final = 1.4
# A text this short may be all that its precision left: the other settings are asked too.
_SHORT: Final = 1200
_LEFT_OUT: Final = 4
_EDGE: Final = 4  # lines before a story and after it that may name its makers
_STORY = re.compile(r".{100}|[.。!?！？]$")  # a line of the story itself
_EMPTY: Final = 100
_TOO_MANY: Final = 20_000  # elements: trafilatura would need seconds
_MARKUP = re.compile(r"<(?:p|br|div)\b[^<>]{0,200}>", re.IGNORECASE)
_BLOCKS: Final = ("p", "h2", "h3", "h4", "blockquote", "li")
_AROUND: Final = frozenset({"aside", "footer", "nav", "form", "header", "figure", "table"})
_NOT_TEXT = re.compile(
    r"comment|related|recommend|sidebar|newsletter|promo|teaser|popular|footer|caption|share|bio\b",
    re.IGNORECASE,
)
Blocks = dict[Element, str]
_START: Final = 40  # characters by which a paragraph is known again
_PARAGRAPH: Final = 60
_MISSED: Final = 0.3  # of the text that was found: as much more says that a part was lost


@dataclass(frozen=True, slots=True)
class Guess:
    """The lines of an article found without rules, the smallest element that holds them, and whom
    the lines around the story named as its makers.
    """

    lines: list[Line]
    element: Element | None
    signed: tuple[Author, ...] = ()


def guess(document: Document, metadata: Metadata, url: str) -> Guess:
    """Return the page's article, as far as it can be told from the rest of the page."""
    blocks = _blocks(document)
    if sum(1 for _ in islice(document.root.iter(), _TOO_MANY + 1)) > _TOO_MANY:
        return Guess(text_lines(_densest(blocks)), None)
    text = _by_trafilatura(document, url, favor_precision=True)
    if len(text) < _SHORT and _paragraphs(document) > _LEFT_OUT * len(text):
        other = _by_trafilatura(document, url)
        if len(other) > _LEFT_OUT * len(text):
            text = other
    if len(text) < _EMPTY:
        text = _by_trafilatura(document, url, favor_recall=True) or text
    if len(text) < _EMPTY:
        text = _densest(blocks) or text
    text = _with_missed_parts(blocks, text)
    told = _article_body(metadata.article)
    if len(told) > _MUCH_LONGER * len(text):
        text = told
    lines, signed = _without_edges(text_lines(text), blocks)
    return Guess(lines, _holder(blocks, text), signed)


def _without_edges(lines: list[Line], blocks: Blocks) -> tuple[list[Line], tuple[Author, ...]]:
    """The story without bylines and dates before it and credits after it, and whom those name.

    Those in Indonesian and English stay: they are read with the rest of the story's surroundings.
    """
    signed: list[Author] = []
    kept: list[Line] = []
    before = True
    for number, line in enumerate(lines):
        at_edge = (before and number <= _EDGE) or number >= len(lines) - _EDGE
        found = named_by(line.text) if at_edge and not is_byline(line.text) else []
        signed += found
        if found or (before and number <= _EDGE and is_date_line(line.text)):
            continue
        before = before and _STORY.search(line.text) is None
        kept.append(line)
    if not signed and kept and _is_signature(kept[-1].text, blocks):
        signed += signature(kept[-1].text)
    return kept, tuple(signed)


def _is_signature(line: str, blocks: Blocks) -> bool:
    """Whether a line is set as signatures are, in brackets or italics; others are invitations."""
    if line.startswith("("):
        return True
    return any(
        block[0].tag in ("em", "i") and text_of(block[0]) == line
        for block, content in blocks.items()
        if content == line and len(block) == 1
    )


def _paragraphs(document: Document) -> int:
    """Return how many characters all paragraphs of the page hold."""
    return sum(len(text_of(paragraph)) for paragraph in document.root.iter("p"))


def _holder(blocks: Blocks, text: str) -> Element | None:
    """Return the smallest element that holds the paragraphs of the text."""
    known = _squeezed(text)
    held = [
        block
        for block, content in blocks.items()
        if len(start := _squeezed(content[: 2 * _START])[:_START]) == _START and start in known
    ]
    if not held:
        return None
    above = list(held[0].iterancestors())
    for block in held[1:]:
        others = set(block.iterancestors())
        above = [ancestor for ancestor in above if ancestor in others]
    return above[0] if above and above[0].tag not in ("body", "html") else None


def _by_trafilatura(document: Document, url: str, **how: bool) -> str:
    found = _trafilatura().bare_extraction(
        copy.deepcopy(document.root), url=url, include_comments=False, include_tables=True,
        deduplicate=False, with_metadata=False, **how,
    )  # fmt: skip
    return (getattr(found, "text", None) or "") if found is not None else ""


@cache
def _trafilatura() -> Any:
    # It brings a downloader along, whose urllib3 warns of a missing SOCKS library: not our concern.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "SOCKS support")
        import trafilatura  # noqa: PLC0415 - 0.4 s, for pages that no rule reads
    return trafilatura


def _with_missed_parts(blocks: Blocks, text: str) -> str:
    """The text, with the parts of an article that advertising splits into several containers.

    Paragraphs that were found tell what the article's containers look like (tag and class); where
    others of the same look hold much that was not found, all of them together are the article.
    """
    known = _squeezed(text)
    if len(known) < _EMPTY:
        return text
    found: dict[str, int] = defaultdict(int)
    missed: dict[str, int] = defaultdict(int)
    parts: dict[str, list[str]] = defaultdict(list)
    for block, content in blocks.items():
        parent = block.getparent()
        if parent is None or _mostly_links(block, content):
            continue
        look = f"{parent.tag}.{parent.get('class') or ''}"
        parts[look].append(content)
        if len(content) >= _PARAGRAPH:
            is_known = _squeezed(content[: 2 * _START])[:_START] in known
            (found if is_known else missed)[look] += len(content)
    for look in sorted(found, key=lambda one: -found[one]):
        if "." not in look.rstrip(".") or 2 * found[look] < len(text) or look not in missed:
            continue
        if missed[look] > _MISSED * found[look]:
            return "\n".join(parts[look])
    return text


def _mostly_links(block: Element, content: str) -> bool:
    return 2 * sum(len(text_of(link)) for link in block.iter("a")) > len(content)


def _densest(blocks: Blocks) -> str:
    """Return the paragraphs of the element that has most text in paragraphs of its own."""
    parts: dict[Element, list[str]] = defaultdict(list)
    for block, content in blocks.items():
        parent = block.getparent()
        if parent is not None and content:
            parts[parent].append(content)
    most = max(parts.values(), key=lambda one: sum(map(len, one)), default=[])
    return "\n".join(most) if sum(map(len, most)) >= 2 * _EMPTY else ""


def _blocks(document: Document) -> Blocks:
    """Return paragraphs and the like with their text, less those in what surrounds an article."""
    around: dict[Element, bool] = {}

    def is_around(element: Element) -> bool:
        chain: list[Element] = []
        node: Element | None = element
        while node is not None and node not in around:
            chain.append(node)
            node = node.getparent()
        known = node is not None and around[node]
        for one in reversed(chain):
            name = f"{one.get('class') or ''} {one.get('id') or ''}"
            known = known or one.tag in _AROUND or _NOT_TEXT.search(name) is not None
            around[one] = known
        return known

    found: Blocks = {}
    for block in document.root.iter(*_BLOCKS):
        parent = block.getparent()
        is_link = len(block) == 1 and block[0].tag == "a" and not (block.text or "").strip()
        if parent is not None and not is_link and not is_around(parent):
            found[block] = text_of(block)
    return found


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _article_body(node: Mapping[str, Any]) -> str:
    body = node.get("articleBody")
    if not isinstance(body, str):
        return ""
    plain = html.unescape(body)
    return re.sub(r"<[^<>]{1,300}>", " ", _MARKUP.sub("\n", plain)).strip()
