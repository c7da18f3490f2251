"""What was learned of articles after they had landed: from the events of all later runs."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from newsbot.archive.lines import checked_lines
from newsbot.archive.snapshots import Snapshot


class LaterOrigin(BaseModel):
    """An original that was found after its copy had landed."""

    url: str
    method: str
    similarity: float | None
    altered: bool | None
    evidence: str
    found_at: datetime
    instead_of: str | None  # the origin that it replaces


class Learned:
    """Where pages are gone, and the originals of copies, as the events of some runs say."""

    def __init__(self, runs: Iterable[Snapshot]) -> None:
        self._gone: dict[str, datetime] = {}
        self._found: dict[tuple[str, int], list[LaterOrigin]] = {}
        lines = [
            (datetime.fromisoformat(line["time"]), line)
            for run in runs
            if not run.ref.is_derived
            for line in map(json.loads, checked_lines(run, "events.jsonl.gz"))
            if line["event"] in ("gone", "back", "original-found")
        ]
        for at, line in sorted(lines, key=lambda pair: pair[0]):
            self._take(at, line)

    def _take(self, at: datetime, line: Mapping[str, Any]) -> None:
        if line["event"] == "original-found":
            origin = _origin(at, line)
            of_copy = self._found.setdefault((line["copy"], line.get("revision", 1)), [])
            of_copy[:] = [one for one in of_copy if one.url not in (origin.url, origin.instead_of)]
            of_copy.append(origin)
        elif line["event"] == "gone":
            self._gone.setdefault(line["url"], at)
        else:
            self._gone.pop(line["url"], None)

    def gone_at(self, url: str) -> datetime | None:
        """Return since when the page is gone; None where it is not."""
        return self._gone.get(url)

    def origins_of(self, url: str, revision: int) -> tuple[LaterOrigin, ...]:
        """Return the originals that were found for that revision, without those replaced since."""
        return tuple(self._found.get((url, revision), ()))


def _origin(at: datetime, line: Mapping[str, Any]) -> LaterOrigin:
    return LaterOrigin(
        url=line["original"],
        method=line.get("method", "link"),
        similarity=line.get("similarity"),
        altered=line.get("altered"),
        evidence=line.get("evidence", "the page links to it as its original"),
        found_at=at,
        instead_of=line.get("instead_of"),
    )
