"""What is due comes from the history: nothing is skipped, nothing done twice."""

from datetime import UTC, datetime, timedelta

import pytest

from newsbot.ledger.attempts import PastRun
from newsbot.schedule.due import Plan, next_crawl
from newsbot.sites.cron import Cron
from newsbot.sites.seed import Schedule

NOON = datetime(2025, 2, 28, 12, 0, tzinfo=UTC)
QUARTERS, DAILY = "*/15 * * * *", "0 6 * * *"


def ran(started: datetime, outcome: str = "finished", minutes: float = 1) -> PastRun:
    return PastRun(
        run="r", site="x", started=started, finished=started + timedelta(minutes=minutes),
        outcome=outcome, exit_status=0, reasons=(), landed=True, partial=False, due=None,  # type: ignore[arg-type]
        host="h", pid=1, counts={},
    )  # fmt: skip


def plan_of(past: list[PastRun], now: datetime, cron: str = QUARTERS, jitter: float = 0) -> Plan:
    return next_crawl("x", Schedule(cron=cron, jitter=jitter), Cron(cron, "UTC"), past, now)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return NOON.replace(hour=hour, minute=minute, second=second)


def test_a_site_that_was_never_crawled_is_due_now() -> None:
    assert plan_of([], NOON).due == NOON


def test_not_due_until_the_next_period() -> None:
    served = [ran(at(12, 0, 2))]
    assert plan_of(served, at(12, 14, 59)) == Plan(None, 0, at(12, 15))
    assert plan_of(served, at(12, 15)) == Plan(at(12, 15), 0, at(12, 15))


def test_missed_periods_are_made_up_by_one_run_and_counted() -> None:
    found = plan_of([ran(at(8, 0, 1))], at(12, 7))
    assert found.due == at(12, 0)
    assert found.missed == 15
    assert plan_of([ran(at(12, 7)), ran(at(8, 0, 1))], at(12, 8)).due is None


def test_the_jitter_delays_but_never_skips() -> None:
    served = [ran(at(12, 0, 2))]
    start = plan_of(served, at(12, 1), jitter=300).next
    assert at(12, 15) < start < at(12, 20)
    assert plan_of(served, start - timedelta(seconds=1), jitter=300).due is None
    assert plan_of(served, start, jitter=300).due == at(12, 15)


def test_a_run_that_was_killed_is_made_up_once() -> None:
    killed = ran(at(6, 0, 5), "killed")
    assert plan_of([killed], at(6, 1), DAILY).due is None
    assert plan_of([killed], at(6, 3), DAILY).due is not None
    again = ran(at(6, 3), "killed")
    found = plan_of([again, killed], at(9), DAILY)
    assert found.due is None, "twice is enough: what kills it will kill it again"
    assert found.next == at(6) + timedelta(days=1)
    assert plan_of([again, killed], at(6) + timedelta(days=1), DAILY).due is not None


def test_an_outage_is_tried_again_later_but_not_before_the_next_period() -> None:
    failed = ran(at(6, 0, 5), "failed")
    assert plan_of([failed], at(6, 20), DAILY).due is None
    assert plan_of([failed], at(6, 32), DAILY).due is not None
    assert plan_of([ran(at(12, 0, 1), "failed")], at(12, 14)).next == at(12, 15)


@pytest.mark.parametrize("outcome", ["finished", "limited", "timed-out"])
def test_what_ended_otherwise_is_not_tried_again(outcome: str) -> None:
    assert plan_of([ran(at(6, 0, 5), outcome)], at(12), DAILY).due is None


def test_a_run_from_a_wrong_clock_does_not_stop_the_schedule() -> None:
    future = ran(NOON + timedelta(days=1500))
    assert plan_of([future, ran(at(11, 45))], at(12, 0)).due == at(12, 0)
    assert plan_of([future], at(12, 0)).due == at(12, 0)


def test_a_clock_that_is_put_back_a_little_makes_no_second_run() -> None:
    assert plan_of([ran(at(12, 0, 1))], at(11, 58)).due is None
