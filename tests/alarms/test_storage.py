"""The spool and the disks."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from newsbot.alarms.inputs import waiting_runs
from newsbot.alarms.storage import Disk, FreeSpace, WaitingRun, days_left, judge_disks, judge_spool
from newsbot.alarms.verdict import Verdict
from tests.alarms.history import MONDAY

HOUR = timedelta(hours=1)
GB = 1_000_000_000


def is_wrong(verdict: Verdict | None) -> bool | None:
    return None if verdict is None else verdict.is_wrong


def waiting(number: int, hours: float) -> WaitingRun:
    return WaitingRun(f"run{number}", "site", MONDAY - hours * HOUR, 2_500_000)


def test_a_spool_that_piles_up() -> None:
    assert is_wrong(judge_spool([], MONDAY)) is False
    assert judge_spool([waiting(1, 2)], MONDAY) is None, "the next crawl lands it"
    verdict = judge_spool([waiting(n, n) for n in (1, 2, 3)], MONDAY)
    assert verdict is not None
    assert "3 runs (7.5 MB) wait in the spool to land, the oldest (run3 of site) for 3 h" in (
        verdict.message
    )
    assert is_wrong(judge_spool([waiting(1, 25)], MONDAY)) is True


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff", b'{"finished": 7}'])
@pytest.mark.parametrize("name", ["run.json", "ending.json"])
def test_a_damaged_run_in_the_spool_waits_too(tmp_path: Path, name: str, damage: bytes) -> None:
    for run in ("a", "b"):
        (tmp_path / run).mkdir()
        (tmp_path / run / "run.json").write_text(json.dumps({"site": "antara"}))
        (tmp_path / run / "ending.json").write_text(json.dumps({"finished": MONDAY.isoformat()}))
    (tmp_path / "b" / name).write_bytes(damage)
    written = MONDAY + HOUR
    os.utime(tmp_path / "b" / "ending.json", (written.timestamp(),) * 2)
    sound, damaged = waiting_runs(tmp_path)
    assert (sound.run, sound.site, sound.since) == ("a", "antara", MONDAY)
    if name == "run.json":
        assert (damaged.run, damaged.site, damaged.since) == ("b", "(damaged)", MONDAY)
    else:
        assert (damaged.run, damaged.site, damaged.since) == ("b", "antara", written)


def disk(*free: float, size: float = 1000) -> Disk:
    """Hourly samples, GB."""
    samples = [FreeSpace(MONDAY + n * HOUR, int(value * GB)) for n, value in enumerate(free)]
    return Disk("/srv", int(size * GB), samples)


def test_a_disk_that_will_be_full_within_the_week() -> None:
    falling = disk(*(100 - n for n in range(24)))  # 1 GB an hour, 77 left
    left = days_left(falling.samples)
    assert left is not None
    assert abs(left - 77 / 24) < 0.01
    verdict = judge_disks([disk(500), falling])
    assert verdict is not None
    assert verdict.is_wrong
    assert "/srv: 77.0 of 1000.0 GB free, full in 3.2 days at today's pace" in verdict.message


def test_a_slow_pace_is_no_alarm_and_between_there_is_no_verdict() -> None:
    assert is_wrong(judge_disks([disk(*(500 - n for n in range(24)))])) is False
    eight_days = disk(*(216 - n for n in range(25)))
    assert judge_disks([eight_days]) is None


def test_a_clean_up_does_not_hide_the_pace() -> None:
    cleaned = disk(*(100 - n for n in range(18)), 300)
    left = days_left(cleaned.samples)
    assert left is not None
    assert abs(left - 300 / 24) < 2


def test_a_few_hours_show_no_pace() -> None:
    assert days_left(disk(100, 80, 60).samples) is None


def test_a_disk_that_is_nearly_full() -> None:
    assert is_wrong(judge_disks([disk(4, size=1000)])) is True
    assert judge_disks([disk(5.5, size=1000)]) is None
    assert is_wrong(judge_disks([disk(7, size=1000)])) is False
    assert is_wrong(judge_disks([disk(0.4, size=2)])) is True
    assert is_wrong(judge_disks([disk(1.5, size=2)])) is False, "a small disk may be small"
