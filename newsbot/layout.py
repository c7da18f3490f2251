"""Names in a store: runs, their folders, and what may be an object's name.

A run lies at ``snapshots/<YYYY-MM-DD>/<site>/<run>/``; the day is that of the run's start in the
site's time zone.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LAYOUT = 1  # version of this layout, in newsbot.json
ROOT = "snapshots/"
MANIFEST = "manifest.json"
INDEX = "index.cdxj"

_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}(\+[0-9A-Za-z.-]+)?")
_SITE = re.compile(r"[a-z0-9][a-z0-9-]*")
_WARC = re.compile(
    r"NEWSBOT-([a-z0-9][a-z0-9-]*)-([0-9]{8}T[0-9]{6}Z-[0-9a-f]{6})-[0-9]+\.warc\.gz"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(/[A-Za-z0-9][A-Za-z0-9._+-]*)*")


@dataclass(frozen=True, slots=True, order=True)
class RunRef:
    """Where a landed run is."""

    date: date
    site: str
    run: str

    @property
    def prefix(self) -> str:
        """The run's folder in the store, with a closing slash."""
        return f"{ROOT}{self.date.isoformat()}/{self.site}/{self.run}/"

    @property
    def source(self) -> str:
        """The crawl's run: of a reprocessed run its source, else the run itself."""
        return self.run.partition("+")[0]

    @property
    def is_derived(self) -> bool:
        """Whether it was made by reprocessing another run."""
        return "+" in self.run

    def of_source(self) -> "RunRef":
        """Return where the source is; of a crawl's run, the run itself."""
        return RunRef(self.date, self.site, self.source)


def new_run_id(now: datetime) -> str:
    """Return ``<YYYYMMDDThhmmssZ>-<6 hex>`` for a run that begins now (aware)."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def new_run_ref(now: datetime, time_zone: str, site: str) -> RunRef:
    """Return where a run of the site that begins now (aware) will land."""
    day = now.astimezone(ZoneInfo(time_zone)).date()
    return RunRef(day, site, new_run_id(now))


def parse_prefix(prefix: str) -> RunRef | None:
    """Return the run that lies there; None where the name is not one of ours."""
    parts = prefix.removeprefix(ROOT).strip("/").split("/")
    if len(parts) != 3 or not _SITE.fullmatch(parts[1]) or not _RUN.fullmatch(parts[2]):
        return None
    try:
        return RunRef(date.fromisoformat(parts[0]), parts[1], parts[2])
    except ValueError:
        return None


def places_of_warc(file: str) -> tuple[RunRef, ...]:
    """Where the run may lie that wrote the WARC file of that name; none if the name is not ours.

    The day of a run's folder is that of the site's time zone, its name has the time in UTC: the
    day is the same or one of its neighbours.
    """
    match = _WARC.fullmatch(file)
    if match is None:
        return ()
    site, run = match.groups()
    try:
        day = datetime.strptime(run[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        return tuple(RunRef(day + timedelta(days=off), site, run) for off in (0, 1, -1))
    except (ValueError, OverflowError):  # no such day
        return ()


def is_safe_name(name: str) -> bool:
    """Return whether the name is relative, plain, and cannot leave the folder it is put in."""
    return len(name) <= 500 and _NAME.fullmatch(name) is not None


Part = Literal["articles", "warc"]


def is_part(name: str, only: Part | None) -> bool:
    """Return whether the file of that name belongs to the part; with None, to all of the run."""
    if only == "articles":
        return name == "articles.jsonl.gz"
    if only == "warc":
        return name.startswith("warc/") or name == "index.cdxj"
    return True


SUMS = "SHA256SUMS"
