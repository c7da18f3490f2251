"""kill -9 at random moments, on SQLite and on PostgreSQL: no URL, edit or article is lost.

NEWSBOT_SOAK_KILLS=20 is the long form; NEWSBOT_SOAK_SEED chooses other moments.
"""

import os
import random
from contextlib import closing
from pathlib import Path

import pytest

from newsbot.ledger import Ledger
from replica import running
from tests.acceptance.conftest import bench_for
from tests.acceptance.test_incremental import rows_of, stories, words
from tests.soak.dying import INNER_POINTS
from tests.soak.test_kill import crawl_and_die

KILLS = 3
_MOMENTS = {"writing": INNER_POINTS["writing"], "knowing": INNER_POINTS["knowing"], "ending": 1}


def urls_of(database_url: str) -> set[str]:
    """Every URL that the ledger has."""
    return {row[-1] for row in rows_of(database_url)["urls"]}


@pytest.mark.endurance
@pytest.mark.timeout(1800)
def test_killed_at_random_nothing_seen_is_lost(tmp_path: Path, database_url: str) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "newsbot") + database_url[:6])
    seen: set[str] = set()
    with running(articles=20) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        bench.environment["NEWSBOT_DATABASE_URL"] = database_url
        for _ in range(int(os.environ.get("NEWSBOT_SOAK_KILLS", KILLS))):
            replica.add(10)
            whole = [url for url, one in stories(replica).items() if one["kind"] == "article"]
            for url in rng.sample(whole, 4):
                replica.edit(url)
            point = rng.choice(sorted(_MOMENTS))
            count = rng.randint(1, _MOMENTS[point])
            crawl_and_die(bench, point, count, "recheck=all")
            seen |= urls_of(database_url)
        done = bench.crawl("antara", "recheck=all")
        assert done.returncode == 0, done.stdout + done.stderr
        truth = stories(replica)
    articles = bench.articles("antara")
    first = [one["canonical_url"] for one in articles if one["revision"]["number"] == 1]
    assert sorted(first) == sorted(truth), "an article is missing or there twice"
    newest = {one["canonical_url"]: one for one in articles}  # by run, so the last is the newest
    for url, story in truth.items():
        assert words(newest[url]["text"]) == words(story["text"]), f"an edit of {url} was lost"
    with closing(Ledger.open(database_url)) as ledger:
        assert ledger.pending("antara") == []
        assert seen <= urls_of(database_url)
    kept = rows_of(database_url)
    assert bench.newsbot("recover", "--rebuild-ledger").returncode == 0
    rebuilt = rows_of(database_url)
    for table, rows in kept.items():
        if table != "runs":  # an attempt that landed nothing is known to the ledger alone
            assert rebuilt[table] == rows, table
