"""The exit status tells how a crawl went."""

from dataclasses import replace

import pytest

from newsbot.landing.outcome import CrawlFacts, ExitStatus, judge

WELL = CrawlFacts(
    reason="finished",
    asked=100,
    answered=100,
    failures={},
    failed_articles={},
    errors=0,
    articles_answered=80,
    article_pages=80,
    no_article=0,
    instead={},
    walls={},
    limited=False,
    problems={},
)


@pytest.mark.parametrize(
    ("changes", "outcome", "status", "says"),
    [
        ({}, "finished", ExitStatus.OK, ""),
        ({"limited": True}, "limited", ExitStatus.OK, ""),
        ({"answered": 0, "failures": {"http-503": 3}}, "failed", ExitStatus.FAILED, "http-503 3"),
        ({"answered": 0, "failures": {"robots-forbidden": 3}}, "failed", ExitStatus.FAILED,
         "robots"),
        ({"answered": 0, "failures": {"dns": 3}, "unresolved": ("a.example",)}, "failed",
         ExitStatus.FAILED, "the name a.example cannot be resolved (DNS)"),
        ({"failures": {"dns": 3}, "unresolved": ("a.example",)}, "finished",
         ExitStatus.LANDED_WITH_PROBLEMS, "the name a.example cannot be resolved (DNS)"),
        ({"errors": 1}, "failed", ExitStatus.FAILED, "errors in the crawler"),
        ({"fatal": "the spool is full"}, "failed", ExitStatus.FAILED, "spool"),
        ({"reason": "start_error"}, "failed", ExitStatus.FAILED, "could not start"),
        ({"reason": "shutdown"}, "killed", ExitStatus.LANDED_WITH_PROBLEMS, "signal"),
        ({"reason": "closespider_timeout"}, "timed-out", ExitStatus.LANDED_WITH_PROBLEMS, "time"),
        ({"failures": {"http-500": 11}}, "finished", ExitStatus.LANDED_WITH_PROBLEMS, "11 of 100"),
        ({"failures": {"http-500": 4}}, "finished", ExitStatus.OK, ""),
        ({"failures": {"http-404": 50}}, "finished", ExitStatus.OK, ""),
        ({"failures": {"off-site": 50}, "failed_articles": {"off-site": 50},
          "articles_answered": 0}, "finished", ExitStatus.OK, ""),
        ({"failures": {"http-429": 4}, "failed_articles": {"http-429": 4}, "articles_answered": 0},
         "finished", ExitStatus.LANDED_WITH_PROBLEMS, "4 of 4 article pages failed (http-429 4)"),
        ({"failures": {"redirect-loop": 2}, "failed_articles": {"redirect-loop": 2},
          "articles_answered": 1}, "finished", ExitStatus.LANDED_WITH_PROBLEMS, "2 of 3 article"),
        ({"failures": {"redirect-loop": 1}, "failed_articles": {"redirect-loop": 1},
          "articles_answered": 1}, "finished", ExitStatus.OK, ""),
        ({"failures": {"http-404": 1}, "failed_articles": {"http-404": 1}, "articles_answered": 0},
         "finished", ExitStatus.OK, ""),
        ({"no_article": 9}, "finished", ExitStatus.LANDED_WITH_PROBLEMS, "layout"),
        ({"article_pages": 4, "no_article": 4}, "finished", ExitStatus.LANDED_WITH_PROBLEMS,
         "4 of 4 article pages had no article"),
        ({"article_pages": 4, "no_article": 2}, "finished", ExitStatus.OK, ""),
        ({"no_article": 3, "walls": {"login": 1, "consent": 2}, "instead": {"a": 1, "b": 2}},
         "finished", ExitStatus.LANDED_WITH_PROBLEMS,
         "wall: 3 of 80 article pages were walls (consent, login)"),
        ({"no_article": 2, "walls": {"login": 2}, "instead": {"a": 1, "b": 1}}, "finished",
         ExitStatus.OK, ""),
        ({"articles_answered": 4, "no_article": 4, "instead": {"Just a moment": 4}}, "finished",
         ExitStatus.LANDED_WITH_PROBLEMS,
         "wall: 4 of 4 article pages were one and the same page, 'Just a moment', without"),
        ({"articles_answered": 4, "instead": {"Just a moment": 3}}, "finished",
         ExitStatus.LANDED_WITH_PROBLEMS, "wall: 3 of 4"),
        ({"articles_answered": 2, "instead": {"Just a moment": 2}}, "finished", ExitStatus.OK, ""),
        ({"instead": {"Just a moment": 9}}, "finished", ExitStatus.OK, ""),
        ({"articles_answered": 4, "instead": {"a": 1, "b": 1, "c": 1, "d": 1}}, "finished",
         ExitStatus.OK, ""),
        ({"problems": {"feed x": 1}}, "finished", ExitStatus.LANDED_WITH_PROBLEMS, "feed x"),
    ],
)  # fmt: skip
def test_judgement(changes: dict, outcome: str, status: ExitStatus, says: str) -> None:
    judged = judge(replace(WELL, **changes))
    assert (judged.outcome, judged.status) == (outcome, status)
    assert says in "; ".join(judged.reasons)
    assert bool(says) == bool(judged.reasons)
