"""What a site does that a person should hear of, as cron users get it."""

import re
import shutil
from pathlib import Path

import pytest

from newsbot.replica import Running
from tests.acceptance.conftest import ROOT, Bench

SELECTOR = re.compile(r"(?<=[\"\s\w])([.#][a-z_][\w-]*)")


@pytest.fixture
def own_seeds(bench: Bench, tmp_path: Path) -> Path:
    """A copy of the seeds that a test may change."""
    folder = tmp_path / "seeds"
    shutil.copytree(ROOT / "seeds", folder)
    bench.environment["NEWSBOT_SEEDS"] = str(folder)
    return folder


def mend(seed: Path) -> None:
    """What a person does: the new names into the selectors of articles' pages."""
    head, select, rest = seed.read_text().partition("[select]")
    rules, politeness, rest = rest.partition("[politeness]")
    seed.write_text(head + select + SELECTOR.sub(r"\1-new", rules) + politeness + rest)


@pytest.mark.parametrize("bare", [False, True], ids=["metadata-stays", "bare"])
def test_a_changed_template(bench: Bench, replica: Running, own_seeds: Path, bare: bool) -> None:
    assert bench.crawl().returncode == 0
    replica.change_template(bare=bare)
    replica.add(4)
    done = bench.crawl()
    assert done.returncode == 3, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  alarm")]
    assert "antara: the site's layout has changed" in line
    for field in ("title", "text", "published_at", "authors"):
        assert f"{field} (on 0 of 4, usually" in line
    mend(own_seeds / "antara.toml")
    replica.add(2)
    done = bench.crawl()
    assert done.returncode == 0, done.stdout
    assert "alarm over: antara: the site's layout has changed" in done.stderr


def test_a_site_that_fails_and_comes_back(bench: Bench, replica: Running) -> None:
    replica.fault(down=["www.antaranews.com"])
    done = bench.crawl()
    assert "alarm     antara: robots.txt" in done.stdout
    assert done.stdout.count("  alarm") == 1, "one cause, one alarm"
    replica.clear()
    done = bench.crawl()
    assert done.returncode == 0, done.stdout
    assert "  alarm" not in done.stdout


def test_a_certificate_that_is_not_accepted(bench: Bench) -> None:
    done = bench.crawl(DOWNLOAD_VERIFY_CERTIFICATES="True")
    assert done.returncode == 1
    assert "antara: the site's certificate is not accepted" in done.stdout
