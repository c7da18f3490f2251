"""Each hop of a redirect gets the seed's headers and cookies by its own host."""

from pathlib import Path

from scrapy import Request

from newsbot.crawl.middlewares.own_headers import OwnHeadersMiddleware
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import load_site
from tests.sites.test_site import GOOD, write

REQUEST = """
[request.headers]
X-Key = { env = "X_KEY" }
[request.cookies]
consent = "yes"
"""


def hop(folder: Path, url: str, **headers: str) -> dict[str, str]:
    """The headers of a request that came with these, as it is sent."""
    access = SiteAccess.of(load_site(write(folder, GOOD + REQUEST)), {"X_KEY": "sesame"})
    request = Request(url, headers=headers)
    OwnHeadersMiddleware(access).process_request(request)
    return dict(request.headers.to_unicode_dict())


def test_a_hop_on_the_site_has_them_once(tmp_path: Path) -> None:
    first = hop(tmp_path, "https://x.example/1")
    assert first == {"X-Key": "sesame", "Cookie": "consent=yes"}
    assert hop(tmp_path, "https://x.example/2", **first) == first


def test_a_hop_elsewhere_has_none_of_them(tmp_path: Path) -> None:
    copied = {"X-Key": "sesame", "Cookie": "consent=yes; gate=1", "Accept": "text/html"}
    assert hop(tmp_path, "https://y.example/", **copied) == {
        "Cookie": "gate=1", "Accept": "text/html",
    }  # fmt: skip
    assert "X-Key" not in hop(tmp_path, "http://x.example/", **copied)


def test_a_cookie_that_the_site_has_set_is_newer(tmp_path: Path) -> None:
    sent = hop(tmp_path, "https://x.example/1", Cookie="consent=all; gate=1")
    assert sent["Cookie"] == "consent=all; gate=1"
