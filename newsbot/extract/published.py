"""The date of publication, chosen from all dates that the page gives."""

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, dropwhile, islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.etree import _Element as Element

from newsbot.extract.dates import (
    DATE_LIKE,
    Moment,
    days_in_text,
    parse,
    parse_any,
    plausible,
    publication_part,
    with_fixed_offset,
)  # fmt: skip
from newsbot.extract.document import Document
from newsbot.extract.generic.titles import headline_element
from newsbot.extract.marked_dates import modified_values, published_values
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import matches_of, text_of
from newsbot.extract.urls import DAY_IN_URL
from newsbot.hints import Precision
from newsbot.models import Page, Published
from newsbot.sites.site import Site
from newsbot.sites.values import Selector

_LD_PUBLISHED: Final = ("datePublished", "dateCreated", "uploadDate")
_META_PUBLISHED: Final = (
    "article:published_time", "datepublished", "og:article:published_time", "publishdate",
    "article.published", "pubdate", "publish-date", "date", "dc.date.issued", "dcterms.created",
    "dc.date", "sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime",
    "pub_date", "article_date_original", "publication_date",
    "content_publishdate", "og:published_time",
)  # fmt: skip
_META_MODIFIED: Final = ("article:modified_time", "datemodified", "og:updated_time", "lastmod")
_PRECISION_RANK: Final[dict[Precision, int]] = {"day": 0, "hour": 1, "minute": 2, "second": 3}
# "data-timestamp", "data-published-at" and the like, and their value: a Unix time.
_TIME_ATTRIBUTE = re.compile(
    r"^data-(?=(?:\w+-)*?(?:time|timestamp|unix|utime|epoch|date|published)(?:-|$))\w+(?:-\w+)*+$"
)
_EPOCH = re.compile(r"^(1[0-9]{9}|[89][0-9]{8})(?:[0-9]{3})?$")
_SEPARATOR = re.compile(r" [|/•·–—-] ")
_LONGEST_RAW: Final = 100
_LONGEST_DATE: Final = 60  # of a date with the words around it
_STORY_LENGTH: Final = 200  # text this long is the story: a date in it is not that of the article
_MOST_NODES_BELOW_TITLE: Final = 80
_MAX_DAYS_BACK: Final = timedelta(days=2)  # an older date in the text is not the day of the story


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A date that the page gives, and where."""

    source: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class ChosenDate:
    """The chosen date, how it was determined, and whether an implausible date was refused."""

    at: datetime | None
    how: Published | None
    refused: bool = False


class DateReader:
    """Reads the dates of one page of a site."""

    def __init__(self, document: Document, metadata: Metadata, page: Page, site: Site) -> None:
        self._document = document
        self._metadata = metadata
        self._page = page
        self._site = site
        self._zone = ZoneInfo(site.time_zone)
        self._containers_known = bool(site.select.container)
        self._refused = False

    @cached_property
    def _headline(self) -> Element | None:
        return headline_element(self._document, self._metadata)

    def printed(self) -> list[DateCandidate]:
        """Return the dates outside the text: from selectors, JSON-LD, meta, mark-up and URL."""
        found = [
            *self._by_selectors(self._site.select.published),
            *self._read("json-ld", [self._metadata.text(*_LD_PUBLISHED)]),
            *self._read("meta", [self._metadata.first_or_misplaced(*_META_PUBLISHED)]),
        ]
        fallbacks = (
            self._by_markup, self._below_title, self._on_permalink, self._in_title_element,
            self._by_htmldate,
        )  # fmt: skip
        for fallback in fallbacks:
            if not found:
                found += fallback()
        if url := DAY_IN_URL.search(self._page.url):
            found += self._read("url", ["-".join(url.groups())])
        return found

    def modified(self) -> DateCandidate | None:
        """Return when the page says it was last changed, and where."""
        values = [
            *self._by_selectors(self._site.select.modified),
            *self._read("json-ld", [self._metadata.text("dateModified")]),
            *self._read("meta", [self._metadata.first_or_misplaced(*_META_MODIFIED)]),
        ]
        if not values:
            values += self._read("time", modified_values(self._document, self._headline))
        return values[0] if values else None

    def choose(
        self, printed: Iterable[DateCandidate], dateline: str | None, posted: str | None, text: str
    ) -> ChosenDate:
        """Return the date of publication, with the dates that contradict it.

        A printed date of the site takes precedence over a dateline's. A relative one ("4 hours
        ago") on an aggregator is when the copy was posted, which is only an upper bound for the
        original's date: a "(28/2)" in the text, not more than two days before it, is better. If the
        text names no day, the day of the posting is used. Either way the precision is "day", and
        the other date is recorded if it is a different day. On a publisher's own site a relative
        time is that of the article and keeps its precision.
        """
        candidates = list(printed)
        candidates += self._read("dateline", [dateline])
        absolute = [one for one in candidates if not one.moment.relative]
        if absolute:
            return self._with_conflicts(_most_precise(absolute), candidates)
        relative = [one for one in candidates if one.moment.relative]
        relative += self._read("text", [posted])
        if not relative:
            return ChosenDate(None, None, self._refused)
        if self._site.kind != "aggregator":
            return self._with_conflicts(relative[0], relative)
        return self._with_conflicts(self._day_of_copy(relative[0], text), relative)

    def _day_of_copy(self, posted: DateCandidate, text: str) -> DateCandidate:
        day = posted.moment.at.astimezone(self._zone).replace(hour=0, minute=0, second=0)
        bound = posted.moment.at
        named = [
            (found, raw)
            for found, raw in days_in_text(text, bound, self._zone)
            if timedelta(0) <= day.date() - found <= _MAX_DAYS_BACK
        ]
        if not named:
            return DateCandidate(
                posted.source, Moment(day, "day", posted.moment.raw, relative=True)
            )
        found, raw = max(named, key=lambda one: one[0])
        at = datetime(found.year, found.month, found.day, tzinfo=self._zone)
        return DateCandidate("text", Moment(at, "day", raw))

    def _with_conflicts(self, chosen: DateCandidate, others: Iterable[DateCandidate]) -> ChosenDate:
        conflicts = tuple(
            f"{other.source}: {other.moment.raw}"
            for other in others
            if other is not chosen and not _agree(other.moment, chosen.moment)
        )
        how = Published(
            raw=chosen.moment.raw,
            source=chosen.source,
            precision=chosen.moment.precision,
            conflicts=tuple(dict.fromkeys(conflicts)),
        )
        return ChosenDate(with_fixed_offset(chosen.moment.at), how, self._refused)

    # -- places of dates -----------------------------------------------------------------------

    def _by_selectors(self, selectors: Iterable[Selector]) -> Iterator[DateCandidate]:
        for selector in selectors:
            for found in matches_of(self._document, selector, None):
                for one in self._read("selector", [found.value]):
                    if selector.until is None or one.moment.at.date() <= selector.until:
                        yield one
                        return

    def _by_markup(self) -> list[DateCandidate]:
        """Return the first date of elements that are marked as publication, or as a time."""
        for value in published_values(self._document, self._headline):
            if found := list(self._read("time", [value])):
                return found[:1]
        return []

    def _by_htmldate(self) -> list[DateCandidate]:
        """Return the day that htmldate finds, on sites without a container selector.

        Its extensive search is off: it takes copyright years for dates.
        """
        if self._containers_known:
            return []
        found = find_date(
            copy.deepcopy(self._document.root), original_date=True, extensive_search=False,
            max_date=(self._page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d"),
        )  # fmt: skip
        return list(self._read("text", [found]))

    def _below_title(self) -> list[DateCandidate]:
        """Return the date in a short text between the headline and the first paragraph."""
        heading = self._headline
        if heading is None:
            return []
        after = dropwhile(lambda node: node is not heading, self._document.root.iter())
        for node in islice(after, _MOST_NODES_BELOW_TITLE):
            if (found := self._short_date(node)) is not None:
                return [found]
            if len(node.text or "") > _STORY_LENGTH:
                break
        return []

    def _on_permalink(self) -> list[DateCandidate]:
        """Return the date on the page's link to itself, as forums and blogs print it."""
        for link in self._document.root.iter("a"):
            values = [link.get("title"), text_of(link)] if self._is_permalink(link) else []
            dates = [v for v in values if v and len(v) <= _LONGEST_DATE and re.search(r"\d", v)]
            if found := list(self._read("text", dates)):
                return found[:1]
        return []

    def _is_permalink(self, link: Element) -> bool:
        here, href = urlsplit(self._page.url).path.rstrip("/"), link.get("href") or ""
        if (
            not here or here.rpartition("/")[2] not in href
        ):  # a cheap check that rules out most links
            return False
        url = self._document.url(href)
        return url is not None and urlsplit(url).path.rstrip("/") == here

    def _script_time(self, node: Element) -> DateCandidate | None:
        """Return the time in an element's ``data-timestamp`` or similar, in s or ms.

        Only if the element also shows digits: otherwise the time may be that of a live clock.
        """
        for name, value in node.attrib.items():
            epoch = _EPOCH.match(str(value)) if _TIME_ATTRIBUTE.match(str(name)) else None
            if epoch is not None and re.search(r"\d", text_of(node)):
                at = datetime.fromtimestamp(int(epoch[1]), self._zone)
                moment = Moment(at, "second", str(value))
                if plausible(moment, self._page.fetched_at):
                    return DateCandidate("time", moment)
        return None

    def _in_title_element(self) -> list[DateCandidate]:
        """Return the date at the end of the page's title: "Judul | Situs | 28.04.2023"."""
        last = (self._metadata.title_element or "").rpartition("|")[2].strip()
        return list(self._read("meta", [last])) if re.fullmatch(r"[\d./ -]{8,10}", last) else []

    def _short_date(self, node: Element) -> DateCandidate | None:
        if node.tag in ("script", "style", "a"):
            return None
        if timed := self._script_time(node):
            return timed
        for value in chain.from_iterable(map(_parts, (node.text, node.tail))):
            if DATE_LIKE.match(value) and len(value) <= _LONGEST_DATE:
                moment = parse(value, self._zone, self._page.fetched_at)
                if moment is not None:
                    return DateCandidate("text", moment)
        return None

    def _read(self, source: str, values: Iterable[str | None]) -> Iterator[DateCandidate]:
        for value in values:
            if not value:
                continue
            moment = (parse if source in ("text", "dateline") else parse_any)(
                value[:_LONGEST_RAW], self._zone, self._page.fetched_at
            )
            if moment is not None:
                yield DateCandidate(source, moment)
            else:
                self._refused = True


def _parts(text: str | None) -> list[str]:
    """Return a short text, and what is behind separators in it: "Oleh Sari | 3 Maret 2025"."""
    value = publication_part(" ".join((text or "")[:_STORY_LENGTH].split()))
    return [value, *_SEPARATOR.split(value)[1:]]


def _most_precise(candidates: list[DateCandidate]) -> DateCandidate:
    """Return the first candidate or, if it has no time, a more precise one for the same day.

    A printed minute is not replaced by a machine-readable second: people cite the printed time.
    """
    chosen = candidates[0]
    if _PRECISION_RANK[chosen.moment.precision] >= _PRECISION_RANK["minute"]:
        return chosen
    for other in candidates[1:]:
        finer = _PRECISION_RANK[other.moment.precision] > _PRECISION_RANK[chosen.moment.precision]
        if finer and _agree(other.moment, chosen.moment):
            chosen = other
    return chosen


def _agree(one: Moment, other: Moment) -> bool:
    """Return whether two dates are equal at the lower of their precisions."""
    coarser, finer = sorted((one, other), key=lambda moment: _PRECISION_RANK[moment.precision])
    at = finer.at.astimezone(coarser.at.tzinfo)
    if coarser.precision == "day":
        return at.date() == coarser.at.date()
    length = {"hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    span = length.get(coarser.precision, timedelta(seconds=1))
    return timedelta(0) <= at - coarser.at < span
