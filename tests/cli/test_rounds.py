"""Rounds at an interval, by a clock of the test's own."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from newsbot.cli.rounds import Interval, Stop, overall, repeat
from newsbot.errors import ConfigError

TEN = Interval(timedelta(minutes=10), timedelta(minutes=30))


class Clock:
    """Time that passes by waiting and by working."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.now = 0.0
        self.began: list[float] = []
        self._stop_after = stop_after

    def work(self, seconds: float, *statuses: int | None) -> int | None:
        self.began.append(self.now)
        self.now += seconds
        return statuses[min(len(self.began), len(statuses)) - 1]

    async def wait(self, seconds: float) -> bool:
        self.now += seconds
        return len(self.began) == self._stop_after


def rounds(clock: Clock, seconds: float, *statuses: int | None) -> int:
    async def work() -> int | None:
        return clock.work(seconds, *statuses)

    return asyncio.run(repeat(work, TEN, clock.wait, lambda: clock.now))


@pytest.mark.parametrize(
    ("seconds", "began"),
    [(1, [0, 600, 1200]), (700, [0, 1200]), (1800, [0])],
    ids=["quick", "one is left out", "slow"],
)
def test_a_round_begins_at_each_interval(seconds: float, began: list[float]) -> None:
    clock = Clock()
    assert rounds(clock, seconds, 0) == 0
    assert clock.began == began


def test_a_signal_ends_the_wait() -> None:
    clock = Clock(stop_after=2)
    assert rounds(clock, 1, 0) == 0
    assert clock.began == [0, 600]


def test_a_round_that_a_signal_stopped_before_it_began_counts_for_nothing() -> None:
    assert rounds(Clock(), 1, 0, None) == 0
    assert rounds(Clock(), 1, None) == 1


def test_wrong_usage_is_not_repeated() -> None:
    clock = Clock()
    assert rounds(clock, 1, 2) == 2
    assert clock.began == [0]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [({0}, 0), ({75}, 75), ({0, 3}, 3), ({0, 1}, 3), ({0, 75}, 3), ({1, 4}, 4), ({1, 75}, 1)],
)
def test_the_status_of_all_rounds(statuses: set[int], status: int) -> None:
    assert overall(statuses) == status


@pytest.mark.parametrize(
    ("every", "during", "says"),
    [
        ("10m", None, "give both"),
        (None, "48h", "give both"),
        ("59s", "1h", "shorter than a minute"),
        ("1h", "60m", "not shorter than --for 60m"),
        ("often", "1h", "--every often: not a duration"),
        ("1m", "9" * 30 + "d", "not a duration"),
    ],
)
def test_an_interval_that_can_not_be_used(every: str | None, during: str | None, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Interval.of(every, during)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_the_wait_and_the_process(number: int) -> None:
    async def stopped() -> int:
        stop = Stop()
        process = await asyncio.create_subprocess_exec("sleep", "600")
        stop.passes_to(process)
        os.kill(os.getpid(), number)
        assert await stop.wait(600)
        return await process.wait()

    assert asyncio.run(stopped()) == -signal.SIGTERM
