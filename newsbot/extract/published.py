"""The date of publication, chosen from all dates that the page gives."""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.etree import _Element as Element

from newsbot.extract.chosen_date import GUESSED, ChosenDate, DateCandidate, choose_date, only_date
from newsbot.extract.date_labels import publication_part, update_part
from newsbot.extract.dates import parse, parse_any, parse_coarse
from newsbot.extract.document import Document
from newsbot.extract.generic.titles import headline_element
from newsbot.extract.marked_dates import modified_values, published_values
from newsbot.extract.metadata import Metadata
from newsbot.extract.select import matches_of, text_of
from newsbot.extract.short_dates import ShortDate, dates_below, sole_posting
from newsbot.extract.urls import DAY_IN_URL
from newsbot.models import Page
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
_LONGEST_RAW: Final = 200
_LONGEST_DATE: Final = 60  # of a date with the words around it
_Part = Callable[[str], str | None]
"""Returns the part of a text that is meant, where it has the dates of publication and update."""


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
        self._selected: list[str] = []  # texts in which the seed's selectors found the date

    @cached_property
    def _headline(self) -> Element | None:
        return headline_element(self._document, self._metadata)

    def printed(self) -> list[DateCandidate]:
        """Return the dates outside the text: from selectors, JSON-LD, meta, mark-up and URL."""
        published = self._site.select.published
        found = [
            *self._by_selectors(published, publication_part, self._selected),
            *self._read("json-ld", [self._metadata.text(*_LD_PUBLISHED)]),
            *self._read("meta", [self._metadata.first_or_misplaced(*_META_PUBLISHED)]),
        ]
        fallbacks = (
            self._beside_update, self._by_markup, self._below_title, self._on_permalink,
            self._in_title_element, self._posted_alone,
        )  # fmt: skip
        for fallback in fallbacks:
            if all(one.moment.slack for one in found):
                found += list(fallback())
        if url := DAY_IN_URL.search(self._page.url):
            found += self._read("url", ["-".join(url.groups())])
        return found

    def modified(self) -> DateCandidate | None:
        """Return when the page says it was last changed, and where."""
        return next((one for one in self._updates() if not one.moment.slack), None)

    def _updates(self) -> Iterator[DateCandidate]:
        """Yield the dates of the last change, the best place first."""
        declared = self._metadata.first_or_misplaced(*_META_MODIFIED)
        yield from self._by_selectors(self._site.select.modified, _update)
        yield from self._read("json-ld", [self._metadata.text("dateModified")], _update)
        yield from self._read("meta", [declared], _update)
        yield from self._read("selector", map(update_part, self._selected))
        yield from self._read("time", modified_values(self._document, self._headline), _update)
        yield from self._updates_below_title()

    def choose(
        self, printed: Iterable[DateCandidate], dateline: str | None, posted: str | None, text: str
    ) -> ChosenDate:
        """Return the date of publication, with the dates that contradict it.

        htmldate is asked last, where the page gives no date that anything else reads.
        """
        candidates = [*printed, *self._read("dateline", [dateline])]
        if all(one.moment.relative for one in candidates):
            candidates += self._read("text", [posted])
        is_copy = self._site.kind == "aggregator"
        chosen = choose_date(candidates, text, self._page.fetched_at, self._zone, is_copy=is_copy)
        if chosen.at is None:
            chosen = only_date(self._by_htmldate())
        return replace(chosen, refused=self._refused)

    # -- places of dates -----------------------------------------------------------------------

    def _by_selectors(
        self, selectors: Iterable[Selector], part: _Part, seen: list[str] | None = None
    ) -> Iterator[DateCandidate]:
        """Yield the first date that selectors give; ``seen`` gets the texts that were read."""
        for selector in selectors:
            for found in matches_of(self._document, selector, None):
                if seen is not None:
                    seen.append(found.value[:_LONGEST_RAW])
                for one in self._read("selector", [found.value], part):
                    if selector.until is None or one.moment.at.date() <= selector.until:
                        yield one
                        return

    def _by_markup(self) -> Iterator[DateCandidate]:
        """Yield the first date of elements that are marked as publication, or as a time."""
        values = published_values(self._document, self._headline)
        yield from islice(self._read("time", values), 1)

    def _by_htmldate(self) -> list[DateCandidate]:
        """Return the day that htmldate finds, on sites without a container selector.

        It guesses: the date is marked as its. Its extensive search is off, for that takes years of
        copyright for dates.
        """
        if self._containers_known:
            return []
        found = find_date(
            copy.deepcopy(self._document.root), original_date=True, extensive_search=False,
            max_date=(self._page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d"),
        )  # fmt: skip
        return list(self._read(GUESSED, [found]))

    @cached_property
    def _short_dates(self) -> list[ShortDate]:
        """The dates in short texts between the headline and the first paragraph."""
        heading = self._headline
        if heading is None:
            return []
        return dates_below(heading, self._document, self._zone, self._page.fetched_at)

    def _below_title(self) -> Iterator[DateCandidate]:
        """Yield the best date below the headline: of publication, in full."""
        ranked = sorted(self._short_dates, key=lambda one: (one.is_update, one.moment.slack))
        yield from (DateCandidate(one.source, one.moment) for one in ranked[:1])

    def _updates_below_title(self) -> Iterator[DateCandidate]:
        """Yield the dates of updates below the headline, where it has one of publication too."""
        if self._containers_known or all(one.is_update for one in self._short_dates):
            return
        for one in self._short_dates:
            if one.is_update:
                yield DateCandidate(one.source, one.moment)

    def _beside_update(self) -> Iterator[DateCandidate]:
        """Yield the date of publication in metadata that have it beside the date of an update."""
        declared = {
            "json-ld": self._metadata.text("dateModified"),
            "meta": self._metadata.first_or_misplaced(*_META_MODIFIED),
        }
        for source, value in declared.items():
            if value and update_part(value):
                yield from self._read(source, [value])

    def _posted_alone(self) -> Iterator[DateCandidate]:
        """Yield when a copy was posted, if the page says "4 hours ago" in one place alone."""
        if self._site.kind == "aggregator":
            for one in sole_posting(self._document, self._zone, self._page.fetched_at):
                yield DateCandidate(one.source, one.moment)

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

    def _in_title_element(self) -> list[DateCandidate]:
        """Return the date at the end of the page's title: "Judul | Situs | 28.04.2023"."""
        last = (self._metadata.title_element or "").rpartition("|")[2].strip()
        return list(self._read("meta", [last])) if re.fullmatch(r"[\d./ -]{8,10}", last) else []

    def _read(
        self, source: str, values: Iterable[str | None], part: _Part = publication_part
    ) -> Iterator[DateCandidate]:
        """Yield the date in each value, of the part of it that is meant if it has two dates."""
        reader = parse if source in ("text", "dateline", GUESSED) else parse_any
        for value in values:
            meant = part(value[:_LONGEST_RAW]) if value else None
            if not meant:
                continue
            moment = reader(meant, self._zone, self._page.fetched_at) or parse_coarse(
                meant, self._zone, self._page.fetched_at
            )
            if moment is not None:
                yield DateCandidate(source, moment)
            else:
                self._refused = True


def _update(value: str) -> str:
    """Return what is said of the update in a value that is meant to be its date."""
    return update_part(value) or value
