"""A day with fewer new articles than the seed expects is noticed, if it was crawled through."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from newsbot.alarms.shortfall import judge_shortfall
from newsbot.alarms.verdict import RunFacts, Verdict
from tests.alarms.history import run_at

JAKARTA = "Asia/Jakarta"  # UTC+7
NOON = datetime.fromisoformat("2025-03-07T12:00+07:00")
YESTERDAY = date(2025, 3, 6)


def judge(runs: list[RunFacts], expected: int | None = 40, now: datetime = NOON) -> Verdict | None:
    return judge_shortfall("site", runs, JAKARTA, expected, now)


def days(*new: int, every: timedelta = timedelta(hours=1)) -> list[RunFacts]:
    """Runs from days ago until NOON, in local days with so many new articles in a run."""
    start = datetime.fromisoformat("2025-03-07T00:10+07:00") - timedelta(days=len(new) - 1)
    runs, at = [], start
    while at <= NOON:
        runs.append(run_at(at, new=new[(at.date() - start.date()).days]))
        at += every
    return runs


def at_day(runs: list[RunFacts], day: date, hours: range) -> list[bool]:
    return [run.finished.date() == day and run.finished.hour in hours for run in runs]


def without(runs: list[RunFacts], hours: range) -> list[RunFacts]:
    gone = at_day(runs, YESTERDAY, hours)
    return [run for run, is_gone in zip(runs, gone, strict=True) if not is_gone]


def test_a_poor_day_is_named_and_a_good_one_closes_the_alarm() -> None:
    verdict = judge(days(3, 3, 1, 9))
    assert verdict is not None
    assert verdict.is_wrong
    assert verdict.message == (
        "24 new articles on 2025-03-06 (Asia/Jakarta); the seed expects at least 40 "
        "(min_stories_per_day)"
    )
    verdict = judge(days(3, 1, 3, 0))
    assert verdict is not None
    assert not verdict.is_wrong


def test_without_the_key_nothing_is_expected() -> None:
    verdict = judge(days(0, 0, 0, 0), expected=None)
    assert verdict is not None
    assert not verdict.is_wrong, "an alarm of a seed that had the key is closed"


def test_a_day_with_an_outage_of_the_crawler_is_not_judged() -> None:
    poor = days(3, 3, 1, 9)
    assert judge(without(poor, range(8, 20))) is None
    assert judge(without(poor, range(24))) is None
    verdict = judge(without(poor, range(8, 9)))
    assert verdict is not None, "one missed run is made up for by the next"
    assert verdict.is_wrong
    failed = [
        replace(run, outcome="failed") if is_out else run
        for run, is_out in zip(poor, at_day(poor, YESTERDAY, range(8, 20)), strict=True)
    ]
    assert judge(failed) is None


def test_a_day_is_judged_only_from_begin_to_end() -> None:
    poor = days(3, 3, 1, 9)
    first = [run for run in poor if run.finished.date() >= YESTERDAY]
    assert judge(first) is None, "the site's first day"
    before_midnight = [run for run in poor if run.finished.date() <= YESTERDAY]
    assert judge(before_midnight) is None, "no run since"


def test_a_site_crawled_once_a_day_or_not_at_night_is_judged() -> None:
    daily = days(30, 30, 30, 50, every=timedelta(days=1))
    verdict = judge(daily)
    assert verdict is not None
    assert verdict.is_wrong
    office = [run for run in days(9, 9, 9, 1, 9) if 6 <= run.finished.hour < 22]
    verdict = judge(office)
    assert verdict is not None
    assert "16 new articles" in verdict.message


def test_a_backfill_counts_for_nothing() -> None:
    poor = days(3, 3, 1, 9)
    at = datetime.fromisoformat("2025-03-06T12:30+07:00")
    backfill = replace(run_at(at, new=500), partial=True)
    runs = sorted([*poor, backfill], key=lambda run: run.finished)
    verdict = judge(runs)
    assert verdict is not None
    assert verdict.is_wrong
