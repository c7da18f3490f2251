"""Names in a store: runs, their folders, and which names an object may have.

A run is stored at ``snapshots/<YYYY-MM-DD>/<site>/<run>/``; the day is that of the run's start in
the site's time zone.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LAYOUT = 1  # version of this layout, in newsbot.json
ROOT = "snapshots/"
MANIFEST = "manifest.json"
INDEX = "index.cdxj"
SUMS = "SHA256SUMS"

_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}(\+[0-9A-Za-z.-]+)?")
_SITE = re.compile(r"[a-z0-9][a-z0-9-]*")
_WARC = re.compile(
    r"NEWSBOT-([a-z0-9][a-z0-9-]*)-([0-9]{8}T[0-9]{6}Z-[0-9a-f]{6})-[0-9]+\.warc\.gz"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(/[A-Za-z0-9][A-Za-z0-9._+-]*)*")


@dataclass(frozen=True, slots=True, order=True)
class RunRef:
    """The place of a landed run: its date (in the site's time zone), site and run id."""

    date: date
    site: str
    run: str

    @property
    def prefix(self) -> str:
        """The run's folder in the store, with a slash at its end."""
        return f"{ROOT}{self.date.isoformat()}/{self.site}/{self.run}/"

    @property
    def source(self) -> str:
        """The id of the crawl's run: for a reprocessed run that of its source, else its own."""
        return self.run.partition("+")[0]

    @property
    def is_derived(self) -> bool:
        """Whether it was made by reprocessing another run."""
        return "+" in self.run

    def of_source(self) -> "RunRef":
        """Return the place of the run that this one was made from, or this one if by a crawl."""
        return RunRef(self.date, self.site, self.source)


def new_run_id(now: datetime, mark: str | None = None) -> str:
    """Return a new run id, ``<YYYYMMDDThhmmssZ>-<6 hex>``, for a run that begins now (aware).

    Args:
        mark: the six digits, if they are to tell something; else random ones.
    """
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark or secrets.token_hex(3)}"


def new_run_ref(now: datetime, time_zone: str, site: str, mark: str | None = None) -> RunRef:
    """Return where a run of the site that begins now (aware) will land; ``mark`` ends its id."""
    day = now.astimezone(ZoneInfo(time_zone)).date()
    return RunRef(day, site, new_run_id(now, mark))


def parse_prefix(prefix: str) -> RunRef | None:
    """Return the place of the run in that folder, or None if the name is not a run's."""
    parts = prefix.removeprefix(ROOT).strip("/").split("/")
    if len(parts) != 3 or not _SITE.fullmatch(parts[1]) or not _RUN.fullmatch(parts[2]):
        return None
    try:
        return RunRef(date.fromisoformat(parts[0]), parts[1], parts[2])
    except ValueError:
        return None


def is_place(parts: Sequence[str]) -> bool:
    """Return whether these are the names of the first folders on the way to some run."""
    examples = (ROOT.strip("/"), "2000-01-01", "x", "20000101T000000Z-000000")
    first, *others = (*parts, *examples[len(parts) :])
    return first == examples[0] and parse_prefix("/".join(others)) is not None


def days_of_run(run: str) -> tuple[date, ...]:
    """Return the days that the run's folder may be of; none if it is no run's id.

    The day of a run's folder is in the site's time zone and the time in its id is in UTC: the day
    is the same, the next or the previous one.
    """
    if not _RUN.fullmatch(run):
        return ()
    try:
        day = datetime.strptime(run[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        return tuple(day + timedelta(days=off) for off in (0, 1, -1))
    except (ValueError, OverflowError):  # the id has a day that does not exist
        return ()


def places_of_warc(file: str) -> tuple[RunRef, ...]:
    """Return the possible places of the run that wrote a WARC file; none if the name is not ours.

    The first one has the day of the run's id.
    """
    match = _WARC.fullmatch(file)
    if match is None:
        return ()
    site, run = match.groups()
    return tuple(RunRef(day, site, run) for day in days_of_run(run))


def is_safe_name(name: str) -> bool:
    """Return whether the name is relative, plain, and cannot lead out of its folder."""
    return len(name) <= 500 and _NAME.fullmatch(name) is not None


Part = Literal["articles", "warc"]


def is_part(name: str, only: Part | None) -> bool:
    """Return whether the run's file belongs to the part; every file belongs to None, the whole."""
    if only == "articles":  # what was learned later of them are events
        return name in ("articles.jsonl.gz", "events.jsonl.gz", SUMS)
    if only == "warc":
        return name.startswith("warc/") or name == INDEX
    return True
