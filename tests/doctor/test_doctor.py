"""The doctor finds what is wrong with an installation, and asks sites as politely as a crawl."""

import gzip
import re
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from newsbot.config import load_config
from newsbot.doctor import Check, examine
from newsbot.doctor.check import failures_as_checks
from newsbot.doctor.fetch import Client, ProbeFailed
from newsbot.doctor.machine import MAX_SKEW, check_browser, check_clock
from newsbot.doctor.site import SiteExamination, selector_matches
from newsbot.errors import ConfigError, LedgerError
from newsbot.ledger import Ledger
from newsbot.models import Page
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site
from tests.alarms.history import MONDAY
from tests.gated import SESSION, TOKEN, VARIABLES, gated
from tests.webserver import serving

SEEDS = Path(__file__).parent.parent.parent / "seeds"


def examined(folder: Path, **settings: str) -> dict[str, Check]:
    """The checks of an installation without sites that can be asked, by name."""
    seeds = folder / "seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "bad.toml").write_text('name = "bad"\ncolour = 1\n')
    given = {
        "state": folder / "var", "store": str(folder / "archive"), "seeds": seeds,
        "contact": "ops@example.org",
    }  # fmt: skip
    return {check.name: check for check in examine(load_config(**(given | settings)))}


def test_a_sound_installation_with_one_bad_seed(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Ledger.open(f"sqlite:///{tmp_path / 'var' / 'ledger.sqlite'}").close()
    checks = examined(tmp_path)
    assert {name for name, check in checks.items() if check.verdict == "wrong"} == {"seed"}
    assert "colour: unknown key" in checks["seed"].text
    assert all(checks[name].verdict == "good" for name in ("store", "clock", "ledger", "disk"))
    assert checks["notify"].verdict == "note"


def test_of_the_sites_those_that_were_crawled_are_asked(tmp_path: Path) -> None:
    """The others are there to be chosen from: here none of them could be asked."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("antara", "antara-aceh"):
        shutil.copy(SEEDS / f"{name}.toml", seeds)
    checks = examined(tmp_path)
    assert checks["sites"].text.startswith("2 have had no full crawl, and are not asked")
    assert "feed" not in checks


def test_a_variable_that_sets_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_CONTAKT", "us")
    check = examined(tmp_path)["variables"]
    assert (check.verdict, "NEWSBOT_CONTAKT: no such setting" in check.text) == ("note", True)


def test_what_no_crawl_has_made_yet_is_not_made(tmp_path: Path) -> None:
    checks = examined(tmp_path)
    assert {name for name, check in checks.items() if check.verdict == "wrong"} == {"seed"}
    for name in ("state folder", "store", "ledger"):
        assert "the first crawl creates it" in checks[name].text
    assert [path.name for path in tmp_path.iterdir()] == ["seeds"]


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    for name in ("state", "store"):
        (tmp_path / name).write_text("a file where a folder should be")
    checks = examined(
        tmp_path, contact="", notify="nonsense://x", state=str(tmp_path / "state"),
        store=str(tmp_path / "store"),
    )  # fmt: skip
    wrong = {name for name, check in checks.items() if check.verdict == "wrong"}
    assert wrong == {"contact", "notify", "state folder", "store", "ledger", "seed"}


def test_a_seed_that_renders_wants_a_browser(tmp_path: Path) -> None:
    plain = (SEEDS / "antara.toml").read_text()
    seed = tmp_path / "shown.toml"
    seed.write_text(plain.replace("[[lists]]", 'render = "always"\n\n[[lists]]', 1))
    sites = [load_site(seed)]
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    (check,) = check_browser(load_config(chromium=tmp_path / "chromium"), sites)
    assert check.verdict == "good"
    with pytest.raises(ConfigError, match="NEWSBOT_CHROMIUM"):
        list(check_browser(load_config(chromium=tmp_path / "none"), sites))


def test_a_clock_that_is_wrong() -> None:
    now = datetime.now(UTC)
    assert check_clock(now - timedelta(seconds=60), "the store").verdict == "good"
    for away in (-600, 600):
        assert check_clock(now + timedelta(seconds=away), "the store").verdict == "wrong"
    assert MAX_SKEW < 900, "S3 refuses requests from there on"


class Host:
    """A web host on loopback: paths to status, headers and body."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], str | bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = 0


@pytest.fixture
def host() -> Iterator[Host]:
    kept = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.asked.append((self.path, self.headers["User-Agent"]))
            status, headers, body = kept.pages.get(self.path, (404, {}, ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            sent = body.encode() if isinstance(body, str) else body
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    with serving(Handler) as kept.port:
        yield kept


@pytest.fixture
def client(tmp_path: Path) -> Client:
    config = load_config(contact="https://example.org/us", private_addresses=True)
    return Client(site_on("127.0.0.1", tmp_path), config)


@pytest.fixture
def guarded(tmp_path: Path) -> Client:
    """A client as an operator has it: without a setting that opens the own network."""
    return Client(site_on("127.0.0.1", tmp_path), load_config())


def site_on(name: str, folder: Path) -> Site:
    """ANTARA's seed with a host of ours, which is not made to wait."""
    path = folder / "antara.toml"
    shutil.copy(SEEDS / "antara.toml", path)
    text = path.read_text().replace("delay = 2.0", "delay = 0.0")
    path.write_text(text.replace('hosts = [\n  "www', f'hosts = [\n  "{name}", "www', 1))
    return load_site(path)


def test_a_probe_says_who_asks_and_obeys_robots_txt(host: Host, client: Client) -> None:
    base = f"http://127.0.0.1:{host.port}"
    host.pages["/robots.txt"] = (200, {}, "User-agent: newsbot\nDisallow: /private\n")
    host.pages["/open"] = host.pages["/private"] = (200, {}, "hello")
    assert client.get(f"{base}/open").body == b"hello"
    with pytest.raises(ProbeFailed, match=r"robots\.txt forbids"):
        client.get(f"{base}/private")
    assert [path for path, _ in host.asked] == ["/robots.txt", "/open"]
    assert all("(+https://example.org/us)" in agent for _, agent in host.asked)


def test_a_robots_txt_that_answers_503_means_no(host: Host, client: Client) -> None:
    host.pages["/robots.txt"] = (503, {}, "")
    with pytest.raises(ProbeFailed, match="503"):
        client.get(f"http://127.0.0.1:{host.port}/open")
    assert [path for path, _ in host.asked] == ["/robots.txt"]


def test_a_probe_does_not_leave_the_sites_hosts(host: Host, client: Client) -> None:
    host.pages["/moved"] = (302, {"Location": "http://169.254.169.254/secret"}, "")
    with pytest.raises(ProbeFailed, match="outside the site's hosts"):
        client.get(f"http://127.0.0.1:{host.port}/moved")


def test_a_torn_error_page_is_what_its_status_says(host: Host, client: Client) -> None:
    torn = gzip.compress(b"nothing is here, not even this " * 1000)[:-12]
    host.pages["/robots.txt"] = (404, {"Content-Encoding": "gzip"}, torn)
    host.pages["/open"] = (200, {}, "hello")
    assert client.get(f"http://127.0.0.1:{host.port}/open").body == b"hello"


@pytest.mark.parametrize(
    ("coding", "body", "says"),
    [
        ("gzip", gzip.compress(bytes(17 * 1024 * 1024)), "decoded body is larger"),
        ("br", b"no brotli", "brotli"),
        ("gzip", gzip.compress(b"half a page " * 1000)[:-12], "torn in the middle"),
    ],
    ids=["a-bomb", "no-brotli", "torn"],
)
def test_a_body_that_cannot_be_decoded_is_told(
    host: Host, client: Client, coding: str, body: bytes, says: str
) -> None:
    host.pages["/page"] = (200, {"Content-Encoding": coding}, body)
    with pytest.raises(ProbeFailed, match=f"/page: .*{says}"):
        client.get(f"http://127.0.0.1:{host.port}/page")


def test_an_error_is_told_with_its_address(host: Host, client: Client) -> None:
    with pytest.raises(ProbeFailed, match="/gone: it answered 404"):
        client.get(f"http://127.0.0.1:{host.port}/gone")
    with pytest.raises(ProbeFailed, match=r"127\.0\.0\.1:9/robots\.txt: .*refused"):
        client.get("http://127.0.0.1:9/x")


@pytest.mark.parametrize("name", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]"])
def test_the_guard_of_crawls_holds_for_the_doctor(host: Host, guarded: Client, name: str) -> None:
    with pytest.raises(ProbeFailed, match=r"refused: .*NEWSBOT_PRIVATE_ADDRESSES"):
        guarded.get(f"http://{name}:{host.port}/open")
    assert host.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_resolves_into_the_own_network_is_refused(
    host: Host, guarded: Client, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    where = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", host.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [where])
    with pytest.raises(ProbeFailed, match=r"refused: www\.antaranews\.com \(127\.0\.0\.1\)"):
        guarded.get(f"{scheme}://www.antaranews.com:{host.port}/open")
    assert host.asked == []


def test_a_redirect_into_the_own_network_is_refused_behind_a_proxy_too(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{host.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    base = "http://www.antaranews.com"
    host.pages[f"{base}/open"] = (200, {}, "hello")
    host.pages[f"{base}/moved"] = (302, {"Location": "http://169.254.169.254/secret"}, "")
    client = Client(site_on("169.254.169.254", tmp_path), load_config())
    assert client.get(f"{base}/open").body == b"hello"  # the name is the proxy's to resolve
    with pytest.raises(ProbeFailed, match=r"refused: 169\.254\.169\.254"):
        client.get(f"{base}/moved")
    assert not any("secret" in path for path, _ in host.asked)


def test_the_examination_tells_what_was_refused(host: Host, tmp_path: Path) -> None:
    seed = tmp_path / "inside.toml"
    text = site_on("127.0.0.1", tmp_path).seed_text
    start = f'feeds = ["http://127.0.0.1:{host.port}/rss"]'
    seed.write_text(re.sub(r"feeds = \[[^\]]*\]", start, text, count=1))
    config = load_config(state=tmp_path / "var", store=str(tmp_path / "archive"))
    checks = SiteExamination(load_site(seed), config, None, None).checks()
    feed = next(check for check in checks if check.name == "feed")
    assert feed.verdict == "wrong"
    assert "refused: 127.0.0.1 is not an address of the public internet" in feed.text
    assert host.asked == []


def test_an_error_of_one_site_is_a_check_of_it() -> None:
    failed: list[Check] = []
    with failures_as_checks(failed, "examination", "antara"):
        raise LedgerError("the disk is full")
    assert failed == [Check("examination", "wrong", "the disk is full", site="antara")]


def page(html: str) -> Page:
    url = "https://www.antaranews.com/berita/1/x"
    return Page(url, html.encode(), MONDAY, 200, "text/html")


def test_selectors_now_and_before(tmp_path: Path) -> None:
    site = site_on("127.0.0.1", tmp_path)
    before = page('<h1 class="post-title">A</h1><div class="post-content">b</div>')
    now = page('<h1 class="title-2026">A</h1><div class="post-content">b</div>')
    found = {(one.key, one.selector): one for one in selector_matches(site, now, before)}
    title = found["title", "h1.post-title"]
    assert (title.now, title.before, title.is_lost) == (0, 1, True)
    kept = found["container", ".post-content"]
    assert (kept.now, kept.before, kept.is_lost) == (1, 1, False)
    assert all(one.before is None for one in selector_matches(site, now, None))


def test_a_site_that_lets_few_in_is_asked_with_its_seeds_headers_and_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polite = ("[request]", "[politeness]\ndelay = 0\n[request]")
    with gated(tmp_path, polite) as gate:
        site = load_site(tmp_path / "kabargerbang.toml")
        config = load_config(private_addresses=True, seeds=tmp_path)
        with pytest.raises(ConfigError, match="GERBANG_KEY is not set"):
            Client(site, config)
        for name, value in VARIABLES.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        client = Client(site, config)
        assert b"<item>" in client.get(site.feeds[0].url).body
        with pytest.raises(ProbeFailed, match="outside the site's hosts"):
            client.get(site.feeds[1].url)
    assert {asked.path for asked in gate.here} == {"/robots.txt", "/rss", "/rss-pindah"}
    for asked in gate.here:
        assert asked.headers["x-api-key"] == TOKEN
        assert asked.headers["user-agent"].endswith("(arsip berita)")
        assert asked.cookies == {"consent=yes", f"session={SESSION}"}
    assert not gate.elsewhere
