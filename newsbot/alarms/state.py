"""The state of every alarm, in the ledger: opened once, closed once, with a notice of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from newsbot.alarms.verdict import INSTALLATION, Kind, PastAlarm, Verdict
from newsbot.ledger import Ledger
from newsbot.ledger.database import insert_new
from newsbot.ledger.schema import alarms, notices


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm from its opening to its closing; times are UTC, ``closed`` is None until then."""

    alarm: str
    kind: Kind
    site: str
    opened: datetime
    closed: datetime | None
    message: str
    details: dict[str, Any]

    @property
    def title(self) -> str:
        """The site and what is wrong: ``antara: the site's layout has changed``."""
        return f"{self.site or 'newsbot'}: {self.kind.meaning}"


@dataclass(slots=True)
class Changes:
    """The alarms that a check opened and closed, and all that are open after it."""

    opened: list[Alarm] = field(default_factory=list)
    closed: list[Alarm] = field(default_factory=list)
    open: list[Alarm] = field(default_factory=list)


def apply(
    ledger: Ledger, verdicts: Iterable[Verdict], targets: Sequence[str], now: datetime
) -> Changes:
    """Open and close alarms by the verdicts; alarms without a verdict stay as they are.

    Several processes may do this at once: a unique index lets each alarm open only once.

    Args:
        targets: digests of the addresses to notify (``delivery.targets_of``).
    """
    changes = Changes()
    with ledger.transaction() as connection:
        is_open = {(alarm.kind, alarm.site): alarm for alarm in _select_open(connection)}
        for verdict in verdicts:
            alarm = is_open.get((verdict.kind, verdict.site))
            if verdict.is_wrong and alarm is None:
                _open_alarm(connection, verdict, targets, now, changes)
            elif verdict.is_wrong and alarm is not None:
                _refresh(connection, alarm, verdict)
            elif alarm is not None:
                _close_alarm(connection, alarm, targets, now, changes)
        changes.open = _select_open(connection)
    return changes


def open_alarms(ledger: Ledger) -> list[Alarm]:
    """Return all alarms that are open, oldest first."""
    with ledger.reading() as connection:
        return _select_open(connection)


def recent_alarms(ledger: Ledger, limit: int = 20) -> list[Alarm]:
    """Return the alarms that closed last, newest first."""
    query = select(alarms).where(alarms.c.closed.is_not(None)).order_by(alarms.c.closed.desc())
    with ledger.reading() as connection:
        return [_alarm(row) for row in connection.execute(query.limit(limit))]


def past_alarms(ledger: Ledger, kind: Kind, site: str, since: datetime) -> list[PastAlarm]:
    """Return the site's alarms of one kind that were open at any time since then, oldest first."""
    query = (
        select(alarms)
        .where(alarms.c.site == site, alarms.c.kind == kind)
        .where(alarms.c.closed.is_(None) | (alarms.c.closed >= since))
        .order_by(alarms.c.opened)
    )
    with ledger.reading() as connection:
        return [
            PastAlarm(row.opened, row.closed, row.by_hand, row.details)
            for row in connection.execute(query)
        ]


def close_by_hand(ledger: Ledger, kind: Kind, site: str, targets: Sequence[str]) -> Alarm | None:
    """Close an open alarm on an operator's word and return it, or None if it was not open.

    What the alarm found counts as usual from now on.
    """
    changes = Changes()
    with ledger.transaction() as connection:
        for alarm in _select_open(connection):
            if (alarm.kind, alarm.site) == (kind, site):
                _close_alarm(connection, alarm, targets, datetime.now(UTC), changes, by_hand=True)
    return changes.closed[0] if changes.closed else None


def _select_open(connection: Connection) -> list[Alarm]:
    query = select(alarms).where(alarms.c.closed.is_(None)).order_by(alarms.c.opened)
    return [_alarm(row) for row in connection.execute(query)]


def _alarm(row: Any) -> Alarm:
    return Alarm(
        row.alarm, Kind(row.kind), row.site, row.opened, row.closed, row.message, row.details
    )


def _open_alarm(
    connection: Connection,
    verdict: Verdict,
    targets: Sequence[str],
    now: datetime,
    changes: Changes,
) -> None:
    alarm = Alarm(
        f"{verdict.kind}/{verdict.site or 'newsbot'}/{now:%Y%m%dT%H%M%S.%fZ}",
        verdict.kind,
        verdict.site,
        now,
        None,
        verdict.message,
        dict(verdict.details),
    )
    row = {
        "alarm": alarm.alarm,
        "kind": alarm.kind.value,
        "site": alarm.site,
        "opened": now,
        "by_hand": False,
        "message": alarm.message,
        "details": alarm.details,
    }
    insert_new(connection, alarms, [row])  # does nothing if another process was first
    is_ours = select(func.count()).where(alarms.c.alarm == alarm.alarm)
    if connection.execute(is_ours).scalar_one():
        changes.opened.append(alarm)
        text = f"{alarm.title}\n{alarm.message}"
        _write_notices(connection, alarm, "opened", text, targets, now)


def _refresh(connection: Connection, alarm: Alarm, verdict: Verdict) -> None:
    """Update the alarm's message and details to those of the latest verdict."""
    if (alarm.message, alarm.details) != (verdict.message, dict(verdict.details)):
        connection.execute(
            update(alarms)
            .where(alarms.c.alarm == alarm.alarm)
            .values(message=verdict.message, details=dict(verdict.details))
        )


def _close_alarm(
    connection: Connection,
    alarm: Alarm,
    targets: Sequence[str],
    now: datetime,
    changes: Changes,
    *,
    by_hand: bool = False,
) -> None:
    closing = (
        update(alarms)
        .where(alarms.c.alarm == alarm.alarm, alarms.c.closed.is_(None))
        .values(closed=now, by_hand=by_hand)
    )
    if connection.execute(closing).rowcount == 1:
        changes.closed.append(alarm)
        text = f"{alarm.title}: this is over"
        _write_notices(connection, alarm, "closed", text, targets, now)


def _write_notices(
    connection: Connection,
    alarm: Alarm,
    event: str,
    text: str,
    targets: Sequence[str],
    now: datetime,
) -> None:
    """Write a notice to each target, which ``delivery.deliver`` sends."""
    rows = [
        {
            "alarm": alarm.alarm,
            "event": event,
            "target": target,
            "text": text,
            "created": now,
            "attempts": 0,
            "next_attempt": now,
        }
        for target in targets
    ]
    if rows:
        insert_new(connection, notices, rows)


def concerns(alarm: Alarm, site: str) -> bool:
    """Return whether the alarm is the site's own or the whole installation's."""
    return alarm.site in (site, INSTALLATION)
