"""Runs that do not come, do not end well, or do not get what they ask for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newsbot.alarms.runs import (
    format_duration,
    judge_certificate,
    judge_errors,
    judge_overdue,
    judge_robots,
    judge_run,
    judge_wall,
)
from newsbot.alarms.verdict import Verdict
from tests.alarms.history import MONDAY, run_at

QUARTER = timedelta(minutes=15)


def is_wrong(verdict: Verdict | None) -> bool | None:
    return None if verdict is None else verdict.is_wrong


def test_three_missed_periods_are_overdue() -> None:
    starts = [MONDAY + n * QUARTER for n in range(200)]
    last = starts[-1] + timedelta(minutes=2)
    assert is_wrong(judge_overdue("site", starts, last, last + 2.9 * QUARTER)) is False
    verdict = judge_overdue("site", starts, last, last + 3.1 * QUARTER)
    assert verdict is not None
    assert verdict.is_wrong
    assert "no run has finished for 46 min; usual is one every 15 min" in verdict.message


def test_runs_that_begin_and_never_finish_are_overdue_too() -> None:
    starts = [MONDAY + n * QUARTER for n in range(200)]
    assert is_wrong(judge_overdue("site", starts, starts[150], starts[-1])) is True


def test_a_night_without_crawls_is_a_habit() -> None:
    starts = [
        MONDAY + timedelta(days=day, hours=6) + n * QUARTER for day in range(10) for n in range(60)
    ]
    last = starts[-1]
    assert is_wrong(judge_overdue("site", starts, last, last + timedelta(hours=9))) is False
    assert is_wrong(judge_overdue("site", starts, last, last + timedelta(hours=13))) is True


def test_a_few_crawls_by_hand_make_no_schedule() -> None:
    starts = [MONDAY + timedelta(days=n) for n in range(4)]
    assert judge_overdue("site", starts, starts[-1], MONDAY + timedelta(days=90)) is None
    assert judge_overdue("site", [MONDAY + n * QUARTER for n in range(9)], None, MONDAY) is None


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("failed", "failed"),
        ("timed-out", "was ended at its time limit"),
        ("killed", "was stopped before it was done"),
        ("recovered", "died"),
    ],
)
def test_a_run_that_ended_badly_is_told_as_what_it_was(outcome: str, says: str) -> None:
    good = run_at(MONDAY)
    bad = run_at(MONDAY + QUARTER, outcome)
    bad = replace(bad, reasons=("the site gave nothing",))
    verdict = judge_run("site", [good, bad])
    assert verdict is not None
    assert verdict.is_wrong
    assert says in verdict.message
    assert "the site gave nothing" in verdict.message
    assert is_wrong(judge_run("site", [bad, run_at(MONDAY + 2 * QUARTER)])) is False


def test_error_share() -> None:
    def run(number: int, failed: int, asked: int = 40, why: str = "http-503") -> object:
        return run_at(MONDAY + number * QUARTER, asked=asked, failures={why: failed})

    assert is_wrong(judge_errors("site", [run(1, 0), run(2, 0), run(3, 39)])) is True  # type: ignore[list-item]
    verdict = judge_errors("site", [run(1, 15), run(2, 15), run(3, 15)])  # type: ignore[list-item]
    assert verdict is not None
    assert "45 of the last 120 requests failed (http-503)" in verdict.message
    assert judge_errors("site", [run(1, 8), run(2, 8), run(3, 8)]) is None  # type: ignore[list-item]
    assert is_wrong(judge_errors("site", [run(1, 30), run(2, 30), run(3, 1)])) is False  # type: ignore[list-item]
    assert is_wrong(judge_errors("site", [run(1, 40, why="http-404")])) is False  # type: ignore[list-item]
    assert judge_errors("site", [run(1, 3, asked=4)]) is None  # type: ignore[list-item]
    # Nothing that failed was asked for again: what is wrong may still be so.
    assert judge_errors("site", [run(1, 30), run(2, 30), run(3, 0, asked=2)]) is None  # type: ignore[list-item]


def test_one_page_in_the_place_of_all_articles_is_a_wall() -> None:
    old = run_at(MONDAY)
    assert judge_wall("site", [old]) is None, "runs of older versions do not say"
    walled = replace(old, counts={**old.counts, "wall": 4})
    verdict = judge_wall("site", [old, walled])
    assert verdict is not None
    assert verdict.is_wrong
    assert "4 pages stood in the place of an article" in verdict.message
    assert is_wrong(judge_wall("site", [replace(old, counts={**old.counts, "wall": 0})])) is False


def test_robots() -> None:
    good = run_at(MONDAY, asked=10, failures={})
    assert is_wrong(judge_robots("site", [good])) is False
    closed = run_at(MONDAY + QUARTER, asked=3, failures={"robots-forbidden": 3})
    verdict = judge_robots("site", [good, closed])
    assert verdict is not None
    assert "robots.txt forbids 3 of 3" in verdict.message
    away = run_at(
        MONDAY + QUARTER, asked=3, failures={"robots-forbidden": 3}, robots_unreachable=True
    )
    verdict = judge_robots("site", [good, away])
    assert verdict is not None
    assert "cannot be read" in verdict.message
    died = run_at(MONDAY + 2 * QUARTER, "recovered")
    assert is_wrong(judge_robots("site", [good, closed, died])) is True, "a dead run tells nothing"


def test_certificate() -> None:
    good = run_at(MONDAY, asked=10, failures={"http-503": 1})
    bad = run_at(MONDAY + QUARTER, asked=4, failed={"certificate": 2})
    assert is_wrong(judge_certificate("site", [good])) is False
    assert is_wrong(judge_certificate("site", [good, bad])) is True


def test_spans_are_spoken() -> None:
    assert format_duration(timedelta(minutes=45)) == "45 min"
    assert format_duration(timedelta(hours=3, minutes=5)) == "3 h 5 min"
    assert format_duration(timedelta(days=2, hours=4)) == "2 d 4 h"
