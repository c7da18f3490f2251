"""The articles of a selection, each with what is known of it beside its line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from newsbot.archive.export.learned import LaterOrigin, Learned
from newsbot.archive.export.selection import Selected, Selection
from newsbot.archive.lines import checked_lines
from newsbot.archive.read_record import MemberRange
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ObjectMissing
from newsbot.layout import INDEX, RunRef
from newsbot.progress import Progress


class Known(BaseModel):
    """What tables have beside the fields of an article; the lines that landed lack it.

    ``ts`` is the 14-digit time (UTC) at which replay tools have the page; None without the index of
    its run. ``is_latest`` is of the runs that are exported.
    """

    ts: str | None
    is_latest: bool
    gone_at: datetime | None
    later_origins: tuple[LaterOrigin, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One article: its line as stored, the line's fields, and where it is from."""

    selected: Selected
    line: bytes
    article: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The article's canonical URL."""
        return str(self.article["canonical_url"])


def article_rows(
    selection: Selection, progress: Progress, newest: "Newest | None" = None
) -> Iterator[Row]:
    """Yield the articles that are wanted, in the order of runs, calling ``progress`` for each.

    Args:
        newest: the newest revisions of the runs, if they are known; else read where it matters.

    Raises:
        FixityError: after a run's last line, if its file is damaged.
    """
    wanted = selection.wanted
    if newest is None and wanted.latest:
        newest = Newest(selection.runs)
    for selected in selection.runs:
        run = selected.articles
        total = int(run.manifest.counts["articles"])
        for number, line in enumerate(checked_lines(run, "articles.jsonl.gz"), 1):
            row = Row(selected, line, json.loads(line))
            if wanted.has(row.article, is_latest=newest is None or newest.has(row)):
                yield row
            progress(run.ref.run, number, total)


def known_rows(selection: Selection, progress: Progress) -> Iterator[tuple[Row, Known]]:
    """Yield the same as ``article_rows``, with what is known of each."""
    learned, newest = Learned(selection.learned_from()), Newest(selection.runs)
    stamps: dict[MemberRange, str] = {}
    read: Selected | None = None
    for row in article_rows(selection, progress, newest):
        if row.selected is not read:
            stamps, read = stamps_of(row.selected.run), row.selected
        number = (row.article["revision"] or {"number": 1})["number"]
        yield (
            row,
            Known(
                ts=stamps.get(MemberRange.from_fields(row.article["sources"][0])),
                is_latest=newest.has(row),
                gone_at=learned.gone_at(row.url),
                later_origins=learned.origins_of(row.url, number),
            ),
        )


class Newest:
    """The newest revision of each article of some runs."""

    def __init__(self, runs: Iterable[Selected]) -> None:
        self._newest: dict[str, tuple[datetime, RunRef]] = {}
        for selected in runs:
            for line in checked_lines(selected.articles, "articles.jsonl.gz"):
                fields = json.loads(line)
                key = _age(selected, fields)
                url = fields["canonical_url"]
                self._newest[url] = max(self._newest.get(url, key), key)

    def has(self, row: Row) -> bool:
        """Return whether the article's line is the newest one."""
        return self._newest[row.url] == _age(row.selected, row.article)


def _age(selected: Selected, article: Mapping[str, Any]) -> tuple[datetime, RunRef]:
    return datetime.fromisoformat(article["fetched_at"]), selected.run.ref


def stamps_of(run: Snapshot) -> dict[MemberRange, str]:
    """Return the 14-digit time of each record in the run's index; a part without it has none."""
    found: dict[MemberRange, str] = {}
    with suppress(ObjectMissing):  # a download of the articles alone
        for line in checked_lines(run, INDEX):
            _, stamp, fields = line.split(b" ", 2)
            found[MemberRange.from_fields(json.loads(fields))] = stamp.decode("ascii")
    return found
