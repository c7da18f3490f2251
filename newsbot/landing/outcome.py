"""Judges a crawl: its outcome, its exit status, and the reasons.

Stock ``scrapy crawl`` exits with 0 after spider errors, a site that is down or SIGTERM.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from newsbot.models import RunOutcome

SPOOL_FULL = "spool-full"  # the close reason of a crawl whose spool is full
FAILED_SHARE = 0.1  # of the pages requested: a larger share is a problem to report
NO_ARTICLE_SHARE = 0.1  # of the article pages fetched: with more, the layout may have changed
_FEW = 5  # pages: of fewer a share is not significant


class ExitStatus(IntEnum):
    """Exit statuses of a crawl and of every command."""

    OK = 0  # all went well and landed
    FAILED = 1  # site down, spider error, nothing could be stored
    USAGE = 2  # usage or configuration
    LANDED_WITH_PROBLEMS = 3  # landed, but something is wrong
    SPOOLED = 4  # fetched and kept in the spool, not landed
    LOCKED = 75  # another crawl of the site is running (EX_TEMPFAIL of sysexits.h)


_FEWEST_ALIKE: Final = 3  # pages with one title instead of articles, until they are a wall


@dataclass(frozen=True, slots=True)
class CrawlFacts:
    """The facts about a crawl that determine its outcome."""

    reason: str  # why the spider closed: finished, shutdown, closespider_timeout, …
    asked: int  # requests that ended, well or badly
    answered: int  # pages that could be read
    failures: Mapping[str, int]  # failed requests, by reason
    failed_articles: Mapping[str, int]  # those of articles' pages
    errors: int  # exceptions in spider, pipelines and extraction
    articles_answered: int  # articles' pages that came, changed or not
    article_pages: int
    no_article: int
    instead: Mapping[str, int]  # pages without an article, by title
    walls: Mapping[str, int]  # of them those that are walls, by kind
    limited: bool
    problems: Mapping[str, int]
    robots_unreachable: bool = False
    unresolved: tuple[str, ...] = ()  # hosts whose names cannot be resolved
    fatal: str | None = None  # the error of the spool or ledger that stopped the crawl


@dataclass(frozen=True, slots=True)
class Judgement:
    """Outcome and exit status (if it lands), with the reasons for anything but 0."""

    outcome: RunOutcome
    status: ExitStatus
    reasons: tuple[str, ...]


def judge(facts: CrawlFacts) -> Judgement:
    """Return the outcome of a crawl."""
    fatal = list(_fatal(facts))
    if fatal:
        return Judgement("failed", status_of("failed", fatal), tuple(fatal))
    reasons = list(_problems(facts))
    outcome: RunOutcome = "limited" if facts.limited else "finished"
    if facts.reason == "shutdown":
        outcome = "killed"
        reasons.insert(0, "stopped by a signal before it was finished")
    elif facts.reason == "closespider_timeout":
        outcome = "timed-out"
        reasons.insert(0, "stopped at its time limit")
    elif facts.reason == SPOOL_FULL:
        outcome = "limited"
        reasons.insert(0, f"stopped early, no room in the spool: {facts.fatal}")
    elif facts.reason != "finished":
        reasons.insert(0, f"stopped early: {facts.reason}")
    return Judgement(outcome, status_of(outcome, reasons), tuple(reasons))


def status_of(outcome: RunOutcome, reasons: Sequence[str]) -> ExitStatus:
    """Return the exit status of a run that has landed, from its manifest's fields."""
    if outcome == "failed":
        return ExitStatus.FAILED
    return ExitStatus.LANDED_WITH_PROBLEMS if reasons else ExitStatus.OK


def _fatal(facts: CrawlFacts) -> list[str]:
    found = []
    if facts.fatal is not None and facts.reason != SPOOL_FULL:
        found.append(facts.fatal)
    if facts.reason == "start_error":
        found.append("the crawl could not start; the log has the error")
    if facts.errors:
        found.append(f"{facts.errors} errors in the crawler itself; the log has them")
    if not facts.answered and facts.reason != "shutdown":
        if facts.unresolved:
            found += _unresolved(facts)
        elif facts.robots_unreachable:
            found.append("robots.txt could not be read, so nothing was fetched; is the site down?")
        elif facts.failures.get("robots-forbidden"):
            found.append("robots.txt forbids everything that was requested")
        else:
            found.append(f"no page could be read ({describe(facts.failures) or 'no requests'})")
    return found


def _unresolved(facts: CrawlFacts) -> list[str]:
    return [f"the name {host} cannot be resolved (DNS)" for host in facts.unresolved]


def _problems(facts: CrawlFacts) -> list[str]:
    found = _unresolved(facts)
    found += [f"{what} ({count}×)" if count > 1 else what for what, count in facts.problems.items()]
    failed = _unexpected(facts.failures)
    articles = _unexpected(facts.failed_articles)
    if failed >= _FEW and failed > FAILED_SHARE * facts.asked:
        found.append(f"{failed} of {facts.asked} pages failed ({describe(facts.failures)})")
    elif articles > facts.articles_answered:  # most of them, however few they are
        found.append(
            f"{articles} of {articles + facts.articles_answered} article pages failed "
            f"({describe(facts.failed_articles)})"
        )
    if (wall := wall_of(facts)) is not None:
        what, pages = wall
        found.append(f"wall: {pages} of {facts.articles_answered} article pages were {what}")
        return found
    is_many = facts.no_article >= _FEW and facts.no_article > NO_ARTICLE_SHARE * facts.article_pages
    if is_many or 2 * facts.no_article > facts.article_pages:  # most of them, however few they are
        found.append(
            f"{facts.no_article} of {facts.article_pages} article pages had no article: "
            "has the site changed its layout?"
        )
    return found


def wall_of(facts: CrawlFacts) -> tuple[str, int] | None:
    """Return what stands in the place of articles, and the number of its pages, if any does.

    That are several walls; or one and the same page at most addresses, whatever it is.
    """
    if (walls := sum(facts.walls.values())) >= _FEWEST_ALIKE:
        return "walls (" + ", ".join(sorted(facts.walls)) + ")", walls
    title, pages = max(facts.instead.items(), key=lambda one: one[1], default=("", 0))
    is_wall = pages >= _FEWEST_ALIKE and 2 * pages > facts.articles_answered
    return (f"one and the same page, {title!r}, without an article", pages) if is_wall else None


def _unexpected(failures: Mapping[str, int]) -> int:
    return sum(count for why, count in failures.items() if why not in _EXPECTED)


_EXPECTED = ("http-404", "http-410", "robots-forbidden", "off-site")


def describe(failures: Mapping[str, int]) -> str:
    """Return the failures as one phrase: ``TimeoutError 3, http-503 1``."""
    return ", ".join(f"{why} {count}" for why, count in sorted(failures.items()))
