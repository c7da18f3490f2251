"""kill -9 at random moments of every phase: what was logged as archived lands once, and checks.

NEWSBOT_SOAK_KILLS=50 is the long form; NEWSBOT_SOAK_SEED chooses other moments.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from newsbot.archive.snapshots import read_run
from replica import Running, running
from tests.acceptance.conftest import QUICK, ROOT, Bench, bench_for
from tests.servers import S3Server
from tests.soak.dying import FOLDER_POINTS, INNER_POINTS, POINTS, S3_POINTS

KILLS = {"folder": 13, "s3": 7}  # at each point once; what differs on S3 is seven of them
ARTICLES = 30
NEW = 8  # articles before each crawl, so that every one has something to fetch and to land
DYING = Path(__file__).with_name("dying.py")


def moments(kind: str) -> list[tuple[str, int]]:
    """Points of a crawl in random order, each as often as the others, at random counts."""
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "newsbot"))
    of_store = S3_POINTS if kind == "s3" else FOLDER_POINTS
    most = {name: point[2] for name, point in (of_store | POINTS).items()} | INNER_POINTS
    kills = int(os.environ.get("NEWSBOT_SOAK_KILLS", KILLS[kind]))
    points = sorted(most) if kills >= len(most) else [*of_store, *INNER_POINTS, "cleaning"]
    chosen = [
        point for _ in range(0, kills, len(points)) for point in rng.sample(points, len(points))
    ]
    return [(point, rng.randint(1, most[point])) for point in chosen[:kills]]


def crawl_and_die(bench: Bench, point: str, count: int, *arguments: str) -> None:
    """A crawl that is killed there; it fails the test if it got past that moment."""
    command = [sys.executable, str(DYING), point, str(count), "crawl", "antara"]
    for argument in arguments:
        command += ["-a", argument]
    for name, value in QUICK.items():
        command += ["-s", f"{name}={value}"]
    done = subprocess.run(
        command, cwd=ROOT, env=bench.variables, capture_output=True, text=True, check=False
    )
    told = f"{point} {count}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.returncode == -9, told


def logged(bench: Bench) -> set[str]:
    """Records that the journals in the spool name as archived."""
    found = set()
    for path in (bench.state / "spool").glob("*/journal/crawl.jsonl"):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n") and b'"record":' in line:
                found.add(json.loads(line)["record"]["id"])
    return found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["folder", pytest.param("s3", marks=pytest.mark.endurance)])
def test_killed_at_random_and_crawled_again(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    store_url = str(tmp_path / "archive")
    if kind == "s3":
        server: S3Server = request.getfixturevalue("s3")
        store_url = "s3://newsbot/killed"
    with running(articles=ARTICLES) as replica:
        bench = bench_for(tmp_path, replica, store_url)
        bench.environment["NEWSBOT_ROLL_SIZE"] = "10kB"
        if kind == "s3":
            bench.environment |= server.environment
        archived = _killed(bench, replica, moments(kind))
        done = bench.crawl()
        assert done.returncode == 0, done.stdout + done.stderr
        truth = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    urls = [article["canonical_url"] for article in bench.articles()]
    assert sorted(urls) == sorted(truth), "an article is missing or there twice"
    assert list((bench.state / "spool").iterdir()) == []
    landed = Counter(
        line["record"]["id"] for ref in bench.runs() for line in bench.lines(ref, "crawl")
    )
    assert len(archived) > len(moments(kind))
    assert archived <= landed.keys(), "an exchange that was logged as archived is gone"
    assert set(landed.values()) == {1}, "an exchange is in two runs"
    _check_store(bench)


def _killed(bench: Bench, replica: Running, when: Iterable[tuple[str, int]]) -> set[str]:
    archived: set[str] = set()
    for point, count in when:
        replica.add(NEW)
        crawl_and_die(bench, point, count)
        archived |= logged(bench)
    return archived


def _check_store(bench: Bench) -> None:
    """No object without a manifest that names it, and nothing for `newsbot verify` to say."""
    named = {"newsbot.json"}
    for ref in bench.runs():
        files = [entry.name for entry in read_run(bench.store, ref).manifest.files]
        named |= {ref.prefix + name for name in [*files, "manifest.json"]}
    assert {info.name for info in bench.store.list("")} == named
    verified = bench.newsbot("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
