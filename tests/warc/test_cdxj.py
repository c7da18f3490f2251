"""The index's sort keys are those of the library that readers of the index use."""

import warnings
from itertools import product

from newsbot.warc import cdxj

with warnings.catch_warnings():  # its regular expressions are not raw strings
    warnings.simplefilter("ignore")
    from surt import surt

HOSTS = (
    "www.antaranews.com", "antaranews.com", "www2.warta.co.id", "a.b-c.org", "www.www.com",
    "www.com", "wwwx.com", "www1.www.org", "localhost", "127.0.0.1", "x.example:8080", "A.example",
)  # fmt: skip
PATHS = (
    "", "/", "/a", "/a/", "//a", "/a//", "/berita/123/x-y_z.html", "/index.html", "/default.asp",
    "/p/phpsessid", "/-/x", "/a;jsessionid=0123456789abcdef0123456789abcdef", "/./a", "/a/../b",
    "/B", "/%41%zz", "/caf\u00e9",
)  # fmt: skip
QUERIES = (
    "", "?", "?page=2", "?page=000", "?page=1&b=2", "?b=2&a=1", "?page", "?page=", "?PAGE=2",
    "?sid=0123456789abcdef0123456789abcdef", "?cfid=1&cftoken=2", "?page=2#x",
)  # fmt: skip


def test_sort_keys() -> None:
    urls = list(map("".join, product(("http://", "https://"), HOSTS, PATHS, QUERIES)))
    assert {url: cdxj.sort_key(url) for url in urls} == {url: surt(url) for url in urls}
    assert sum(cdxj._SIMPLE_URL.fullmatch(url) is not None for url in urls) > 300
