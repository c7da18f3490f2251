"""A store on S3 with all that newsbot keeps: each of its files passes every checker."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.test_requisites import Kabar, bench_of, crawl
from tests.checkers import check_wacz, check_warc
from tests.importing.made import DATA
from tests.importing.site import SEED
from tests.servers import S3Server
from tests.webserver import serving

pytestmark = [pytest.mark.browser, pytest.mark.endurance]

IMPORTED = ("wget.warc.gz", "wget-dedup.warc.gz", "warcio.warc.gz", "py-wacz.wacz")
DAYS = "2000-01-01..2100-01-01"


def test_requisites_screenshots_rechecks_and_imports(tmp_path: Path, s3: S3Server) -> None:
    site = type("OneKabar", (Kabar,), {"asked": []})
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("berita", "kabar"):
        (seeds / f"{name}.toml").write_text(SEED.format(name=name, host=f"{name}.example"))
    with serving(site) as port:
        bench, seed = bench_of(tmp_path, port, 'screenshots = "all"')
        bench.store_url = f"s3://newsbot/{tmp_path.name}"
        bench.environment |= s3.environment | {"NEWSBOT_SEEDS": str(seeds)}
        for stories, pictures in ((1, 1), (1, 2), (2, 2), (2, 2)):
            site.stories, site.pictures = stories, pictures
            crawl(bench, seed)
    files = [str(DATA / name) for name in IMPORTED]
    done = bench.newsbot("import", "--json", *files)
    assert done.returncode == 0, done.stderr
    again = json.loads(bench.newsbot("import", "--json", *files).stdout)
    assert {one["outcome"] for one in again} == {"already-imported"}
    done = bench.newsbot("verify", "--deep")
    assert done.returncode == 0, done.stdout
    to = tmp_path / "copy"
    assert bench.newsbot("download", DAYS, "--to", str(to)).returncode == 0
    kept = sorted(to.rglob("*.warc.gz"))
    assert len({path.parent for path in kept}) == 4 + len(IMPORTED), "a folder for each run"
    for path in kept:
        check_warc(path)
    for sums in to.rglob("SHA256SUMS"):
        subprocess.run(["sha256sum", "-c", "--quiet", sums.name], cwd=sums.parent, check=True)
    package = tmp_path / "all.wacz"
    done = bench.newsbot("export", DAYS, "--format", "wacz", "--to", str(package))
    assert done.returncode == 0, done.stderr
    check_wacz(package)
    assert bench.newsbot("verify", str(package)).returncode == 0
