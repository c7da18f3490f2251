"""Separation of a story's text from the lines around it, which go to their fields."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

from newsbot.extract.body import Line
from newsbot.extract.boilerplate import ANYWHERE, HEAD, TAIL, Rule
from newsbot.extract.bylines import (
    is_byline,
    parse_bylines,
    split_credit,
    split_crew,
    split_glued_byline,
    split_signature,
)
from newsbot.extract.datelines import read_dateline, split_before_dateline
from newsbot.extract.normalise import one_line, paragraphs
from newsbot.extract.pointers import (
    is_first_printed,
    linked_source,
    original_of,
    related_label,
    split_glued_related,
)
from newsbot.extract.story_lines import (
    begins_related_list,
    copyright_of,
    is_only_links,
    is_story_line,
    join_lines,
    joined_labels,
    letters_only,
)
from newsbot.models import Author, Dateline, Kind, Related

_HEAD_LINES: Final = 10
_TAIL_LINES: Final = 60
_LAST_LINES: Final = 8
_CREDIT_WORDS: Final = 5  # a link of more words after "Source:" is a title and not a name
_QUOTE_LENGTH: Final = 320
_TITLE_MARGIN: Final = (
    200  # characters of punctuation and spaces: a line that is longer is not the title
)
_NO_CREDIT = re.compile(r"://|\b(?:klik|click|di sini|here|tautan|link)\b", re.IGNORECASE)


@dataclass(slots=True)
class StoryParts:
    """A story's text and what surrounded it; absent parts are ``None`` or empty."""

    text: str = ""
    pull_quote: str | None = None
    dateline: Dateline | None = None
    dateline_date: str | None = None
    authors: tuple[Author, ...] = ()
    source_credit: str | None = None
    copyright: str | None = None
    rights_notice: str | None = None
    related: list[Related] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    original_url: str | None = None
    first_printed_url: str | None = None  # of a line that says where the story was printed first
    signed: tuple[Author, ...] = ()  # named in brackets after the last sentence
    posted: str | None = None


def separate_story(
    lines: Sequence[Line],
    *,
    title: str | None,
    kind: Kind,
    drop: Iterable[re.Pattern[str]] = (),
    bylines: Iterable[str] = (),
) -> StoryParts:
    """Return the story's text and, separately, what the lines around it say.

    ``bylines`` are byline lines from outside the container; ``drop`` are the seed's patterns of
    lines to remove.
    """
    return _StorySeparator(title, kind, tuple(drop)).run(lines, bylines)


@dataclass(slots=True)
class _StorySeparator:
    title: str | None
    kind: Kind
    drop: tuple[re.Pattern[str], ...]
    story: StoryParts = field(default_factory=StoryParts)
    _bylines: list[str] = field(default_factory=list)
    _late_bylines: list[str] = field(default_factory=list)
    _quotes: list[str] = field(default_factory=list)

    def run(self, lines: Sequence[Line], bylines: Iterable[str]) -> StoryParts:
        for line in bylines:
            self._move_credit(Line(line, -1, zone="byline"))
        kept = self._without_zones(lines)
        kept = self._without_boilerplate(self._split_glued_lines(kept))
        kept = self._without_tail(self._without_head(kept))
        kept = self._without_dateline(kept)
        text = paragraphs(join_lines(kept))
        authors = parse_bylines([*self._bylines, *reversed(self._late_bylines)])
        if self.kind == "video":
            text, members = split_crew(text)
            authors += tuple(member for member in members if member not in authors)
        self.story.text = text
        self.story.authors = authors
        self.story.pull_quote = " ".join(self._quotes) or None
        return self.story

    # -- passes over the lines, in this order --------------------------------------------------

    def _without_zones(self, lines: Sequence[Line]) -> list[Line]:
        """Return the story's lines; those in zones of selectors go to their fields."""
        kept: list[Line] = []
        for line in lines:
            if any(pattern.fullmatch(line.text) for pattern in self.drop):
                continue
            if line.zone == "quote":
                self._quotes.append(line.text)
            elif line.zone == "caption":
                self.story.captions.append(line.text)
            elif line.zone == "removed":
                self._move_credit(line)
            elif line.zone == "byline":
                if not self._move_credit(line) and is_story_line(line.text):
                    kept.append(replace(line, zone="text"))
            else:
                kept.append(line)
        return self._photo_lines(kept) if self.kind == "photo" else kept

    def _photo_lines(self, lines: list[Line]) -> list[Line]:
        """Return a photo's lines, which are its caption, without the credit at its end."""
        kept: list[Line] = []
        for line in joined_labels(lines):
            text, credit = split_credit(line.text)
            if credit is not None:
                self.story.credits.append(credit)
            if text:
                kept.append(replace(line, text=text))
        return kept

    def _split_glued_lines(self, lines: list[Line]) -> list[Line]:
        """Return the lines, split in two where a byline or "Baca juga" is glued to the end."""
        found: list[Line] = []
        late = len(lines) - _LAST_LINES
        for number, line in enumerate(lines):
            if line.kind == "embed":
                found.append(line)
                continue
            if glued := split_glued_related(line):
                found += [replace(line, text=part) for part in glued]
            elif number >= late and (parts := split_glued_byline(line.text)):
                found += [replace(line, text=part) for part in parts if part]
            else:
                found.append(line)
        return found

    def _without_boilerplate(self, lines: list[Line]) -> list[Line]:
        kept: list[Line] = []
        in_list = False  # after a bare "Baca juga:", lines that consist of a link belong to it
        for number, line in enumerate(lines):
            if in_list and is_only_links(line):
                self._add_related(line, line.text.removeprefix("- "))
                continue
            in_list = begins_related_list(line, lines[number + 1 : number + 2])
            if in_list:
                continue
            if line.kind != "embed" and (found := ANYWHERE.match(line.text)):
                self._move_to_field(found, line)
            elif title := related_label(line):
                self._add_related(line, title)
            elif is_first_printed(line):
                self._add_first_printed(line)
            else:
                kept.append(line)
        return kept

    def _without_head(self, lines: list[Line]) -> list[Line]:
        start = 0
        for number, line in enumerate(lines[:_HEAD_LINES]):
            if self._is_title(line.text):
                start = number + 1
            elif found := HEAD.match(line.text):
                self._move_to_field(found, line)
                start = number + 1
            elif is_byline(line.text):
                self._bylines.append(line.text)
                start = number + 1
            elif not self._is_before_title(lines[number:_HEAD_LINES]):
                break
        return lines[start:]

    def _is_before_title(self, lines: Sequence[Line]) -> bool:
        """Return whether the title follows before any line of the story: a kicker, a section."""
        before = takewhile(lambda line: not is_story_line(line.text), lines)
        return any(self._is_title(line.text) for line in before)

    def _without_tail(self, lines: list[Line]) -> list[Line]:
        """Return the lines before the byline block, the copyright and everything after them."""
        end = len(lines)
        marker = self._last_credit(lines)
        if marker is not None:
            for line in lines[marker + 1 :]:
                self._move_credit(line)
            end = marker + 1
        while end > 0 and self._move_credit(lines[end - 1], late=True):
            end -= 1
        return self._without_signature(lines[:end]) if self.kind == "article" else lines[:end]

    def _without_signature(self, lines: list[Line]) -> list[Line]:
        """Return the lines without the signature in brackets after the last sentence."""
        parts = split_signature(lines[-1].text) if lines and lines[-1].kind == "text" else None
        if parts is None:
            return lines
        text, signature = parts
        self.story.source_credit = self.story.source_credit or signature.source
        self.story.signed = signature.people
        return [*lines[:-1], replace(lines[-1], text=text)] if text else lines[:-1]

    def _last_credit(self, lines: Sequence[Line]) -> int | None:
        """Return the index of the last byline, copyright or rights line after the story's end."""
        for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _TAIL_LINES), -1):
            text = lines[number].text
            found = TAIL.match(text)
            if is_byline(text) or (found and found[0].target in ("copyright", "rights")):
                return number if self._is_end(lines, number) else None
            if is_story_line(text):
                return None
        return None

    def _is_end(self, lines: Sequence[Line], number: int) -> bool:
        """Return whether less of the story follows a line than precedes it."""
        told = [
            0 if TAIL.match(one.text) or is_byline(one.text) else len(one.text) for one in lines
        ]
        return sum(told[number:]) <= sum(told[:number])

    def _without_dateline(self, lines: list[Line]) -> list[Line]:
        """Return the lines after the dateline; it and a pull quote before it go to their fields."""
        for number, line in enumerate(lines[:3]):
            previous = lines[:number]
            if sum(len(one.text) for one in previous) > _QUOTE_LENGTH:
                break
            if opening := read_dateline(line.text):
                self._quotes += [one.text for one in previous]
                self.story.dateline = opening.dateline
                self.story.dateline_date = opening.date
                rest = opening.rest.strip()
                return [*([replace(line, text=rest)] if rest else []), *lines[number + 1 :]]
            if (parts := split_before_dateline(line.text)) and len(parts[0]) <= _QUOTE_LENGTH:
                glued = [replace(line, text=part) for part in parts]
                return self._without_dateline([*previous, *glued, *lines[number + 1 :]])
        return lines

    # -- fields -------------------------------------------------------------------------------

    def _move_credit(self, line: Line, *, late: bool = False) -> bool:
        """Move a byline or a line that a rule matches to its field; return whether it is one."""
        if is_byline(line.text):
            copyright_ = copyright_of(line.text)
            self.story.copyright = self.story.copyright or copyright_
            (self._late_bylines if late else self._bylines).append(line.text)
            return True
        found = ANYWHERE.match(line.text) or TAIL.match(line.text)
        if found is not None:
            self._move_to_field(found, line)
        elif (source := linked_source(line)) is not None:
            self._add_source(line, source)
        else:
            return False
        return True

    def _move_to_field(self, found: tuple[Rule, str], line: Line) -> None:
        rule, value = found
        story = self.story
        match rule.target:
            case "related":
                self._add_related(line, value)
            case "copyright":
                story.copyright = story.copyright or line.text
            case "rights":
                story.rights_notice = story.rights_notice or line.text
            case "source":
                self._add_source(line, value)
            case "credit":
                story.credits.append(line.text.strip("() "))
            case "original":
                story.original_url = story.original_url or original_of(line)
            case "first-printed":
                self._add_first_printed(line)
            case "posted":
                story.posted = story.posted or value
            case "embed" | "drop":
                pass

    def _add_related(self, line: Line, title: str) -> None:
        title = one_line(title)
        same = [anchor for anchor in line.anchors if anchor.text == title]
        url = next((anchor.url for anchor in [*same, *line.anchors] if anchor.url), None)
        if title and title not in {known.title for known in self.story.related}:
            self.story.related.append(Related(title=title, url=url))

    def _add_first_printed(self, line: Line) -> None:
        self.story.first_printed_url = self.story.first_printed_url or original_of(line)

    def _add_source(self, line: Line, credit: str) -> None:
        """Credit the source; if its link is to an article, that may be the original of a copy."""
        story = self.story
        story.original_url = story.original_url or original_of(line)
        is_title = line.anchors and len(credit.split()) > _CREDIT_WORDS
        if credit and not is_title and _NO_CREDIT.search(credit) is None:
            story.source_credit = story.source_credit or credit

    def _is_title(self, text: str) -> bool:
        if self.title is None or len(text) > 2 * len(self.title) + _TITLE_MARGIN:
            return False
        return letters_only(text) == letters_only(self.title)
