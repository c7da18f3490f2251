"""Text of pages whose container nobody wrote a rule for: JSON-LD and trafilatura, by evidence."""

import copy
import html
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final

from lxml.etree import _Element as Element

from newsbot.extract.body import Line, text_lines
from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import text_of

# JSON-LD's text is taken only where trafilatura clearly missed the article (measured: .968 F1).
_MUCH_LONGER: Final = 1.4
# A text this short may be all that its precision left: the other settings are asked too.
_SHORT: Final = 1200
_LEFT_OUT: Final = 4
_EMPTY: Final = 100
_TOO_MANY: Final = 20_000  # elements: trafilatura would need seconds
_MARKUP = re.compile(r"<(?:p|br|div)\b[^<>]{0,200}>", re.IGNORECASE)
_BLOCKS: Final = ("p", "h2", "h3", "h4", "blockquote", "li")
_AROUND: Final = frozenset({"aside", "footer", "nav", "form", "header", "figure", "table"})
_NOT_TEXT = re.compile(
    r"comment|related|recommend|sidebar|newsletter|promo|teaser|popular|footer|caption|share|bio\b",
    re.IGNORECASE,
)
_START: Final = 40  # characters by which a paragraph is known again
_PARAGRAPH: Final = 60
_MISSED: Final = 0.3  # of the text that was found: as much more says that a part was lost


def lines_without_rules(document: Document, metadata: Metadata, url: str) -> list[Line]:
    """The lines of the page's article, as far as they can be told from the rest of the page."""
    if sum(1 for _ in islice(document.root.iter(), _TOO_MANY + 1)) > _TOO_MANY:
        return text_lines(_densest(document))
    text = _by_trafilatura(document, url, favor_precision=True)
    if len(text) < _SHORT:
        other = _by_trafilatura(document, url)
        if len(other) > _LEFT_OUT * len(text):
            text = other
    if len(text) < _EMPTY:
        text = _by_trafilatura(document, url, favor_recall=True) or text
    if len(text) < _EMPTY:
        text = _densest(document) or text
    text = _with_missed_parts(document, text)
    told = _article_body(metadata.article)
    if len(told) > _MUCH_LONGER * len(text):
        text = told
    return text_lines(text)


def article_element(document: Document, text: str) -> Element | None:
    """The smallest element that holds the paragraphs of a text that was found without rules."""
    known = _squeezed(text)
    blocks = [
        block
        for block in _blocks(document)
        if len(start := _squeezed(text_of(block))[:_START]) == _START and start in known
    ]
    if not blocks:
        return None
    above = list(blocks[0].iterancestors())
    for block in blocks[1:]:
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
        import trafilatura
    return trafilatura


def _with_missed_parts(document: Document, text: str) -> str:
    """The text, with the parts of an article that advertising splits into several containers.

    Paragraphs that were found tell what the article's containers look like (tag and class); where
    others of the same look hold much that was not found, all of them together are the article.
    """
    known = _squeezed(text)
    if len(known) < _EMPTY:
        return text
    found: dict[str, int] = defaultdict(int)
    missed: dict[str, int] = defaultdict(int)
    parts: dict[str, list[Element]] = defaultdict(list)
    for block in _blocks(document):
        parent = block.getparent()
        if parent is None:
            continue
        look = f"{parent.tag}.{parent.get('class') or ''}"
        content = text_of(block)
        if 2 * sum(len(text_of(link)) for link in block.iter("a")) > len(content):
            continue
        parts[look].append(block)
        if len(content) >= _PARAGRAPH:
            is_known = _squeezed(content)[:_START] in known
            (found if is_known else missed)[look] += len(content)
    for look in sorted(found, key=lambda one: -found[one]):
        if "." not in look.rstrip(".") or 2 * found[look] < len(text) or look not in missed:
            continue
        if missed[look] > _MISSED * found[look]:
            return "\n".join(text_of(block) for block in parts[look])
    return text


def _densest(document: Document) -> str:
    """The paragraphs of the element that has most text in paragraphs of its own."""
    parts: dict[Element, list[str]] = defaultdict(list)
    for block in _blocks(document):
        parent = block.getparent()
        if parent is not None and (content := text_of(block)):
            parts[parent].append(content)
    most = max(parts.values(), key=lambda one: sum(map(len, one)), default=[])
    return "\n".join(most) if sum(map(len, most)) >= 2 * _EMPTY else ""


def _blocks(document: Document) -> Iterator[Element]:
    for block in document.root.iter(*_BLOCKS):
        for ancestor in block.iterancestors():
            name = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
            if ancestor.tag in _AROUND or _NOT_TEXT.search(name):
                break
        else:
            yield block


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _article_body(node: Mapping[str, Any]) -> str:
    body = node.get("articleBody")
    if not isinstance(body, str):
        return ""
    plain = html.unescape(body)
    return re.sub(r"<[^<>]{1,300}>", " ", _MARKUP.sub("\n", plain)).strip()
