"""When an article was published: every date the page gives, weighed, never invented."""

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import dropwhile, islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.etree import _Element as Element

from newsbot.extract.dates import (
    DATE_LIKE,
    Moment,
    days_in_text,
    from_publication,
    parse,
    parse_any,
    plausible,
    tells_of_update,
)  # fmt: skip
from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import apply, text_of
from newsbot.models import Page, Precision, Published
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site

_LD_PUBLISHED: Final = ("datePublished", "dateCreated", "uploadDate")
_META_PUBLISHED: Final = (
    "article:published_time", "datepublished", "og:article:published_time", "publishdate",
    "article.published", "pubdate", "publish-date", "date", "dc.date.issued", "dcterms.created",
    "dc.date", "sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime",
    "pub_date", "article_date_original", "publication_date",
    "content_publishdate", "og:published_time",
)  # fmt: skip
_META_MODIFIED: Final = ("article:modified_time", "datemodified", "og:updated_time", "lastmod")
_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-]([01]?\d)[/-]([0-3]?\d)(?=[/-]|$)")
_FINENESS: Final[dict[Precision, int]] = {"day": 0, "hour": 1, "minute": 2, "second": 3}
# "data-timestamp", "data-published-at" and the like, and a time in them as scripts count it.
_TIMED = re.compile(
    r"^data-(?=(?:\w+-)*?(?:time|timestamp|unix|utime|epoch|date|published)(?:-|$))\w+(?:-\w+)*+$"
)
_EPOCH = re.compile(r"^(1[0-9]{9}|[89][0-9]{8})(?:[0-9]{3})?$")
_LONGEST_RAW: Final = 100
_SHORT: Final = 60  # a date in print, with what is said around it
_PARAGRAPH: Final = 200  # text this long is the story: dates in it are not its own
_MOST_NEAR: Final = 80
_MOST_ELEMENTS: Final = 40_000
_ASIDE = re.compile(
    r"comment|related|sidebar|recommend|widget|popular|teaser|footer", re.IGNORECASE
)
_NEAR: Final = timedelta(days=2)  # an in-text date further back is not the story's own day


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date the page gives, and where."""

    source: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Dated:
    """The date that was chosen, how it came about, and remarks for the run's counts."""

    at: datetime | None
    how: Published | None
    refused: bool = False


class Dater:
    """Reads the dates of one page of a site."""

    def __init__(self, document: Document, metadata: Metadata, page: Page, site: Site) -> None:
        self._document = document
        self._metadata = metadata
        self._page = page
        self._site = site
        self._zone = ZoneInfo(site.time_zone)
        self._containers_known = bool(site.select.container)
        self._refused = False

    def printed(self) -> list[Candidate]:
        """Return the dates that do not depend on the text: selectors, JSON-LD, meta, time, URL."""
        found = [
            *self._selected(self._site.select.published),
            *self._read(
                "json-ld", [self._metadata.text("datePublished", "dateCreated", "uploadDate")]
            ),
            *self._read("meta", [self._metadata.loosely(*_META_PUBLISHED)]),
        ]
        looks = (
            self._marked_up, self._near_title, self._of_permalink, self._in_title, self._searched,
        )  # fmt: skip
        for look in looks:
            if not found:
                found += look()
        if url := _IN_URL.search(self._page.url):
            found += self._read("url", ["-".join(url.groups())])
        return found

    def modified(self) -> datetime | None:
        """Return when the page says it was last changed."""
        values = [
            *self._selected(self._site.select.modified),
            *self._read("json-ld", [self._metadata.text("dateModified")]),
            *self._read("meta", [self._metadata.loosely(*_META_MODIFIED)]),
        ]
        return _fixed(values[0].moment.at) if values else None

    def choose(
        self, printed: Iterable[Candidate], dateline: str | None, posted: str | None, text: str
    ) -> Dated:
        """Return the date of publication, with what speaks against it.

        A printed date of the site wins over a dateline's. A relative one ("4 hours ago") on an
        aggregator is when the copy was posted, which bounds the original's date from above and no
        more: a "(28/2)" in the text, not more than two days before it, says the day better. Where
        the text names no day, the day of the posting is all that is known. Either way the precision
        is "day", and the other date is recorded if it is another day. On a publisher's own site a
        relative time is its own and keeps its precision.
        """
        candidates = list(printed)
        candidates += self._read("dateline", [dateline])
        absolute = [one for one in candidates if not one.moment.relative]
        if absolute:
            return self._dated(_finest(absolute), candidates)
        loose = [one for one in candidates if one.moment.relative]
        loose += self._read("text", [posted])
        if not loose:
            return Dated(None, None, self._refused)
        if self._site.kind != "aggregator":
            return self._dated(loose[0], loose)
        return self._dated(self._day_of_copy(loose[0], text), loose)

    def _day_of_copy(self, posted: Candidate, text: str) -> Candidate:
        day = posted.moment.at.astimezone(self._zone).replace(hour=0, minute=0, second=0)
        bound = posted.moment.at
        named = [
            (found, raw)
            for found, raw in days_in_text(text, bound, self._zone)
            if timedelta(0) <= day.date() - found <= _NEAR
        ]
        if not named:
            return Candidate(posted.source, Moment(day, "day", posted.moment.raw, relative=True))
        found, raw = max(named, key=lambda one: one[0])
        at = datetime(found.year, found.month, found.day, tzinfo=self._zone)
        return Candidate("text", Moment(at, "day", raw))

    def _dated(self, chosen: Candidate, others: Iterable[Candidate]) -> Dated:
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
        return Dated(_fixed(chosen.moment.at), how, self._refused)

    # -- where dates stand ---------------------------------------------------------------------

    def _selected(self, selectors: Iterable[Selector]) -> Iterator[Candidate]:
        for selector in selectors:
            for found in apply(self._document, selector, None):
                for one in self._read("selector", [found.value]):
                    if selector.until is None or one.moment.at.date() <= selector.until:
                        yield one
                        return

    def _marked_up(self) -> list[Candidate]:
        """Elements marked as the publication, else the first <time> that is no reader's comment.

        One that is said to be of a change stands behind the others.
        """
        marked: list[Element] = []
        times: list[Element] = []
        for element in islice(self._document.root.iter(), _MOST_ELEMENTS):
            prop = f"{element.get('itemprop') or ''} {element.get('property') or ''}".lower()
            if "datepublished" in prop or "published_time" in prop or element.get("pubdate"):
                marked.append(element)
            elif element.tag in ("time", "relative-time") and not _is_aside(element):
                times.append(element)
        times.sort(key=_is_of_update)
        for element in [*marked[:3], *times[:1]]:
            values = [element.get("datetime"), element.get("content"), text_of(element)]
            if found := list(self._read("time", [next(filter(None, values), None)])):
                return found[:1]
        return []

    def _searched(self) -> list[Candidate]:
        """htmldate's answer where no rule and no mark-up helps: a day, never a guess at a year.

        Without its extensive search, which takes copyright years for dates.
        """
        if self._containers_known:
            return []
        found = find_date(
            copy.deepcopy(self._document.root), original_date=True, extensive_search=False,
            max_date=(self._page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d"),
        )  # fmt: skip
        return list(self._read("text", [found]))

    def _near_title(self) -> list[Candidate]:
        """Return a short text that is a date, between the headline and the first paragraph."""
        heading = next(self._document.root.iter("h1"), None)
        if heading is None:
            return []
        after = dropwhile(lambda node: node is not heading, self._document.root.iter())
        for node in islice(after, _MOST_NEAR):
            if (found := self._short_date(node)) is not None:
                return [found]
            if len(node.text or "") > _PARAGRAPH:
                break
        return []

    def _of_permalink(self) -> list[Candidate]:
        """The date on the page's link to itself, as forums, blogs and social pages print it."""
        for link in self._document.root.iter("a"):
            values = [link.get("title"), text_of(link)] if self._is_own(link) else []
            dates = [v for v in values if v and len(v) <= _SHORT and re.search(r"\d", v)]
            if found := list(self._read("text", dates)):
                return found[:1]
        return []

    def _is_own(self, link: Element) -> bool:
        here, href = urlsplit(self._page.url).path.rstrip("/"), link.get("href") or ""
        if not here or here.rpartition("/")[2] not in href:  # next to no link, and this is cheap
            return False
        url = self._document.url(href)
        return url is not None and urlsplit(url).path.rstrip("/") == here

    def _timed(self, node: Element) -> Candidate | None:
        """The time for scripts on an element: ``data-timestamp``, in seconds or milliseconds.

        The element shows a date itself: a clock is no publication.
        """
        for name, value in node.attrib.items():
            epoch = _EPOCH.match(str(value)) if _TIMED.match(str(name)) else None
            if epoch is not None and re.search(r"\d", text_of(node)):
                at = datetime.fromtimestamp(int(epoch[1]), self._zone)
                moment = Moment(at, "second", str(value))
                if plausible(moment, self._page.fetched_at):
                    return Candidate("time", moment)
        return None

    def _in_title(self) -> list[Candidate]:
        """Return a date that ends the page's title: "Judul | Situs | 28.04.2023"."""
        last = (self._metadata.heading_title or "").rpartition("|")[2].strip()
        return list(self._read("meta", [last])) if re.fullmatch(r"[\d./ -]{8,10}", last) else []

    def _short_date(self, node: Element) -> Candidate | None:
        if node.tag in ("script", "style", "a"):
            return None
        if timed := self._timed(node):
            return timed
        for text in (node.text, node.tail):
            value = from_publication(" ".join((text or "")[:_PARAGRAPH].split()))
            if DATE_LIKE.match(value) and len(value) <= _SHORT:
                moment = parse(value, self._zone, self._page.fetched_at)
                if moment is not None:
                    return Candidate("text", moment)
        return None

    def _read(self, source: str, values: Iterable[str | None]) -> Iterator[Candidate]:
        for value in values:
            if not value:
                continue
            moment = (parse if source in ("text", "dateline") else parse_any)(
                value[:_LONGEST_RAW], self._zone, self._page.fetched_at
            )
            if moment is not None:
                yield Candidate(source, moment)
            else:
                self._refused = True


def _is_of_update(element: Element) -> bool:
    """Whether an element's marks, or the words right before it, say that it dates a change."""
    before, parent = element.getprevious(), element.getparent()
    lead = before.tail if before is not None else (parent.text if parent is not None else "")
    marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
    return "modified" in marks.lower() or tells_of_update(
        f"{lead or ''} {marks} {text_of(element)}"
    )


def _is_aside(element: Element) -> bool:
    """Return whether the element stands in what surrounds the article."""
    for ancestor in islice(element.iterancestors(), 5):
        if ancestor.tag in ("aside", "footer", "nav"):
            return True
        if _ASIDE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"):
            return ancestor.tag not in ("body", "html", "main", "article")
    return False


def _finest(candidates: list[Candidate]) -> Candidate:
    """Return the first candidate; if it has no time, one that gives the time of that day.

    A printed minute is not refined by the seconds of a date for machines: it is what people cite.
    """
    chosen = candidates[0]
    if _FINENESS[chosen.moment.precision] >= _FINENESS["minute"]:
        return chosen
    for other in candidates[1:]:
        finer = _FINENESS[other.moment.precision] > _FINENESS[chosen.moment.precision]
        if finer and _agree(other.moment, chosen.moment):
            chosen = other
    return chosen


def _agree(one: Moment, other: Moment) -> bool:
    """Return whether two dates are the same as far as the coarser of them goes."""
    coarser, finer = sorted((one, other), key=lambda moment: _FINENESS[moment.precision])
    at = finer.at.astimezone(coarser.at.tzinfo)
    if coarser.precision == "day":
        return at.date() == coarser.at.date()
    length = {"hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    span = length.get(coarser.precision, timedelta(seconds=1))
    return timedelta(0) <= at - coarser.at < span


def _fixed(at: datetime) -> datetime:
    """Return the same time with its offset as a number, free of the zone's name."""
    offset = at.utcoffset()
    return at.replace(tzinfo=timezone(offset)) if offset is not None else at
