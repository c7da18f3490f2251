"""Any publisher and any aggregator can be crawled by name; a wrong kind is corrected."""

from tests.acceptance.conftest import Bench


def test_any_publisher_is_crawled_by_name(bench: Bench) -> None:
    done = bench.crawl("publisher", "site=antara-megapolitan")
    assert done.returncode == 0, done.stderr
    assert bench.articles("antara-megapolitan")
    assert bench.crawl("antara", "limit=3").returncode == 0
    assert len(bench.articles("antara")) == 3


def test_a_wrong_kind_or_no_site_is_answered_with_the_command_to_use(bench: Bench) -> None:
    done = bench.crawl("publisher", "site=rakyatnews")
    assert done.returncode == 2
    assert "crawl it with `scrapy crawl aggregator -a site=rakyatnews`" in done.stderr
    done = bench.crawl("publisher")
    assert done.returncode == 2
    assert "-a site=NAME is needed" in done.stderr
