"""A site that wants headers, cookies and its own authority is crawled, and no secret is kept."""

from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.gated import SESSION, TOKEN, VARIABLES, gated, header_in, requests_in, stored

VERIFIED = {"DOWNLOAD_VERIFY_CERTIFICATES": "True", "RETRY_TIMES": "0"}


def reader(folder: Path, **variables: str) -> Bench:
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "true", "NEWSBOT_SEEDS": str(folder), **variables}
    return Bench(str(folder / "archive"), folder / "var", environment)


def test_the_site_gets_what_it_wants_and_no_other_host_does(tmp_path: Path) -> None:
    bench = reader(tmp_path, **VARIABLES)
    with gated(tmp_path) as gate:
        done = bench.crawl("publisher", "site=kabargerbang", LOG_LEVEL="DEBUG", **VERIFIED)
    assert done.returncode == 0, done.stderr + done.stdout
    article, other = sorted(bench.articles(), key=lambda one: str(one["id"]))
    assert article["id"] == "127.0.0.1:article:7"
    assert other["section"] is None
    assert article["language"] == "id"
    assert article["section"] == "Ekonomi"
    assert article["canonical_url"].endswith("/?p=7")

    assert {asked.path for asked in gate.here} >= {"/rss", "/rss-pindah"}
    for asked in gate.here:
        assert asked.headers["x-api-key"] == TOKEN
        assert asked.headers["accept-language"] == "id-ID"
        assert asked.headers["user-agent"].endswith("(+tests@example.org) (arsip berita)")
        assert asked.cookies == {"consent=yes", f"session={SESSION}"}
    assert {asked.path for asked in gate.elsewhere} >= {"/rss-pindah"}
    for asked in gate.elsewhere:
        assert "x-api-key" not in asked.headers
        assert not asked.cookies

    for text in [*stored(Path(bench.store_url), bench.state), (done.stdout + done.stderr).encode()]:
        assert TOKEN.encode() not in text
        assert SESSION.encode() not in text
    sent = [one for one in requests_in(Path(bench.store_url)) if b"127.0.0.1" in one]
    assert {header_in(one, "x-api-key") for one in sent} == {"[redacted]"}
    assert {header_in(one, "cookie") for one in sent} == {"[redacted]"}
    assert {header_in(one, "accept-language") for one in sent} == {"id-ID"}


def test_without_its_variable_nothing_is_crawled(tmp_path: Path) -> None:
    bench = reader(tmp_path, GERBANG_KEY=TOKEN)
    with gated(tmp_path) as gate:
        done = bench.crawl("publisher", "site=kabargerbang")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "newsbot: kabargerbang: request.cookies.session: the environment variable GERBANG_SESSION "
        "is not set; set it to the value that the site gave you"
    )
    assert not gate.here


@pytest.mark.long
def test_without_the_ca_file_the_certificate_is_refused(tmp_path: Path) -> None:
    bench = reader(tmp_path, **VARIABLES)
    with gated(tmp_path, ('ca_file = "ca.pem"\n', "")) as gate:
        done = bench.crawl("publisher", "site=kabargerbang", **VERIFIED)
    assert done.returncode == 1
    assert "certificate" in done.stderr
    assert not gate.here
