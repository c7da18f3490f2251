"""Totals over the whole history, for metrics and the status; they survive restarts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from newsbot.ledger import Ledger
from newsbot.ledger.schema import articles, runs, urls

SUMMED = ("exchanges", "bytes", "new", "changed")  # of a run's counts


@dataclass(frozen=True, slots=True)
class Totals:
    """By site: runs by outcome, sums of the counts of all runs, and pending URLs.

    ``newest`` is when the newest first revision of an article was fetched.
    """

    runs: Mapping[tuple[str, str], int]
    sums: Mapping[tuple[str, str], int]
    pending: Mapping[str, int]
    newest: Mapping[str, datetime]


def totals(ledger: Ledger) -> Totals:
    """Return the totals of the ledger.

    Raises:
        LedgerError: the database refused.
    """
    outcome = func.coalesce(runs.c.outcome, "running")
    of_counts = [func.sum(runs.c.counts[name].as_integer()).label(name) for name in SUMMED]
    with ledger.reading() as connection:
        by_outcome = connection.execute(
            select(runs.c.site, outcome, func.count()).group_by(runs.c.site, outcome)
        ).all()
        sums = connection.execute(
            select(runs.c.site, *of_counts).where(runs.c.counts.is_not(None)).group_by(runs.c.site)
        ).all()
        pending = connection.execute(
            select(urls.c.site, func.count()).where(urls.c.state == "pending").group_by(urls.c.site)
        ).all()
        newest = connection.execute(
            select(articles.c.site, func.max(articles.c.fetched_at))
            .where(articles.c.revision == 1)
            .group_by(articles.c.site)
        ).all()
    return Totals(
        runs={(row[0], row[1]): row[2] for row in by_outcome},
        sums={(row[0], name): int(getattr(row, name) or 0) for row in sums for name in SUMMED},
        pending={row[0]: row[1] for row in pending},
        newest={row[0]: row[1] for row in newest},
    )
