"""What a feed, sitemap or list says about an article that it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Precision = Literal["second", "minute", "hour", "day"]
HintSource = Literal["feed", "sitemap", "list"]
_BEST_FIRST: tuple[HintSource | None, ...] = ("feed", "sitemap", "list", None)


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed, sitemap or list says about an article that it names.

    ``published_at`` is timezone-aware and has a ``precision``. ``section`` is that of the feed or
    list as the seed has it. ``source`` is who gave the hints, None if that was not recorded;
    ``dated_by`` is who gave the date, if that is another.
    """

    title: str | None = None
    published_at: datetime | None = None
    precision: Precision = "minute"
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    picture: str | None = None
    section: str | None = None
    source: HintSource | None = None
    dated_by: HintSource | None = None

    @property
    def date_only(self) -> bool:
        """Whether only the day was given."""
        return self.precision == "day"

    @property
    def date_source(self) -> HintSource | None:
        """Who gave the date."""
        return self.dated_by or self.source

    def completed(self, found: "Hints") -> "Hints":
        """Return these hints with what others add.

        Of two values, that of a feed is taken before that of a sitemap, that before a list's; of
        the same source the one known first.
        """
        first, second = (found, self) if _rank(found.source) < _rank(self.source) else (self, found)
        dated = [one for one in (self, found) if one.published_at is not None] or [first]
        by_date = min(dated, key=lambda one: _rank(one.date_source))
        return Hints(
            title=first.title or second.title,
            published_at=by_date.published_at,
            precision=by_date.precision,
            authors=first.authors or second.authors,
            categories=first.categories or second.categories,
            picture=first.picture or second.picture,
            section=first.section or second.section,
            source=first.source,
            dated_by=by_date.date_source if by_date.date_source != first.source else None,
        )

    def to_fields(self) -> dict[str, Any]:
        """Return the hints that are set as a JSON object; empty if none is."""
        at = self.published_at
        fields = {
            "title": self.title,
            "published_at": at.isoformat() if at is not None else None,
            "precision": self.precision if at is not None else None,
            "authors": list(self.authors),
            "categories": list(self.categories),
            "picture": self.picture,
            "section": self.section,
        }
        given = {name: value for name, value in fields.items() if value}
        sources = {"source": self.source, "dated_by": self.dated_by} if given else {}
        return given | {name: value for name, value in sources.items() if value}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Hints":
        """Return the hints that ``to_fields`` turned into a JSON object."""
        at = fields.get("published_at")
        older: Precision = "day" if fields.get("date_only") else "minute"
        return cls(
            title=fields.get("title"),
            published_at=datetime.fromisoformat(at) if at is not None else None,
            precision=fields.get("precision", older),
            authors=tuple(fields.get("authors", ())),
            categories=tuple(fields.get("categories", ())),
            picture=fields.get("picture"),
            section=fields.get("section"),
            source=fields.get("source"),
            dated_by=fields.get("dated_by"),
        )


def _rank(source: HintSource | None) -> int:
    return _BEST_FIRST.index(source)


NO_HINTS = Hints()
