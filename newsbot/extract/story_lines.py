"""Lines of a story: how they are joined, and what single lines look like."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from newsbot.extract.body import Line
from newsbot.extract.bylines import is_role_label
from newsbot.extract.normalise import one_line
from newsbot.extract.pointers import RELATED, is_related_heading

_STORY_LINE: Final = 160
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*$")
_RELATED_ALONE = re.compile(rf"(?:{RELATED})\s*:?", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:(?:copyright|hak cipta)\s*|(?<!\s)\s+)?(?:©|\(c\)).{0,60}$", re.IGNORECASE
)


def join_lines(lines: Sequence[Line]) -> str:
    """Return the lines as text: line feeds within a paragraph, blank lines between them."""
    pieces: list[str] = []
    previous: Line | None = None
    for line in lines:
        if previous is not None:
            pieces.append("\n" if previous.paragraph == line.paragraph else "\n\n")
        pieces.append(line.text)
        previous = line
    return "".join(pieces)


def joined_labels(lines: list[Line]) -> list[Line]:
    """Return the lines, with a role label and the name on the next line joined."""
    found: list[Line] = []
    for line in lines:
        if found and is_role_label(found[-1].text) and len(line.text) <= 60:
            found[-1] = replace(found[-1], text=f"{found[-1].text}: {line.text}")
        else:
            found.append(line)
    return found


def is_story_line(text: str) -> bool:
    """Return whether a line is a long sentence, which only a story has."""
    return len(text) > _STORY_LINE and bool(_SENTENCE_END.search(text))


def is_only_links(line: Line) -> bool:
    """Return whether a line consists of links."""
    text = line.text.removeprefix("- ").strip()
    return bool(line.anchors) and one_line(" ".join(a.text for a in line.anchors)) == text


def begins_related_list(line: Line, following: Sequence[Line]) -> bool:
    """Return whether the line is only words like "Read also" and, as a heading, has links below."""
    if not is_related_heading(line.text):
        return False
    below = any(map(is_only_links, following))
    return below or (line.kind != "heading" and _RELATED_ALONE.fullmatch(line.text) is not None)


def copyright_of(text: str) -> str | None:
    """Return the copyright notice in a line."""
    found = _COPYRIGHT.search(text)
    return one_line(found[0]) if found else None


def letters_only(text: str) -> str:
    """Return the letters and digits of a text, for comparison."""
    return re.sub(r"\W+", "", text).casefold()
