"""The pages of documentation, and what stands in them: code, links, headings."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in TOP), *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r"^( *)```.*?^\1```[^\n]*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)*)`")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"(?<!\\)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file beside the page, or within it."""

    path: str
    anchor: str


def name_of(page: Path) -> str:
    """Return the page's path as the tests name it."""
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """Return the text without its blocks of code."""
    return _FENCE.sub("", text)


def code(text: str) -> Iterator[str]:
    """Yield each line of code, from blocks and from spans within a line."""
    for block in _FENCE.finditer(text):
        yield from block[0].splitlines()[1:-1]
    for span in _SPAN.finditer(prose(text)):
        yield " ".join(span[1].split())


def relative_links(text: str) -> Iterator[Link]:
    """Yield the links that do not lead to another host."""
    for match in _LINK.finditer(_SPAN.sub("code", prose(text))):
        target = match[1]
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield Link(path, anchor)


def anchors(text: str) -> set[str]:
    """Return the anchors of the page's headings, as the hosting page makes them."""
    counted: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(prose(text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(slug if not counted[slug] else f"{slug}-{counted[slug]}")
        counted[slug] += 1
    return found
