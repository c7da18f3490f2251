"""Writes the events of a landed run into the ledger: the lines of its ``events.jsonl.gz``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from newsbot.hints import NO_HINTS, Hints
from newsbot.ledger.aliases import alias_row, is_later_alias
from newsbot.ledger.copies.links import CopyLink, add_links, forget_older, link_of_event
from newsbot.ledger.database import insert_new, upsert
from newsbot.ledger.frontier import complete_hints, is_later_walk, record_sightings, sighting
from newsbot.ledger.schema import aliases, url_events, walks

_BATCH: Final = 500  # sightings
_Line = Mapping[str, Any]


class RunEvents:
    """The events of one run: URLs seen in batches, for there are many; others at the end."""

    def __init__(self, run: str, site: str) -> None:
        self._run = run
        self._site = site
        self._seen: dict[str, dict[str, Any]] = {}  # of a URL seen twice the first sighting
        self._hints: dict[str, Hints] = {}
        self._walks: dict[str, dict[str, Any]] = {}
        self._aliases: dict[str, dict[str, Any]] = {}
        self._url_events: list[dict[str, Any]] = []
        self._copies: list[CopyLink] = []

    def write(self, connection: Connection, lines: Iterable[_Line]) -> None:
        """Write the events, within a transaction."""
        for line in lines:
            self._take(line)
            if len(self._seen) >= _BATCH:
                self._write_seen(connection)
        self._write_seen(connection)
        complete_hints(connection, self._hints)
        upsert(connection, walks, list(self._walks.values()), keep=is_later_walk)
        upsert(connection, aliases, list(self._aliases.values()), keep=is_later_alias)
        insert_new(connection, url_events, self._url_events)
        add_links(connection, self._run, self._copies)
        forget_older(connection, (link.copy for link in self._copies))

    def _write_seen(self, connection: Connection) -> None:
        record_sightings(connection, list(self._seen.values()))
        self._seen.clear()

    def _take(self, line: _Line) -> None:
        kind, at = line["event"], datetime.fromisoformat(line["time"])
        if kind == "seen":
            self._take_seen(line, at)
        elif kind == "hints-found":
            for url, fields in line["hints"].items():
                known = self._hints.get(url, NO_HINTS)
                self._hints[url] = known.completed(Hints.from_fields(fields))
        elif kind == "walk-completed":
            completed = datetime.fromisoformat(line["completed"])
            row = {"list_url": line["list"], "site": self._site, "completed": completed}
            self._walks[line["list"]] = row
        elif kind == "alias":
            self._aliases[line["url"]] = alias_row(line["url"], line["canonical"], at)
        elif kind in ("gone", "back"):
            row = {"url": line["url"], "time": at, "event": kind, "run": self._run}
            self._url_events.append(row)
        elif kind == "original-found":
            self._copies.append(link_of_event(line))

    def _take_seen(self, line: _Line, at: datetime) -> None:
        hints, addresses = line.get("hints", {}), line.get("addresses", {})
        for url in line["urls"]:
            given = Hints.from_fields(hints.get(url, {}))
            row = sighting(url, line["site"], at, line.get("on"), given, addresses.get(url, url))
            self._seen.setdefault(url, row)
