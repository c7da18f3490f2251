"""Every kind of page that shows nothing without JavaScript: read, recorded and nothing lost."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from replica import Running
from replica.hosts import ADS, SCRIPTED
from replica.scripted import BUTTON, LINKS, LIST
from tests.browser.conftest import Bench, Maker
from tests.replica.conftest import fetch

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SAME = ("title", "text", "authors", "dateline", "published_at", "section", "tags", "images")
BASE = f"https://{SCRIPTED}"


def stories(scripted: Running) -> dict[str, dict[str, Any]]:
    """Truth of the stories that the scripted host shows, by number, newest first."""
    truth = {one["id"].rpartition(":")[2]: one for one in scripted.truth()}
    shown: list[str] = []
    for page in range(1, 20):
        reply = fetch(scripted.proxy_url, f"{BASE}/data/gulung?page={page}")
        shown += re.findall(r"/app/(\d+)", reply.body.decode())
    return {number: truth[number] for number in shown}


def links(*paths: str) -> str:
    return f"{BASE}{LINKS}?paths={quote(','.join(paths))}"


def lines(bench: Bench, name: str = "crawl") -> list[dict[str, Any]]:
    return [line for ref in bench.runs() for line in bench.lines(ref, name)]


def records(bench: Bench) -> dict[str, list[tuple[str, bytes]]]:
    """Type and block of every WARC record, by URL."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for path in Path(bench.store_url).rglob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, parse_http=False):
                if record.record_type != WarcRecordType.warcinfo:
                    url = record.headers["WARC-Target-URI"]
                    kind = record.headers["WARC-Type"]
                    found.setdefault(url, []).append((kind, record.reader.read()))
    return found


def assert_equals_truth(article: dict[str, Any], scripted: Running) -> None:
    truth = stories(scripted)[article["id"].rpartition(":")[2]]
    for name in SAME:
        assert article[name] == truth[name], name
    assert [source["role"] for source in article["sources"]] == ["page", "dom"]


def test_every_kind_of_page_equals_the_truth_and_loses_no_capture(
    browsing: Maker, scripted: Running
) -> None:
    numbers = list(stories(scripted))
    kinds = ("app", "xhr", "lazy", "busy", "popup", "pindah")
    paths = [f"/{kind}/{number}" for kind, number in zip(kinds, numbers, strict=False)]
    before = len(scripted.served())
    bench = browsing(links(*paths))
    done = bench.crawl("antara", "site=layar")
    assert done.returncode == 0, done.stderr + done.stdout
    served = {f"https://{one['host']}{one['path']}" for one in scripted.served()[before:]}
    articles = bench.articles()
    assert len(articles) == len(kinds), done.stdout
    for article in articles:
        assert_equals_truth(article, scripted)

    crawl = lines(bench)
    recorded = {line["url"] for line in crawl if "record" in line}
    assert served <= recorded
    assert any("cache/jauh.png" in url for url in recorded)  # three screens down
    assert not any(urlsplit(url).hostname == ADS for url in served)
    assert {line["url"] for line in crawl if line["became"] == "blocked"} == {
        f"https://{ADS}/iklan.js"
    }
    assert not any("/sembul/" in url for url in served)
    hops = [line["url"] for line in crawl if line["became"] == "redirect"]
    assert hops == [f"{BASE}/pindah/{numbers[5]}", f"{BASE}/pindah2/{numbers[5]}"]

    kept = records(bench)
    details = {}
    for path in paths:
        url = BASE + path.replace("pindah", "app")
        assert b"(ANTARA)" in dict(kept[f"urn:dom:{url}"])["resource"]
        for name in ("view", "thumbnail"):
            assert dict(kept[f"urn:{name}:{url}"])["resource"].startswith(b"\xff\xd8")
        metadata = [block for kind, block in kept[url] if kind == "metadata"]
        assert b"capturedBy: browser, above the decoder" in metadata[0]
        assert len(metadata) == 1
        assert all(b"\nproxy-" not in block.lower() for kind, block in kept[url])
        details[path] = json.loads(dict(kept[f"urn:pageinfo:{url}"])["metadata"])
    assert "a complaint of the page" in details[paths[0]]["consoleErrors"]
    assert details[paths[3]]["notes"] == ["never settled"]
    assert len(details[paths[4]]["popups"]) == 50
    assert bench.newsbot("verify").stdout.endswith("no fault\n")


@pytest.mark.long
def test_bodies_are_as_the_server_meant_them(browsing: Maker, scripted: Running) -> None:
    number = list(stories(scripted))[7]
    bench = browsing()
    done = bench.crawl("antara", "site=layar", f"url={BASE}/app/{number}")
    assert done.returncode == 0, done.stderr
    for kind, block in records(bench)[f"{BASE}/data/{number}.json"]:
        if kind == "response":
            head, _, body = block.partition(b"\r\n\r\n")
            assert b"content-encoding" not in head.lower()
            assert b"transfer-encoding" not in head.lower()
            assert f"Content-Length: {len(body)}".encode() in head
            assert "(ANTARA)" in json.loads(body)["body"]
            break
    else:
        pytest.fail("no response record")


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "rule"), [(LIST, "scrolls = 40"), (BUTTON, 'click = [".none", "button.lagi"]')]
)
def test_an_endless_list_is_loaded_to_its_end(
    browsing: Maker, scripted: Running, path: str, rule: str
) -> None:
    bench = browsing(f"{BASE}{path}", browser=rule)
    done = bench.crawl("antara", "site=layar", "limit=1")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in lines(bench) if line["url"] == f"{BASE}{path}"]
    shown = {line["url"] for line in lines(bench) if "/data/gulung" in line["url"]}
    assert len(shown) >= 3
    assert line["links"] == len(stories(scripted)), shown


@pytest.mark.long
def test_a_page_that_dies_is_tried_again_and_takes_no_other_with_it(
    browsing: Maker, scripted: Running
) -> None:
    numbers = list(stories(scripted))
    before = len(scripted.log())
    paths = [f"/hog/{numbers[0]}", f"/app/{numbers[1]}", f"/app/{numbers[2]}"]
    bench = browsing(links(*paths), browser="memory = 160\ntimeout = 60")
    done = bench.crawl("antara", "site=layar")
    hog = [line for line in lines(bench) if line["url"] == BASE + paths[0]]
    assert hog[-1]["why"] == "PageCrashed", (hog, done.stderr)
    asked = [path for _, path, _, _ in scripted.log()[before:] if path == paths[0]]
    assert len(asked) == 2  # once more: RETRY_TIMES is 1
    assert len(bench.articles()) == 2, done.stdout
    assert bench.newsbot("verify").returncode == 0


def test_auto_renders_what_has_no_article_and_remembers_it(
    browsing: Maker, scripted: Running
) -> None:
    numbers = list(stories(scripted))
    bench = browsing(render="auto")

    def crawl(path: str) -> list[tuple[str, str]]:
        done = bench.crawl("antara", "site=layar", f"url={BASE}{path}")
        assert done.returncode == 0, done.stderr
        last = bench.lines(bench.runs()[-1], "crawl")
        return [
            (line["became"], line.get("rendering", {}).get("needed", ""))
            for line in last
            if line["url"] == BASE + path
        ]

    assert crawl(f"/app/{numbers[3]}") == [("shell", ""), ("article", True)]
    assert crawl(f"/app/{numbers[4]}") == [("article", True)]  # at once
    assert crawl(f"/lazy/{numbers[5]}") == [("article", "")]  # its plain page has the article
    assert len(bench.articles()) == 3


@pytest.mark.long
def test_robots_and_foreign_hosts_hold_for_where_a_page_takes_the_browser(
    browsing: Maker, scripted: Running
) -> None:
    before = len(scripted.log())
    for target in ("/ajax/rahasia", "https://www.antaranews.com/terkini"):
        bench = browsing(f"{BASE}/alih?ke={quote(target)}")
        done = bench.crawl("antara", "site=layar")
        assert done.returncode == 1, done.stdout
    asked = [(host, path) for host, path, _, _ in scripted.log()[before:]]
    assert not any(
        path.startswith("/ajax") or host == "www.antaranews.com" for host, path in asked
    ), asked
    whys = {line.get("why", "") for line in lines(bench)}
    assert "not on a host of the site" in whys


def test_a_page_cannot_look_into_the_crawlers_network(browsing: Maker, scripted: Running) -> None:
    port = urlsplit(scripted.proxy_url).port
    inside = [
        f"http://127.0.0.1:{port}/a.png", f"http://2130706433:{port}/b.png",
        f"http://0177.0.0.1:{port}/c.png", f"http://[::1]:{port}/d.png",
        "http://169.254.169.254/e.png", f"http://localhost:{port}/f.png",
        f"https://127.0.0.1:{port}/g.png", f"{BASE}/alih?ke={quote('http://169.254.169.254/h.png')}",
    ]  # fmt: skip
    before = len(scripted.log())
    bench = browsing(f"{BASE}/jebak?ke={quote(' '.join(inside))}")
    bench.crawl("antara", "site=layar")
    assert {one[1].partition("?")[0] for one in scripted.log()[before:]} == {
        "/robots.txt", "/jebak", "/alih",
    }  # fmt: skip
    refused = {line["url"] for line in lines(bench) if line.get("why") == "address-refused"}
    for name in "abcdefgh":
        assert any(f"/{name}.png" in url for url in refused), (name, refused)
    bench = browsing(f"{BASE}/alih?ke={quote(f'http://127.0.0.1:{port}/x')}")
    assert bench.crawl("antara", "site=layar").returncode == 1
    assert lines(bench)[-1]["why"] == "address-refused"
