"""A crawl's counters: Scrapy's stats, under ``newsbot/``, by which the run is judged."""

from collections import Counter
from typing import Any, Final

from scrapy.crawler import Crawler

from newsbot.landing.outcome import CrawlFacts

UNRESOLVED: Final = "newsbot/unresolved/"  # followed by the name of a host that DNS does not know
_ANSWERED: Final = "newsbot/answered"
_FAILED: Final = "newsbot/failed/"
_FAILED_ARTICLES: Final = "newsbot/failed_articles/"
_PROBLEM: Final = "newsbot/problem/"
_ARTICLE_PAGES: Final = "newsbot/article_pages"
_NO_ARTICLE: Final = "newsbot/article_pages/without_article"
_INSTEAD: Final = "newsbot/instead_of_articles/"  # followed by the page's title
_WALL: Final = "newsbot/walls/"  # followed by the kind
_LONGEST_TITLE: Final = 80  # characters that are kept
_ARTICLES_ANSWERED: Final = "newsbot/articles_answered"
_ITEM_ERRORS: Final = "newsbot/item_errors"
_LIMITED: Final = "newsbot/limited"


class CrawlStats:
    """Counts into the crawler's stats, which exist once Scrapy has begun the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def count_answer(self) -> None:
        """Count a page that was received: the site is up."""
        self._add(_ANSWERED)

    def count_article_answer(self) -> None:
        """Count an article's page that came, changed or not."""
        self._add(_ARTICLES_ANSWERED)

    def discount_answer(self, role: str) -> None:
        """Take back the count of a page that was received: another answers for it, or none."""
        self._stats.inc_value(_ANSWERED, -1)
        if role == "article":
            self._stats.inc_value(_ARTICLES_ANSWERED, -1)

    def count_failure(self, why: str, role: str | None = None) -> None:
        """Count a request that failed after its retries."""
        self._add(_FAILED + why)
        if role == "article":
            self._add(_FAILED_ARTICLES + why)

    def count_article_page(self, *, has_article: bool) -> None:
        """Count an article's page, and whether it has an article."""
        self._add(_ARTICLE_PAGES)
        if not has_article:
            self._add(_NO_ARTICLE)

    def count_instead(self, title: str | None, wall: str | None = None) -> None:
        """Count the title of a page that came in the place of an article, and its kind of wall."""
        self._add(_INSTEAD + (title or "")[:_LONGEST_TITLE])
        if wall is not None:
            self._add(_WALL + wall)

    def count_item_error(self) -> None:
        """Count an error of a pipeline: its article is in the WARC file only."""
        self._add(_ITEM_ERRORS)

    def count_problem(self, what: str) -> None:
        """Count a problem for the operator to check: it makes the exit status 3."""
        self._add(_PROBLEM + what)

    def mark_limited(self) -> None:
        """Record that the crawl stopped at its limit of articles."""
        self._stats.set_value(_LIMITED, True)

    @property
    def failures(self) -> Counter[str]:
        """Failed requests by cause."""
        return self._with_prefix(_FAILED)

    @property
    def is_finished(self) -> bool:
        """Whether the crawl ended because nothing was left to fetch."""
        return bool(self._stats.get_value("finish_reason") == "finished")

    def facts(self, fatal: str | None) -> CrawlFacts:
        """Return the facts that the outcome of the run depends on.

        Args:
            fatal: the error of the spool or ledger that stopped the crawl.
        """
        get = self._stats.get_value
        failures, answered = self.failures, int(get(_ANSWERED, 0))
        return CrawlFacts(
            reason=str(get("finish_reason", "start_error")),
            asked=answered + failures.total(),
            answered=answered,
            failures=failures,
            failed_articles=self._with_prefix(_FAILED_ARTICLES),
            errors=int(get("spider_exceptions/count", 0)) + int(get(_ITEM_ERRORS, 0)),
            articles_answered=int(get(_ARTICLES_ANSWERED, 0)),
            article_pages=int(get(_ARTICLE_PAGES, 0)),
            no_article=int(get(_NO_ARTICLE, 0)),
            instead=self._with_prefix(_INSTEAD),
            walls=self._with_prefix(_WALL),
            limited=bool(get(_LIMITED)),
            problems=self._with_prefix(_PROBLEM),
            fatal=fatal,
            robots_unreachable=bool(get("robotstxt/unreachable")),
            unresolved=tuple(sorted(self._with_prefix(UNRESOLVED))),
        )

    @property
    def _stats(self) -> Any:
        return self._crawler.stats

    def _add(self, key: str) -> None:
        self._stats.inc_value(key)

    def _with_prefix(self, prefix: str) -> Counter[str]:
        values: dict[str, Any] = self._stats.get_stats()
        found = {key: value for key, value in values.items() if key.startswith(prefix)}
        return Counter({key.removeprefix(prefix): int(value) for key, value in found.items()})
