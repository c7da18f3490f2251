"""Runs of a made-up site, as the rules get them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from newsbot.alarms.verdict import RunFacts

MONDAY = datetime(2025, 3, 3, tzinfo=UTC)


def run_at(at: datetime, outcome: str = "finished", **counts: Any) -> RunFacts:
    """A run that began a minute before ``at`` and ended then."""
    started = at - timedelta(minutes=1)
    return RunFacts(f"{started:%Y%m%dT%H%M%SZ}-abcdef", started, at, outcome, counts)


def crawled(
    number: int,
    pages: int,
    missed: Mapping[str, int] = {},
    lacking: Mapping[str, int] = {},
    kind: str = "article",
    hinted: Mapping[str, int] = {},
) -> RunFacts:
    """The ``number``-th run: so many article pages, on how many each rule found nothing, how many
    articles lack each field, and how many have it from a feed."""
    fields = {name: pages - lacking.get(name, 0) for name in ("title", "tags", "images")}
    counted = {"articles": pages, "fields": fields, "pages": pages, "missed": dict(missed)}
    return run_at(
        MONDAY + number * timedelta(minutes=15),
        articles=pages,
        new=pages,
        kinds={kind: counted | ({"hinted": dict(hinted)} if hinted else {})},
    )
