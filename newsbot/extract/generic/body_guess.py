"""The text of a page without a container selector, from trafilatura and JSON-LD."""

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
from newsbot.extract.date_labels import is_date_line, is_update_date
from newsbot.extract.document import Document
from newsbot.extract.generic.byline_labels import labelled_people, signers
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import text_of
from newsbot.models import Author

# JSON-LD's text is used only if trafilatura clearly missed the article (measured: .968 F1).
_MUCH_LONGER: Final = 1.4
# A shorter text may have lost paragraphs to the precision setting: the default is tried too.
_SHORT_TEXT: Final = 1200
_LOSS_FACTOR: Final = 4
_EDGE_LINES: Final = 4  # lines before a story and after it that may name its authors
_STORY_LINE = re.compile(r".{100}|[.。!?！？]$")  # a line of the story itself
_FEWEST_CHARACTERS: Final = 100
_MOST_ELEMENTS: Final = 20_000  # elements: trafilatura would need seconds
_MARKUP = re.compile(r"<(?:p|br|div)\b[^<>]{0,200}>", re.IGNORECASE)
_BLOCK_TAGS: Final = ("p", "h2", "h3", "h4", "blockquote", "li")
_SURROUNDING_TAGS: Final = frozenset(
    {"aside", "footer", "nav", "form", "header", "figure", "table"}
)
_SURROUNDING_NAMES = re.compile(
    r"comment|related|recommend|sidebar|newsletter|promo|teaser|popular|footer|caption|share|bio\b",
    re.IGNORECASE,
)
_Blocks = dict[Element, str]
_START_LENGTH: Final = 40  # characters that identify a paragraph
_PARAGRAPH_LENGTH: Final = 60
_MISSED_SHARE: Final = 0.3  # of the text found: if more was missed, a part of it is lost


@dataclass(frozen=True, slots=True)
class BodyGuess:
    """The lines of an article found without rules, the smallest element that contains them, and the
    authors named in the lines around the story.
    """

    lines: list[Line]
    element: Element | None
    signed: tuple[Author, ...] = ()


def guess_body(document: Document, metadata: Metadata, url: str) -> BodyGuess:
    """Return the text of the page's article, found without rules."""
    blocks = _blocks(document)
    if sum(1 for _ in islice(document.root.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        return BodyGuess(text_lines(_densest_text(blocks)), None)
    text = _by_trafilatura(document, url, favor_precision=True)
    if len(text) < _SHORT_TEXT and _paragraph_length(document) > _LOSS_FACTOR * len(text):
        other = _by_trafilatura(document, url)
        if len(other) > _LOSS_FACTOR * len(text):
            text = other
    if len(text) < _FEWEST_CHARACTERS:
        text = _by_trafilatura(document, url, favor_recall=True) or text
    if len(text) < _FEWEST_CHARACTERS:
        text = _densest_text(blocks) or text
    text = _with_missed_parts(blocks, text)
    declared = _article_body(metadata.article)
    if len(declared) > _MUCH_LONGER * len(text):
        text = declared
    lines, signed = _without_credits(text_lines(text), blocks)
    return BodyGuess(lines, _common_ancestor(blocks, text), signed)


def _without_credits(lines: list[Line], blocks: _Blocks) -> tuple[list[Line], tuple[Author, ...]]:
    """Return the story without bylines, dates and credits at its ends, and the people they name.

    Bylines in Indonesian and English stay: ``separate_story`` reads them.
    """
    signed: list[Author] = []
    kept: list[Line] = []
    before = True
    for number, line in enumerate(lines):
        at_edge = (before and number <= _EDGE_LINES) or number >= len(lines) - _EDGE_LINES
        found = labelled_people(line.text) if at_edge and not is_byline(line.text) else []
        signed += found
        if found or (at_edge and is_date_line(line.text) and (before or is_update_date(line.text))):
            continue
        before = before and _STORY_LINE.search(line.text) is None
        kept.append(line)
    if not signed and kept and _is_signature(kept[-1].text, blocks):
        signed += signers(kept[-1].text)
    return kept, tuple(signed)


def _is_signature(line: str, blocks: _Blocks) -> bool:
    """Return whether a line is in brackets or italics, as signatures are."""
    if line.startswith("("):
        return True
    return any(
        block[0].tag in ("em", "i") and text_of(block[0]) == line
        for block, content in blocks.items()
        if content == line and len(block) == 1
    )


def _paragraph_length(document: Document) -> int:
    """Return the number of characters in all paragraphs of the page."""
    return sum(len(text_of(paragraph)) for paragraph in document.root.iter("p"))


def _common_ancestor(blocks: _Blocks, text: str) -> Element | None:
    """Return the smallest element that contains the paragraphs of the text."""
    known = _letters_only(text)
    held = [
        block
        for block, content in blocks.items()
        if len(start := _letters_only(content[: 2 * _START_LENGTH])[:_START_LENGTH])
        == _START_LENGTH
        and start in known
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
    # Its downloader, which is not used here, warns of a missing SOCKS library.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "SOCKS support")
        import trafilatura  # noqa: PLC0415 - 0.4 s, for pages that no rule reads
    return trafilatura


def _with_missed_parts(blocks: _Blocks, text: str) -> str:
    """Return the text, with the other parts of an article that advertisements split up.

    The paragraphs that were found show the tag and class of the article's containers. If containers
    of the same tag and class have much text that was not found, the text of all of them is the
    article.
    """
    known = _letters_only(text)
    if len(known) < _FEWEST_CHARACTERS:
        return text
    found: dict[str, int] = defaultdict(int)
    missed: dict[str, int] = defaultdict(int)
    parts: dict[str, list[str]] = defaultdict(list)
    for block, content in blocks.items():
        parent = block.getparent()
        if parent is None or _mostly_links(block, content):
            continue
        kind = f"{parent.tag}.{parent.get('class') or ''}"
        parts[kind].append(content)
        if len(content) >= _PARAGRAPH_LENGTH:
            is_known = _letters_only(content[: 2 * _START_LENGTH])[:_START_LENGTH] in known
            (found if is_known else missed)[kind] += len(content)
    for kind in sorted(found, key=lambda one: -found[one]):
        if "." not in kind.rstrip(".") or 2 * found[kind] < len(text) or kind not in missed:
            continue
        if missed[kind] > _MISSED_SHARE * found[kind]:
            return "\n".join(parts[kind])
    return text


def _mostly_links(block: Element, content: str) -> bool:
    return 2 * sum(len(text_of(link)) for link in block.iter("a")) > len(content)


def _densest_text(blocks: _Blocks) -> str:
    """Return the paragraphs of the element with the most text in child paragraphs."""
    parts: dict[Element, list[str]] = defaultdict(list)
    for block, content in blocks.items():
        parent = block.getparent()
        if parent is not None and content:
            parts[parent].append(content)
    most = max(parts.values(), key=lambda one: sum(map(len, one)), default=[])
    return "\n".join(most) if sum(map(len, most)) >= 2 * _FEWEST_CHARACTERS else ""


def _blocks(document: Document) -> _Blocks:
    """Return paragraphs and similar blocks with their text, except those around the article."""
    surrounding: dict[Element, bool] = {}

    def is_surrounding(element: Element) -> bool:
        chain: list[Element] = []
        node: Element | None = element
        while node is not None and node not in surrounding:
            chain.append(node)
            node = node.getparent()
        known = node is not None and surrounding[node]
        for one in reversed(chain):
            name = f"{one.get('class') or ''} {one.get('id') or ''}"
            known = (
                known or one.tag in _SURROUNDING_TAGS or _SURROUNDING_NAMES.search(name) is not None
            )
            surrounding[one] = known
        return known

    found: _Blocks = {}
    for block in document.root.iter(*_BLOCK_TAGS):
        parent = block.getparent()
        is_link = len(block) == 1 and block[0].tag == "a" and not (block.text or "").strip()
        if parent is not None and not is_link and not is_surrounding(parent):
            found[block] = text_of(block)
    return found


def _letters_only(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _article_body(node: Mapping[str, Any]) -> str:
    body = node.get("articleBody")
    if not isinstance(body, str):
        return ""
    text = html.unescape(body)
    return re.sub(r"<[^<>]{1,300}>", " ", _MARKUP.sub("\n", text)).strip()
