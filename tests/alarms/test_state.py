"""An alarm opens once, whoever sees it, and closes once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from newsbot.alarms.state import (
    apply,
    close_by_hand,
    open_alarms,
    past_alarms,
    recent_alarms,
)
from newsbot.alarms.verdict import INSTALLATION, Kind, right, wrong
from newsbot.ledger import Ledger
from newsbot.ledger.schema import notices
from tests.alarms.history import MONDAY


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """An empty ledger of each kind."""
    opened = Ledger.open(database_url)
    yield opened
    opened.close()


MINUTE = timedelta(minutes=1)
WRONG = wrong(Kind.robots, "antara", "robots.txt forbids 3 of 3", pages=3)


def told(ledger: Ledger) -> list[tuple[str, str]]:
    query = select(notices.c.event, notices.c.text).order_by(notices.c.created)
    with ledger.reading() as connection:
        return [(row.event, row.text) for row in connection.execute(query)]


def test_it_opens_once_and_closes_once(ledger: Ledger) -> None:
    first = apply(ledger, [WRONG], ["t"], MONDAY)
    assert [alarm.kind for alarm in first.opened] == [Kind.robots]
    again = apply(ledger, [WRONG], ["t"], MONDAY + MINUTE)
    assert (again.opened, len(again.open)) == ([], 1)
    assert apply(ledger, [], ["t"], MONDAY + MINUTE).open == again.open, "no verdict, no change"
    over = apply(ledger, [right(Kind.robots, "antara")], ["t"], MONDAY + 2 * MINUTE)
    assert len(over.closed) == 1
    assert apply(ledger, [right(Kind.robots, "antara")], ["t"], MONDAY + 3 * MINUTE).closed == []
    assert told(ledger) == [
        ("opened", f"antara: {Kind.robots.meaning}\nrobots.txt forbids 3 of 3"),
        ("closed", f"antara: {Kind.robots.meaning}: this is over"),
    ]
    assert open_alarms(ledger) == []
    (past,) = recent_alarms(ledger)
    assert (past.opened, past.closed) == (MONDAY, MONDAY + 2 * MINUTE)


def test_sites_and_kinds_are_apart(ledger: Ledger) -> None:
    apply(
        ledger,
        [WRONG, wrong(Kind.robots, "other", "x"), wrong(Kind.disk, INSTALLATION, "y")],
        [],
        MONDAY,
    )
    apply(ledger, [right(Kind.robots, "other"), right(Kind.silence, "antara")], [], MONDAY + MINUTE)
    there = {(one.kind, one.site) for one in open_alarms(ledger)}
    assert there == {(Kind.robots, "antara"), (Kind.disk, INSTALLATION)}


def test_the_message_is_what_was_found_last_and_nobody_is_told_twice(ledger: Ledger) -> None:
    apply(ledger, [WRONG], ["t"], MONDAY)
    apply(ledger, [wrong(Kind.robots, "antara", "5 of 5", pages=5)], ["t"], MONDAY + MINUTE)
    (alarm,) = open_alarms(ledger)
    assert (alarm.message, alarm.details, alarm.opened) == ("5 of 5", {"pages": 5}, MONDAY)
    assert len(told(ledger)) == 1


def test_it_can_open_again(ledger: Ledger) -> None:
    for hour in range(3):
        at = MONDAY + timedelta(hours=hour)
        apply(ledger, [WRONG], [], at)
        apply(ledger, [right(Kind.robots, "antara")], [], at + MINUTE)
    past = past_alarms(ledger, Kind.robots, "antara", MONDAY + timedelta(minutes=30))
    assert [one.opened - MONDAY for one in past] == [timedelta(hours=1), timedelta(hours=2)]


def test_eight_at_once_open_one(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(
            pool.map(
                lambda n: apply(ledger, [WRONG], ["t"], MONDAY + timedelta(microseconds=n)),
                range(8),
            )
        )
    assert sum(len(changes.opened) for changes in done) == 1
    assert len(open_alarms(ledger)) == 1
    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(notices)).scalar_one() == 1


def test_closed_by_hand(ledger: Ledger) -> None:
    assert close_by_hand(ledger, Kind.robots, "antara", []) is None
    apply(ledger, [WRONG], [], MONDAY)
    assert close_by_hand(ledger, Kind.robots, "other", []) is None
    assert close_by_hand(ledger, Kind.robots, "antara", []) is not None
    assert open_alarms(ledger) == []
    (past,) = past_alarms(ledger, Kind.robots, "antara", MONDAY)
    assert past.by_hand
