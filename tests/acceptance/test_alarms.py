"""What a site does that a person should hear of, as cron users get it."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from replica import Running
from tests.acceptance.conftest import ROOT, Bench

pytestmark = pytest.mark.slow

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
    rules, bracket, rest = rest.partition("\n[")
    seed.write_text(head + select + SELECTOR.sub(r"\1-new", rules) + bracket + rest)


def doctor(bench: Bench, replica: Running, folder: Path) -> Any:
    """`newsbot doctor antara`, which trusts the replica's authority and is not made to wait."""
    (folder / "ca.pem").write_bytes(replica.certificate())
    bench.environment["SSL_CERT_FILE"] = str(folder / "ca.pem")
    seed = folder / "seeds" / "antara.toml"
    seed.write_text(seed.read_text().replace("delay = 2.0", "delay = 0.0"))
    return bench.newsbot("doctor", "antara")


@pytest.mark.parametrize(
    "bare",
    [
        pytest.param(False, id="metadata-stays"),
        pytest.param(True, id="bare", marks=pytest.mark.endurance),
    ],
)
def test_a_changed_template(
    bench: Bench, replica: Running, own_seeds: Path, tmp_path: Path, bare: bool
) -> None:
    assert bench.crawl().returncode == 0
    replica.change_template(bare=bare)
    replica.add(4)
    done = bench.crawl()
    assert done.returncode == 3, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  alarm")]
    assert "antara: the site's layout has changed" in line
    for field in ("title", "text", "published_at", "authors"):
        assert f"{field} (on 0 of 4, usually" in line
    shown = doctor(bench, replica, tmp_path)
    assert shown.returncode == 3
    assert "WRONG antara: selectors: the seed's rules no longer find" in shown.stdout
    assert re.search(r"select\.title: '\S.*' finds nothing, found 1 in the capture", shown.stdout)
    mend(own_seeds / "antara.toml")
    replica.add(2)
    done = bench.crawl()
    assert done.returncode == 0, done.stdout
    assert "alarm closed: antara: the site's layout has changed" in done.stderr
    shown = doctor(bench, replica, tmp_path)
    assert shown.returncode == 0, shown.stdout
    assert "all is well" in shown.stdout


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
