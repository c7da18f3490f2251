"""What counts as a feed, whatever stands before its first element."""

import time

import pytest

from newsbot.extract.feed import is_feed
from tests.growth import TIMES, is_steep

BEFORE = {
    "nothing": "",
    "space": "\ufeff \n",
    "declaration": '<?xml version="1.0" encoding="utf-8"?>\n',
    "stylesheet": '<?xml version="1.0"?><?xml-stylesheet href="a.xsl" type="text/xsl"?>',
    "doctype": '<!DOCTYPE rdf:RDF PUBLIC "-//x//y" "http://x.example/rss.dtd">\n',
    "comments": "<!-- a --><!---->" * 80,
    "all": '<?xml version="1.0"?>\n<!-- a > b\n -->\n<!DOCTYPE rss>\n<!-- c -->',
}


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("first", ['<rss version="2.0">', "<feed>", "<rdf:RDF>", "<RSS>"])
def test_a_feed_is_known_by_its_first_element(name: str, first: str) -> None:
    assert is_feed(BEFORE[name] + first)


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize(
    "first", ["<html><rss>", "<rssx>", "rss", "", "<!-- <rss> -->", "<!-- <rss>"]
)
def test_what_begins_otherwise_is_none(name: str, first: str) -> None:
    assert not is_feed(BEFORE[name] + first)


@pytest.mark.parametrize("unit", ["<!---->", "<?a?>", "<!DOCTYPE a>", "<!--", "<?", " ", "<!-- "])
def test_no_start_of_a_page_holds_a_worker(unit: str) -> None:
    """80 empty comments before a page once took minutes."""

    def seconds(count: int) -> float:
        started = time.process_time()
        for _ in range(100):
            is_feed(unit * count + "<html><body><p>x</p></body></html>")
        return time.process_time() - started

    assert not is_steep(seconds, 800 // TIMES)
