"""Decides which of two similar texts is the original: by link, credit, text and times.

They are considered in that order; the evidence is given in words.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from newsbot.ledger.copies.likeness import Likeness, share
from newsbot.ledger.copies.texts import Text
from newsbot.models import Origin

Method = Literal["link", "credit", "text", "earliest"]
UNALTERED = 0.98  # of a copy's words are in the original; a stray caption or byline may not be
_NAME = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Match:
    """A text, another one that is similar, and their likeness."""

    text: Text
    other: Text
    likeness: Likeness

    def swapped(self) -> "Match":
        """Return the match as seen from the other text."""
        return Match(self.other, self.text, self.likeness.swapped())

    def is_copy(self) -> bool:
        """Return whether the text is the copy, and the other the original."""
        for judge in (_by_link, _by_credit, _by_time):
            verdict = judge(self.text, self.other)
            if verdict is not None:
                return verdict
        return (self.text.fetched_at, self.text.url) > (self.other.fetched_at, self.other.url)

    def origin(self) -> Origin:
        """Return the other text as the origin of this one."""
        here, there = share(self.likeness.here), share(self.likeness.there)
        method = self._method(here, there)
        return Origin(
            url=self.other.url,
            article_id=self.other.article_id,
            method=method,
            similarity=round(max(here, there), 3),
            altered=here < UNALTERED,
            evidence=f"{self._reason(method)}; {_in_words(here, there)}",
        )

    def _method(self, here: float, there: float) -> Method:
        if _by_link(self.text, self.other):
            return "link"
        if _by_credit(self.text, self.other):
            return "credit"
        return "earliest" if min(here, there) >= UNALTERED else "text"

    def _reason(self, method: Method) -> str:
        if method == "link":
            return f"the page links to {self.text.original_url} as its original"
        if method == "credit":
            host = urlsplit(self.other.url).hostname
            return f'its credit "{self.text.credit}" names the agency of {host}'
        if _by_time(self.text, self.other) and self.other.published_at:
            return f"the other was published earlier, {self.other.published_at.isoformat()}"
        return f"the other was seen earlier, {self.other.fetched_at.isoformat(timespec='seconds')}"


def credited_alone(url: str, agency: str | None, source: str | None) -> Origin | None:
    """Return an origin known by name only: a credited agency that is not the site's own."""
    for name, shown in ((agency, f"({agency})"), (source, f"Sumber: {source}")):
        if name and not _names_host(name, url):
            return Origin(method="credit", evidence=f'the text is credited "{shown}"')
    return None


def _by_link(text: Text, other: Text) -> bool | None:
    if text.original_url == other.url:
        return True
    return False if other.original_url == text.url else None


def _by_credit(text: Text, other: Text) -> bool | None:
    names_other, names_text = _credits(text, other), _credits(other, text)
    return names_other if names_other != names_text else None


def _credits(text: Text, other: Text) -> bool:
    """Return whether the text names the agency of the other's site, and not its own site's."""
    if text.credit is None or urlsplit(text.url).hostname == urlsplit(other.url).hostname:
        return False
    return _names_host(text.credit, other.url) and not _names_host(text.credit, text.url)


def _names_host(credit: str, url: str) -> bool:
    labels = (urlsplit(url).hostname or "").split(".")
    return any(label.startswith(word) for word in _NAME.findall(credit.lower()) for label in labels)


def _by_time(text: Text, other: Text) -> bool | None:
    """Return whether the text was published later; None where the pages do not say."""
    if text.published_at is None or other.published_at is None:
        return None
    apart = text.published_at - other.published_at
    if text.day_only or other.day_only:
        apart = timedelta((text.published_at.date() - other.published_at.date()).days)
    return apart > timedelta() if apart else None


def _in_words(here: float, there: float) -> str:
    if min(here, there) >= UNALTERED:
        return "the texts are the same"
    return f"{here:.0%} of its words are in the other, {there:.0%} of the other's are in it"
