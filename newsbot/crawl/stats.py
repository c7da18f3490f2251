"""A crawl's counters: Scrapy's stats, under ``newsbot/``, by which the run is judged."""

from collections import Counter
from typing import Any, Final

from scrapy.crawler import Crawler

from newsbot.landing.outcome import Facts

UNRESOLVED: Final = "newsbot/unresolved/"  # and the name of a host that DNS does not know
_ANSWERED: Final = "newsbot/answered"
_FAILED: Final = "newsbot/failed/"
_PROBLEM: Final = "newsbot/problem/"
_ARTICLE_PAGES: Final = "newsbot/article_pages"
_NO_ARTICLE: Final = "newsbot/article_pages/without_article"
_ITEM_ERRORS: Final = "newsbot/item_errors"
_LIMITED: Final = "newsbot/limited"


class CrawlStats:
    """Counts into the crawler's stats, which exist once Scrapy has begun the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def count_answer(self) -> None:
        """Count a page that could be read: the site is up."""
        self._add(_ANSWERED)

    def count_failure(self, why: str) -> None:
        """Count a request that came to nothing, after its retries."""
        self._add(_FAILED + why)

    def count_article_page(self, *, has_article: bool) -> None:
        """Count an article's page, and whether there was an article on it."""
        self._add(_ARTICLE_PAGES)
        if not has_article:
            self._add(_NO_ARTICLE)

    def count_item_error(self) -> None:
        """Count an error of a pipeline: its article is in the WARC file only."""
        self._add(_ITEM_ERRORS)

    def count_problem(self, what: str) -> None:
        """Count something that a person should check: it makes the exit status 3."""
        self._add(_PROBLEM + what)

    def mark_limited(self) -> None:
        """Note that no more articles were fetched at the limit that was asked for."""
        self._stats.set_value(_LIMITED, True)

    @property
    def failures(self) -> Counter[str]:
        """Requests that came to nothing, by why."""
        return self._below(_FAILED)

    def facts(self, fatal: str | None) -> Facts:
        """Return what the outcome depends on.

        Args:
            fatal: the error of the spool or ledger that stopped the crawl.
        """
        get = self._stats.get_value
        failures, answered = self.failures, int(get(_ANSWERED, 0))
        return Facts(
            reason=str(get("finish_reason", "start_error")),
            asked=answered + failures.total(),
            answered=answered,
            failures=failures,
            errors=int(get("spider_exceptions/count", 0)) + int(get(_ITEM_ERRORS, 0)),
            article_pages=int(get(_ARTICLE_PAGES, 0)),
            no_article=int(get(_NO_ARTICLE, 0)),
            limited=bool(get(_LIMITED)),
            problems=self._below(_PROBLEM),
            fatal=fatal,
            robots_unreachable=bool(get("robotstxt/unreachable")),
            unresolved=tuple(sorted(self._below(UNRESOLVED))),
        )

    @property
    def _stats(self) -> Any:
        return self._crawler.stats

    def _add(self, key: str) -> None:
        self._stats.inc_value(key)

    def _below(self, prefix: str) -> Counter[str]:
        values: dict[str, Any] = self._stats.get_stats()
        below = {key: value for key, value in values.items() if key.startswith(prefix)}
        return Counter({key.removeprefix(prefix): int(value) for key, value in below.items()})
