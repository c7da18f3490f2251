"""Dates in the short texts of a page: below its headline, or alone on the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import dropwhile, islice
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.date_labels import has_label, is_update_date, publication_part, update_part
from newsbot.extract.dates import (
    DATE_LIKE,
    Moment,
    has_date,
    parse,
    parse_coarse,
    plausible,
)
from newsbot.extract.document import Document
from newsbot.extract.marked_dates import is_aside
from newsbot.extract.select import text_of
from newsbot.extract.spans import SPAN

# "data-timestamp", "data-published-at" and the like, and their value: a Unix time.
_TIME_ATTRIBUTE = re.compile(
    r"^data-(?=(?:\w+-)*?(?:time|timestamp|unix|utime|epoch|date|published)(?:-|$))\w+(?:-\w+)*+$"
)
_EPOCH = re.compile(r"^(1[0-9]{9}|[89][0-9]{8})(?:[0-9]{3})?$")
_SEPARATOR = re.compile(r" [|/•·–—-] ")
_POSTING = re.compile(
    rf"\W{{0,3}}(?:(?:posted|tayang|terbit) )?{SPAN}(?:\s[\d.,]{{1,9}})?\W{{0,3}}", re.IGNORECASE
)
_LONGEST_DATE: Final = 60  # of a date with the words around it
_STORY_LENGTH: Final = 200  # text this long is the story: a date in it is not that of the article
_MOST_NODES_BELOW_TITLE: Final = 80
_MOST_NODES_AFTER_DATE: Final = 12  # in which a better date may follow
_MOST_NODES: Final = 20_000
_NO_TEXT: Final = ("script", "style", "a")


@dataclass(frozen=True, slots=True)
class ShortDate:
    """A date in a short text; ``is_update`` says that words name it the date of an update."""

    source: str
    moment: Moment
    is_update: bool = False


def dates_below(
    heading: Element, document: Document, zone: tzinfo, now: datetime
) -> list[ShortDate]:
    """Return the dates in short texts between a heading and the first paragraph of the story.

    Nothing is looked for behind a date of publication, and little behind another.
    """
    found: list[ShortDate] = []
    left = _MOST_NODES_BELOW_TITLE
    for node in dropwhile(lambda node: node is not heading, document.root.iter()):
        here = list(_dates_of(node, zone, now))
        if here and not found:
            left = min(left, _MOST_NODES_AFTER_DATE)
        found += here
        left -= 1
        if not left or len(node.text or "") > _STORY_LENGTH or any(map(_is_settled, here)):
            break
    return found


def sole_posting(document: Document, zone: tzinfo, now: datetime) -> list[ShortDate]:
    """Return the "4 hours ago" of a page if it has one such text only, and none in its links."""
    texts = {
        text
        for node in islice(document.root.iter(), _MOST_NODES)
        for text in _short_texts(node)
        if _POSTING.fullmatch(text) and not is_aside(node, None)
    }
    moments = [parse(text, zone, now) or parse_coarse(text, zone, now) for text in texts]
    return [ShortDate("text", one) for one in moments if one is not None and len(texts) == 1]


def _is_settled(found: ShortDate) -> bool:
    return not found.is_update and not found.moment.slack


def _short_texts(node: Element) -> Iterator[str]:
    if node.tag in _NO_TEXT:
        return
    for text in (node.text, node.tail):
        if text and len(text) <= _STORY_LENGTH:
            yield " ".join(text.split())


def _dates_of(node: Element, zone: tzinfo, now: datetime) -> Iterator[ShortDate]:
    if node.tag in _NO_TEXT:
        return
    if (moment := _script_time(node, zone, now)) is not None:
        yield ShortDate("time", moment)
        return
    for text, is_tail in ((node.text, False), (node.tail, True)):
        whole = " ".join((text or "")[:_STORY_LENGTH].split())
        for value in _parts(publication_part(whole)) if whole else ():
            moment = _moment(value, zone, now)
            if moment is not None:
                yield ShortDate("text", moment, _is_update(value, node, is_tail=is_tail))
                break
        if whole and (update := update_part(whole)) and (moment := _moment(update, zone, now)):
            yield ShortDate("text", moment, is_update=True)


def _moment(value: str, zone: tzinfo, now: datetime) -> Moment | None:
    if not DATE_LIKE.match(value) or len(value) > _LONGEST_DATE:
        return None
    return parse(value, zone, now) or parse_coarse(value, zone, now)


def _parts(value: str) -> list[str]:
    """Return a short text, and what is behind separators in it: "Oleh Sari | 3 Maret 2025"."""
    return [value, *_SEPARATOR.split(value)[1:]]


def _is_update(value: str, node: Element, *, is_tail: bool) -> bool:
    """Return whether words in a text, else those right before it, name the date an update's."""
    if has_label(value):
        return is_update_date(value)
    before = _text_before(node, is_tail=is_tail)
    return is_update_date(before) and not has_date(before)


def _text_before(node: Element, *, is_tail: bool) -> str:
    if is_tail:
        return (node.text or "")[-_LONGEST_DATE:]
    previous, parent = node.getprevious(), node.getparent()
    if previous is not None:
        return f"{previous.text or ''} {previous.tail or ''}"[-_LONGEST_DATE:]
    return (parent.text or "")[-_LONGEST_DATE:] if parent is not None else ""


def _script_time(node: Element, zone: tzinfo, now: datetime) -> Moment | None:
    """Return the time in an element's ``data-timestamp`` or similar, in s or ms.

    Only if the element also shows digits: otherwise the time may be that of a live clock.
    """
    for name, value in node.attrib.items():
        epoch = _EPOCH.match(str(value)) if _TIME_ATTRIBUTE.match(str(name)) else None
        if epoch is not None and re.search(r"\d", text_of(node)):
            moment = Moment(datetime.fromtimestamp(int(epoch[1]), zone), "second", str(value))
            if plausible(moment, now):
                return moment
    return None
