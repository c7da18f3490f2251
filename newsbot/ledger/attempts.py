"""The history of runs: every attempt at a crawl, how it ended and why.

A row is written when a run begins. It is completed by landing (from the manifest), by the crawl
itself where nothing lands, or by the scheduler where the crawl could not.
"""

import os
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import CompoundSelect, Select, bindparam, or_, select, union_all, update

from newsbot.layout import new_run_id
from newsbot.ledger import Ledger
from newsbot.ledger.database import insert_new
from newsbot.ledger.schema import runs
from newsbot.models import RunOutcome
from newsbot.progress import bytes_text

HistoryOutcome = RunOutcome | Literal["locked"]
"""``locked``: nothing was done because another crawl of the site was running."""

HOST: Final = socket.gethostname()


@dataclass(frozen=True, slots=True)
class PastRun:
    """One attempt; ``outcome`` is None while it runs, or if its end was not recorded.

    Times are UTC. ``partial`` runs were to fetch less than everything new (one page, a span, a
    limit). ``due`` is the period of the schedule that the run was started for.
    """

    run: str
    site: str
    started: datetime
    finished: datetime | None
    outcome: HistoryOutcome | None
    exit_status: int | None
    reasons: tuple[str, ...]
    landed: bool
    partial: bool
    due: datetime | None
    host: str | None
    pid: int | None
    counts: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        """The duration by wall-clock time; None while it runs."""
        return None if self.finished is None else (self.finished - self.started).total_seconds()

    @property
    def went_well(self) -> bool:
        """Whether it completed without problems and landed."""
        return self.exit_status == 0


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended, as the process that records it saw it."""

    outcome: HistoryOutcome
    exit_status: int
    finished: datetime
    reasons: tuple[str, ...] = ()


_NEWEST_OF_PROCESS: Final = (
    select(runs)
    .where(
        runs.c.site == bindparam("site"),
        runs.c.host == HOST,
        runs.c.pid == bindparam("pid"),
        runs.c.started >= bindparam("since"),
    )
    .order_by(runs.c.started.desc())
    .limit(1)
)


class History:
    """Reads and writes the ledger's ``runs``.

    Raises (all methods):
        LedgerError: the database refused.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # -- the crawl's side ----------------------------------------------------------------------

    def begin(
        self, run: str, site: str, started: datetime, *,
        partial: bool, due: datetime | None = None, pid: int | None = None,
    ) -> None:  # fmt: skip
        """Record that this process (or ``pid``) begins a run, for a period if it has one."""
        row = {"run": run, "site": site, "started": started, "partial": partial, "due": due}
        with self._ledger.transaction() as connection:
            insert_new(connection, runs, [row | {"host": HOST, "pid": pid or os.getpid()}])

    def end(self, run: str, end: AttemptEnd, counts: Mapping[str, Any]) -> None:
        """Record how a run ended that could not land yet."""
        with self._ledger.transaction() as connection:
            columns = _columns(end) | {"counts": dict(counts)}
            connection.execute(update(runs).where(runs.c.run == run).values(**columns))

    def end_lost_runs(self, site: str, spooled: Collection[str], now: datetime) -> None:
        """Record the end of the site's runs that died and left nothing in this host's spool.

        The caller holds the site's lock, so none of them is running.
        """
        ended = _columns(
            AttemptEnd("killed", 1, now, ("its process died before anything was recorded",))
        )
        dead = [runs.c.site == site, runs.c.outcome.is_(None), runs.c.run.not_in(spooled)]
        with self._ledger.transaction() as connection:
            connection.execute(update(runs).where(*dead).values(**ended))

    # -- processes that see a crawl end ----------------------------------------------------------

    def complete(
        self, site: str, pid: int, since: datetime, end: AttemptEnd, *,
        due: datetime | None = None, replacing: Collection[str] = (), partial: bool = False,
    ) -> PastRun:  # fmt: skip
        """Complete the row of the crawl that process ``pid`` of this host began, or insert one.

        An outcome that the crawl recorded itself is kept, unless it is one of ``replacing``.

        Args:
            since: when the process was started; older rows are of other processes with that pid.
            due: the period that it was started for, if the row is inserted.
            partial: whether it was to fetch less than everything new, likewise.
        """
        with self._ledger.transaction() as connection:
            row = connection.execute(
                _NEWEST_OF_PROCESS, {"site": site, "pid": pid, "since": since}
            ).first()
            if row is None:
                run = new_run_id(since)
                begun = {"run": run, "site": site, "started": since, "partial": partial}
                insert_new(connection, runs, [begun | {"host": HOST, "pid": pid, "due": due}])
            elif row.outcome is not None and row.outcome not in replacing:
                return _past_run(row)
            else:
                run = row.run
            connection.execute(update(runs).where(runs.c.run == run).values(**_columns(end)))
            return _past_run(connection.execute(select(runs).where(runs.c.run == run)).one())

    # -- readers -------------------------------------------------------------------------------

    def run(self, run: str) -> PastRun | None:
        """Return the run of that name."""
        with self._ledger.reading() as connection:
            row = connection.execute(select(runs).where(runs.c.run == run)).first()
        return None if row is None else _past_run(row)

    def newest(self, site: str | None = None, limit: int = 20) -> list[PastRun]:
        """Return the newest attempts of all kinds, newest first."""
        query = select(runs).order_by(runs.c.started.desc(), runs.c.run.desc()).limit(limit)
        return self._past_runs(query if site is None else query.where(runs.c.site == site))

    def attempts(
        self, sites: Iterable[str], number: int, until: datetime
    ) -> dict[str, list[PastRun]]:
        """Return for each site the newest attempts at everything new, newest first.

        They began by ``until`` or have not ended: one begun before a clock was set back may still
        run. Attempts that found the site locked did nothing and are left out.
        """
        found: dict[str, list[PastRun]] = {site: [] for site in sites}
        if found:
            query = _attempts_query(tuple(sorted(found)), number)
            for past in self._past_runs(query, {"until": until}):
                found[past.site].append(past)
        return {site: sorted(rows, key=_begin_order, reverse=True) for site, rows in found.items()}

    def _past_runs(self, query: Any, values: Mapping[str, Any] | None = None) -> list[PastRun]:
        with self._ledger.reading() as connection:
            return [_past_run(row) for row in connection.execute(query, values or {})]


@lru_cache(maxsize=16)  # used every round, and building it takes longer than running it
def _attempts_query(sites: tuple[str, ...], number: int) -> CompoundSelect[Any]:
    return union_all(*(_attempts(site, number) for site in sites))


def _attempts(site: str, number: int) -> Select[Any]:
    newest = (
        select(runs)
        .where(
            runs.c.site == site,
            or_(runs.c.started <= bindparam("until"), runs.c.outcome.is_(None)),
            runs.c.partial.is_not(True),
            runs.c.outcome.is_distinct_from("locked"),
        )
        .order_by(runs.c.started.desc())
        .limit(number)
        .subquery()
    )
    return select(newest)


def _begin_order(past: PastRun) -> tuple[datetime, str]:
    return past.started, past.run


def _columns(end: AttemptEnd) -> dict[str, Any]:
    return {
        "outcome": end.outcome,
        "exit_status": end.exit_status,
        "finished": end.finished,
        "reasons": list(end.reasons),
    }


def _past_run(row: Any) -> PastRun:
    return PastRun(
        run=row.run,
        site=row.site,
        started=row.started,
        finished=row.finished,
        outcome=row.outcome,
        exit_status=row.exit_status,
        reasons=_strings(row.reasons),
        landed=row.manifest_sha256 is not None,
        partial=bool(row.partial),
        due=row.due,
        host=row.host,
        pid=row.pid,
        counts=row.counts or {},
    )


def _strings(value: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(value or ())


def describe_run(past: PastRun) -> str:
    """Return one line about a run for the log: outcome, duration, counts and reasons."""
    took = "" if past.seconds is None else f" in {past.seconds:.0f} s"
    parts = [f"{past.site}: {past.outcome or 'not ended'}{took}"]
    counts = past.counts
    if counts:
        parts.append(f"{counts.get('new', 0)} new, {counts.get('changed', 0)} changed")
        size = bytes_text(counts.get("bytes", 0))
        parts.append(f"{counts.get('exchanges', 0)} exchanges ({size})")
        failed = ", ".join(f"{why} {number}" for why, number in counts.get("failed", {}).items())
        parts.append(f"failed: {failed}" if failed else "none failed")
    parts.append("landed" if past.landed else "nothing landed")
    return "; ".join([*parts, *past.reasons])
