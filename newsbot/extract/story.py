"""From lines to a story: what surrounds it is lifted into fields, what is left is its text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from newsbot.extract.body import Line
from newsbot.extract.boilerplate import ANYWHERE, HEAD, TAIL, Rule
from newsbot.extract.bylines import (
    crew,
    is_byline,
    label_only,
    parse_bylines,
    split_credit,
    split_glued,
)
from newsbot.extract.datelines import read_dateline, split_before_dateline
from newsbot.extract.normalise import one_line, paragraphs
from newsbot.models import Author, Dateline, Kind, Related

_HEAD_LINES: Final = 10
_TAIL_LINES: Final = 60
_GLUED_LINES: Final = 8
_QUOTE_LENGTH: Final = 320
_STORY_LINE: Final = 160
_ROOM_IN_TITLE: Final = 200  # characters of marks and spaces: a line this much longer is no title
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*$")
_COPYRIGHT = re.compile(
    r"(?:(?:copyright|hak cipta)\s*|(?<!\s)\s+)?(?:©|\(c\)).{0,60}$", re.IGNORECASE
)
_GLUED_RELATED = re.compile(
    r"^(?P<text>.+?[.!?”\"’)])\s*"
    r"(?P<also>(?:Baca juga|Read also|Related news)\s*:\s*(?P<title>.+))$"
)
_EMPTY_RELATED = re.compile(
    r"^(?:Baca juga|Read also|Related news|Related articles?|Berita terkait)\s*:?$", re.IGNORECASE
)


@dataclass(slots=True)
class Story:
    """A story's text and what stood around it; what is absent is ``None`` or empty."""

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
    posted: str | None = None


def tell(
    lines: Sequence[Line],
    *,
    title: str | None,
    kind: Kind,
    drop: Iterable[re.Pattern[str]] = (),
    bylines: Iterable[str] = (),
) -> Story:
    """Sort lines into the story and what surrounds it.

    ``bylines`` are lines from outside the container that the seed calls byline; ``drop`` are the
    seed's own patterns of whole lines.
    """
    return _Teller(title, kind, tuple(drop)).tell(lines, bylines)


@dataclass(slots=True)
class _Teller:
    title: str | None
    kind: Kind
    drop: tuple[re.Pattern[str], ...]
    story: Story = field(default_factory=Story)
    _bylines: list[str] = field(default_factory=list)
    _late_bylines: list[str] = field(default_factory=list)
    _quotes: list[str] = field(default_factory=list)

    def tell(self, lines: Sequence[Line], bylines: Iterable[str]) -> Story:
        for line in bylines:
            self._lift_credit(Line(line, -1, zone="byline"))
        kept = self._zones(lines)
        kept = self._anywhere(self._unglued(kept))
        kept = self._tail(self._head(kept))
        kept = self._opening(kept)
        text = paragraphs(joined(kept))
        authors = parse_bylines([*self._bylines, *reversed(self._late_bylines)])
        if self.kind == "video":
            text, members = crew(text)
            authors += tuple(member for member in members if member not in authors)
        self.story.text = text
        self.story.authors = authors
        self.story.pull_quote = " ".join(self._quotes) or None
        return self.story

    # -- passes over the lines, in their order -------------------------------------------------

    def _zones(self, lines: Sequence[Line]) -> list[Line]:
        """Return the story's own lines; those that selectors marked go to their fields."""
        kept: list[Line] = []
        for line in lines:
            if any(pattern.fullmatch(line.text) for pattern in self.drop):
                continue
            if line.zone == "quote":
                self._quotes.append(line.text)
            elif line.zone == "caption":
                self.story.captions.append(line.text)
            elif line.zone == "removed":
                self._lift_credit(line)
            elif line.zone == "byline":
                if not self._lift_credit(line) and _like_story(line.text):
                    kept.append(replace(line, zone="text"))
            else:
                kept.append(line)
        return self._photo_lines(kept) if self.kind == "photo" else kept

    def _photo_lines(self, lines: list[Line]) -> list[Line]:
        """Return a photo's text is its caption: the credit at its end goes to the credits."""
        kept: list[Line] = []
        for line in _label_lines(lines):
            text, credit = split_credit(line.text)
            if credit is not None:
                self.story.credits.append(credit)
            if text:
                kept.append(replace(line, text=text))
        return kept

    def _unglued(self, lines: list[Line]) -> list[Line]:
        """Return lines with a byline block or a "Baca juga" glued to their end, as two lines."""
        found: list[Line] = []
        late = len(lines) - _GLUED_LINES
        for number, line in enumerate(lines):
            if line.kind == "embed":
                found.append(line)
                continue
            also = _GLUED_RELATED.match(line.text) if line.anchors else None
            if also and any(also["title"].strip() == anchor.text for anchor in line.anchors):
                found += [replace(line, text=also["text"]), replace(line, text=also["also"])]
            elif number >= late and (parts := split_glued(line.text)):
                found += [replace(line, text=part) for part in parts if part]
            else:
                found.append(line)
        return found

    def _anywhere(self, lines: list[Line]) -> list[Line]:
        kept: list[Line] = []
        listing = False  # after a bare "Baca juga:", lines that are nothing but a link belong to it
        for line in lines:
            if listing and _is_link(line):
                self._relate(line, line.text.removeprefix("- "))
                continue
            listing = bool(_EMPTY_RELATED.match(line.text)) and line.kind != "heading"
            if listing:
                continue
            if line.kind != "embed" and (found := ANYWHERE.match(line.text)):
                self._lift(found, line)
            elif _also_without_colon(line):
                self._relate(line, line.anchors[-1].text)
            else:
                kept.append(line)
        return kept

    def _head(self, lines: list[Line]) -> list[Line]:
        start = 0
        for number, line in enumerate(lines[:_HEAD_LINES]):
            if self._is_title(line.text):
                start = number + 1
            elif found := HEAD.match(line.text):
                self._lift(found, line)
                start = number + 1
            elif is_byline(line.text):
                self._bylines.append(line.text)
                start = number + 1
            else:
                break
        return lines[start:]

    def _tail(self, lines: list[Line]) -> list[Line]:
        """Return the lines before the byline block, the copyright and what follows them."""
        end = len(lines)
        marker = self._last_credit(lines)
        if marker is not None:
            for line in lines[marker + 1 :]:
                self._lift_credit(line)
            end = marker + 1
        while end > 0 and self._lift_credit(lines[end - 1], late=True):
            end -= 1
        return lines[:end]

    def _last_credit(self, lines: Sequence[Line]) -> int | None:
        """The last line of bylines, copyright or rights that no more of the story follows."""
        for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _TAIL_LINES), -1):
            text = lines[number].text
            found = TAIL.match(text)
            if is_byline(text) or (found and found[0].lifts in ("copyright", "rights")):
                return number
            if _like_story(text):
                return None
        return None

    def _opening(self, lines: list[Line]) -> list[Line]:
        """Lift the dateline, and the pull quote that stands before it."""
        for number, line in enumerate(lines[:3]):
            before = lines[:number]
            if sum(len(one.text) for one in before) > _QUOTE_LENGTH:
                break
            if opening := read_dateline(line.text):
                self._quotes += [one.text for one in before]
                self.story.dateline = opening.dateline
                self.story.dateline_date = opening.date
                rest = opening.rest.strip()
                return [*([replace(line, text=rest)] if rest else []), *lines[number + 1 :]]
            if (parts := split_before_dateline(line.text)) and len(parts[0]) <= _QUOTE_LENGTH:
                glued = [replace(line, text=part) for part in parts]
                return self._opening([*before, *glued, *lines[number + 1 :]])
        return lines

    # -- what is lifted ------------------------------------------------------------------------

    def _lift_credit(self, line: Line, *, late: bool = False) -> bool:
        """Lift a line if any rule or the byline pattern knows it, wherever it stands."""
        if is_byline(line.text):
            copyright_ = _copyright_of(line.text)
            self.story.copyright = self.story.copyright or copyright_
            (self._late_bylines if late else self._bylines).append(line.text)
            return True
        found = ANYWHERE.match(line.text) or TAIL.match(line.text)
        if found is not None:
            self._lift(found, line)
        return found is not None

    def _lift(self, found: tuple[Rule, str], line: Line) -> None:
        rule, value = found
        story = self.story
        match rule.lifts:
            case "related":
                self._relate(line, value)
            case "copyright":
                story.copyright = story.copyright or line.text
            case "rights":
                story.rights_notice = story.rights_notice or line.text
            case "source":
                story.source_credit = story.source_credit or value
            case "credit":
                story.credits.append(line.text.strip("() "))
            case "original":
                story.original_url = story.original_url or _url(line)
            case "posted":
                story.posted = story.posted or value
            case "embed" | "drop":
                pass

    def _relate(self, line: Line, title: str) -> None:
        title = one_line(title)
        same = [anchor for anchor in line.anchors if anchor.text == title]
        url = next((anchor.url for anchor in [*same, *line.anchors] if anchor.url), None)
        if title and title not in {known.title for known in self.story.related}:
            self.story.related.append(Related(title=title, url=url))

    def _is_title(self, text: str) -> bool:
        if self.title is None or len(text) > 2 * len(self.title) + _ROOM_IN_TITLE:
            return False
        return _letters(text) == _letters(self.title)


def joined(lines: Sequence[Line]) -> str:
    """Return the lines as text: line feeds within a paragraph, blank lines between paragraphs."""
    pieces: list[str] = []
    before: Line | None = None
    for line in lines:
        if before is not None:
            pieces.append("\n" if before.paragraph == line.paragraph else "\n\n")
        pieces.append(line.text)
        before = line
    return "".join(pieces)


def _label_lines(lines: list[Line]) -> list[Line]:
    """ "Fotografer" and the name on the next line, as one line."""
    found: list[Line] = []
    for line in lines:
        if found and label_only(found[-1].text) and len(line.text) <= 60:
            found[-1] = replace(found[-1], text=f"{found[-1].text}: {line.text}")
        else:
            found.append(line)
    return found


def _like_story(text: str) -> bool:
    return len(text) > _STORY_LINE and bool(_SENTENCE_END.search(text))


def _is_link(line: Line) -> bool:
    text = line.text.removeprefix("- ").strip()
    return bool(line.anchors) and one_line(" ".join(a.text for a in line.anchors)) == text


def _also_without_colon(line: Line) -> bool:
    """ "Baca juga <a>T</a>" without a colon: only if the rest of the line is the link."""
    if len(line.anchors) != 1:
        return False
    lead = line.text.removesuffix(line.anchors[0].text).strip(" :-").lower()
    return lead in ("baca juga", "read also", "related news", "baca pula")


def _url(line: Line) -> str | None:
    return next((anchor.url for anchor in line.anchors if anchor.url), None)


def _copyright_of(text: str) -> str | None:
    found = _COPYRIGHT.search(text)
    return one_line(found[0]) if found else None


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
