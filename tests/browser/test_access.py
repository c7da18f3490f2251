"""The browser too trusts a seed's authority, and has its headers and cookies for the site alone."""

from pathlib import Path

import pytest

from tests.acceptance.test_access import VERIFIED, reader
from tests.gated import SESSION, TOKEN, VARIABLES, gated, header_in, requests_in, stored

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RENDERED = ('language = "id-ID"', 'language = "id-ID"\nrender = "always"\nbrowser.settle = 3')


def test_a_page_and_what_it_loads_get_what_the_site_wants(tmp_path: Path) -> None:
    bench = reader(tmp_path, **VARIABLES)
    with gated(tmp_path, RENDERED) as gate:
        done = bench.crawl("publisher", "site=kabargerbang", **VERIFIED)
    assert done.returncode == 0, done.stderr + done.stdout
    assert {one["title"] for one in bench.articles()} == {"Gerbang dibuka"}

    in_browser = [one for one in gate.here if "sec-fetch-dest" in one.headers]
    assert {"/gambar.png", "/dekat.png"} <= {one.path for one in in_browser}
    for asked in in_browser:
        assert asked.headers["x-api-key"] == TOKEN
        assert asked.headers["accept-language"] == "id-ID"
        assert asked.headers["user-agent"].endswith("(arsip berita)")
        assert asked.cookies == {"consent=yes", f"session={SESSION}"}
    assert all("referer" in one.headers for one in in_browser)
    outside = [one for one in gate.elsewhere if one.path == "/gambar.png"]
    assert outside
    for asked in outside:
        assert "x-api-key" not in asked.headers
        assert not asked.cookies

    texts = list(stored(Path(bench.store_url), bench.state))
    for text in [*texts, (done.stdout + done.stderr).encode()]:
        assert TOKEN.encode() not in text
        assert SESSION.encode() not in text
    assert any(b"<title>consent=yes</title>" in text for text in texts), "of the DOM"
    sent = [one for one in requests_in(Path(bench.store_url)) if b"/dekat.png" in one]
    assert sent
    assert {header_in(one, "x-api-key") for one in sent} == {"[redacted]"}
    assert {header_in(one, "cookie") for one in sent} == {"[redacted]"}
