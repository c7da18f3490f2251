"""Requisites that landed pages need and that no run has fetched yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, select

from newsbot.ledger.database import Database, batches, upsert
from newsbot.ledger.schema import requisites
from newsbot.models import RequisiteKind

LEFT: Final = "requisites-left"  # the event of a run that left some
ROLE: Final = "requisite"  # in the crawl log


@dataclass(frozen=True, slots=True)
class WaitingRequisite:
    """A requisite to be fetched: of which page, how many runs have tried in vain, how deep it is.

    ``depth`` counts the style sheets that lead to it.
    """

    url: str
    kind: RequisiteKind
    page: str
    tries: int = 0
    depth: int = 0


class Requisites(Database):
    """Queries about requisites that wait."""

    def waiting_requisites(self, site: str, most: int) -> list[WaitingRequisite]:
        """Return the site's requisites that wait, those that wait longest first."""
        query = select(requisites).where(requisites.c.site == site)
        ordered = query.order_by(requisites.c.since, requisites.c.url).limit(most)
        with self.reading() as connection:
            return [
                WaitingRequisite(row.url, row.kind, row.page, row.tries, row.depth)
                for row in connection.execute(ordered)
            ]


def ingest_requisites(
    connection: Connection, site: str, crawl: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
) -> None:  # fmt: skip
    """Remove the requisites that a run asked for, then add those that it left."""
    asked = [line["url"] for line in crawl if line.get("role") == ROLE]
    for batch in batches(asked):
        one_of = and_(requisites.c.site == site, requisites.c.url.in_(batch))
        connection.execute(delete(requisites).where(one_of))
    left = {
        row["url"]: row for line in events if line["event"] == LEFT for row in _rows(site, line)
    }
    upsert(connection, requisites, list(left.values()), keep=_tried_more)


def _tried_more(new: Any) -> Any:
    return new.tries > requisites.c.tries


def _rows(site: str, line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    since = datetime.fromisoformat(line["time"])
    for url, kind, page, tries, depth in line["requisites"]:
        yield {
            "site": site, "url": url, "kind": kind, "page": page, "tries": tries, "depth": depth,
            "since": since,
        }  # fmt: skip
