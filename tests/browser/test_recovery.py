"""What outlives the browser: the crawl its death, and the archive the crawl."""

import json
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest

from newsbot.archive.lines import GzipLines
from newsbot.capture import chromium
from newsbot.stores.opening import open_store
from replica import Running
from tests.acceptance.conftest import BIN, QUICK, ROOT, Bench
from tests.browser.conftest import Maker
from tests.browser.test_pages import BASE, assert_equals_truth, lines, links, stories

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WAIT = 600  # seconds for what takes two: by then it hangs


def started(bench: Bench) -> "subprocess.Popen[str]":
    """`scrapy crawl antara`, under way."""
    command = [str(BIN / "scrapy"), "crawl", "antara", "-a", "site=layar"]
    for name, value in QUICK.items():
        command += ["-s", f"{name}={value}"]
    return subprocess.Popen(
        command, cwd=ROOT, env=bench.variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def browser_of(crawl: "subprocess.Popen[str]") -> psutil.Process:
    """The crawl's browser: the Chromium that no other Chromium started."""
    for one in psutil.Process(crawl.pid).children(recursive=True):
        arguments = one.cmdline()
        is_browser = "--disable-quic" in arguments and not arguments[0].endswith("/sh")
        if is_browser and not any(argument.startswith("--type=") for argument in arguments):
            return one
    raise AssertionError("the crawl has no browser")


def wait_until_asked(scripted: Running, before: int, path: str, crawl: Any) -> None:
    """Until the server was asked for the path."""
    end, pause = time.monotonic() + WAIT, threading.Event()
    while not any(one[1] == path for one in scripted.log()[before:]):
        assert crawl.poll() is None, crawl.communicate()[0]
        assert time.monotonic() < end, f"{path} was not asked for"
        pause.wait(0.02)


def killed_amid(bench: Bench, scripted: Running, paths: list[str]) -> tuple[int, str]:
    """Crawl, and kill the browser when the server is asked for the middle one of the paths.

    Returns the crawl's exit status and what it said.
    """
    before = len(scripted.log())
    crawl = started(bench)
    try:
        wait_until_asked(scripted, before, paths[len(paths) // 2], crawl)
        browser_of(crawl).kill()
        said, _ = crawl.communicate(timeout=WAIT)
    finally:
        crawl.kill()
        crawl.wait()
    return crawl.returncode, said


@pytest.mark.endurance
def test_a_crawl_goes_on_with_a_new_browser_when_its_own_is_killed(
    browsing: Maker, scripted: Running
) -> None:
    paths = [f"/app/{number}" for number in list(stories(scripted))[:10]]
    before = len(scripted.log())
    bench = browsing(links(*paths), browser="pages = 2")
    status, said = killed_amid(bench, scripted, paths)
    assert status == 0, said
    pages = [line for line in lines(bench) if line["role"] == "article"]
    failed = [line for line in pages if line["became"] == "failed"]
    asked = Counter(path for _, path, _, _ in scripted.log()[before:] if path in paths)
    assert all("PageCrashed" in line["error"] for line in failed)
    assert failed or max(asked.values()) == 2  # it was killed under a page
    articles = bench.articles()
    assert {article["url"] for article in articles} == {BASE + path for path in paths}
    for article in articles:
        assert_equals_truth(article, scripted)
    assert bench.newsbot("verify").stdout.endswith("no fault\n")


def test_where_no_new_browser_starts_the_pages_have_failed_and_nothing_else_is_said(
    browsing: Maker, scripted: Running, tmp_path: Path
) -> None:
    program = tmp_path / "starts-once"
    program.write_text(
        f'#!/bin/sh\nmkdir {tmp_path}/started || exit 1\nexec {chromium.find_browser(None)} "$@"\n'
    )
    program.chmod(0o755)
    paths = [f"/app/{number}" for number in list(stories(scripted))[:10]]
    bench = browsing(links(*paths), browser="pages = 2")
    bench.environment["NEWSBOT_CHROMIUM"] = str(program)
    status, said = killed_amid(bench, scripted, paths)
    assert status == 3, said
    articles = {article["url"] for article in bench.articles()}
    failures = [line for line in lines(bench) if line["became"] == "failed"]
    # One that was under way has failed with its browser, and once more; so have its resources.
    failed = {line["url"] for line in failures if line["role"] == "article"}
    assert articles
    assert failed
    assert not articles & failed
    assert articles | failed == {BASE + path for path in paths}
    assert f"{len(failures)} failed" in said
    assert bench.newsbot("verify").stdout.endswith("no fault\n")
    pending = json.loads(bench.newsbot("list", "--pending", "--json").stdout)
    assert {one["url"]: one["failure"] for one in pending} == dict.fromkeys(failed, "temporary")


def test_a_rendered_page_is_read_again_from_its_archived_dom(
    browsing: Maker, scripted: Running, tmp_path: Path
) -> None:
    numbers = list(stories(scripted))
    bench = browsing(links(f"/app/{numbers[0]}", f"/xhr/{numbers[1]}", f"/pindah/{numbers[2]}"))
    assert bench.crawl("antara", "site=layar").returncode == 0
    (crawled,) = bench.runs()
    before = len(scripted.log())
    again = tmp_path / "again"
    done = bench.newsbot("reprocess", "2000-01-01..2100-01-01", "--to", str(again), "--json")
    assert done.returncode == 0, done.stderr
    assert len(scripted.log()) == before  # the archive was enough
    (report,) = json.loads(done.stdout)
    assert (report["same"], report["changed"], report["lost"]) == (3, 0, 0)
    made = open_store(str(again)).get(f"{report['prefix']}articles.jsonl.gz")
    articles = list(GzipLines(made))
    assert articles == bench.lines(crawled, "articles")
    for article in articles:
        assert_equals_truth(article, scripted)  # which no page has without its scripts
