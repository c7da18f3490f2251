"""The scheduler starts what is due, once, ends what is beyond its limits, and writes down why."""

import logging
import signal
from datetime import timedelta

import pytest

from tests.schedule.world import START, PretendedCrawl, World


def minutes(world: World, site: str = "x") -> list[float]:
    """When crawls of the site began, in minutes since the start."""
    return [(at - START).total_seconds() / 60 for name, at, _ in world.began if name == site]


def test_each_period_is_crawled_once(world: World) -> None:
    world.seed("x")
    world.rounds(world.service(), minutes=61)
    assert minutes(world) == [0.5, 15, 30, 45, 60]
    assert world.outcomes() == ["finished"] * 5
    assert world.history.newest("x")[0].due == START + timedelta(hours=1)


def test_a_seed_without_a_schedule_is_not_crawled(world: World) -> None:
    path = world.seed("x")
    path.write_text(path.read_text().partition("[schedule]")[0])
    world.rounds(world.service(), minutes=5)
    assert world.began == []


def test_missed_periods_are_made_up_by_one_run_and_it_is_said(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.seed("x")
    world.rounds(world.service(), minutes=16)
    world.clock.go(hours=5)  # nobody was there
    with caplog.at_level(logging.WARNING):
        world.rounds(world.service(), minutes=5)
    assert len(minutes(world)) == 3
    assert "x: 19 periods since 2025-02-28 12:30 UTC were missed" in caplog.text


def test_a_long_crawl_is_not_overtaken_and_the_periods_it_covered_are_one(world: World) -> None:
    world.seed("x", time_limit=3600)
    world.next = lambda crawl: setattr(crawl, "takes", 2000 if not world.crawls else 60)
    world.rounds(world.service(), minutes=46)
    assert minutes(world) == [0.5, 34, 45]


def test_only_so_many_at_once_and_the_important_first(world: World) -> None:
    for name, priority in (("a", 0), ("b", 5), ("c", 9)):
        world.seed(name, more=f"priority = {priority}")
    world.rounds(world.service(crawls_at_once=1), minutes=5)
    assert [name for name, _, _ in world.began] == ["c", "b", "a"]


def test_once_crawls_what_is_due_one_after_the_other_and_is_done(world: World) -> None:
    for name in "abc":
        world.seed(name, cron="* * * * *")
    service = world.service(once=True, crawls_at_once=1)
    while not service.done:
        world.rounds(service, minutes=0.5)
    assert sorted(name for name, _, _ in world.began) == ["a", "b", "c"]


def test_a_crawl_that_hangs_is_ended_and_recorded_as_timed_out(world: World) -> None:
    world.seed("x", cron="0 * * * *", time_limit=600)
    world.next = lambda crawl: setattr(crawl, "hangs", True)
    world.rounds(world.service(kill_after=90), minutes=16)
    (crawl,) = world.crawls
    assert crawl.signals == [signal.SIGTERM, signal.SIGKILL]
    assert world.clock.monotonic() > 600
    (past,) = world.history.newest("x")
    assert (past.outcome, past.exit_status) == ("timed-out", -9)
    assert past.reasons[0].startswith("not ended by its time limit of 600 s (SIGKILL")


def test_a_crawl_that_ends_when_asked_at_its_time_limit_is_timed_out_all_the_same(
    world: World,
) -> None:
    world.seed("x", cron="0 * * * *", time_limit=600)
    world.next = lambda crawl: setattr(crawl, "takes", 5000)
    world.rounds(world.service(kill_after=90), minutes=16)
    assert world.crawls[0].signals == [signal.SIGTERM]
    assert world.outcomes() == ["timed-out"]


def test_a_crawl_that_eats_memory_is_killed_and_says_how_much(world: World) -> None:
    world.seed("x", cron="0 * * * *", more="memory_limit = 300")
    world.seed("y", cron="0 * * * *")
    world.next = lambda crawl: setattr(crawl, "eats", 412_000_000)
    world.rounds(world.service(), minutes=1)
    (past,) = world.history.newest("x")
    assert past.outcome == "killed"
    assert past.reasons == (
        (
            "used 412 MB of memory; its limit is 300 MB (SIGKILL; "
            "what it had fetched lands with the next run)"
        ),
    )
    assert world.history.newest("y")[0].outcome is None, "the other one has the default limit"
    world.rounds(world.service(), minutes=30)
    assert world.outcomes("x") == ["killed", "killed"], "made up once, not for ever"


def test_a_crawl_that_exits_1_is_failed_with_its_last_line(world: World) -> None:
    world.seed("x", cron="0 * * * *")
    world.next = lambda crawl: setattr(crawl, "status", 1)
    world.rounds(world.service(), minutes=2)
    (past,) = world.history.newest("x")
    assert (past.outcome, past.exit_status) == ("failed", 1)
    assert past.reasons == ("exit status 1: RuntimeError: the spider fell over",)


def test_a_crawl_killed_by_somebody_else_is_made_up(world: World) -> None:
    world.seed("x", cron="0 * * * *")
    service = world.service()
    world.rounds(service, minutes=0.5)
    world.crawls[0].die()
    world.rounds(service, minutes=4)
    assert world.outcomes() == ["killed", "finished"]
    assert "ended by SIGKILL, not by the scheduler" in world.history.newest("x")[1].reasons[0]


def test_a_scheduler_that_is_killed_leaves_its_crawl_and_the_next_watches_it(
    world: World,
) -> None:
    world.seed("x", cron="0 * * * *", time_limit=600)
    world.next = lambda crawl: setattr(crawl, "hangs", True)
    world.rounds(world.service(), minutes=2)
    following = world.service(kill_after=90)  # the first is gone
    world.rounds(following, minutes=2)
    assert len(world.crawls) == 1, "it holds the lock; nothing is started beside it"
    world.next = lambda _crawl: None
    world.rounds(following, minutes=15)
    assert world.outcomes()[0] == "timed-out"


def test_an_orphan_from_before_the_clock_was_put_back_is_watched_too(world: World) -> None:
    world.seed("x", time_limit=600)
    world.next = lambda crawl: setattr(crawl, "hangs", True)
    world.rounds(world.service(), minutes=2)
    world.clock.shift = timedelta(days=-2)
    world.next = lambda _crawl: None
    world.rounds(world.service(kill_after=60), minutes=30)
    assert world.crawls[0].result == -9, "it hangs, and blocks its site for two days"
    assert len(world.began) >= 2


def test_both_were_killed_and_the_run_is_made_up(world: World) -> None:
    world.seed("x", cron="0 6 * * *")
    world.rounds(world.service(), minutes=0.5)
    world.crawls[0].die()
    world.rounds(world.service(), minutes=3)
    assert world.outcomes() == ["killed", "finished"]


def test_a_site_that_somebody_else_crawls_is_left_alone(world: World) -> None:
    world.seed("x")
    from newsbot.landing.lock import SiteLock

    service = world.service()
    with SiteLock(world.state, "x"):
        world.rounds(service, minutes=9)
    assert world.outcomes() == ["locked"], "once, not every round"
    assert "another crawl is running: process" in world.history.newest("x")[0].reasons[0]
    world.rounds(service, minutes=4)
    assert world.outcomes()[1:] == ["finished"]


def test_stopping_lets_crawls_finish(world: World) -> None:
    world.seed("x")
    service = world.service(stop_grace=120)
    world.rounds(service, minutes=0.5)
    service.stop()
    world.rounds(service, minutes=1.5)
    assert service.stopped
    assert world.outcomes() == ["finished"]


def test_stopping_ends_what_does_not_finish_and_kills_what_does_not_end(world: World) -> None:
    def set_up(crawl: PretendedCrawl) -> None:
        crawl.takes, crawl.hangs = 5000, crawl.site == "hangs"

    world.next = set_up
    world.seed("slow", time_limit=9000)
    world.seed("hangs", time_limit=9000)
    service = world.service(stop_grace=120, kill_after=60)
    world.rounds(service, minutes=0.5)
    service.stop()
    world.rounds(service, minutes=4)
    assert service.stopped
    assert world.outcomes("slow") == ["killed"]
    (past,) = world.history.newest("hangs")
    assert past.outcome == "killed"
    assert past.reasons[0].startswith("the scheduler was stopped (SIGKILL")
    world.next = lambda _crawl: None
    world.rounds(world.service(), minutes=4)
    assert world.outcomes("slow") == ["killed", "finished"], "and made up by the next scheduler"


def test_a_clock_put_back_or_forward_stops_nothing(world: World) -> None:
    world.seed("x")
    service = world.service()
    world.rounds(service, minutes=10)
    world.clock.shift = timedelta(days=-3)
    world.rounds(service, minutes=31)
    back = len(world.began)
    assert back >= 3
    world.clock.shift = timedelta(days=400)
    world.rounds(service, minutes=31)
    assert len(world.began) >= back + 3
    world.clock.shift = timedelta(0)
    world.rounds(service, minutes=31)
    assert len(world.began) >= back + 5, "rows of the future do not count"


def test_hours_that_come_again_are_crawled_again(world: World) -> None:
    world.seed("x")
    service = world.service()
    world.rounds(service, minutes=240)
    first = len(world.began)
    world.clock.shift = timedelta(hours=-3)
    world.rounds(service, minutes=120)
    assert len(world.began) - first in (8, 9), "once at once, then each quarter of an hour"
    world.rounds(world.service(), minutes=50)
    assert len(world.began) - first in (11, 12, 13), "also by a scheduler that has not seen it"


def test_a_broken_edit_keeps_the_old_seed_and_says_so(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    path = world.seed("x")
    service = world.service()
    world.rounds(service, minutes=2)
    good = path.read_text()
    path.write_text(good.replace("*/15", "*/75"))
    with caplog.at_level(logging.ERROR):
        world.rounds(service, minutes=14)
    assert "is not a cron expression" in caplog.text
    assert "the previous version stays in use" in caplog.text
    assert caplog.text.count("stays in use") == 1
    assert len(world.began) == 2
    again = world.service()  # a restart does not forget it either
    assert "x" in again.seeds.sites
    path.write_text(good.replace("*/15", "*/5"))
    world.rounds(again, minutes=10)
    assert len(world.began) == 4
    path.unlink()
    world.rounds(again, minutes=30)
    assert len(world.began) == 4


def test_a_ledger_that_is_away_stops_nothing_that_runs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.seed("x", cron="0 * * * *")
    world.next = lambda crawl: setattr(crawl, "status", 1)
    service = world.service()
    world.rounds(service, minutes=0.5)
    world.rename_table("runs", "away")
    world.rounds(service, minutes=5)
    assert "no such table: runs" in (service.ledger_error or "")
    assert caplog.text.count("nothing is started until it answers") == 1
    world.rename_table("away", "runs")
    world.rounds(service, minutes=1)
    assert service.ledger_error is None
    assert world.outcomes() == ["failed"], "how it ended was kept until it could be written down"
