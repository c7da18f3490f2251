"""What changed between two versions of a text, word by word; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Operation = Literal["equal", "removed", "added"]
Change = Literal["equal", "changed", "removed", "added"]

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MIN_SIMILARITY = 0.4  # two paragraphs that share fewer of their words are not one edited paragraph


@dataclass(frozen=True, slots=True)
class Span:
    """Words that stand in both versions, in the old one only, or in the new one only."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph and how it changed."""

    change: Change
    spans: tuple[Span, ...]


def diff_texts(old: str, new: str) -> list[Paragraph]:
    """Return the paragraphs (separated by blank lines) of both texts in reading order."""
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Paragraph] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph("equal", (Span("equal", text),)) for text in before[a:b]]
        else:
            found += _compare_replaced(before[a:b], after[c:d])
    return found


def diff_words(old: str, new: str) -> tuple[Span, ...]:
    """Return both texts as one, with what was removed and what was added."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    spans: list[Span] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            spans.append(Span("equal", "".join(before[a:b])))
            continue
        if b > a:
            spans.append(Span("removed", "".join(before[a:b])))
        if d > c:
            spans.append(Span("added", "".join(after[c:d])))
    return _join_over_blanks(spans)


def _join_over_blanks(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join changes separated only by white space, so that a phrase is one change."""
    joined: list[Span] = []
    removed = added = ""
    for position, span in enumerate(spans):
        is_gap = span.operation == "equal" and span.text.isspace() and 0 < position < len(spans) - 1
        if span.operation == "removed":
            removed += span.text
        elif span.operation == "added":
            added += span.text
        elif is_gap and (removed or added):
            removed, added = removed + span.text, added + span.text
        else:
            joined += [*_pair(removed, added), span]
            removed = added = ""
    return (*joined, *_pair(removed, added))


def _pair(removed: str, added: str) -> Iterator[Span]:
    if removed:
        yield Span("removed", removed)
    if added:
        yield Span("added", added)


def _compare_replaced(before: list[str], after: list[str]) -> Iterator[Paragraph]:
    """Yield replaced paragraphs in order, pairing similar ones as changed."""
    while before and after:
        if _are_similar(before[0], after[0]):
            yield Paragraph("changed", diff_words(before.pop(0), after.pop(0)))
        elif any(_are_similar(before[0], text) for text in after[1:]):
            yield _unpaired("added", after.pop(0))
        else:
            yield _unpaired("removed", before.pop(0))
    yield from (_unpaired("removed", text) for text in before)
    yield from (_unpaired("added", text) for text in after)


def _unpaired(operation: Literal["removed", "added"], text: str) -> Paragraph:
    return Paragraph(operation, (Span(operation, text),))


def _are_similar(one: str, other: str) -> bool:
    return (
        SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() >= _MIN_SIMILARITY
    )


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n") if text else []
