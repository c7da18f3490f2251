"""Many pages in the browser at once: every response that they load is in the archive."""

import time
from pathlib import Path

import pytest

from replica import running
from replica.hosts import SCRIPTED
from tests.acceptance.conftest import Bench
from tests.browser.conftest import seed_text
from tests.browser.test_pages import lines, links, records, stories

PAGES = 200
AT_ONCE = 4


@pytest.mark.endurance
@pytest.mark.browser
def test_200_pages_4_at_once_lose_no_capture(tmp_path: Path) -> None:
    with running(articles=420, template="T3") as replica:
        numbers = list(stories(replica))[:PAGES]
        assert len(numbers) == PAGES
        kinds = ("app", "xhr")
        paths = [f"/{kinds[place % 2]}/{number}" for place, number in enumerate(numbers)]
        rules = f"pages = {AT_ONCE}\nscrolls = 1\ntimeout = 90"
        seed = seed_text((links(*paths),), "always", rules).replace("settle = 3", "settle = 1")
        (tmp_path / "layar.toml").write_text(seed)
        environment = {
            "http_proxy": replica.proxy_url,
            "https_proxy": replica.proxy_url,
            "NEWSBOT_SEEDS": str(tmp_path),
        }
        bench = Bench(str(tmp_path / "archive"), tmp_path / "var", environment)
        before, began = len(replica.served()), time.monotonic()
        done = bench.crawl("antara", "site=layar")
        took = time.monotonic() - began
        assert done.returncode == 0, done.stdout + done.stderr
        served = [f"https://{one['host']}{one['path']}" for one in replica.served()[before:]]
    recorded = [line["url"] for line in lines(bench) if "record" in line]
    lost = sorted(set(served) - set(recorded))
    print(f"{PAGES} pages in {took:.0f} s, {len(served)} responses, {len(lost)} lost")
    assert lost == []
    assert len(recorded) == len(served)
    kept = records(bench)
    for path in paths:
        assert f"urn:dom:https://{SCRIPTED}{path}" in kept
        assert f"urn:view:https://{SCRIPTED}{path}" in kept
    assert len(bench.articles()) == PAGES
