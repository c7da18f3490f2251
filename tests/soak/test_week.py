"""A week of crawls every 15 minutes in 20 sites, with everything going wrong, in a driven world."""

import itertools
import os
import random
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.schedule.world import PretendedCrawl, World

SITES, DAYS, STEP = 20, 7, timedelta(minutes=5)
PERIOD, AFTERMATH = timedelta(minutes=15), timedelta(minutes=60)
BEGIN = datetime(2025, 3, 29, 23, tzinfo=UTC)  # clocks change in Berlin and on Lord Howe within
ZONES = ("Asia/Jakarta", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York")
DAILY = {"berlin": ("Europe/Berlin", "30 2 * * *"), "howe": ("Australia/Lord_Howe", "45 1 * * *")}


def fates(rng: random.Random, crawl: PretendedCrawl) -> None:
    """How a crawl will go: most end in time; some are slow, hang, fail, or eat memory."""
    crawl.takes = rng.uniform(30, 400)
    fate = rng.random()
    if fate < 0.01:
        crawl.hangs = True
    elif fate < 0.02:
        crawl.status = 1
    elif fate < 0.025:
        crawl.eats = 9_000_000_000
    elif fate < 0.04:
        crawl.takes = 3000


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory: the ledger is synced to the disk 40,000 times in such a week."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.mark.endurance
@pytest.mark.timeout(900)  # 40 s where the machine is its own
def test_a_week_of_faults(memory: Path) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "week"))
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    world = World(memory)
    world.clock.true = BEGIN
    for number in range(SITES):
        zone = ZONES[number % len(ZONES)]
        world.seed(f"s{number}", jitter=60, zone=zone, time_limit=900)
    for name, (zone, cron) in DAILY.items():
        world.seed(name, cron, zone=zone)
    world.next = lambda crawl: fates(rng, crawl)
    faults: list[datetime] = []
    service = world.service()
    down_until = BEGIN
    while world.clock.true < BEGIN + timedelta(days=DAYS):
        world.clock.true += STEP
        fault = rng.random()
        if fault < 0.004:  # kill -9 of the scheduler; its crawls go on
            faults.append(world.clock.true)
            service = world.service()
            down_until = world.clock.true + timedelta(minutes=rng.uniform(0, 40))
        elif fault < 0.02 and world.alive():
            rng.choice(world.alive()).die()
        elif fault < 0.0215:
            faults.append(world.clock.true)
            shift = rng.choice([-4000, -60, -1, 0, 0, 1, 90, 9000])
            world.clock.shift = timedelta(minutes=shift)
        if world.clock.true >= down_until:
            service.round()
    last = world.clock.true
    check(world, faults, last)
    for crawl in world.alive():
        crawl.die()
    world.ledger.close()
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == files


def check(world: World, faults: list[datetime], last: datetime) -> None:
    """No overlap, and no period that no run served."""
    begins, ends = defaultdict(list), defaultdict(list)
    for site, at, _ in world.began:
        begins[site].append(at)
    for site, at in world.ended:
        ends[site].append(at)
    troubled = [(at, at + AFTERMATH) for at in faults]
    served = 0
    for number in range(SITES):
        site = f"s{number}"
        for begin, following, end in zip(begins[site], begins[site][1:], ends[site], strict=False):
            assert begin <= end <= following, f"{site}: two at once"
            assert following - begin <= timedelta(minutes=100), f"{site}: nothing since {begin}"
        served += count_served(site, begins[site], ends[site], troubled, last)
    assert served > SITES * DAYS * 96 / 4, "too much trouble to tell anything"
    for name in DAILY:
        for begin, following in itertools.pairwise([*begins[name], last]):
            assert following - begin <= timedelta(hours=27), f"{name}: nothing since {begin}"
    outcomes = {past.outcome for past in world.history.newest(limit=20_000)}
    assert {"finished", "killed", "timed-out", "failed"} <= outcomes


def count_served(
    site: str, begins: list[datetime], ends: list[datetime],
    troubled: list[tuple[datetime, datetime]], last: datetime,
) -> int:  # fmt: skip
    """Quiet periods, each of which has a run of its own or one that was still going on."""
    served = 0
    period = BEGIN + timedelta(hours=1)
    while period + 2 * PERIOD < last:
        over = period + PERIOD + timedelta(minutes=4)  # jitter and the steps of the simulation
        if not any(since < over and period < until for since, until in troubled):
            own = any(period <= at < over for at in begins)
            going = any(b < period and e > over for b, e in zip(begins, ends, strict=False))
            assert own or going, f"{site}: nobody served {period}"
            served += 1
        period += PERIOD
    return served
