"""What the tools write today comes in, and pywb shows it from our files and our index."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsbot.archive.export import select, wacz
from tests.capture.test_replay import pywb, replayed
from tests.importing.conftest import Place
from tests.importing.made import by_py_wacz, by_warcio, by_wget
from tests.importing.site import STORIES

pytestmark = [
    pytest.mark.endurance,
    pytest.mark.skipif(shutil.which("wget") is None, reason="needs wget"),
]


def test_what_was_imported_is_shown(place: Place, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    by_wget(made)
    by_warcio(made / "warcio.warc.gz", "berita.example")
    by_py_wacz(made / "py-wacz.wacz", "kabar.example")
    names = ("wget.warc.gz", "warcio.warc.gz", "py-wacz.wacz")
    reports = [place.add(made / name) for name in names]
    assert place.faults() == []
    folder = tmp_path / "wayback"
    folder.mkdir()
    store = Path(place.config.store_url)
    with pywb(folder, list(store.rglob("*.warc.gz"))) as address:
        for report in reports:
            for line in place.lines(report, "crawl"):
                if line["url"].rpartition("/")[2] in {one.rpartition("/")[2] for one in STORIES}:
                    stamp = "".join(c for c in line["time"][:19] if c.isdigit())
                    title = STORIES[line["url"].partition(".example")[2]][0]
                    assert title.encode() in replayed(address, stamp, line["url"])
    package = tmp_path / "all.wacz"
    done = wacz.export(select(place.runs), package, lambda *_: None)
    assert (done.runs, done.missing) == (3, ())
    judge = Path(sys.executable).with_name("wacz")
    subprocess.run([judge, "validate", "-f", str(package)], check=True)
