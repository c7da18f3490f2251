"""A difference between two revisions, drawn: for a terminal, as plain text, as a page, as JSON."""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from newsbot.archive.articles import Version
from newsbot.archive.textdiff import Paragraph, Span, diff_texts, diff_words

_STYLES = {"equal": "", "removed": "red strike", "added": "bold green"}
_MARKS = {"equal": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_TAGS = {"equal": "span", "removed": "del", "added": "ins"}
_PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 1.1em/1.6 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em }}
del {{ background: #fdd; color: #900 }}
ins {{ background: #dfd; color: #060; text-decoration: none }}
.about {{ color: #555; font-size: .85em }} .unchanged {{ color: #888 }}
</style></head><body>
<h1>{heading}</h1>
<p class="about">{about}</p>
{paragraphs}
</body></html>
"""


@dataclass(frozen=True, slots=True)
class RevisionDiff:
    """What changed from one revision to another."""

    url: str
    old: Version
    new: Version
    title: tuple[Span, ...]
    paragraphs: tuple[Paragraph, ...]

    @classmethod
    def between(cls, url: str, old: Version, new: Version) -> "RevisionDiff":
        """Compare the two."""
        return cls(
            url, old, new,
            diff_words(old.title, new.title), tuple(diff_texts(old.text, new.text)),
        )  # fmt: skip

    @property
    def about(self) -> str:
        """Which two they are, on one line."""
        old, new = (
            f"revision {one.number} ({one.article['fetched_at'][:19]}Z)"
            for one in (self.old, self.new)
        )
        return f"{self.url}: {old} to {new}"


def as_lines(diff: RevisionDiff, *, colour: bool) -> Iterator[Text]:
    """Yield lines for a terminal (colour), or with [-removed-] and {+added+} (no colour)."""
    yield Text(diff.about)
    yield Text()
    yield _draw(diff.title, colour=colour)
    yield from paragraph_lines(diff.paragraphs, colour=colour)


def paragraph_lines(paragraphs: Iterable[Paragraph], *, colour: bool) -> Iterator[Text]:
    """Yield lines of the paragraphs that changed, and how many did not, each after a blank line."""
    unchanged = 0
    for paragraph in paragraphs:
        if paragraph.change == "equal":
            unchanged += 1
            continue
        yield from _skipped(unchanged)
        unchanged = 0
        yield Text()
        yield _draw(paragraph.spans, colour=colour)
    yield from _skipped(unchanged)


def as_page(diff: RevisionDiff) -> str:
    """Return a page of HTML that stands alone."""
    paragraphs = (
        f'<p class="{"unchanged" if one.change == "equal" else one.change}">'
        f"{_tagged(one.spans)}</p>"
        for one in diff.paragraphs
    )
    return _PAGE.format(
        language=html.escape(diff.new.article["language"] or "", quote=True),
        title=html.escape(diff.new.title),
        heading=_tagged(diff.title),
        about=html.escape(diff.about),
        paragraphs="\n".join(paragraphs),
    )


def as_fields(diff: RevisionDiff) -> dict[str, Any]:
    """Return the same for JSON."""
    return {
        "url": diff.url,
        "from": diff.old.number,
        "to": diff.new.number,
        "title": _pairs(diff.title),
        "paragraphs": [
            {"change": paragraph.change, "words": _pairs(paragraph.spans)}
            for paragraph in diff.paragraphs
        ],
    }


def _skipped(number: int) -> Iterator[Text]:
    if number:
        yield Text()
        yield Text(f"  … {number} paragraph{'s' if number > 1 else ''} unchanged …", style="dim")


def _draw(spans: Iterable[Span], *, colour: bool) -> Text:
    return _coloured(spans) if colour else _marked(spans)


def _coloured(spans: Iterable[Span]) -> Text:
    drawn = Text()
    for span in spans:
        drawn.append(span.text, style=_STYLES[span.operation])
    return drawn


def _marked(spans: Iterable[Span]) -> Text:
    drawn = Text()
    for span in spans:
        start, end = _MARKS[span.operation]
        drawn.append(f"{start}{span.text}{end}")
    return drawn


def _tagged(spans: Iterable[Span]) -> str:
    return "".join(
        f"<{_TAGS[span.operation]}>{html.escape(span.text)}</{_TAGS[span.operation]}>".replace(
            "\n", "<br>"
        )
        for span in spans
    )


def _pairs(spans: Sequence[Span]) -> list[list[str]]:
    return [[span.operation, span.text] for span in spans]
