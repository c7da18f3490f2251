"""A name that cannot be resolved is called that, not a failure of robots.txt or of the site."""

import re
from pathlib import Path

from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import ROOT, Bench

NOWHERE = "nowhere.invalid"  # RFC 2606: no name ends so


def test_a_name_that_cannot_be_resolved_is_said_to_be_that(bench: Bench, tmp_path: Path) -> None:
    seed = tmp_path / "nowhere.toml"
    text = (ROOT / "seeds" / "antara.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?<![\w-])(www\.)?antaranews\.com", NOWHERE, text)
    seed.write_text(text.replace('name = "antara"', 'name = "nowhere"'), encoding="utf-8")
    bench.environment.update(http_proxy="", https_proxy="")
    done = bench.crawl("antara", f"site={seed}")
    assert done.returncode == 1
    assert f"the name {NOWHERE} cannot be resolved (DNS)" in done.stdout
    assert "robots" not in done.stdout
    assert done.stderr.count("Gave up retrying") == 1, "a name is resolved once in a crawl"
    (ref,) = bench.runs()
    manifest = read_run(bench.store, ref).manifest
    assert set(manifest.counts["failed"]) == {"dns"}
    assert manifest.reasons == (f"the name {NOWHERE} cannot be resolved (DNS)",)
