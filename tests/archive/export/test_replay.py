"""ReplayWeb.page shows what was exported, in a real browser for which the origin does not exist."""

import json
import zipfile
from pathlib import Path

import pytest

from newsbot.archive.export import select, wacz
from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import Bench
from tests.archive.export.replayweb import Replay, browser, serving

pytestmark = pytest.mark.slow


def test_articles_and_a_revisit_whose_payload_is_in_another_run(
    landed: Bench, tmp_path: Path
) -> None:
    second = read_run(landed.store, landed.runs("antara")[1])
    path = tmp_path / "second.wacz"
    wacz.export(select([second]), path, lambda *_: None)
    with zipfile.ZipFile(path) as package:
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()][1:]
    with serving(path) as server, browser() as chromium:
        replay = Replay(server, chromium)
        for page in pages:
            with replay.page(page["url"]) as frame:
                assert page["title"] in frame.inner_text("body")
        with replay.page("https://www.antaranews.com/robots.txt") as frame:
            assert "User-agent" in frame.inner_text("body")
        assert server.ranges > 0
        assert server.whole == 0, "the whole package was fetched"
    assert len(pages) > 0
