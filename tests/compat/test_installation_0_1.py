"""A store, a spool and a ledger that version 0.1.0 wrote are opened, read and continued.

The archive beside this file holds what 0.1.0 left after crawls of the synthetic site: two landed
runs of ANTARA (with an edit and a withdrawal) and one of the aggregator, the spool of a run that
was killed and of one that could not land, and the ledger.
"""

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

import newsbot
from replica import running
from tests.acceptance.conftest import Bench

HERE = Path(__file__).parent
DAYS = "2026-11-01..2026-12-31"


@pytest.fixture
def old(tmp_path: Path) -> Bench:
    with tarfile.open(HERE / "installation-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "installation"
    return Bench(str(folder / "archive"), folder / "var")


def succeed(bench: Bench, *arguments: str) -> str:
    done = bench.newsbot(*arguments)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return str(done.stdout)


def test_the_store_is_read(old: Bench, tmp_path: Path) -> None:
    runs = json.loads(succeed(old, "list", "--json"))
    assert [run["articles"] for run in runs] == [14, 3, 5]
    assert "no fault" in succeed(old, "verify")
    succeed(old, "download", DAYS, "--to", str(tmp_path / "copy"))
    succeed(old, "export", DAYS, "--format", "wacz", "--to", str(tmp_path / "days.wacz"))
    index = tmp_path / "days.cdxj"
    succeed(old, "export", DAYS, "--format", "cdxj", "--to", str(index))
    assert '"status": "304"' not in index.read_text()
    reports = json.loads(succeed(old, "reprocess", DAYS, "--to", str(tmp_path / "again"), "--json"))
    assert sum(report["lost"] for report in reports) == 0
    archive = newsbot.open_archive(old.store_url)
    (edited,) = [one for one in archive.articles() if one.revision and one.revision.number == 2]
    assert len(list(archive.revisions(edited.canonical_url))) == 2
    assert len(list(archive.captures(edited.url))) == 2
    assert "revision 2" in succeed(old, "show", edited.canonical_url)


def test_the_spool_lands_and_the_ledger_goes_on(old: Bench) -> None:
    recovered = json.loads(succeed(old, "recover", "--json"))
    assert len(recovered["landed"]) == 2
    assert not recovered["kept"]
    assert "no fault" in succeed(old, "verify")
    with running(articles=14, seed=11) as replica:
        old.environment.update(http_proxy=replica.proxy_url, https_proxy=replica.proxy_url)
        done = old.crawl("antara")
    assert done.returncode in (0, 3), done.stderr
    assert "no fault" in succeed(old, "verify")
    with sqlite3.connect(old.state / "ledger.sqlite") as ledger:
        ((version,),) = ledger.execute("SELECT version_num FROM alembic_version")
    ledger.close()
    assert version == "0015"


def test_the_ledger_is_made_again_from_the_store(old: Bench) -> None:
    for path in old.state.glob("ledger.sqlite*"):
        path.unlink()
    rebuilt = json.loads(succeed(old, "recover", "--rebuild-ledger", "--json"))
    assert rebuilt["rebuilt"] == 3
