"""A site's silence is judged by its own habit, in its own time zone."""

import random
from datetime import datetime, timedelta

from newsbot.alarms.silence import judge_silence
from newsbot.alarms.verdict import PastAlarm, RunFacts, Verdict
from tests.alarms.history import MONDAY, run_at

JAKARTA = "Asia/Jakarta"  # UTC+7


def judge(runs: list[RunFacts], *past: PastAlarm) -> Verdict | None:
    return judge_silence("site", runs, JAKARTA, past)


def weeks(count: int, brings: object, seed: int = 1) -> list[RunFacts]:
    """Hourly runs over so many weeks; ``brings(hour, weekday)`` is the chance of news, local."""
    draw = random.Random(seed)
    runs = []
    for number in range(count * 7 * 24):
        at = MONDAY + timedelta(hours=number, minutes=2)
        local = at + timedelta(hours=7)
        has = draw.random() < brings(local.hour, local.weekday())  # type: ignore[operator]
        runs.append(run_at(at, new=3 if has else 0))
    return runs


def silent(after: list[RunFacts], hours: int) -> list[RunFacts]:
    last = after[-1].finished
    return [*after, *(run_at(last + timedelta(hours=n), new=0) for n in range(1, hours + 1))]


def by_day(hour: int, weekday: int) -> float:
    """A desk that works from 6 to 22, on weekends from 9 to 13."""
    if weekday >= 5:
        return 0.8 if 9 <= hour < 13 else 0.0
    return 0.9 if 6 <= hour < 22 else 0.02


def until(runs: list[RunFacts], local: datetime) -> list[RunFacts]:
    return [run for run in runs if run.finished + timedelta(hours=7) < local]


def test_a_silent_working_day_is_noticed_within_hours() -> None:
    friday = datetime.fromisoformat("2025-03-28T10:00+00:00")
    runs = until(weeks(5, by_day), friday)
    hours = next(n for n in range(1, 24) if _is_wrong(judge(silent(runs, n))))
    assert hours <= 12
    verdict = judge(silent(runs, hours))
    assert verdict is not None
    assert "nothing new since 2025-03-28 0" in verdict.message


def _is_wrong(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.is_wrong


def test_a_night_and_a_weekend_as_always_are_no_alarm() -> None:
    for seed in range(2):
        runs = weeks(5, by_day, seed)
        wrong = [n for n in range(14 * 24, len(runs), 5) if _is_wrong(judge(runs[:n]))]
        assert wrong == []


def test_a_site_that_writes_once_a_day_may_be_silent_for_hours_and_not_for_days() -> None:
    runs = weeks(5, lambda hour, _: 0.97 if hour == 15 else 0.0)
    assert not _is_wrong(judge(silent(runs, 30)))
    assert _is_wrong(judge(silent(runs, 24 * 8)))


def test_little_history_gives_no_verdict() -> None:
    runs = weeks(2, by_day)[: 13 * 24]
    assert judge(silent(runs, 40)) is None
    rare = weeks(4, lambda hour, weekday: 0.8 if (hour, weekday) == (9, 1) else 0.0)
    assert judge(silent(rare, 24 * 20)) is None


def test_hours_without_a_crawl_are_not_silence() -> None:
    runs = weeks(5, by_day)
    later = runs[-1].finished + timedelta(days=6)
    assert not _is_wrong(judge([*runs, run_at(later, new=0)]))


def test_it_is_over_with_the_first_new_article() -> None:
    runs = silent(weeks(5, by_day), 60)
    assert _is_wrong(judge(runs))
    verdict = judge([*runs, run_at(runs[-1].finished + timedelta(hours=1), new=1)])
    assert verdict is not None
    assert not verdict.is_wrong


def test_an_earlier_alarm_does_not_become_the_habit() -> None:
    quiet = silent(weeks(4, by_day), 24 * 5)
    start = quiet[-24 * 5].finished
    alarm = PastAlarm(
        start + timedelta(hours=9), quiet[-1].finished + timedelta(hours=1), False,
        {"last_news": start.isoformat()},
    )  # fmt: skip
    monday = quiet[-1].finished + timedelta(hours=1)
    back = [run_at(monday + timedelta(hours=n), new=1) for n in range(30)]
    runs = silent([*quiet, *back], 30)
    assert _is_wrong(judge(runs, alarm))
    assert not _is_wrong(judge(runs)), "with those days in its habit it would have waited longer"
